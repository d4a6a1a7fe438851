"""Whose slow hash is verified next: guesses wait for one another, and not a peer's first bind for them.

A hash takes tens of milliseconds in a thread. There are two pools, of threads and of queues: one for names
that exist, one for names that do not, which are verified against a hash that nothing matches. In the first,
binds of names and addresses without a failure come in the order of their coming and before all others; the
others, and the unknown names, latest first: guesses pile up behind one another. A queue is bounded: the
oldest of the guesses is refused when it is full.

That a name exists must not be seen from how long a refusal takes: while unknown names wait, a wrong password
of a known one waits in their queue too before it is refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

KNOWN, UNKNOWN = 0, 1  #: pools
_MOST_WAITING = 64  # guesses; each is worth tens of milliseconds of a thread


class Verification(Generic[T]):
    """The queues of both pools. `start(pool, bind, stored)` begins to verify, or refuses at once what is
    already known to be wrong (`stored` is ""); `drop` refuses what the queue has no room for."""

    def __init__(self, start: Callable[[int, T, str], None], drop: Callable[[T], None]) -> None:
        self.start = start
        self.drop = drop
        self.threads = (1, 1)
        self.busy = [0, 0]
        self.first: deque[tuple[T, str]] = deque()
        self.guesses: tuple[deque[tuple[T, str]], deque[tuple[T, str]]] = (deque(), deque())

    def wait(self, pool: int, bind: T, stored: str, blameless: bool) -> None:
        """Verify now, or when its turn comes. `blameless`: neither name nor address have failed lately."""
        if pool == KNOWN and blameless:
            self.first.append((bind, stored))
        else:
            queue = self.guesses[pool]
            queue.append((bind, stored))
            if len(queue) > _MOST_WAITING:
                self.drop(queue.popleft()[0])
        self.serve(pool)

    def refuse_later(self, bind: T) -> bool:
        """Let what was found wrong wait as long as an unknown name would; False when none waits."""
        queue = self.guesses[UNKNOWN]
        if not queue:
            return False
        self.wait(UNKNOWN, bind, "", False)
        return True

    def done(self, pool: int) -> None:
        """A thread of the pool has become free; `serve` follows."""
        self.busy[pool] -= 1

    def serve(self, pool: int) -> None:
        """Begin with as many as there are free threads."""
        queue = self.guesses[pool]
        while self.busy[pool] < self.threads[pool]:
            if pool == KNOWN and self.first:
                bind, stored = self.first.popleft()
            elif queue:
                bind, stored = queue.pop()
            else:
                return
            if stored:
                self.busy[pool] += 1
            self.start(pool, bind, stored)
