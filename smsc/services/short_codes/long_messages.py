"""Long messages to and from short codes: which parts belong together, and when one is complete.

Parts that share sender, receiver, reference and number of parts are one message (23.040 §9.2.3.24.1); a
reference has 8 or 16 bits and comes round. The same part with equal text, while its message is incomplete
and within the network's repeat window, is a repeat. With other text, or when the message is complete, it
begins a new message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from smsc.services.base import DAY, MINUTE, Journal, MessageView, Row, Rows
from smsc.services.lapsing import Kept

#: How long a repeated part is one: the network's window for repeated submissions.
REPEAT_WINDOW: Final = 10 * MINUTE
_LIFE: Final = DAY
_MOST: Final = 100_000


@dataclass(slots=True)
class LongMessage:
    """Where a message goes and what it costs once it is complete: ``account`` 0 is the service itself,
    ``seen`` the checksum and the latest moment of each part that is there, ``last`` the id of the part that
    completed it."""

    account: int = 0
    word: str = ""
    provider: str = ""
    price: int = 0
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    last: int = 0


@dataclass(slots=True)
class Part:
    """A part that is being looked at. ``follows``: its message was routed by an earlier one. ``completes``:
    it is the last that was missing, also of a message in one piece. ``repeat``: it was there already."""

    message: LongMessage
    key: str
    number: int
    checksum: int
    ident: int = 0
    follows: bool = False
    completes: bool = True
    repeat: bool = False


class LongMessages(Rows):
    """The messages of which parts have come, for a day after the latest one; kept over a restart."""

    def __init__(self, journal: Journal) -> None:
        self._messages: Kept[list[Any]] = Kept("long", _LIFE, journal, _MOST)
        self.kinds = self._messages.kinds

    def enter(self, message: MessageView, now: int, account: int = 0) -> Part:
        """Look at a part; ``account`` is the provider that sends it. Nothing is remembered before
        ``route``."""
        if message.parts < 2:
            return Part(LongMessage(), "", 1, 0)
        key, checksum = _key(message, account), _checksum(message)
        stored = self._messages.get(key, now)
        long = _read(stored) if stored is not None else LongMessage()
        before = long.seen.get(message.part)
        repeat = False
        if len(long.seen) >= message.parts:
            long = LongMessage()
        elif before is not None:
            repeat = before[0] == checksum and now - before[1] <= REPEAT_WINDOW
            if not repeat:
                long = LongMessage()
        missing = message.parts - len(long.seen)
        completes = missing == 1 and not repeat
        return Part(long, key, message.part, checksum, message.id, bool(long.seen), completes, repeat)

    def route(self, part: Part, account: int, word: str, provider: str, price: int, now: int) -> None:
        """The part goes to ``account``, and its message costs ``price``."""
        long = part.message
        long.account, long.word, long.provider, long.price = account, word, provider, price
        if part.key:
            long.seen[part.number] = part.checksum, now
            long.last = part.ident if part.completes else 0
            self._messages.put(part.key, _stored(long), now)

    def withdraw(self, part: Part) -> None:
        """The part was refused, and its message with it."""
        if part.key and part.follows:
            self._messages.pop(part.key)

    def failed(self, message: MessageView, now: int, account: int = 0) -> int:
        """A part was taken and never arrived, so its message is incomplete: the id of the part that had
        completed it, or 0. When it is sent again it counts again."""
        stored = self._messages.get(_key(message, account), now) if message.parts > 1 else None
        if stored is None:
            return 0
        long = _read(stored)
        if long.seen.get(message.part, (None, 0))[0] != _checksum(message):
            return 0
        last, long.last = long.last, 0
        del long.seen[message.part]
        self._messages.put(_key(message, account), _stored(long), now)
        return last

    def forget(self, number: int) -> None:
        """Forget what somebody sent or was sent."""
        name = str(number)
        self._messages.forget(lambda key, _: name in key.split("/")[:2])

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        return self._messages.records()


def _key(message: MessageView, account: int) -> str:
    return f"{message.source}/{message.destination}/{message.reference}/{message.parts}/{account}"


def _checksum(message: MessageView) -> int:
    return crc32(message.text.encode("utf-8", "surrogatepass"))


def _stored(long: LongMessage) -> list[Any]:
    seen = [[number, *state] for number, state in long.seen.items()]
    return [long.account, long.word, long.provider, long.price, seen, long.last]


def _read(stored: list[Any]) -> LongMessage:
    account, word, provider, price, seen, *last = stored  # none in a row of an earlier version
    found = {number: (crc, at) for number, crc, at in seen}
    return LongMessage(account, word, provider, price, found, *last)
