"""Where phones and ESMEs are bound, as the nodes tell one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from smsc.store.shared import Bound

Matcher = Callable[[str], Callable[[int], bool] | None]


class BoundElsewhere:
    """The binds of all other nodes, found by the recipient keys they receive for."""

    def __init__(self, me: str, matcher: Matcher) -> None:
        """``matcher`` tells of an address_range which numbers are in it, None when all are."""
        self.me = me
        self._matcher = matcher
        self._rows: dict[str, Bound] = {}
        self._by_key: dict[int, dict[str, str]] = {}  # id -> node
        self._ranges: dict[str, tuple[Bound, Callable[[int], bool] | None]] = {}

    def begin(self, rows: Iterable[Bound]) -> None:
        """All that there are; what was known before is forgotten."""
        self._rows.clear()
        self._by_key.clear()
        self._ranges.clear()
        for row in rows:
            self.came(row)

    def came(self, row: Bound) -> None:
        """A bind at another node receives."""
        if row.node == self.me:
            return
        self.went(row.id)
        self._rows[row.id] = row
        if row.first == row.last:
            self._by_key.setdefault(row.first, {})[row.id] = row.node
        else:
            self._ranges[row.id] = row, self._matcher(row.address_range)

    def went(self, ident: str) -> None:
        """A bind is gone; one that nobody knows is fine."""
        row = self._rows.pop(ident, None)
        if row is None:
            return
        self._ranges.pop(ident, None)
        of_key = self._by_key.get(row.first)
        if of_key is not None:
            of_key.pop(ident, None)
            if not of_key:
                del self._by_key[row.first]

    def nodes(self) -> Iterator[str]:
        """The node of each bind, once for each."""
        return (node for node, _ in {(row.node, row.id.rpartition(" ")[0]) for row in self._rows.values()})

    def node_for(self, key: int) -> str | None:
        """The node that a recipient is best given to: one where it is bound; of several the one whose part
        of the numbers it is. None when it is bound at no other node."""
        of_key = self._by_key.get(key)
        nodes = set() if of_key is None else set(of_key.values())
        if not nodes and key > 0:
            nodes = {
                row.node
                for row, matches in self._ranges.values()
                if row.first <= key <= row.last and (matches is None or matches(key))
            }
        if not nodes:
            return None
        return sorted(nodes)[abs(key) * 40_503 // 7 % len(nodes)]
