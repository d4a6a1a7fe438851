"""The SMSC without I/O: sessions' events go in, octets and due moments come out.

``received`` takes what a socket brought, ``turn_over`` commits and delivers, ``step`` does what the clock
has made due. Whoever holds the sockets writes out the binds in ``dirty`` afterwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from smsc import reasons
from smsc.clock import Clock
from smsc.delivery.message import (
    ABSOLUTE,
    DELETED,
    ENROUTE,
    EXPIRED,
    HELD,
    ORDINARY,
    SCHEDULED,
    STATE_NAMES,
    UNDELIVERABLE,
    Message,
    address_digits,
)
from smsc.delivery.recipient import Recipient
from smsc.delivery.timers import Timers
from smsc.engine.admission import Admission
from smsc.engine.agenda import Agenda
from smsc.engine.availability import Availability, Wish
from smsc.engine.bindings import Bind, Bindings
from smsc.engine.commit import Commit, Group
from smsc.engine.deliver import Scheduled
from smsc.engine.dialects import dialects
from smsc.engine.exchange import Exchange
from smsc.engine.faults import Faults
from smsc.engine.ids import IdSeries
from smsc.engine.interconnect import Carrier, Transit
from smsc.engine.latency import Latency, Underway, WayUp
from smsc.engine.ledger import Ledger
from smsc.engine.options import Options
from smsc.engine.outbox import Outbox, Outboxes
from smsc.engine.outcomes import Outcomes
from smsc.engine.parking import Parking
from smsc.engine.receipts import ReceiptMaker
from smsc.engine.records import MESSAGES, THINGS, message_of
from smsc.engine.repeats import Repeats
from smsc.engine.requests import Requests
from smsc.engine.servicing import Services
from smsc.engine.submit import Intake
from smsc.engine.turns import Turns
from smsc.engine.world import World
from smsc.protocol import events, gsm0338
from smsc.protocol.session import Session
from smsc.protocol.submit import find_tlv
from smsc.store.base import Store, StoreError, StoreFull

_ID_BLOCK = 1_000_000
_AT_ONCE = 200  # recipients looked at in one turn of the loop, up to 0.2 ms each
_LONG_IDS_FROM = 100_000_000  # below are the ids of at most 8 digits for binds below SMPP 3.4
TABLES = (MESSAGES, THINGS)


class Engine(Turns):
    """All of the SMSC that is not a socket."""

    def __init__(self, world: World, store: Store, clock: Clock) -> None:
        settings = world.settings
        self.world = world
        self.clock = clock
        self.store = store
        self.timers = Timers()
        self.bindings = Bindings()
        self.ledger = Ledger(settings.limits.finished)
        self.parking = Parking(store, self.ledger, settings.limits.in_memory)
        self.commit = Commit(store, self.landed)
        self.parking.commit = self.commit
        self.ids = IdSeries(store, "message_id", _LONG_IDS_FROM, _ID_BLOCK)
        short_ids = IdSeries(store, "short_message_id", 1, 10_000, _LONG_IDS_FROM - 1)
        self.exchange = Exchange(
            self.commit,
            world.router,
            self.bindings,
            self.timers,
            self.parking,
            world.schedule,
            world.permanent,
            world.seed,
            self.ledger,
            self.ids,
            ReceiptMaker(world.timezone, world.receipt_validity),
        )
        receipts = self.exchange.receipts
        receipts.dialects = dialects(settings, world.accounts, receipts.local)
        canned = {row.id: gsm0338.encode(row.text) for row in settings.default_messages}
        options = Options(settings, canned)
        self.outboxes = Outboxes(world.registry, self.timers, self._left_handset)
        self.services = Services(
            world.services, world.registry, self.commit, self.exchange.add, world.validity_default
        )
        self.intake = Intake(
            world.registry,
            world.router,
            self.commit,
            self.exchange,
            options,
            self.ids,
            short_ids,
            self.services,
            self._keep_on_handset,
        )
        self.intake.default_validity = world.validity_default
        self.intake.overwrite = settings.policy.spoofed_source == "overwrite"
        self.intake.queue_limit = settings.limits.queue
        self.intake.recipient_limit = settings.limits.queue_per_recipient
        self.intake.replace = self._replace
        self.exchange.service_ended = self.services.ended
        self.exchange.held = self._keep_on_handset
        self.exchange.watch = None
        self.faults = Faults(world.seed, settings.faults)
        self.faults_changed: Callable[[], None] = lambda: None
        self.exchange.spread = settings.delivery.alert_spread
        self.latency = Latency(settings.latency, world.seed)
        self.exchange.latency = self.latency
        self.way_up = WayUp(
            self.latency, world.registry, self.timers, self.exchange.answer, self.exchange.go_on
        )
        self.exchange.way_up = self.way_up
        self._pace()
        self.repeats = Repeats(self.commit, self.exchange.mark)
        if settings.policy.filter_repeats:
            self.intake.repeats = self.repeats
        self.admission = Admission(world, self.bindings)
        self.requests = Requests(self)
        self.availability = Availability(self.exchange, self.bindings, self.timers, self.exchange.mark)
        self.outcomes = Outcomes(self.exchange.mark, self._wish)
        self.exchange.outcomes = self.outcomes
        self.carrier = self.exchange.carrier = self._carrier()
        self.admitted: Callable[[Session, Bind], None] = lambda session, bind: None
        self.parted: Callable[[Bind, str], None] = lambda bind, because: None
        self.stamp = None
        self.watchers: list[Callable[[dict[str, Any]], None]] = []
        self.binds_total = 0
        self.binds_refused: dict[str, int] = {}  # how many, by why
        self.store_errors = 0
        self.store_failing = ""
        self.commits = 0
        self.to_contact = deque()
        self.agenda = Agenda(self.timers, self.exchange)
        self.agenda.handlers = {
            Outbox: self._outbox_due,
            Wish: self._wish_due,
            Scheduled: self._schedule_due,
            Transit: self._transit_due,
            Underway: self.way_up.arrive,
        }
        self.set_time(0.0)

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

    # --- sessions -------------------------------------------------------------------------------

    def rare(self, session: Session, event: Any) -> None:
        bind = session.account
        if isinstance(event, events.BindRequest):
            self.admission.consider(self, session, event)
        elif isinstance(event, events.Request):
            self.requests.handle(bind, event)
        elif isinstance(event, events.Expired):
            bind.timeouts += 1
            self.exchange.unanswered(event.token, reasons.NO_RESPONSE)
            if bind.timeouts >= self.world.settings.limits.unanswered:
                session.close("unanswered deliveries")
        elif isinstance(event, events.UnbindRequest):
            self.commit.when_landed(lambda _: self._part(session, event))
        elif isinstance(event, events.Closed):
            self._closed(session, event)
        elif isinstance(event, events.Nacked):
            self.exchange.answered(event.token, event.status)

    def _part(self, session: Session, event: events.UnbindRequest) -> None:
        """Everything before the unbind is safe: let the peer go."""
        session.accept_unbind(event)
        if session.account is not None:
            self.exchange.mark(session.account)

    def bound(self, bind: Bind) -> None:
        """A bind is complete: whoever waits for it is alerted once its answer is on its way."""
        self.binds_total += 1
        bind.session.congestion = self.congestion()
        self.tell("session.bound", {"id": bind.id, "system_id": bind.account.system_id})
        if not bind.receiving:
            return
        if bind.number:
            self.exchange.contact(bind.number, "bound")
            self.availability.look(bind.number, self.exchange.link_now, self.clock.now())
            return
        self.exchange.contact(-bind.account.index, "bound")
        for first, last in bind.account.ranges:
            self._contact_range(first, last, "bound")

    def _contact_range(self, first: int, last: int, event: str) -> None:
        waiting = {key: r for key, r in self.exchange.recipients.items() if r.flags and first <= key <= last}
        self.to_contact.extend((key, event) for key in _oldest_first(waiting))
        self._contact_some()

    def _contact_some(self) -> int:
        """Contact so many of those who wait for it that the event loop is not held up; returns how many."""
        count = min(len(self.to_contact), _AT_ONCE)
        for _ in range(count):
            self.exchange.contact(*self.to_contact.popleft())
        return count

    def _pace(self) -> None:
        """Whether anything takes time on the radio: the preset, or a zone with a latency of its own."""
        slow = any(zone.latency > 0 for zone in self.world.coverage.zones.values())
        self.exchange.paced = self.latency.is_realistic or slow

    def lost(self, session: Session) -> None:
        """The connection is gone."""
        session.lost()
        self.digest(session)

    def _closed(self, session: Session, event: events.Closed) -> None:
        """What was in flight waits for the next bind; deferred submissions are gone with the session."""
        bind = session.account
        if bind is None:
            return
        self.set_time(self.exchange.link_now)
        session.account = None
        self.parted(bind, event.reason)
        self.bindings.remove(bind)
        lost = [token for token in event.tokens if isinstance(token, Message)]
        for message in lost:
            self.exchange.unanswered(message, reasons.SESSION_LOST)
        for key in dict.fromkeys(message.recipient for message in lost):
            recipient = self.exchange.recipients.get(key)
            if recipient is not None and not recipient.backlogged:
                self.exchange.pump(recipient)
        self.exchange.bind_gone(bind)
        self.outboxes.forget(lambda message: message.session is bind)
        self.outcomes.forget(bind)
        self.tell(
            "session.closed", {"id": bind.id, "system_id": bind.account.system_id, "reason": event.reason}
        )

    # --- commits --------------------------------------------------------------------------------

    def failed(self, group: Group, error: BaseException) -> None:
        """The store kept nothing of the group: refuse what is new, hold on to what has happened."""
        self.store_errors += 1
        self.store_failing = str(error)
        status = 0x14 if isinstance(error, StoreFull) else 0x08
        open_group = self.commit.group
        open_group.changes[:0] = group.changes
        open_group.cleared = open_group.cleared or group.cleared
        for message in group.forgotten:
            self._refuse(message, status)
        if group.overtaken:  # by DELETE /messages: nothing is left to hold on to
            for message in group.fresh:
                self._refuse(message, status)
            for message in group.finals:
                self.exchange.slot_free(message)
            return
        keep: list[Message] = []
        for message in group.fresh:
            if message.session is None:
                if message.kind == ORDINARY:
                    self.exchange.queued -= 1  # whoever asked waits for the commit and hears of it
                else:
                    keep.append(message)  # receipts and notices are owed all the same
                continue
            self.repeats.forget(message)
            self.exchange.queued -= 1
            if message.service:
                message.state, message.reason = UNDELIVERABLE, reasons.STORE_FAILED
                self.services.ended(message, self.clock.now())
            self._refuse(message, status)
        open_group.fresh[:0] = keep
        open_group.finals[:0] = group.finals
        open_group.updates[:0] = group.updates
        open_group.moved[:0] = group.moved

    def _refuse(self, message: Message, status: int) -> None:
        """Tell the submitter of a message that could not be kept."""
        bind = message.session
        if bind is None:
            return
        message.session = None
        bind.session.submit_nack(message.sequence, status)
        self.exchange.mark(bind)

    # --- uplink ---------------------------------------------------------------------------------

    def _keep_on_handset(self, message: Message) -> None:
        """Keep a message until its handset has radio, which may be back while the message was committed."""
        now = self.clock.now()
        self.outboxes.add(message, now)
        self.outboxes.coverage_changed(message.source, now)

    def _left_handset(self, message: Message) -> None:
        """Coverage is back for the sender: the message is submitted now, and its SIM looked at again."""
        now = self.clock.now()
        message.submitted_at = now
        message.state = SCHEDULED if message.due_at > now else ENROUTE
        if message.state == ENROUTE and message.validity != ABSOLUTE:
            message.expires_at = now + (message.validity or self.world.validity_default)
        bind = message.session
        if bind is not None:  # deferred: never stored, answered only now
            expired = message.expires_at <= now
            reason = reasons.INVALID_VALIDITY if expired else self.intake.resume(message)
            if reason:
                self.intake.refuse(bind, message.sequence, reason)
                self.exchange.mark(bind)
            return
        message.note(now, "left_handset")
        if message.expires_at <= now:
            message.state, message.reason = EXPIRED, reasons.NO_COVERAGE_HOLD
        elif reason := self.intake.release(message):
            message.state, message.reason = UNDELIVERABLE, reason
        if message.state in (ENROUTE, SCHEDULED):
            self.commit.move_on(message)
        else:
            message.final_at = now
            self.exchange.queued -= 1
            self.exchange.ended(message)
            self.commit.finish(message)

    def withdraw(self, message: Message, state: int, cause: int) -> bool:
        """Take a message out that has not gone out yet, wherever it waits; False when it is too late."""
        if message.state == HELD:
            self.outboxes.forget(lambda held: held is message)
            message.state, message.reason, message.final_at = state, cause, self.clock.now()
            self.exchange.queued -= 1
            self.exchange.ended(message)
            self.commit.finish(message)
            return True
        return self.exchange.withdraw(message, state, cause)

    def _replace(self, message: Message) -> None:
        """replace_if_present_flag: what still waits of the same kind between the two gives way [§5.2.18]."""
        for old in self.exchange.pending(message.destination):
            if (
                (old.source, old.source_text) == (message.source, message.source_text)
                and old.destination == message.destination
                and old.service_type == message.service_type
                and old.account == message.account
                and old.kind == ORDINARY
            ):
                self.withdraw(old, DELETED, reasons.REPLACED)

    def congestion(self) -> int:
        """How full the queue is, in percent, for the answers to 5.0 binds [5.0 §4.8.4.18]."""
        return min(100, 100 * self.exchange.queued // self.intake.queue_limit)

    def tell_congestion(self) -> None:
        """Let every session know."""
        used = self.congestion()
        for bind in self.bindings:
            bind.session.congestion = used

    def await_outcome(self, message: Message, bind: Bind, request: events.Request) -> None:
        """A data_sm in transaction mode: its response waits for the message's end."""
        self.outcomes.expect(message, bind, request)

    def _wish(self, message: Message, bind: Bind) -> bool:
        wanted = find_tlv(message.tlvs, 0x0421)  # set_dpf, 1 when it is not there
        if message.recipient < 0 or (wanted is not None and wanted == b"\0"):
            return False
        asked_by = bind.number or -bind.account.index
        source = message.source_text.decode("latin-1") or address_digits(message.source)
        self.availability.wish(message.recipient, asked_by, source, self.clock.now())
        return True

    # --- time -----------------------------------------------------------------------------------

    def step(self, link_now: float) -> int:
        """Do what is due by now, at most so much that the event loop is not held up: what is left is still
        due. Returns how many things were done."""
        now = self.set_time(link_now)
        done = self._contact_some() if self.to_contact else 0
        done += self.agenda.step(now, 2 * _AT_ONCE - done)
        if self.world.next_assignment <= now:
            self.world.reassign(now)
        if self.services.next_due() <= now:
            self.services.step(now)
            done += 1
        return done

    def _outbox_due(self, waiter: Outbox) -> None:
        self.outboxes.coverage_changed(waiter.key, self.clock.now())

    def _wish_due(self, waiter: Wish) -> None:
        self.availability.look(waiter.key, self.exchange.link_now, self.clock.now())

    def _schedule_due(self, waiter: Scheduled) -> None:
        """schedule_delivery_time has come."""
        if waiter.message.state == SCHEDULED:
            waiter.message.state = ENROUTE
            self.commit.move_on(waiter.message)

    def _transit_due(self, waiter: Transit) -> None:
        """The message is through the interconnect."""
        if self.carrier is not None:
            self.carrier.arrived = waiter.message
            self.exchange.enqueue(waiter.message)

    def radio_changed(self, key: int, event: str) -> None:
        """Something about a handset's radio changed: look at its queue and its outbox again."""
        self.set_time(self.exchange.link_now)
        self.exchange.contact(key, event)
        self.availability.look(key, self.exchange.link_now, self.clock.now())
        self.outboxes.coverage_changed(key, self.clock.now())

    def world_changed(self, event: str) -> None:
        """A zone, a cell or an outage changed: ask again for everybody who waits for radio."""
        self.set_time(self.exchange.link_now)
        self._pace()
        waiting = {key: r for key, r in self.exchange.recipients.items() if r.flags and key > 0}
        for key in _oldest_first(waiting):
            self.exchange.area_contact(key, event)
        for key in list(self.availability.wishes):
            self.availability.look(key, self.exchange.link_now, self.clock.now())
        for key in list(self.outboxes.boxes):
            self.outboxes.coverage_changed(key, self.clock.now())

    # --- life -----------------------------------------------------------------------------------

    def restore(self) -> int:
        """Take up where the last run ended; returns how many messages wait. Raises StoreError."""
        self.ids.prepare()
        self.services.load(row for row in self.store.select(THINGS) if not row[0].startswith("api/"))
        count = 0
        for key, waiting, expiry in self.parking.waiting():
            count += waiting
            self.exchange.take_up(key, waiting, expiry)
        for state in (SCHEDULED, HELD):
            for row in self.store.select(MESSAGES, {"state": state}, order=("id",)):
                message = message_of(row)
                self.ledger.add(message)
                self.exchange.queued += 1
                count += 1
                if state == HELD:
                    self._keep_on_handset(message)
                else:
                    self.timers.arm(Scheduled(message), message.due_at)
        return count

    def keep_ids(self) -> None:
        """Have the next ids in hand before they are needed. Tried again later when the store fails."""
        for series in (self.ids, self.intake.short_ids):
            if series.next and self.store.idle():
                with suppress(StoreError):
                    series.prepare()

    def is_quiet(self) -> bool:
        """Whether nothing is in flight: no delivery unanswered, no commit under way."""
        return self.exchange.in_flight == 0 and not self.to_contact and self.commit.is_idle()

    def unfinished(self) -> int:
        """How many messages and receipts have not reached their final state."""
        return self.exchange.queued

    def clear_messages(self) -> None:
        """Forget every message, waiting or finished; sessions stay."""
        self.way_up.clear()
        self.repeats.clear()
        self.exchange.clear()
        self.to_contact.clear()
        for message in self.outboxes.forget(lambda message: True):
            if message.session is not None:  # deferred: never to be answered
                message.session.session.forget(1)
                self.exchange.mark(message.session)
        self.ledger.clear()
        for bind in self.bindings:
            bind.backlog = None
        for message in self.commit.clear(MESSAGES):
            self.exchange.slot_free(message)

    def set_faults(self, faults: Faults) -> None:
        """Other things go wrong from now on."""
        self.faults = faults
        self.faults_changed()

    def watch(self, watcher: Callable[[dict[str, Any]], None]) -> None:
        """Call ``watcher`` for everything that happens."""
        self.watchers.append(watcher)
        self.exchange.watch = self._message_event

    def unwatch(self, watcher: Callable[[dict[str, Any]], None]) -> None:
        """Stop calling it."""
        if watcher in self.watchers:
            self.watchers.remove(watcher)
        if not self.watchers:
            self.exchange.watch = None

    def _message_event(self, event: str, message: Message) -> None:
        detail: dict[str, Any] = {
            "id": str(message.id),
            "kind": ("message", "receipt", "notice")[message.kind],
            "source": message.source_text.decode("latin-1") or address_digits(message.source),
            "destination": message.destination_text.decode("latin-1") or address_digits(message.destination),
            "state": STATE_NAMES[message.state],
        }
        if message.reason:
            detail["reason"] = reasons.REASONS[message.reason].name
        self.tell(event, detail)

    def tell(self, event: str, detail: dict[str, Any]) -> None:
        """Let those who watch know that something happened."""
        if self.watchers:
            told = {"event": event, "at": self.clock.now(), **detail}
            for watcher in list(self.watchers):
                watcher(told)


def _oldest_first(waiting: dict[int, Recipient]) -> list[int]:
    """Whose message has waited longest comes first; a queue that is only in the store comes last."""
    ages = {key: recipient.oldest() for key, recipient in waiting.items()}
    return sorted(ages, key=lambda key: (ages[key], key))
