"""The SMSC without I/O: sessions' events go in, octets and due moments come out. Puts the parts together.

``received`` takes what a socket brought and ``turn_over`` commits and delivers (both in ``tick``), ``step``
does what the clock has made due. Whoever holds the sockets writes out the binds in ``wire.dirty`` afterwards.
Each part is made once, in the order in which they stand on one another, with all that it needs.
"""

from __future__ import annotations

from collections.abc import Callable

from smsc.clock import Clock
from smsc.delivery.message import Message
from smsc.delivery.timers import Timers
from smsc.engine.after_commit import AfterCommit
from smsc.engine.binds.authentication import Authentication
from smsc.engine.binds.bindings import Bindings
from smsc.engine.clearing import Clearing
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
from smsc.engine.mo.scheduled import Scheduled, ScheduledMessages
from smsc.engine.mo.servicing import Services
from smsc.engine.mo.submission import Submission
from smsc.engine.mo.submit_multi import SubmitMulti
from smsc.engine.mo.uplink import Uplink
from smsc.engine.mo.way_up import Underway, WayUp
from smsc.engine.mt.alerts import Alerts
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.dialects import dialects
from smsc.engine.mt.endings import Endings
from smsc.engine.mt.interconnect import Carrier, Transit
from smsc.engine.mt.latency import Latency, WayDown
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
from smsc.engine.radio import RadioChanges
from smsc.engine.reading import reading_of
from smsc.engine.refusals import Refusals
from smsc.engine.restart import Restart
from smsc.engine.rounds import Rounds
from smsc.engine.scheduler import Scheduler
from smsc.engine.sessions import Sessions
from smsc.engine.tick import Tick
from smsc.engine.watchers import Watchers
from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import USUAL, Reading
from smsc.store.base import Store
from smsc.world.world import World

_ID_BLOCK = 1_000_000
_SHORT_ID_BLOCK = 100_000
_SESSION_IDS = 1_000_000
_LONG_IDS_FROM = 100_000_000  # below are the ids of at most 8 digits for binds below SMPP 3.4
_AT_ONCE = 400  # things that fall due and are done in one turn of the loop, up to 0.2 ms each
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
        self.commits_total = 0
        self.store_errors = 0
        self.store_failing = ""
        self.stamp = None
        self.nodes = None if store.shared is None else Nodes(self, store.shared)
        self.port = Port()

        # What is kept, and what falls due.
        self.timers = Timers()
        self.message_index = MessageIndex(settings.limits.finished, settings.limits.finished_octets)
        self.commit = Commit(
            store, self.group_done, settings.limits.uncommitted_octets, self._tell_port, self.nodes
        )
        self.stored = Stored(store, self.commit, self.message_index, self.renew_time, self._answered)
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
        self.pending_flags = PendingFlags(self.reach, self.timers, self.wire.mark, self.now, self.link_time)
        self.transactions = TransactionResponses(
            self.wire.mark, self.pending_flags.set_dpf, self.refusals, self.nodes
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
            Retry(world.retry_schedule, self.timers, self.reach, world.seed, settings.delivery.alert_spread),
            world.permanent,
            WayDown(self.latency, world.registry, self.timers),
            self.divided,
            self.latency.is_felt(world.coverage.zones.values()),
            self.nodes,
        )
        self.responses = Responses(self.delivery, self.endings, self.queues, self.bindings, self.watchers)
        self.alerts = Alerts(self.delivery)

        # From the handset.
        self.outboxes = Outboxes(world.registry, self.queues, store.durable)
        self.scheduled = ScheduledMessages(self.queues)
        self.way_up = WayUp(self.latency, world.registry, self.timers, self.queues.elsewhere)
        self.repeats = Repeats(self.commit, self.wire.mark, self.refusals)
        self.after_commit = AfterCommit(
            self.delivery,
            self.message_index,
            self.refusals,
            self.outboxes,
            self.scheduled,
            self.way_up,
            self.services,
            self.repeats,
        )
        self.pending = Pending(
            self.delivery,
            self.outboxes,
            self.scheduled,
            self.way_up,
            self.after_commit.superseded,
            self.after_commit.end,
            self.after_commit.go_on,
            self.after_commit.delayed,
            self.after_commit.respond,
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

        # What comes from sessions, from the control, and by itself.
        self.sessions = Sessions(
            self,
            world,
            self.session_ids,
            self.authentication,
            self._requests(),
            self.submission,
            self.responses,
            self.alerts,
            self.pending_flags,
            self.transactions,
            self.outboxes,
            self.refusals,
            self.wire,
            self.nodes,
        )
        self.rare = self.sessions.take
        self.radio = RadioChanges(
            world, self.latency, self.alerts, self.pending_flags, self.uplink, self.renew_time
        )
        self.restart = Restart(
            store,
            (self.ids, self.short_ids, self.session_ids),
            self.bindings,
            self.services,
            self.delivery,
            self.scheduled,
            self.outboxes,
            self.nodes,
            self.renew_time,
            self._answered,
        )
        self.clearing = Clearing(
            self.delivery,
            self.after_commit,
            self.pending,
            self.transactions,
            self.pending_flags,
            self.repeats,
            self.wire,
            self.now,
        )
        self.scheduler = Scheduler(
            self.timers,
            self.alerts,
            {
                Outbox: self.uplink.fall_due,
                Look: self.uplink.look_due,
                PendingFlag: self.pending_flags.fall_due,
                Scheduled: self.scheduled.fall_due,
                Transit: self._transit_due,
                Underway: self.after_commit.arrived,
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

    def _tell_port(self, error: BaseException | None) -> None:
        self.port.group_done(error)

    def _answered(self) -> None:
        self.port.answered()

    def renew_time(self) -> None:
        """Something comes later than this turn began: an answer of the store, an order of the control."""
        self.set_time(self.delivery.link_now)

    def link_time(self) -> float:
        """The time on the link's clock, as of this turn."""
        return self.delivery.link_now

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

    def _round_due(self, waiter: Rounds) -> None:
        waiter.go_on(self.queues.now)

    def _transit_due(self, waiter: Transit) -> None:
        """The message is through the interconnect."""
        if self.carrier is not None:
            self.queues.elsewhere.went(waiter.message.destination)
            self.delivery.enqueue(self.carrier.through(waiter))

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


def _all(ident: int) -> bool:
    return True


def _nothing(message: Message) -> None:
    """There are no other nodes."""
