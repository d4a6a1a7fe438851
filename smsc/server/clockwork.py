"""Moves the manual clock: what is due happens in due order, and deliveries in flight are waited for."""

from __future__ import annotations

import asyncio
from typing import Any

from smsc.clock import ClockError
from smsc.engine.binds.bindings import RESTING
from smsc.moments import LATEST, LATEST_YEAR
from smsc.protocol.sessions.flight import REST
from smsc.server.listener import Listener

_TOLD = 10_000  # events that the answer of one advance lists
_BATCH = 500  # due moments between looks at other work
_LOOK = 0.001  # seconds between looks at what is still in flight


class Recorder:
    """What happened during one advance: all of it counted, the first thousands told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.count = 0

    def add(self, event: dict[str, Any]) -> None:
        """One more event."""
        self.count += 1
        if len(self.events) < _TOLD:
            self.events.append(event)


class Clockwork:
    """``advance`` for one listener; one at a time."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.lock = asyncio.Lock()

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> dict[str, Any]:
        """Move the clock by ``seconds``, ``to`` a moment in ms, or ``until`` "idle"; tells what happened.

        Raises ClockError unless the clock is manual, or when ``to`` lies in the past.
        """
        async with self.lock:
            engine = self.listener.engine
            clock = engine.clock
            if clock.mode != "manual":
                raise ClockError(f"the clock is {clock.mode}; only a manual clock can be advanced")
            start = clock.now()
            idle = until is not None
            target = LATEST if idle else to if to is not None else start + round((seconds or 0) * 1000)
            if target < start:
                raise ClockError("the clock never goes back")
            if target >= LATEST and not idle:
                raise ClockError(f"the clock ends before the year {LATEST_YEAR}")
            recorder = Recorder()
            engine.watchers.add(recorder.add)
            try:
                fired = await self._run(target, idle)
            finally:
                engine.watchers.remove(recorder.add)
            return {
                "from": start,
                "now": clock.now(),
                "fired": fired,
                "events": recorder.count,
                "happened": recorder.events,
                "unsettled": self._unsettled(),
            }

    async def _run(self, target: int, idle: bool) -> int:
        listener, engine = self.listener, self.listener.engine
        loop = listener.loop
        deadline = loop.time() + engine.world.settings.clock.settle
        fired, batch_end = 0, _BATCH
        await self._settle(deadline)
        while not (idle and engine.unfinished() == 0):
            due = engine.next_due()
            if due > target or due >= LATEST:
                break
            if due > engine.clock.now():
                engine.clock.advance_to(due)
            fired += engine.step(loop.time())
            if engine.wire.dirty or not engine.commit.group.is_empty():
                listener.turn_over()
            # others want the loop too, however much there is to do
            if fired >= batch_end or engine.next_due() <= engine.clock.now():
                batch_end = fired + _BATCH
                await asyncio.sleep(0)
            if listener.turning or not engine.is_quiet():
                await self._settle(deadline)
        if not idle and target > engine.clock.now():
            engine.clock.advance_to(target)
            engine.set_time(loop.time())
        listener.turn_over()
        return fired

    async def _settle(self, deadline: float) -> None:
        """Wait for commits and for answers to deliveries, until the deadline in all."""
        listener, engine = self.listener, self.listener.engine
        given = deadline
        while not engine.is_quiet() or listener.turning:
            if engine.responses.resting:  # a peer whose queue is full is asked once more in any case
                deadline = given + 2 * REST
            if listener.loop.time() >= deadline and engine.commit.is_idle():
                return
            await asyncio.sleep(0 if engine.commit.is_idle() and listener.turning else _LOOK)

    def _unsettled(self) -> list[str]:
        """Ids of the messages whose deliver_sm has not been answered."""
        engine = self.listener.engine
        found: list[str] = []
        for recipient in engine.queues.recipients.values():
            if recipient.in_flight:
                found += [str(message.id) for message in recipient.waiting() if message.bind is not None]
        for bind in engine.bindings:
            if bind.halted & RESTING:
                found += [str(message.id) for message in bind.first_in_line()]
        return sorted(found)[:1000]
