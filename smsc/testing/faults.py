"""Faults on purpose as a test holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from smsc.testing.contract import Running


class FaultsHandle:
    """The faults in force; in a ``with`` they end with the block, and what they did can still be asked."""

    def __init__(self, smsc: Running) -> None:
        self._smsc = smsc
        self._ended: list[dict[str, Any]] | None = None

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The faults, each with how many PDUs it has ``seen`` and how often it has ``fired``."""
        if self._ended is not None:
            return self._ended
        told = self._smsc.control("faults")
        rows = zip(told["rules"], told["seen"], told["fired"], strict=True)
        return [{**rule, "seen": seen, "fired": fired} for rule, seen, fired in rows]

    @property
    def fired(self) -> int:
        """How often any of them has fired."""
        return sum(int(rule["fired"]) for rule in self.rules)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._ended = self.rules
        self._smsc.control("put_faults", {"rules": []})

    def stories(self) -> Iterator[str]:
        """A line for each that has fired."""
        for rule in self.rules:
            if rule["fired"]:
                what = ", ".join(
                    f"{key}={value}" for key, value in rule.items() if key not in ("seen", "fired")
                )
                yield f"fault on purpose ({what}) fired {rule['fired']} of {rule['seen']} times"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
