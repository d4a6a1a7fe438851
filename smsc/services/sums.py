"""What several servers on one store count together: each has rows of its own, so that none is lost."""

from __future__ import annotations

from collections.abc import Iterator

from smsc.services.base import Journal, Row, Rows


class Sums(Rows):
    """Sums by name. A server that is alone keeps ``<kind>/<name>``, one of several
    ``<kind>-of/<server>/<name>``; what is told is all of them together."""

    def __init__(self, kind: str, fields: tuple[str, ...], journal: Journal) -> None:
        self._kind = kind
        self._fields = fields
        self._journal = journal
        self._nothing = (0,) * len(fields)
        self._sums: dict[str, dict[int, tuple[int, ...]]] = {}  # by name and server
        self.kinds = {kind: self._take_alone, f"{kind}-of": self._take}

    def add(self, name: str, *amounts: int) -> None:
        """Add to this server's part."""
        parts = self._sums.setdefault(name, {})
        server = self._journal.server
        own = parts.get(server, self._nothing)
        parts[server] = tuple(a + b for a, b in zip(own, amounts, strict=True))
        self._journal.put(self._key(server, name), self._row(parts[server]))

    def get(self, name: str) -> tuple[int, ...]:
        """The sum of a name, zeros when there is none."""
        return self._summed(self._sums.get(name, {}))

    def drop(self, name: str) -> None:
        """Forget a name, whoever added to it."""
        for server in self._sums.pop(name, {}):
            self._journal.delete(self._key(server, name))

    def items(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Every name with its sum."""
        return ((name, self._summed(parts)) for name, parts in self._sums.items())

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        for name, parts in self._sums.items():
            for server, part in parts.items():
                yield self._key(server, name), self._row(part)

    def _take_alone(self, name: str, row: Row | None) -> None:
        self._put(0, name, row)

    def _take(self, name: str, row: Row | None) -> None:
        server, _, name = name.partition("/")
        self._put(int(server), name, row)

    def _put(self, server: int, name: str, row: Row | None) -> None:
        if row is not None:
            self._sums.setdefault(name, {})[server] = tuple(row[field] for field in self._fields)
            return
        parts = self._sums.get(name, {})
        parts.pop(server, None)
        if not parts:
            self._sums.pop(name, None)

    def _summed(self, parts: dict[int, tuple[int, ...]]) -> tuple[int, ...]:
        if len(parts) == 1:
            return next(iter(parts.values()))
        return tuple(map(sum, zip(*parts.values(), strict=True))) or self._nothing

    def _key(self, server: int, name: str) -> str:
        return f"{self._kind}-of/{server}/{name}" if server else f"{self._kind}/{name}"

    def _row(self, part: tuple[int, ...]) -> Row:
        return dict(zip(self._fields, part, strict=True))
