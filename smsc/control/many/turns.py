"""One change of very many rows at a time, in the order in which they were asked for.

Such a change has three parts. It is *tried* in steps, and nothing is changed by that. Then it is *written*,
in one batch with whatever else is in the open group, and comes last in it. Once that is safe it is *made* in
memory, in rounds. From the hand-over to the end it is *settling*: other changes of the API wait for that,
because they would be built on what is not decided, or not made yet.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from smsc.control.errors import ControlError
from smsc.control.steps import Steps

log = logging.getLogger("smsc.control")

Ended = Callable[[BaseException | None], None]


class Underway(Protocol):
    """What is being tried, written or made, told of what others do to the same rows."""

    def before_change(self, key: str) -> None:
        """Somebody is about to change what a row is about."""

    def changed(self, key: str) -> Callable[[], None]:
        """Somebody has; returns what to do besides should that be put back."""


class Turns:
    """Whose turn it is, and who waits."""

    def __init__(self) -> None:
        self._queue: deque[object] = deque()
        self._resumed: dict[object, Callable[[], None]] = {}
        self._waiters: list[Ended] = []
        self.is_settling = False

    def begin(self, change: object) -> Steps[None]:
        """Wait until those asked for before are over; ``end`` follows, whatever becomes of the change."""
        self._queue.append(change)
        if self._queue[0] is change:
            return
        try:
            yield lambda resume: self._wait(change, resume)
        except GeneratorExit:  # whoever asked has left
            self.end(change)
            raise

    def _wait(self, change: object, resume: Callable[[], None]) -> None:
        if self._queue[0] is change:
            resume()
        else:
            self._resumed[change] = resume

    def settle(self) -> None:
        """The change whose turn it is was handed to the store."""
        self.is_settling = True

    def end(self, change: object) -> None:
        """It is over, or was given up: the next one's turn comes."""
        self._resumed.pop(change, None)
        if self._queue[0] is not change:
            self._queue.remove(change)
            return
        self._queue.popleft()
        self.is_settling = False
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter(None)
        if self._queue:
            self._resumed.pop(self._queue[0], _nothing)()

    def when_settled(self, waiter: Ended) -> None:
        """Call ``waiter`` once nothing is settling, at once when nothing is."""
        if self.is_settling:
            self._waiters.append(waiter)
        else:
            waiter(None)


class Change:
    """One such change, whose end is waited for."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.is_over = False
        self._error: ControlError | None = None
        self._resume: Callable[[], None] | None = None

    def ended(self) -> Steps[None]:
        """Wait for the end. Raises what the change ended with."""
        yield self._wait
        if self._error is not None:
            raise self._error

    def end(self, error: ControlError | None = None) -> None:
        """It is over, the first time that this is said."""
        if self.is_over:
            return
        self.is_over = True
        self._error = error
        self.leave()
        self.turns.end(self)
        if self._resume is not None:
            self._resume()

    def leave(self) -> None:
        """Nobody is to tell the change of anything any more."""

    def _wait(self, resume: Callable[[], None]) -> None:
        if self.is_over:
            resume()
        else:
            self._resume = resume


@contextmanager
def guarded(failed: Callable[[], None]) -> Iterator[None]:
    """Let nobody wait in vain for what is made here: ``failed`` is called should it break off, and the log
    has why."""
    try:
        yield
    except Exception:
        log.exception("a change of very many rows was written, but broke off while it was made")
        failed()


def _nothing() -> None:
    """It has not begun to wait, and finds that its turn has come."""
