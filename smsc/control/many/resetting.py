"""A reset: what is kept of changes is dropped in one batch, and then the world is made as it was configured.

Messages, tags and what services remember are gone the moment that is safe. Zones, ranges and subscribers
follow in rounds; other changes of the API wait until all of it is made and safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, Protocol

from smsc.control.errors import ControlError
from smsc.control.many.turns import Change, Turns, guarded
from smsc.control.steps import Steps, asked
from smsc.coverage.documents.zones import record_zone, write_outage
from smsc.engine.engine import Engine
from smsc.engine.journal.records import KEY_VALUES, OWN_KEYS
from smsc.routing.subscribers import Registry, Subscriber
from smsc.store.base import Reads
from smsc.world.world import World

_A_PAGE: Final = 50  # numbers
_PLACES: Final = 100  # of the registry's table looked at between two steps
_COST: Final = 4  # of a subscriber, a range, for the rounds
_ZONE: Final = 50


class Control(Protocol):
    """What is needed of the control."""

    engine: Engine
    world: World
    registry: Registry
    turns: Turns
    kept: set[str]

    def others_decided(self) -> Steps[None]: ...
    def forget_all(self, fresh: World) -> None: ...
    def record_of(self, subscriber: Subscriber) -> dict[str, Any]: ...
    def restore_range(self, record: dict[str, Any]) -> None: ...


class Reset(Change):
    """One of them."""

    def __init__(self, control: Control) -> None:
        super().__init__(control.turns)
        self.control = control
        self.engine = control.engine
        self.world = control.world
        self.registry = control.registry
        self.fresh = World(self.world.configured, self.engine.clock.now())

    def steps(self) -> Steps[None]:
        """All of it; ControlError 503 when the store fails, 500 when not all of it is made."""
        yield from self.control.turns.begin(self)
        try:
            yield from self.control.others_decided()
            self.engine.services.name_changes(True)
            names = yield from self._stored_names()
            self._hand_over(names)
        except BaseException:
            self.end()
            raise
        yield from self.ended()

    def _stored_names(self) -> Steps[list[str]]:
        """The keys of all rows that the store has of changes; what is changed meanwhile is noted."""
        if not self.engine.commit.durable:
            return []
        own = tuple(f"{name}/" for name in ("api", *self._services()))

        def question(reads: Reads) -> list[str]:
            rows = reads.select(KEY_VALUES, columns=("key",))
            return [name for (name,) in rows if name.startswith(own) and name not in OWN_KEYS]

        return (yield from asked(self.engine.store, question))

    def _services(self) -> list[str]:
        return [service.name for service in dict.fromkeys(self.engine.services.by_route.values())]

    # --- written ----------------------------------------------------------------------------------

    def _hand_over(self, names: list[str]) -> None:
        commit = self.engine.commit
        commit.ask_many(KEY_VALUES, dict.fromkeys([*names, *self._changed_names()]))
        commit.when_committed(self._decided)
        self.engine.port.answered()

    def _changed_names(self) -> set[str]:
        """What was changed since the store was asked, and what the open group has."""
        group = self.engine.commit.group
        own = tuple(f"{name}/" for name in ("api", *self._services()))
        found = set(self.engine.services.changed_names or ())
        found.update(name for table, name, _ in (*group.changes, *group.asked) if table is KEY_VALUES)
        return {name for name in found if name.startswith(own) and name not in OWN_KEYS}

    def _decided(self, error: BaseException | None) -> None:
        if error is not None:
            self.end(_store_fails("Nothing was changed", error))
            return
        with guarded(self._broken_off):
            self._forget()
            self.engine.queues.rounds.begin(self._make(), self.engine.queues.now)

    def _forget(self) -> None:
        """What is gone at once."""
        group, gone = self.engine.commit.group, self._changed_names()
        for rows in (group.changes, group.asked):  # of those who are forgotten now
            rows[:] = [row for row in rows if row[0] is not KEY_VALUES or row[1] not in gone]
        self.control.kept &= OWN_KEYS
        self.control.forget_all(self.fresh)
        self.engine.services.name_changes(False)

    # --- made -------------------------------------------------------------------------------------

    def _make(self) -> Iterator[int]:
        """Let the world be as it was configured, some of it in each turn of the loop."""
        with guarded(self._broken_off):
            yield from self._zones()
            yield from self._ranges()
            yield from self._outages()
            yield from self._subscribers()
            self.engine.radio.changed_everywhere("reset")
            for name in self.control.kept - OWN_KEYS:  # changed meanwhile by another road than the API
                self.engine.commit.change(KEY_VALUES, name, None)
            self.control.kept &= OWN_KEYS
            self.engine.commit.when_committed(self._written)
            self.engine.port.answered()

    def _zones(self) -> Iterator[int]:
        coverage, now = self.world.coverage, self.engine.clock.now()
        for name in list(coverage.zones):
            if name not in self.fresh.coverage.zones:
                coverage.remove_zone(name)
                yield _ZONE
        for name, zone in self.fresh.coverage.zones.items():
            coverage.put_zone(name, record_zone(zone), now)
            yield _ZONE

    def _ranges(self) -> Iterator[int]:
        """Ranges that were imported go, and those they replaced come back."""
        fresh, registry = self.fresh.registry, self.registry
        wanted = {(first, last) for first, last, _ in fresh.ranges()}
        first = 0
        while page := registry.ranges_after(first, _A_PAGE):
            for first, last, _ in page:
                if (first, last) not in wanted:
                    registry.remove_range(first)
                yield _COST
        for first, last, prototype in fresh.ranges():
            if (first, last) not in registry.overlapping(first, last):
                record = {**self.control.record_of(prototype), "first": first, "last": last}
                self.control.restore_range(record)
            yield _COST

    def _outages(self) -> Iterator[int]:
        coverage, now = self.world.coverage, self.engine.clock.now()
        for kind in ("cell", "county"):
            planned = self.fresh.coverage.outages(kind)
            for name in list(coverage.outages(kind)):
                coverage.set_outages(kind, name, [], now)
                yield _ZONE
            for name, outages in planned.items():
                coverage.set_outages(kind, name, [write_outage(one) for one in outages], now)
                yield _ZONE

    def _subscribers(self) -> Iterator[int]:
        key = 0
        while page := [one.msisdn for one in islice(self.registry.own_after(key), _A_PAGE)]:
            for key in page:
                self._as_configured(key)
                yield _COST
        for keys in self.registry.gone_in_pieces(_PLACES):
            yield _PLACES
            for key in keys:
                self._as_configured(key)
                yield _COST
        key = 0
        while configured := list(islice(self.fresh.registry.own_after(key), _A_PAGE)):
            for subscriber in configured:
                key = subscriber.msisdn
                own = subscriber.copy(key)
                own.place = self.world.coverage.place_from(subscriber.place.as_dict())
                self.registry.add(own)
                yield _COST

    def _as_configured(self, key: int) -> None:
        """A member of a range is like the others again, any other number is unknown."""
        prototype = self.registry.prototype_of(key)
        if prototype is None:
            self.registry.remove(key)
        else:
            self.registry.add(prototype.copy(key))

    # --- over -------------------------------------------------------------------------------------

    def _written(self, error: BaseException | None) -> None:
        told = "The world is as it was configured, which is yet to be written"
        self.end(None if error is None else _store_fails(told, error))

    def _broken_off(self) -> None:
        detail = (
            "What was changed is dropped, but not all of the world is as it was configured before it is "
            "reset once more, or the server is started again; the server's log says why."
        )
        self.end(ControlError(500, "Not all reset", detail))

    def leave(self) -> None:
        self.engine.services.name_changes(False)


def _store_fails(what: str, error: BaseException) -> ControlError:
    return ControlError(503, "The store fails", f"{what}: {str(error).rstrip('.')}.")
