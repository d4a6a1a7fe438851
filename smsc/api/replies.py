"""Answers of the routes: documents as JSON, pages of a listing, and whether a PUT made something new."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from fastapi.responses import JSONResponse

from smsc.api.facade.documents import Document, Steps
from smsc.api.jsontext import to_json
from smsc.api.problems import as_refusal

T = TypeVar("T")


#: Seconds that long work may hold up everybody else at a time. Beside a load the work gets the same share of
#: the time however short its slices are; a call that needs some turns of the loop waits for as many of them.
SLICE = 0.002


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def in_steps(work: Steps[T]) -> T:
    """Do long work without holding up anybody else, and return what it returns.

    The event loop has its turn after each `SLICE`. In one turn only one call works, whoever has waited
    longest, so that ten searches hold up the others no longer than one. What waits for the store waits for no
    turn meanwhile.
    """
    loop = asyncio.get_running_loop()
    turn = _turns.setdefault(loop, asyncio.Lock())
    while True:
        async with turn:
            until = time.perf_counter() + SLICE
            waiting: asyncio.Future[None] | None = None
            try:
                while time.perf_counter() < until and waiting is None:
                    wait = next(work)
                    if wait is not None:
                        waiting = loop.create_future()
                        wait(partial(_resume, waiting))
                        if waiting.done():
                            waiting = None
            except StopIteration as done:
                result: T = done.value
                return result
            if waiting is None:
                await asyncio.sleep(0)
        if waiting is not None:
            await waiting


def _resume(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():  # whoever asked may have left
        waiting.set_result(None)


class Json(JSONResponse):
    """A JSON answer that can carry every text an SMS can."""

    def render(self, content: Any) -> bytes:
        return to_json(content)


def all_of(name: str, found: Iterable[Document]) -> Json:
    """Everything there is of a kind."""
    return Json({name: list(found)})


def page(name: str, found: Sequence[Document], limit: int, key: str) -> Json:
    """One page of a listing; `next` is the `key` of the last document when there may be more."""
    following = found[-1][key] if len(found) >= limit else None
    return Json({name: list(found), "next": following})


def exists(read: Callable[..., object], *subject: object) -> bool:
    """Tell whether `read` finds the subject; any refusal counts as no."""
    try:
        read(*subject)
    except Exception as error:
        if as_refusal(error) is None:
            raise
        return False
    return True


def put(document: Document, existed: bool) -> Json:
    """Answer a PUT with what the thing is now: 201 when there was none before, 200 otherwise."""
    return Json(document, 200 if existed else 201)
