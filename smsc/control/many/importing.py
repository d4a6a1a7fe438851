"""A list of subscribers: tried row by row, written in one batch, and in effect before it is answered.

Who changes a subscriber while the list is tried comes before it. Who changes one afterwards comes after it:
the API waits until all is made, and a change that comes by another road has the row of its number made first
or, while the store is yet to decide, stands in its place.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Protocol

from smsc.control.errors import ControlError
from smsc.control.many.turns import Change, Turns, Underway, guarded
from smsc.control.steps import Steps
from smsc.engine.engine import Engine
from smsc.engine.journal.records import KEY_VALUES
from smsc.routing.records import Listed, fields_of, listed_rows
from smsc.routing.subscribers import Registry, Subscriber
from smsc.services.base import ServiceError
from smsc.world.world import World

log = logging.getLogger("smsc.control")

#: What a handset binds with that was not given anything else.
PASSWORD: Final = "1234"
_ROWS: Final = 10  # tried in one step
_PLACES: Final = 200  # of the registry's table looked at in one step
_COST: Final = 2  # of a row, for the rounds
_NUMBER: Final = "api/subscriber/"
_WRONG: Final = "Not a list of subscribers"

Rows = dict[str, tuple[str, str] | None]


class Control(Protocol):
    """What is needed of the control."""

    engine: Engine
    world: World
    registry: Registry
    turns: Turns
    importing: Underway | None
    kept: set[str]

    def list_place(self, zone: str) -> Any: ...
    def record_of(self, subscriber: Subscriber) -> dict[str, Any]: ...
    def others_decided(self) -> Steps[None]: ...


class SubscriberImport(Change):
    """One list on its way; ``pending`` is what is yet to be made of its numbers, by their rows' keys."""

    def __init__(self, control: Control, text: str) -> None:
        super().__init__(control.turns)
        self.control = control
        self.engine = control.engine
        self.registry = control.registry
        self.registrations = control.world.emergency.registrations
        self.service = f"{control.world.emergency.name}/"
        self.text = text
        self.count = 0
        self.ranges = Registry()
        self.pending: dict[str, Any] = {}
        self.rows: Rows = {}
        self.service_rows: Rows = {}
        self.entering: set[int] = set()  # who begins to be registered for Nød-SMS
        self.letters: list[str] = []  # to other nodes
        self.stale: set[str] = set()  # changed by others while the list was tried
        self.is_handed_over = self.is_safe = False

    def steps(self) -> Steps[dict[str, Any]]:
        """All of it; ControlError 422 names the first line that is wrong, 503 says that the store fails, 500
        that not all of what is written is in effect."""
        yield from self.control.turns.begin(self)
        self.control.importing = self
        try:
            before = yield from self._counted()
            yield from self._try()
            yield from self._write_letters()
            yield from self.control.others_decided()
            self._hand_over()
        except BaseException:
            self.end()
            raise
        yield from self.ended()
        after = yield from self._counted()
        return {"rows": self.count, "subscribers": after, "before": before}

    def _counted(self) -> Steps[int]:
        known = 0
        for some in self.registry.counted_in_pieces(_PLACES):
            known += some
            yield None
        return known

    # --- tried ------------------------------------------------------------------------------------

    def _try(self) -> Steps[None]:
        fault_of = self.control.world.router.check_subscriber_number
        rows = listed_rows(self.text.splitlines(), self.control.list_place, self._take, fault_of=fault_of)
        try:
            for _ in rows:
                self.count += 1
                if self.count % _ROWS == 0:
                    yield None
        except ValueError as error:
            raise ControlError(422, _WRONG, str(error)) from None

    def _take(self, row: Listed) -> None:
        """Note what a row changes. Raises ValueError."""
        subscriber = row.subscriber
        if row.first != row.last and subscriber is not None:
            self._take_range(row.first, row.last, subscriber)
            return
        key = f"{_NUMBER}{row.first}"
        self.pending[key] = subscriber
        self._note_registration(row.first, subscriber)
        if subscriber is None:
            self._write(self.rows, key, {"removed": True})
        else:
            self._write_subscriber(key, subscriber)

    def _take_range(self, first: int, last: int, subscriber: Subscriber) -> None:
        for other in self.registry.overlapping(first, last):
            if other != (first, last):
                raise ValueError(f"{first}-{last} overlaps {other[0]}-{other[1]}")
        subscriber.password = PASSWORD
        self.ranges.add_range(first, last, place=subscriber.place, **fields_of(subscriber))
        record = {**self.control.record_of(subscriber), "first": first, "last": last}
        self._write(self.rows, f"api/range/{first}", record)

    def _write_subscriber(self, key: str, subscriber: Subscriber) -> None:
        """Who is known keeps their password."""
        known = self.registry.find(subscriber.msisdn)
        subscriber.password = PASSWORD if known is None else known.password
        self._write(self.rows, key, self.control.record_of(subscriber))

    def _note_registration(self, number: int, subscriber: Subscriber | None) -> None:
        """Who is taken out of a range keeps their registration."""
        registrations, now = self.registrations, self.engine.clock.now()
        row = None
        if subscriber is not None:
            try:
                row = registrations.row_of_change(number, subscriber.nod_sms, now)
            except ServiceError as error:
                raise ValueError(str(error)) from None
        key = f"{self.service}registration/{number}"
        self.pending.pop(key, None)
        self.service_rows.pop(key, None)
        self.entering.discard(number)
        if row is not None:
            self.pending[key] = row[1]
            self._write(self.service_rows, key, row[1])
            if subscriber is not None and subscriber.nod_sms:
                self.entering.add(number)

    def _write(self, rows: Rows, key: str, record: Any) -> None:
        if self.engine.commit.durable:
            rows[key] = None if record is None else (key, json.dumps(record, separators=(",", ":")))

    def _write_letters(self) -> Steps[None]:
        for rows in (self.rows, self.service_rows):
            yield from self._tell(rows)

    def _tell(self, rows: Rows) -> Steps[None]:
        nodes = self.engine.nodes
        if nodes is not None:
            for letter in nodes.rows.letters(rows):
                self.letters.append(letter)
                yield None

    # --- written ----------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        """All rows go with the open group. ControlError 422 for what has become wrong meanwhile."""
        shut_out = self.registrations.excluded_among(self.entering, self.engine.clock.now())
        if shut_out:
            raise ControlError(422, _WRONG, f"{shut_out} has been excluded from Nød-SMS; pardon it first")
        for key in self.stale & self.pending.keys():
            subscriber = self.pending[key]
            if subscriber is not None:
                self._write_subscriber(key, subscriber)
        for _ in self._tell({key: self.rows[key] for key in self.stale & self.rows.keys()}):
            """They are few."""
        commit = self.engine.commit
        commit.ask_many(KEY_VALUES, self.rows, self.letters)
        commit.ask_many(KEY_VALUES, self.service_rows)
        commit.when_committed(self._decided)
        self.is_handed_over = True
        self.engine.port.answered()

    def _decided(self, error: BaseException | None) -> None:
        if error is not None:
            told = str(error).rstrip(".")
            self.end(ControlError(503, "The store fails", f"Nothing was changed: {told}."))
            return
        self.is_safe = True
        self.control.kept.update(self.rows)
        self.engine.queues.rounds.begin(self._make(), self.engine.queues.now)

    # --- made -------------------------------------------------------------------------------------

    def _make(self) -> Iterator[int]:
        """Let the list be in effect, some rows in each turn of the loop."""
        with guarded(self._broken_off):
            for first, last, prototype in self.ranges.ranges():
                self.registry.remove_range(first)
                try:
                    self.registry.add_range(first, last, place=prototype.place, **fields_of(prototype))
                except ValueError as error:  # another node has taken in a list of its own
                    log.error("the range of a list is left out: %s", error)
                yield _COST
            for _ in self.registry.room_in_pieces(len(self.pending), _PLACES):
                yield _PLACES
            while self.pending:
                self._make_one(*self.pending.popitem())
                yield _COST
            self.engine.services.changed(self.control.world.emergency)
            self.engine.radio.changed_everywhere("subscribers imported")
            self.end()

    def _broken_off(self) -> None:
        detail = (
            "The list is written, but not all of it is in effect before the server is started again; "
            "the server's log says why."
        )
        self.end(ControlError(500, "Not all in effect", detail))

    def _make_one(self, key: str, value: Any) -> None:
        if not key.startswith(_NUMBER):
            self.registrations.take(key.removeprefix(self.service), value)
        elif value is None:
            self.registry.remove(int(key.removeprefix(_NUMBER)))
        else:
            self.registry.add(value)

    def leave(self) -> None:
        if self.control.importing is self:
            self.control.importing = None

    # --- what others change -----------------------------------------------------------------------

    def before_change(self, key: str) -> None:
        """Somebody is about to change what a row is about."""
        if self.is_safe and key in self.pending:
            self._make_one(key, self.pending.pop(key))

    def changed(self, key: str) -> Callable[[], None]:
        """Somebody has; what to do besides should that be put back."""
        if not self.is_handed_over:
            self.stale.add(key)
        elif key in self.pending:
            return partial(self._make_after_all, key, self.pending.pop(key))
        return _nothing

    def _make_after_all(self, key: str, value: Any) -> None:
        if self.is_safe:
            self._make_one(key, value)


def _nothing() -> None:
    """It is not in the list, or yet to be made."""
