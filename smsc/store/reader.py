"""The one thread that reads: takes questions in order, and reports back what they found."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any

from smsc.store.base import Answer, Post, Reads, StoreError, T

_log = logging.getLogger("smsc.store")


class Reader:
    """Owns `reads` from `begin_serving` on; before that nobody asks while the owner reads directly."""

    def __init__(self, reads: Reads, post: Post, url: str) -> None:
        self.reads = reads
        self._post = post
        self._url = url
        self._queue: SimpleQueue[tuple[Callable[[Reads], Any], Answer[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="smsc-store-reads", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        self._queue.put((question, answer))

    def stop(self) -> None:
        """Answers all that was asked, then ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (asked := self._queue.get()) is not None:
            self._answer(*asked)
            del asked  # while nobody asks, nothing of the last question and its rows is kept here

    def _answer(self, question: Callable[[Reads], Any], answer: Answer[Any]) -> None:
        found: Any = None
        error: BaseException | None = None
        try:
            found = question(self.reads)
        except StoreError as problem:
            error = problem
        except BaseException as problem:  # whatever it is, the asker must hear of it and the thread go on
            error = StoreError(f"{self._url}: the question can not be answered: {problem!r}")
        try:
            self._post(partial(answer, found, error))
        except Exception:
            _log.exception("what was read could not be reported: its owner is gone")
