"""Every change that the API or a test makes, and every question they ask: plain dicts in and out.

Changes are put in the open commit, so that they survive a restart; whoever must be sure waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from smsc import reasons
from smsc.clock import AcceleratedClock, ManualClock, RealClock
from smsc.coverage.errors import CoverageError
from smsc.coverage.place import Zone
from smsc.coverage.zones import record_zone, write_zone
from smsc.delivery.message import (
    DELIVERED,
    HELD,
    RECEIPT,
    STATE_NAMES,
    WAITING,
    Message,
    address_digits,
)
from smsc.engine.bindings import Bind
from smsc.engine.engine import Engine
from smsc.engine.reading import text_of
from smsc.engine.records import MESSAGES, THINGS, message_of
from smsc.engine.world import BARRED_BITS, SERVICE_OF_KIND, World
from smsc.protocol.limits import SessionLimits
from smsc.protocol.session import Session
from smsc.protocol.submit import Submit
from smsc.protocol.text import encode_text
from smsc.routing.accounts import HANDSET, Account, handset
from smsc.routing.sim import iccid_of, imsi_of, valid_iccid, valid_imsi
from smsc.routing.subscribers import SIM_NAMES, Subscriber
from smsc.services.base import ServiceError
from smsc.services.registration import Person, Registration
from smsc.store.base import Store

_CLOCK = "api/clock"
_DAY = 86_400_000


class ControlError(Exception):
    """A request that cannot be done: HTTP status, title, and a sentence that says what would be right."""

    def __init__(self, status: int, title: str, detail: str, reason: str | None = None) -> None:
        super().__init__(f"{title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.reason = reason


class Control:
    """The engine's public face. All calls on the event loop's thread, none blocks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.world = engine.world
        self.registry = engine.world.registry
        self.saved_clock = 0
        self.houses_kept = 0

    # --- numbers --------------------------------------------------------------------------------

    def number(self, text: str, ton: int = 0) -> dict[str, Any]:
        """How the number plan reads a number; never fails, ``reason`` says what is wrong with it."""
        reading = self.world.plan.explain(text, ton)
        told = reading._asdict()
        told["steps"] = [{"en": english, "nb": bokmaal} for english, bokmaal in reading.steps]
        told.pop("key")
        return told

    def _key(self, text: str) -> int:
        reading = self.world.plan.explain(text)
        if reading.key == 0:
            raise ControlError(
                422,
                "Not a Norwegian number",
                f"{text!r} is {reading.type}: {reading.reason or 'not in the plan'}",
            )
        return reading.key

    # --- subscribers ----------------------------------------------------------------------------

    def subscribers(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Subscribers that differ from their range, and single ones, by number."""
        start = 0 if after is None else self._key(after)
        keys = sorted(s.msisdn for s in self.registry.touched() if s.msisdn > start)
        return [self.subscriber(str(key)) for key in keys[:limit]]

    def subscriber(self, msisdn: str) -> dict[str, Any]:
        """One subscriber; 404 when nobody has the number."""
        key = self._key(msisdn)
        return self._subscriber_dict(key, self._existing(key))

    def _existing(self, key: int) -> Subscriber:
        subscriber = self.registry.find(key)
        if subscriber is None:
            raise ControlError(404, "No such subscriber", f"no subscriber of a simulated network has {key}")
        return subscriber

    def _subscriber_dict(self, key: int, subscriber: Subscriber) -> dict[str, Any]:
        place = subscriber.place
        now = self.engine.clock.now()
        position = place.position(now)
        return {
            "msisdn": str(key),
            "sim": SIM_NAMES[subscriber.sim],
            "powered": subscriber.powered,
            "memory_full": subscriber.memory_full,
            "zone": place.name if isinstance(place, Zone) else None,
            "position": None if position is None else {"lat": position[0], "lon": position[1]},
            "barred": [name for name, bit in BARRED_BITS.items() if subscriber.barred & bit],
            "nod_sms": self.world.emergency.registrations.is_registered(key),
            "imsi": imsi_of(subscriber, key),
            "iccid": iccid_of(subscriber, key),
            "operator": subscriber.operator,
            "coverage": _readable(place.explain(now)),
        }

    def put_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a subscriber or set an existing one; what the body does not name takes its default."""
        key = self._key(msisdn)
        fault = self.world.router.check_subscriber_number(key)
        if fault is not None:
            raise ControlError(422, "Not a subscriber's number", fault)
        fresh = self._default(key)
        self._apply(key, fresh, body)
        self.registry.add(fresh)
        return self._changed_subscriber(key, fresh, "subscriber_set")

    def patch_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the body names; ``zone`` and ``position`` clear one another."""
        key = self._key(msisdn)
        self._existing(key)
        trial = self._existing(key).copy(key)
        self._apply(key, trial, body)  # nothing is changed when a value makes no sense
        self.registry.add(trial)
        return self._changed_subscriber(key, trial, ", ".join(sorted(body)) or "unchanged")

    def _default(self, key: int) -> Subscriber:
        """A subscriber as its range has them, or one with good coverage everywhere."""
        for first, last, prototype in self.registry.ranges():
            if first <= key <= last:
                return prototype.copy(key)
        fresh = Subscriber(key)
        fresh.place = self.world.place(None)
        fresh.password = "1234"
        return fresh

    def _apply(self, key: int, subscriber: Subscriber, body: Mapping[str, Any]) -> None:
        if "sim" in body:
            subscriber.sim = SIM_NAMES.index(body["sim"] or "active")
        for name in ("powered", "memory_full"):
            if body.get(name) is not None:
                setattr(subscriber, name, body[name])
        if "barred" in body:
            subscriber.barred = sum(BARRED_BITS[name] for name in set(body["barred"] or ()))
        if body.get("zone") is not None:
            subscriber.place = self._place(body["zone"])
        elif body.get("position") is not None:
            subscriber.place = self._position(body["position"])
        elif "zone" in body or "position" in body:
            subscriber.place = self.world.place(None)
        self._cards(subscriber, body)
        if "password" in body:
            subscriber.password = body["password"] or "1234"
        if body.get("nod_sms") is not None:
            registrations = self.world.emergency.registrations
            if body["nod_sms"] and not registrations.is_registered(key):
                registrations.put(key, Person(), self.engine.clock.now())
            elif not body["nod_sms"]:
                registrations.delete(key)
            self.engine.services.changed(self.world.emergency)

    def _cards(self, subscriber: Subscriber, body: Mapping[str, Any]) -> None:
        for name, is_valid in (("imsi", valid_imsi), ("iccid", valid_iccid)):
            if name not in body:
                continue
            value = body[name]
            if value is not None and not is_valid(value):
                raise ControlError(422, f"Not an {name.upper()}", f"{value!r}: wrong digits or check digit")
            setattr(subscriber, name, value)

    def _place(self, name: str) -> Any:
        if name not in self.world.coverage.zones:
            known = ", ".join(sorted(self.world.coverage.zones)[:20])
            raise ControlError(422, "No such zone", f"{name!r} is not a zone; there are: {known}")
        return self.world.coverage.place(zone=name)

    def _position(self, position: dict[str, float]) -> Any:
        try:
            return self.world.coverage.place_from({"position": position})
        except CoverageError as error:
            raise ControlError(422, "No such position", str(error)) from None

    def _changed_subscriber(self, key: int, subscriber: Subscriber, what: str) -> dict[str, Any]:
        record = {
            "sim": SIM_NAMES[subscriber.sim],
            "powered": subscriber.powered,
            "memory_full": subscriber.memory_full,
            "barred": subscriber.barred,
            "place": subscriber.place.as_dict(),
            "imsi": subscriber.imsi,
            "iccid": subscriber.iccid,
            "operator": subscriber.operator,
            "main": subscriber.main,
            "password": subscriber.password,
        }
        self._keep(f"subscriber/{key}", record)
        engine = self.engine
        engine.set_time(engine.exchange.link_now)
        if not subscriber.memory_full:
            engine.exchange.memory_available(key)
        engine.radio_changed(key, what)
        engine.exchange.state_changed(key, what)
        engine.tell("subscriber.changed", {"msisdn": str(key), "changed": what})
        return self._subscriber_dict(key, subscriber)

    def delete_subscriber(self, msisdn: str, erase: bool = False) -> None:
        """Make a number unknown; with ``erase`` its messages are deleted too."""
        key = self._key(msisdn)
        self._existing(key)
        self.registry.remove(key)
        self._keep(f"subscriber/{key}", {"removed": True})
        if erase:
            self._erase(key)
        self.engine.exchange.state_changed(key, "subscriber_removed")
        self.engine.tell("subscriber.removed", {"msisdn": str(key)})

    def _erase(self, key: int) -> None:
        engine = self.engine
        rows = engine.store.select(MESSAGES, {"source": key}) + engine.store.select(
            MESSAGES, {"destination": key}
        )
        found = {
            message.id: message for message in engine.ledger if key in (message.source, message.destination)
        }
        for message in list(found.values()):
            if message.state in WAITING:
                engine.exchange.withdraw(message, 4, reasons.ERASED)
            engine.ledger.drop(message.id)
        for ident in {row[0] for row in rows} | set(found):
            engine.commit.change(MESSAGES, ident, None)

    # --- zones ----------------------------------------------------------------------------------

    def zones(self) -> list[dict[str, Any]]:
        """All zones by name."""
        return [self.zone(name) for name in sorted(self.world.coverage.zones)]

    def zone(self, name: str) -> dict[str, Any]:
        """One zone; 404 when there is none of that name."""
        zone = self.world.coverage.zones.get(name)
        if zone is None:
            raise ControlError(404, "No such zone", f"there is no zone {name!r}")
        return {"name": name, **write_zone(zone)}

    def put_zone(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or replace a zone."""
        return self._change_zone(name, body, self.world.coverage.put_zone)

    def patch_zone(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the body names."""
        self.zone(name)
        return self._change_zone(name, body, self.world.coverage.patch_zone)

    def _change_zone(
        self, name: str, body: Mapping[str, Any], change: Callable[[str, Mapping[str, Any], int], Zone]
    ) -> dict[str, Any]:
        try:
            zone = change(name, body, self.engine.clock.now())
        except CoverageError as error:
            raise ControlError(422, "Not a zone", str(error)) from None
        self._keep(f"zone/{name}", dict(record_zone(zone)))
        self.engine.world_changed(f"zone {name} changed")
        self.engine.tell("zone.changed", {"zone": name})
        return self.zone(name)

    def delete_zone(self, name: str) -> None:
        """Remove a zone that nobody is in by name; 409 while a subscriber is."""
        self.zone(name)
        zone = self.world.coverage.zones[name]
        users = [s for s in self.registry.touched() if s.place is zone]
        ranges = [first for first, _, prototype in self.registry.ranges() if prototype.place is zone]
        if users or ranges:
            raise ControlError(
                409, "Zone in use", f"{len(users)} subscribers and {len(ranges)} ranges are in {name!r}"
            )
        self.world.coverage.remove_zone(name)
        self._keep(f"zone/{name}", {"removed": True})

    # --- Nød-SMS --------------------------------------------------------------------------------

    def registrations(self) -> list[dict[str, Any]]:
        """All numbers registered for Nød-SMS."""
        return [_registration(found) for found in self.world.emergency.registrations.all()]

    def registration(self, msisdn: str) -> dict[str, Any]:
        """One registration; 404 when the number is not registered."""
        found = self.world.emergency.registrations.find(self._key(msisdn))
        if found is None:
            raise ControlError(404, "Not registered", f"{msisdn} is not registered for Nød-SMS")
        return _registration(found)

    def put_registration(self, msisdn: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Register one number, or change what is known about it."""
        key = self._key(msisdn)
        try:
            found = self.world.emergency.registrations.put(key, Person(**body), self.engine.clock.now())
        except ServiceError as error:
            raise ControlError(error.status, error.title, error.detail) from None
        self.engine.services.changed(self.world.emergency)
        return _registration(found)

    def delete_registration(self, msisdn: str) -> None:
        """Take a number out of the register of Nød-SMS."""
        if not self.world.emergency.registrations.delete(self._key(msisdn)):
            raise ControlError(404, "Not registered", f"{msisdn} is not registered for Nød-SMS")
        self.engine.services.changed(self.world.emergency)

    # --- messages -------------------------------------------------------------------------------

    def messages(
        self,
        source: str | None,
        destination: str | None,
        state: str | None,
        limit: int,
        after: str | None,
    ) -> list[dict[str, Any]]:
        """Messages in the order of their ids, receipts left out."""
        wanted_source = None if source is None else self._address(source)
        wanted_destination = None if destination is None else self._address(destination)
        start = int(after) if after else 0
        found: dict[int, Message] = {}
        for message in self.engine.ledger:
            if message.id > start and message.kind != RECEIPT:
                found[message.id] = message
        if self.engine.commit.durable:
            self._from_store(found, start, limit, wanted_source, wanted_destination)
        rows = (found[ident] for ident in sorted(found))
        told = []
        for message in rows:
            if wanted_source not in (None, message.source, message.source_text):
                continue
            if wanted_destination not in (None, message.destination):
                continue
            if state is not None and STATE_NAMES[message.state] != state:
                continue
            told.append(self._message_dict(message))
            if len(told) == limit:
                break
        return told

    def _from_store(
        self,
        found: dict[int, Message],
        start: int,
        limit: int,
        source: int | bytes | None,
        destination: int | bytes | None,
    ) -> None:
        where: dict[str, Any] = {}
        if isinstance(source, int):
            where["source"] = source
        if isinstance(destination, int):
            where["destination"] = destination
        while True:
            rows = self.engine.store.select(
                MESSAGES, where, greater={"id": start}, order=("id",), limit=max(limit * 2, 100)
            )
            for row in rows:
                if row[4] != RECEIPT and row[0] not in found:
                    found[row[0]] = message_of(row)
            if len(rows) < max(limit * 2, 100) or len(found) > 50 * limit:
                return
            start = rows[-1][0]

    def _address(self, text: str) -> int | bytes:
        reading = self.world.plan.explain(text)
        return reading.key if reading.key else text.encode("utf-8")

    def message(self, message_id: str) -> dict[str, Any]:
        """One message with its timeline; 404 when it is not known (any more)."""
        return self._message_dict(self._find(message_id))

    def _find(self, ident: str) -> Message:
        number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 19 else 0
        message = self.engine.ledger.find(number) if number else None
        if message is None and number and self.engine.commit.durable:
            row = self.engine.store.get(MESSAGES, number)
            message = None if row is None else message_of(row)
        if message is None:
            raise ControlError(404, "No such message", f"there is no message {ident!r}, or it was forgotten")
        return message

    def _message_dict(self, message: Message) -> dict[str, Any]:
        attempts = message.attempts
        events = [self._event(message.submitted_at, "submitted", 0, None)] if message.state != HELD else []
        own = list(message.events or ())
        recipient = self.engine.exchange.recipients.get(message.recipient)
        if recipient is not None and message.state in WAITING and message.state != HELD:
            attempts += recipient.pagings - message.pagings
            own += [entry for entry in recipient.log or () if entry[0] >= message.submitted_at]
        own.sort(key=lambda entry: entry[0])
        events += [self._event(*entry) for entry in own]
        if message.sent_at:
            events.append(self._event(message.sent_at, "sent", 0, None))
        if message.final_at:
            events.append(self._event(message.final_at, STATE_NAMES[message.state], message.reason, None))
        return {
            "id": str(message.id),
            "source": _shown(message.source, message.source_text),
            "destination": _shown(message.destination, message.destination_text),
            "text": text_of(message),
            "state": STATE_NAMES[message.state],
            "reason": self._reason(message, recipient),
            "submitted_at": moment(message.submitted_at),
            "final_at": moment(message.final_at) if message.final_at else None,
            "expires_at": _moment_or_none(message.expires_at),
            "attempts": attempts,
            "priority": message.priority,
            "events": events,
        }

    def _reason(self, message: Message, recipient: Any) -> str | None:
        code = message.reason
        if not code and message.state == HELD:
            code = reasons.NO_COVERAGE_HOLD
        if not code and recipient is not None and recipient.flags and message.state in WAITING:
            code = recipient.absent_reason
        return reasons.REASONS[code].name if code else None

    def _event(self, at: int, event: str, reason: int, detail: object) -> dict[str, Any]:
        if isinstance(detail, dict):
            detail = {key: moment(value) if key == "next_attempt" else value for key, value in detail.items()}
        return {
            "at": moment(at),
            "event": event,
            "reason": reasons.REASONS[reason].name if reason else None,
            "detail": detail,
        }

    def clear_messages(self) -> None:
        """Forget every message."""
        self.engine.clear_messages()

    def reset(self) -> None:
        """Forget all messages and put the world back as it was configured; sessions stay bound."""
        engine, now = self.engine, self.engine.clock.now()
        self.clear_messages()
        fresh = World(self.world.settings, now)
        for name in list(self.world.coverage.zones):
            if name not in fresh.coverage.zones:
                self.world.coverage.remove_zone(name)
        for name, zone in fresh.coverage.zones.items():
            self.world.coverage.put_zone(name, record_zone(zone), now)
        for key in [s.msisdn for s in self.registry.touched()] + list(self.registry.removed()):
            self._as_configured(key)
        for subscriber in fresh.registry.touched():
            own = subscriber.copy(subscriber.msisdn)
            own.place = self.world.coverage.place_from(subscriber.place.as_dict())
            self.registry.add(own)
        registrations = self.world.emergency.registrations
        for found in list(registrations.all()):
            registrations.delete(found.number)
        for found in fresh.emergency.registrations.all():
            registrations.put(found.number, found.person, now)
        engine.services.changed(self.world.emergency)
        for row in engine.store.select(THINGS):
            if row[0].startswith(("api/zone/", "api/subscriber/")):
                engine.commit.change(THINGS, row[0], None)
        engine.world_changed("reset")

    def _as_configured(self, key: int) -> None:
        """A member of a range is like the others again, any other number is unknown."""
        for first, last, prototype in self.registry.ranges():
            if first <= key <= last:
                self.registry.add(prototype.copy(key))
                return
        self.registry.remove(key)

    def inject(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Submit a message as the source's handset or the ESME that owns the source would."""
        source = self._address(body["source"])
        data_coding, parts = encode_text(body["text"])
        if not parts:
            parts = [b""]
        first: Message | None = None
        for part in parts:
            row = Submit()
            row.dest_text = body["destination"].encode("ascii", "replace")
            row.dest_length = len(row.dest_text)
            row.body = part
            row.data_coding = data_coding
            row.esm_class = 0x40 if len(parts) > 1 else 0
            row.registered_delivery = body.get("registered_delivery", 0)
            message = self._inject_one(source, row)
            first = first or message
        assert first is not None
        return self._message_dict(first)

    def _inject_one(self, source: int | bytes, row: Submit) -> Message:
        engine = self.engine
        engine.set_time(engine.exchange.link_now)
        if isinstance(source, int):
            account = self.world.accounts.owner_of(source) or handset(source, "")
            digits = address_digits(source)
            row.source_ton = 1 if len(digits) >= 10 else 0
            row.source_npi, row.source, row.source_length = 1, int(digits), len(digits)
        else:
            senders = (account for account in self.world.accounts if source in account.senders)
            account = next(senders, Account("", ""))
            row.source_ton, row.source_text, row.source_length = 5, source, len(source)
        session = Session(SessionLimits(), engine.exchange.link_now)
        session.close("no connection behind it")
        bind = Bind(0, session, account, source if account.kind == HANDSET and isinstance(source, int) else 0)
        bind.service = SERVICE_OF_KIND.get(account.kind, 0)
        result = engine.intake.inject(row, bind)
        if isinstance(result, int):
            found = reasons.REASONS[result]
            raise ControlError(422, "Refused", found.sentence, found.name)
        return result

    # --- clock ----------------------------------------------------------------------------------

    def clock(self) -> dict[str, Any]:
        """The SMSC clock."""
        clock = self.engine.clock
        return {
            "mode": clock.mode,
            "now": moment(clock.now()),
            "next_due": _moment_or_none(self.engine.next_due()),
        }

    def set_clock(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Another mode, or a later moment to go on from; 409 for a moment in the past."""
        now = self.engine.clock.now()
        start = body.get("now", now)
        if start < now:
            raise ControlError(
                409, "The clock never goes back", f"it is {moment(now)}, later than {moment(start)}"
            )
        mode = body.get("mode", self.engine.clock.mode)
        if mode == "manual":
            self.engine.clock = ManualClock(start)
        elif mode == "real":
            self.engine.clock = RealClock(start)
        else:
            self.engine.clock = AcceleratedClock(float(mode[1:]), start)
        self.engine.step(self.engine.exchange.link_now)
        self.save_clock()
        return self.clock()

    def advanced(self, told: dict[str, Any]) -> dict[str, Any]:
        """The answer of an advance, made readable."""
        return {
            **told,
            "from": moment(told["from"]),
            "now": moment(told["now"]),
            "happened": [{**event, "at": moment(event["at"])} for event in told["happened"]],
        }

    def save_clock(self) -> None:
        """Remember the clock's value: it never goes back, not even over a restart."""
        now = self.engine.clock.now()
        if now != self.saved_clock:
            self.saved_clock = now
            self._keep("clock", {"now": now})

    @staticmethod
    def stored_clock(store: Store) -> int | None:
        """The last value that the clock had in the run before."""
        row = store.get(THINGS, _CLOCK)
        return None if row is None else int(json.loads(row[1])["now"])

    # --- sessions -------------------------------------------------------------------------------

    def sessions(self) -> list[dict[str, Any]]:
        """All binds."""
        return [self._session_dict(bind) for bind in self.engine.bindings]

    def session(self, session_id: int) -> dict[str, Any]:
        """One bind with its last events."""
        return self._session_dict(self._bind(session_id))

    def _bind(self, ident: int) -> Bind:
        bind = self.engine.bindings.binds.get(ident)
        if bind is None:
            raise ControlError(404, "No such session", f"no session has id {ident}")
        return bind

    def _session_dict(self, bind: Bind) -> dict[str, Any]:
        session = bind.session
        kind = {(True, True): "transceiver", (True, False): "receiver", (False, True): "transmitter"}
        return {
            "id": bind.id,
            "system_id": bind.account.system_id,
            "type": kind[(bind.receiving, bind.sending)],
            "peer": bind.peer,
            "interface_version": f"{session.version >> 4}.{session.version & 15}",
            "bound_at": moment(bind.bound_at),
            "window": {
                "in_use": session.window_used,
                "size": session.window_out,
                "unanswered": session.deferred,
            },
            "counters": {
                "submitted": bind.submitted,
                "refused": bind.refused,
                "delivered": session.sent,
                "timeouts": bind.timeouts,
            },
            "events": [
                {"at": moment(at), "event": event, "detail": detail}
                for at, event, detail in bind.last_events or ()
            ],
        }

    def drop_session(self, session_id: int, how: str) -> None:
        """Unbind a session politely, or drop its connection."""
        bind = self._bind(session_id)
        if how == "drop":
            bind.session.close("dropped by the operator")
        else:
            bind.session.unbind(self.engine.exchange.link_now)
        self.engine.exchange.mark(bind)

    # --- faults, health, counters ---------------------------------------------------------------

    def faults(self) -> dict[str, Any]:
        """The fault triggers in force."""
        return {"seed": self.engine.world.seed, "rules": []}

    def put_faults(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Set fault triggers; only none can be set so far."""
        if body.get("rules"):
            raise ControlError(
                422, "Not available", "this version has no fault triggers; expected an empty list"
            )
        return self.faults()

    def health(self) -> dict[str, Any]:
        """Whether the server can take messages, and why not."""
        why = []
        if self.engine.store_failing:
            why.append(f"the store fails: {self.engine.store_failing}")
        if self.engine.exchange.queued >= self.engine.intake.queue_limit:
            why.append("the queue is full")
        return {"ready": not why, "reasons": why}

    def counters(self) -> dict[str, float]:
        """Everything that is counted, by its metric's name."""
        engine, exchange = self.engine, self.engine.exchange
        told: dict[str, float] = {
            "sessions": len(engine.bindings.binds),
            "binds_total": engine.binds_total,
            'binds_refused_total{reason="refused"}': engine.binds_refused,
            "submits_total": exchange.submissions,
            "deliveries_total": exchange.deliveries,
            "receipts_total": exchange.receipts_made,
            "queue_messages": exchange.queued,
            "queue_recipients": len(exchange.recipients),
            "held_messages": engine.outboxes.count(),
            "store_commits_total": engine.commits,
            "store_errors_total": engine.store_errors,
            "clock_seconds": engine.clock.now() / 1000,
        }
        for code, count in enumerate(engine.intake.refusals):
            if count:
                told[f'submits_refused_total{{reason="{reasons.REASONS[code].name}"}}'] = count
        for code, count in enumerate(exchange.failures):
            if count:
                told[f'attempts_failed_total{{reason="{reasons.REASONS[code].name}"}}'] = count
        return told

    def subscribe(self, callback: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Call back for every event until the returned function is called."""

        def told(event: dict[str, Any]) -> None:
            callback({**event, "at": moment(event["at"])})

        self.engine.watch(told)

        def end() -> None:
            self.engine.unwatch(told)

        return end

    # --- persistence ----------------------------------------------------------------------------

    def _keep(self, name: str, record: dict[str, Any]) -> None:
        key = f"api/{name}"
        self.engine.commit.change(THINGS, key, (key, json.dumps(record, separators=(",", ":"))))

    def restore(self) -> None:
        """Apply what earlier runs changed through the API."""
        rows = [
            (row[0], json.loads(row[1]))
            for row in self.engine.store.select(THINGS)
            if row[0].startswith("api/")
        ]
        now = self.engine.clock.now()
        for key, record in rows:
            name = key.removeprefix("api/zone/")
            if name == key:
                continue
            if record.get("removed"):
                self.world.coverage.zones.pop(name, None)
            else:
                self.world.coverage.put_zone(name, record, now)
        for key, record in rows:
            number = key.removeprefix("api/subscriber/")
            if number != key:
                self._restore_subscriber(int(number), record)

    def _restore_subscriber(self, key: int, record: dict[str, Any]) -> None:
        if record.get("removed"):
            self.registry.remove(key)
            return
        subscriber = Subscriber(key)
        subscriber.sim = SIM_NAMES.index(record["sim"])
        subscriber.powered = record["powered"]
        subscriber.memory_full = record["memory_full"]
        subscriber.barred = record["barred"]
        subscriber.place = self.world.coverage.place_from(record["place"])
        for name in ("imsi", "iccid", "operator", "password", "main"):
            setattr(subscriber, name, record[name])
        self.registry.add(subscriber)

    def keep_house(self, real_now: int) -> None:
        """Once a second: the clock's value, and now and then what retention (real time) no longer covers."""
        self.save_clock()
        self.houses_kept += 1
        if self.houses_kept % 60 == 0 and self.engine.commit.durable:
            days = self.world.settings.store.retention_days
            below = real_now - int(days * _DAY)
            self.engine.store.prune(MESSAGES, "final_at", below, {"state": DELIVERED})


def moment(at: int) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    """A place's explanation with its moments as text."""
    moments = ("until", "reachable_from")
    return {
        key: moment(value) if key in moments and value is not None else value for key, value in told.items()
    }


def _moment_or_none(at: int) -> str | None:
    return None if at >= 2**60 else moment(at)


def _shown(key: int, text: bytes) -> str:
    return text.decode("latin-1") if text else address_digits(key) if key else ""


def _registration(found: Registration) -> dict[str, Any]:
    return {
        "msisdn": str(found.number),
        "registered_at": moment(found.registered_at),
        "updated_at": moment(found.updated_at),
        **asdict(found.person),
    }
