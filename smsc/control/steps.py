"""Long work in short steps, some of which wait for what the store has been asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

from smsc.control.errors import ControlError
from smsc.store.base import Reads, Store

T = TypeVar("T")
Wait: TypeAlias = Callable[[Callable[[], None]], None]
"""Begins to wait, and calls what it is given when the work can go on; perhaps at once."""
Steps: TypeAlias = Generator[Wait | None, None, T]
"""Work that others may interrupt at each ``yield``, and that goes on once a Wait is over; what it returns."""


def asked(store: Store, question: Callable[[Reads], T]) -> Steps[T]:
    """What the store answers. ControlError 503 when it can not."""
    answers: list[tuple[T | None, BaseException | None]] = []

    def wait(resume: Callable[[], None]) -> None:
        def answer(found: T | None, error: BaseException | None) -> None:
            answers.append((found, error))
            resume()

        store.ask(question, answer)

    yield wait
    found, error = answers[0]
    if error is not None:
        raise ControlError(503, "The store fails", f"Nothing was read: {str(error).rstrip('.')}.")
    return found  # type: ignore[return-value]


class Over:
    """Whether a Wait is over."""

    is_over = False

    def now(self) -> None:
        """It is."""
        self.is_over = True


def at_once(work: Steps[T]) -> T:
    """Do all the steps now, over a store that answers at once: one in memory."""
    while True:
        try:
            wait = next(work)
        except StopIteration as done:
            result: T = done.value
            return result
        if wait is not None:
            over = Over()
            wait(over.now)
            if not over.is_over:
                raise RuntimeError("the store answers later: do the steps one by one")
