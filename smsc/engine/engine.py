"""The SMSC without I/O: sessions' events go in, octets and due moments come out.

``received`` takes what a socket brought and ``turn_over`` commits and delivers (both in ``tick``), ``step``
does what the clock has made due. Whoever holds the sockets writes out the binds in ``wire.dirty`` afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from smsc import reasons
from smsc.clock import Clock
from smsc.delivery.message import (
    ABSOLUTE,
    ENROUTE,
    FOREVER,
    HELD,
    SCHEDULED,
    Message,
)
from smsc.delivery.timers import Timers
from smsc.engine.binds.authentication import Authentication
from smsc.engine.binds.bindings import UNANSWERED, Bind, Bindings
from smsc.engine.committed import Committed
from smsc.engine.discarded import apart
from smsc.engine.fault_rules import FaultRules
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.ids import IdSeries
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import KEY_VALUES, MESSAGES
from smsc.engine.journal.stored import Stored
from smsc.engine.mo.ancillary import Ancillary
from smsc.engine.mo.answering import Answering
from smsc.engine.mo.data_sm import DataSm
from smsc.engine.mo.length import in_parts
from smsc.engine.mo.options import Options
from smsc.engine.mo.outbox import Look, Outbox, Outboxes
from smsc.engine.mo.pending import Pending
from smsc.engine.mo.repeats import Repeats
from smsc.engine.mo.requests import Requests
from smsc.engine.mo.schedule import Schedule, Scheduled
from smsc.engine.mo.servicing import Services
from smsc.engine.mo.submission import Submission
from smsc.engine.mo.submit_multi import SubmitMulti
from smsc.engine.mo.uplink import Uplink
from smsc.engine.mt.alerts import Alerts
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.dialects import dialects
from smsc.engine.mt.endings import Endings
from smsc.engine.mt.interconnect import Carrier, Transit
from smsc.engine.mt.latency import Latency, Underway, WayDown, WayUp
from smsc.engine.mt.pending_flag import PendingFlag, PendingFlags
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.reach import Reach
from smsc.engine.mt.receipts import LocalTime, ReceiptMaker
from smsc.engine.mt.responses import Responses
from smsc.engine.mt.retry import Retry
from smsc.engine.mt.spill import Spill
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.mt.wire import Wire
from smsc.engine.nodes.asking import AnswersByMail
from smsc.engine.nodes.nodes import Nodes
from smsc.engine.port import Port
from smsc.engine.reading import reading_of
from smsc.engine.refusals import CONNECTION, Refusals, kind_of
from smsc.engine.rounds import Rounds
from smsc.engine.scheduler import Scheduler
from smsc.engine.tick import Tick
from smsc.engine.watchers import Watchers
from smsc.protocol.constants import command_name
from smsc.protocol.sessions import events
from smsc.protocol.sessions.session import Session
from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import USUAL, Reading
from smsc.routing.accounts import indexes
from smsc.store.base import Reads, Row, Store
from smsc.world.world import World

log = logging.getLogger("smsc.sessions")

_ID_BLOCK = 1_000_000
_SHORT_ID_BLOCK = 100_000
_SESSION_IDS = 1_000_000
_LONG_IDS_FROM = 100_000_000  # below are the ids of at most 8 digits for binds below SMPP 3.4
_AT_ONCE = 400  # things that fall due and are done in one turn of the loop, up to 0.2 ms each
_AGAIN = 1_000  # ms until a message that the store did not show is asked for again
TABLES = (MESSAGES, KEY_VALUES)
#: Series of message ids, and what is added to their numbers; None where that is not all.
FLOORS = {"message_id": _LONG_IDS_FROM, "short_message_id": None}


class Engine(Tick):
    """All of the SMSC that is not a socket."""

    def __init__(self, world: World, store: Store, clock: Clock) -> None:
        settings = world.settings
        self.world = world
        self.clock = clock
        self.store = store
        self.binds_total = 0
        self.commits = 0
        self.store_errors = 0
        self.store_failing = ""
        self.stamp = None
        self.nodes = None if store.shared is None else Nodes(self, store.shared)
        self.port = Port()
        self.parted: list[Callable[[Bind, str], None]] = []  # called with a bind that ends, and why

        # What is kept, and what falls due.
        self.timers = Timers()
        self.message_index = MessageIndex(settings.limits.finished, settings.limits.finished_octets)
        self.commit = Commit(
            store, self.on_committed, settings.limits.uncommitted_octets, self._group_done, self.nodes
        )
        self.stored = Stored(store, self.commit, self.message_index, self._store_answered, self._answer_taken)
        self.spill = Spill(
            store,
            self.stored,
            self.message_index,
            settings.limits.in_memory,
            settings.limits.in_memory_octets,
        )
        self.ids = IdSeries(store, "message_id", _LONG_IDS_FROM, _ID_BLOCK)
        self.short_ids = IdSeries(store, "short_message_id", 1, _SHORT_ID_BLOCK, modulus=_LONG_IDS_FROM - 1)
        self.session_ids = IdSeries(store, "session_id", 0, _SESSION_IDS)
        self.queues = Queues(self.commit, self.timers, self.spill, self.ids)

        # Who is bound, and who hears of what happens.
        self.bindings = Bindings()
        self.wire = Wire()
        self.watchers = Watchers(self.now)
        self.refusals = Refusals(self.watchers, self.link_time)
        self.authentication = Authentication(world, self.bindings)
        self.fault_rules = FaultRules(world.seed, settings.faults)

        # To the handset.
        self.carrier = self._carrier()
        self.reach = Reach(world.router, self.bindings, world.seed, self.carrier)
        self.pending_flags = PendingFlags(self.reach, self.timers, self.wire.mark, self.now)
        self.transactions = TransactionResponses(
            self.wire.mark, self.pending_flags.wish, self.refusals, self.nodes
        )
        self.services = Services(
            world.services,
            world.registry,
            self.commit,
            self.queues.add,
            world.validity_default,
            self.reading,
            _all if self.nodes is None else self.nodes.is_mine,
        )
        local = LocalTime(world.timezone)
        self.receipts = ReceiptMaker(local, world.receipt_validity, dialects(settings, world.accounts, local))
        self.endings = Endings(self.queues, self.receipts, self.services, self.transactions, self.watchers)
        self.latency = Latency(settings.latency, world.seed)
        self.delivery = Delivery(
            self.queues,
            self.endings,
            self.wire,
            self.reach,
            Retry(world.schedule, self.timers, self.reach, world.seed, settings.delivery.alert_spread),
            world.permanent,
            WayDown(self.latency, world.registry, self.timers),
            self.divided,
            self._is_slow(),
            self.nodes,
        )
        self.responses = Responses(self.delivery, self.endings, self.queues, self.bindings, self.watchers)
        self.alerts = Alerts(self.delivery)

        # From the handset.
        elsewhere = self.queues.elsewhere
        self.outboxes = Outboxes(world.registry, self.queues, store.durable)
        self.schedule = Schedule(self.timers, self.spill, elsewhere, self.commit)
        self.way_up = WayUp(self.latency, world.registry, self.timers, elsewhere)
        self.repeats = Repeats(self.commit, self.wire.mark, self.refusals)
        self.committed = Committed(
            self.delivery,
            self.message_index,
            self.refusals,
            self.outboxes,
            self.schedule,
            self.way_up,
            self.services,
            self.repeats,
        )
        self.pending = Pending(
            self.delivery,
            self.outboxes,
            self.schedule,
            self.way_up,
            self.committed.superseded,
            self.committed.end,
            self.committed.go_on,
            self.committed.delayed,
            self.committed.respond,
            _nothing if self.nodes is None else self.nodes.give_way,
        )
        canned = {row.id: gsm0338.encode(row.text) for row in settings.default_messages}
        self.submission = Submission(
            world,
            self.queues,
            Options(settings, canned),
            self.short_ids,
            self.services,
            self.refusals,
            self.outboxes,
            self.repeats if settings.policy.filter_repeats else None,
            self.pending.give_way,
        )
        self.uplink = Uplink(
            self.outboxes,
            self.submission,
            self.queues,
            self.endings,
            self.wire,
            world.validity_default,
        )
        self.requests = self._requests()

        self.discarded = Rounds(self.timers)  # what DELETE /messages has left behind
        self.scheduler = Scheduler(
            self.timers,
            self.alerts,
            {
                Outbox: self.uplink.fall_due,
                Look: self.uplink.look_due,
                PendingFlag: self._pending_flag_due,
                Scheduled: self._schedule_due,
                Transit: self._transit_due,
                Underway: self.committed.arrived,
                Rounds: self._round_due,
            },
        )
        self.set_time(0.0)

    def _requests(self) -> Requests:
        """What answers the rarer requests."""
        world, submission = self.world, self.submission
        answering = Answering(self.commit, self.wire, self.refusals)
        asking = None if self.nodes is None else self.nodes.asking

        def ancillary(answering: Answering) -> Ancillary:
            return Ancillary(
                answering,
                world,
                self.now,
                self.pending,
                self.message_index,
                self.queues,
                submission,
                asking,
            )

        if self.nodes is not None:
            by_mail = AnswersByMail(answering, self.nodes.next_place)
            self.nodes.asking.begin(by_mail, world.accounts, ancillary(by_mail).of_others())
        return Requests(
            answering,
            ancillary(answering),
            DataSm(answering, submission, self.transactions, self.now, world.validity_max),
            SubmitMulti(answering, world, submission, self.now),
        )

    def reading(self, message: Message) -> Reading:
        """What data_coding 0 and 1 mean for whoever sent it."""
        account = self.world.accounts.by_index(message.account) if message.account else None
        return reading_of(account.settings) if account else USUAL

    def divided(self, message: Message, reference: int) -> list[bytes] | None:
        """The parts in which a handset gets a text; None for one that cannot be divided."""
        return in_parts(message, self.reading(message), reference)

    def _operator_of(self, key: int, now: int) -> str | None:
        """Whose number it is; a reset or an import brings another table of ported numbers."""
        return self.world.ownership.operator_of(key, now)

    def _carrier(self) -> Carrier | None:
        world = self.world
        if not world.interconnects:
            return None
        return Carrier(
            world.interconnects,
            self._operator_of,
            world.registry,
            self.timers,
            world.seed,
        )

    # --- time and sessions ----------------------------------------------------------------------

    def set_clock(self, clock: Clock) -> None:
        """Go by another clock, which shows no earlier moment, from now on."""
        self.clock = clock

    def now(self) -> int:
        """The time on the SMSC clock, which is another object when its mode is changed."""
        return self.clock.now()

    def attach(self, port: Port) -> None:
        """Let somebody who holds sockets hear of what happens, and do what takes time."""
        self.port = port

    def stamp_with(self, stamp: Callable[[], None]) -> None:
        """Have ``stamp`` called before each commit that is not empty, to add to it."""
        self.stamp = stamp

    def _group_done(self, error: BaseException | None) -> None:
        self.port.committed(error)

    def _store_answered(self) -> None:
        """An answer of the store has come, later than this turn began."""
        self.set_time(self.delivery.link_now)

    def _answer_taken(self) -> None:
        self.port.answered()

    def link_time(self) -> float:
        """The time on the link's clock, as of this turn."""
        return self.delivery.link_now

    def rare(self, session: Session, event: Any) -> None:
        bind = session.bind
        if isinstance(event, events.BindRequest):
            self.authentication.consider(self, session, event)
        elif isinstance(event, events.Request):
            self.requests.handle(bind, event)
        elif isinstance(event, events.Expired):
            bind.timeouts += 1
            bind.unanswered += 1
            self.responses.unanswered(event.token, reasons.NO_RESPONSE)
            if bind.unanswered >= self.world.settings.limits.unanswered:
                session.close("unanswered deliveries")
        elif isinstance(event, events.UnbindRequest):
            self.commit.when_committed(lambda _: self._part(session, event))
        elif isinstance(event, events.Closed):
            self._closed(session, event)
        elif isinstance(event, events.Nacked):
            self.responses.nacked(event.token, event.status)
        elif isinstance(event, events.Late):
            self.responses.fall_sick(bind, UNANSWERED)
        elif isinstance(event, events.Resumed):
            self.responses.resumed(bind)
        elif isinstance(event, events.Refused):
            self._refused(session, event)
        elif isinstance(event, events.Tolerated) and bind is not None:
            self._tolerated(bind, event)

    def _tolerated(self, bind: Bind, event: events.Tolerated) -> None:
        """Counted; the session's events tell it once, for it comes with every message of such a client."""
        bind.stray_nuls += 1
        if bind.stray_nuls == 1:
            pdu = f"{command_name(event.command_id)} {event.sequence}"
            told = f"{pdu}: 1 octet (NUL) behind short_message, left out"
            bind.note(self.clock.now(), "trailing_nul_tolerated", told)

    def _refused(self, session: Session, event: events.Refused) -> None:
        """The session has refused something by itself, bound or not."""
        bind = session.bind
        framing = reasons.FRAMING <= event.reason <= reasons.PROXY_ON_SMPP
        self.refusals.refused(
            CONNECTION if framing else kind_of(event.command_id),
            event.reason,
            event.detail,
            bind=bind,
            peer=self.port.peer(session),
            status=event.status,
            command=0 if framing else event.command_id,
            count=event.count,
        )

    def _part(self, session: Session, event: events.UnbindRequest) -> None:
        """Everything before the unbind is safe: let the peer go. The bind ends now, the connection later."""
        session.accept_unbind(event)
        if session.bind is not None:
            self.wire.mark(session.bind)
            self.digest(session)

    def bound(self, bind: Bind) -> None:
        """A bind is complete: whoever waits for it is alerted once its answer is on its way."""
        self.binds_total += 1
        self.bindings.begin_after(self.session_ids.take() - 1)  # the next one's
        bind.session.congestion = self.congestion()
        self.watchers.tell("session.bound", {"id": bind.id, "system_id": bind.account.system_id})
        self._log(bind, "bound")
        if self.nodes is not None:
            self.nodes.began(bind)
        if not bind.receiving:
            return
        self.responses.joined(bind)
        if self.nodes is not None:
            self.nodes.bound(bind)
        if bind.number:
            self.alerts.contact(bind.number, "bound")
            self.pending_flags.look(bind.number, self.delivery.link_now, self.clock.now())
            return
        for index in indexes(bind.account):
            self.alerts.contact(-index, "bound")
        for first, last in bind.account.ranges:
            self.alerts.contact_range(first, last, "bound")

    def _is_slow(self) -> bool:
        """Whether anything takes time on the radio: the preset, or a zone with a latency of its own."""
        slow = any(zone.latency > 0 for zone in self.world.coverage.zones.values())
        return self.latency.is_realistic or slow

    def lost(self, session: Session) -> None:
        """The connection is gone."""
        session.lost()
        self.digest(session)

    def _closed(self, session: Session, event: events.Closed) -> None:
        """What was in flight waits for the next bind; deferred submissions are gone with the session."""
        bind = session.bind
        if bind is None:
            if event.reason == "session_init":
                peer = self.port.peer(session)
                self.refusals.refused(CONNECTION, reasons.BIND_TIMEOUT, peer=peer)
            return
        self.set_time(self.delivery.link_now)
        session.bind = None
        for told in self.parted:
            told(bind, event.reason)
        received = bind.receiving
        self.bindings.remove(bind)
        lost = [token for token in event.tokens if isinstance(token, Message)]
        for message in lost:
            self.responses.unanswered(message, reasons.SESSION_LOST)
        for key in dict.fromkeys(message.recipient for message in lost):
            recipient = self.queues.recipients.get(key)
            if recipient is not None:
                self.delivery.pump(recipient)
        self.responses.resumed(bind)
        self.delivery.bind_gone(bind)
        if self.nodes is not None:
            self.nodes.ended(bind)
            if received:
                self.nodes.parted(bind)
        self.outboxes.forget_bind(bind.id)
        self.transactions.forget(bind)
        self.watchers.tell(
            "session.closed", {"id": bind.id, "system_id": bind.account.system_id, "reason": event.reason}
        )
        self._log(bind, f"closed: {event.reason}")

    def _log(self, bind: Bind, what: str) -> None:
        """A bind begins or ends: a line of the log, when there are not too many."""
        if log.isEnabledFor(logging.INFO):
            line = f"session {bind.id} of {bind.account.system_id} from {bind.peer or 'nowhere'} {what}"
            self.refusals.lines.say(log, what, line, self.delivery.link_now)

    # --- congestion -----------------------------------------------------------------------------

    def congestion(self) -> int:
        """How full the queue is, in percent, for the answers to 5.0 binds [5.0 §4.8.4.18]."""
        return min(100, 100 * self.queues.queued // self.submission.queue_limit)

    def tell_congestion(self) -> None:
        """Let every session know."""
        used = self.congestion()
        for bind in self.bindings:
            bind.session.congestion = used

    # --- time -----------------------------------------------------------------------------------

    def step(self, link_now: float) -> int:
        """Do what is due by now, at most so much that the event loop is not held up: what is left is still
        due. Returns how many things were done."""
        now = self.set_time(link_now)
        done = self.scheduler.step(now, _AT_ONCE)
        if self.world.next_assignment <= now:
            self.world.reassign(now)
        if self.services.next_due() <= now:
            self.services.step(now)
            done += 1
        return done

    def _pending_flag_due(self, waiter: PendingFlag) -> None:
        self.pending_flags.look(waiter.key, self.delivery.link_now, self.clock.now())

    def _schedule_due(self, waiter: Scheduled) -> None:
        """schedule_delivery_time has come."""

        def come(message: Message | None, error: BaseException | None) -> None:
            if error is not None:
                self.timers.arm(waiter, self.queues.now + _AGAIN)
            elif message is not None and message.state == SCHEDULED:
                message.state = ENROUTE
                self.commit.move_on(message)

        self.schedule.due(waiter, come)

    def _transit_due(self, waiter: Transit) -> None:
        """The message is through the interconnect."""
        if self.carrier is not None:
            self.queues.elsewhere.went(waiter.message.destination)
            self.delivery.enqueue(self.carrier.through(waiter))

    def radio_changed(self, key: int, event: str) -> None:
        """Something about a handset's radio changed: look at its queue and its outbox again."""
        self.set_time(self.delivery.link_now)
        self.alerts.contact(key, event)
        self.pending_flags.look(key, self.delivery.link_now, self.clock.now())
        self.uplink.radio_changed(key)

    def world_changed(self, event: str) -> None:
        """A zone, a cell or an outage changed: ask again for everybody who waits for radio."""
        self.set_time(self.delivery.link_now)
        self.delivery.pace(self._is_slow())
        self.alerts.contact_area(event)
        self.queues.rounds.begin(self.pending_flags.looks(self.link_time), self.queues.now)
        self.outboxes.look_at_all(self.clock.now())

    # --- life -----------------------------------------------------------------------------------

    def restore(self) -> int:
        """Take up where the last run ended; returns how many messages wait. Raises StoreError."""
        # No id waits for the disk once a port is open.
        for series in (self.ids, self.short_ids, self.session_ids):
            series.prepare()
        # What a message remembers of its session must not be another one's after a restart.
        self.bindings.begin_after(self.session_ids.take() - 1)
        self.set_time(self.delivery.link_now)
        count = 0
        nodes = self.nodes
        if nodes is not None:  # first: what others change from now on is told
            nodes.begin()
            self.services.among(nodes.number)
        self.services.load(row for row in self.store.select(KEY_VALUES) if not row[0].startswith("api/"))
        for key, waiting, expiry in self.spill.waiting() if nodes is None else nodes.waiting():
            count += waiting
            self.delivery.take_up(key, waiting, expiry)
        count += self._restore_kept(_kept(self.store), _all if nodes is None else nodes.keeps)
        octets = 0 if nodes is None else nodes.octets()
        octets += sum(
            self.store.octets(MESSAGES, ("body", "tlvs"), {"state": state})
            for state in ((SCHEDULED, ENROUTE, HELD) if nodes is None else (SCHEDULED, HELD))
        )
        self.queues.take_up(len(self.schedule) + self.outboxes.count(), octets)
        return count

    def _restore_kept(self, rows: tuple[list[Row], list[Row]], is_ours: Callable[[int], bool]) -> int:
        """Take up the scheduled and the held among these rows; returns how many."""
        scheduled = [row for row in rows[0] if is_ours(row[0])]
        for ident, source, text, destination, due in scheduled:
            self.schedule.restore(ident, (source, text or b"", destination), due)
        held = [row for row in rows[1] if is_ours(row[0])]
        for ident, source, destination, expires_at, validity in held:
            end = expires_at if validity == ABSOLUTE else FOREVER
            self.outboxes.restore(ident, source, destination, end)
        self.outboxes.look_at_all(self.queues.now)
        return len(scheduled) + len(held)

    def take_up_kept(self, is_ours: Callable[[int], bool]) -> None:
        """Scheduled and held messages that another node had are this one's now."""

        def found(rows: tuple[list[Row], list[Row]] | None, error: BaseException | None) -> None:
            if rows is None:
                self.store.ask(_kept, found)
                return
            self._store_answered()
            self.queues.take_up(self._restore_kept(rows, is_ours), 0)
            self.port.answered()

        self.store.ask(_kept, found)

    def keep_ids(self) -> None:
        """Have the next ids in hand before they are needed. Tried again later when the store fails."""
        for series in (self.ids, self.short_ids, self.session_ids):
            series.keep_ahead()

    def is_quiet(self) -> bool:
        """Whether nothing is in flight: no delivery unanswered, no commit under way."""
        return not (self.queues.in_flight or self.responses.resting or self.queues.rounds.work) and (
            self.commit.is_idle() and self.stored.is_idle()
        )

    def unfinished(self) -> int:
        """How many messages and receipts have not reached their final state."""
        return self.queues.queued

    def clear_messages(self) -> None:
        """Forget every message, waiting or finished; sessions stay.

        All are gone when this returns, however many. The memory is given back, and the answers leave that are
        still owed, in the next turns of the loop (``discarded``).
        """
        backlogs = [bind.backlog for bind in self.bindings if bind.backlog]
        for bind in self.bindings:
            bind.backlog = None
        self.discarded.put(
            self.way_up.clear(self.committed.answer),
            self.outboxes.clear(self.forget_answer),
            self.pending.clear(),
            self.transactions.clear(),
            self._slots_freed(self.commit.clear(MESSAGES)),
            self.pending_flags.outlive(self.timers.clear()),
            *self.queues.clear(),
            self.schedule.clear(),
            self.repeats.clear(),
            self.message_index.clear(),
            apart(backlogs),
        )
        for rounds in (self.discarded, self.queues.rounds):
            rounds.restart(self.clock.now())

    def _slots_freed(self, given_up: list[Message]) -> Iterator[int]:
        """Messages that had ended, which no commit will tell, free their slots."""
        while given_up:
            self.delivery.slot_free(given_up.pop())
            yield 1

    def forget_answer(self, deferred: Message) -> None:
        """A submission that was deferred is never to be answered."""
        if deferred.bind.is_open():
            deferred.bind.session.forget(1)
            self.wire.mark(deferred.bind)

    def _round_due(self, waiter: Rounds) -> None:
        waiter.go_on(self.queues.now)


def _kept(reads: Reads) -> tuple[list[Row], list[Row]]:
    """What the store has of the scheduled, and of the held, as far as they are known in memory."""
    ends = ("id", "source", "source_text", "destination", "due_at")
    held = ("id", "source", "destination", "expires_at", "validity")
    return (
        reads.select(MESSAGES, {"state": SCHEDULED}, order=("id",), columns=ends),
        reads.select(MESSAGES, {"state": HELD}, order=("id",), columns=held),
    )


def _all(ident: int) -> bool:
    return True


def _nothing(message: Message) -> None:
    """There are no other nodes."""
