"""Whoever binds here may have sent at another node a moment ago, and is to be heard in order.

So a bind waits until this node has read all that the others had committed when it came, and has ids in hand
that are higher than any that the others have given. Binds that come meanwhile wait together for the next.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from smsc.engine.journal.ids import IdSeries
from smsc.engine.port import Port
from smsc.store.shared import Shared

AT_ONCE: Final = 50  # binds that are answered in one turn of the loop
PATIENCE: Final = 3.0  # seconds; while the store is away nothing can be sent that would be out of order

log = logging.getLogger("smsc.nodes")

Call = Callable[[], None]


class Centre(Protocol):
    """What is needed of the engine."""

    port: Port
    ids: IdSeries
    short_ids: IdSeries


class Arrivals:
    """The binds that wait."""

    def __init__(self, centre: Centre, shared: Shared) -> None:
        self._centre = centre
        self._shared = shared
        self._waiting: list[Call] = []
        self._owed = 0  # answers of the store until those who came first may go on
        self._round = 0

    def wait(self, call: Call) -> None:
        """Call when a bind that comes now may be answered; never at once."""
        self._waiting.append(call)
        if len(self._waiting) == 1 and self._owed == 0:
            self._begin()

    def _begin(self) -> None:
        calls, self._waiting = self._waiting, []
        series = (self._centre.ids, self._centre.short_ids)
        self._owed = 1 + len(series)
        self._round += 1
        done = partial(self._done, self._round, calls)
        for one in series:
            self._shared.reserve_last(one.name, one.block, one.end(), partial(self._reserved, one, done))
        self._shared.catch_up(done)
        self._centre.port.call_later(PATIENCE, partial(self._end, self._round, calls))

    def _reserved(self, series: IdSeries, done: Call, first: int, error: BaseException | None) -> None:
        if error is None:
            series.jump(first)
        done()

    def _done(self, number: int, calls: list[Call]) -> None:
        if number == self._round and self._owed:
            self._owed -= 1
            if self._owed == 0:
                self._end(number, calls)

    def _end(self, number: int, calls: list[Call]) -> None:
        if number != self._round:
            return
        self._round += 1
        self._owed = 0
        self._go_on(deque(calls))
        if self._waiting:
            self._begin()

    def _go_on(self, calls: deque[Call]) -> None:
        """So many in one turn that nobody is held up; the failure of one is its own."""
        for _ in range(min(AT_ONCE, len(calls))):
            call = calls.popleft()
            try:
                call()
            except Exception:
                log.exception("a bind that waited for what other nodes tell can not be answered")
        if calls and not self._centre.port.call_later(0.0, partial(self._go_on, calls)):
            self._go_on(calls)
        self._centre.port.answered()
