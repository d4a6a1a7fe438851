"""What several nodes on one store share: whose each recipient is, where phones are bound, and mail.

Mail is truth, not a hint: a letter is written in the commit of what it tells of, so whoever reads it sees
that too. A node's commits have consecutive numbers, and a letter has that of its commit; so `News.numbers`,
read in the same snapshot, tells of each node which of its commits the snapshot shows.

The owner of these tables is one object a node (`engine.nodes`), on the thread that owns the store.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from smsc.store.base import Reserved, Table

SLOTS = 256
"""Recipients are owned by slots, and some by themselves (OWNERS)."""

#: A letter that leaves with this commit: (place, receiver or None for all, kind, body as JSON). Deleted are
#: letters that were read, by (sender, number, place); with UNLESS_GONE behind these, nothing of the commit is
#: kept when another one has deleted the letter before.
MAIL = Table("store_mail", ("place", "receiver", "kind", "body"), ("INTEGER", "TEXT", "TEXT", "TEXT"))
UNLESS_GONE = "unless gone"
OWNERS = Table("store_owners", ("recipient", "node"), ("INTEGER", "TEXT"))
SLOT_OWNERS = Table("store_slots", ("slot", "node"), ("INTEGER", "TEXT"))
#: A bind that receives for the recipient keys from first to last; of these only those in its address_range.
BINDS = Table(
    "store_binds",
    ("id", "node", "first", "last", "address_range"),
    ("TEXT", "TEXT", "INTEGER", "INTEGER", "TEXT"),
)
#: Whoever is bound, `bound_at` in ms. The row of a session that ends is deleted.
SESSIONS = Table(
    "store_sessions",
    ("id", "node", "system_id", "receiving", "sending", "peer", "version", "bound_at"),
    ("INTEGER", "TEXT", "TEXT", "INTEGER", "INTEGER", "TEXT", "INTEGER", "INTEGER"),
)

#: Kinds of letters that the store itself looks at.
GIVEN = "given"  # to all: {"keys": [...], "slots": [...]}: look whose these are now
TAKEN = (
    "taken"  # to all: {"node": name, "blocks": [[series, first, last], ...]}: all that it owned is another's
)


def slot_of(key: int) -> int:
    """The slot of a recipient key."""
    return abs(key) % SLOTS


class Letter(NamedTuple):
    """`number` is that of the sender's commit; `receiver` is None when it is for all."""

    sender: str
    number: int
    place: int
    receiver: str | None
    kind: str
    body: Any


class Tally(NamedTuple):
    """What waits in the store for one recipient: how many, the earliest end of a validity, their octets."""

    key: int
    messages: int
    expiry: int
    octets: int


class Bound(NamedTuple):
    """A row of BINDS."""

    id: str
    node: str
    first: int
    last: int
    address_range: str


class Life(NamedTuple):
    """A node as the others see it: whether its lease runs, and what it says of itself."""

    name: str
    is_alive: bool
    owner: str


class News(NamedTuple):
    """All of one snapshot. What is None has not changed as far as its letters tell."""

    letters: list[Letter]
    numbers: dict[str, int]
    lives: list[Life]
    changed: frozenset[int] = frozenset()  # recipients whose owner may be another
    owners: Mapping[int, str] = {}  # of these, those with an owner of their own; of all when `is_whole`
    slots: tuple[str, ...] | None = None
    binds: list[Bound] | None = None
    tally: tuple[Tally, ...] = ()  # of what is this node's and was changed, or of all that is its own
    is_whole: bool = False  # whether this is everything: at the start, and after a node was taken over


Told = Callable[[News, Callable[[], None]], None]


class Shared(ABC):
    """A store that several nodes share, as one of them uses it. One thread, the store owner's, calls this."""

    name: str
    """Of this node."""
    is_closed = False
    """Whether nothing more is to be told or asked."""

    @abstractmethod
    def begin(
        self, told: Callable[[News, Callable[[], None]], None], lost: Callable[[Exception], None]
    ) -> News:
        """Everything as it is now; from then on `told` gets what is new, in order, and calls back when it has
        dealt with it. `lost` is called once when another node has taken this one over."""

    @abstractmethod
    def blocks(self) -> list[tuple[str, int, int, str]]:
        """(series, first, last, node) of all numbers that were reserved; before `begin_serving` only."""

    @abstractmethod
    def now(self) -> int:
        """Real time, in ms since the epoch, which is the same at all nodes. From any thread."""

    @abstractmethod
    def catch_up(self, call: Callable[[], None]) -> None:
        """Call when all has been dealt with that other nodes had committed by now, if that comes about."""

    @abstractmethod
    def reserve_last(self, name: str, block: int, end: int, done: Reserved) -> None:
        """As `Store.reserve_later`, but 0 and no error when the latest block of all nodes is the one before
        `end`."""

    @abstractmethod
    def number_of(self, place: int) -> int:
        """The number of the commit that a letter of this node has just left with."""

    @abstractmethod
    def was_gone(self, letter: tuple[str, int, int]) -> bool:
        """Whether another commit had deleted a letter that the commit which has just been made deletes."""

    @abstractmethod
    def first_place(self) -> int:
        """The place of the first letter of this run; later ones have greater ones."""
