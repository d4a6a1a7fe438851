"""Who watches hears of everything that happens: the event stream of the API, and tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from smsc import reasons
from smsc.delivery.message import STATE_NAMES, Message, address_digits

Watcher = Callable[[dict[str, Any]], None]
Follower = Callable[[dict[str, Any], Message | None], None]


class Watchers:
    """``now`` is the time on the SMSC clock. ``watched`` tells whether anybody watches: events that nobody
    wants are not even made."""

    __slots__ = ("followers", "now", "watched", "watchers")

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self.watched = False
        self.watchers: list[Watcher] = []
        self.followers: list[Follower] = []

    def add(self, watcher: Watcher) -> None:
        """Call ``watcher`` for everything that happens."""
        self.watchers.append(watcher)
        self.watched = True

    def remove(self, watcher: Watcher) -> None:
        """Stop calling it."""
        if watcher in self.watchers:
            self.watchers.remove(watcher)
        self.watched = bool(self.watchers or self.followers)

    def follow(self, follower: Follower) -> None:
        """Call ``follower`` for everything that happens, and with the message that it is about."""
        self.followers.append(follower)
        self.watched = True

    def unfollow(self, follower: Follower) -> None:
        """Stop calling it."""
        if follower in self.followers:
            self.followers.remove(follower)
        self.watched = bool(self.watchers or self.followers)

    def tell(self, event: str, detail: dict[str, Any], message: Message | None = None) -> None:
        """Let those who watch know that something happened, to a message if it is one's."""
        if self.watched:
            told = {"event": event, "at": self.now(), **detail}
            for watcher in list(self.watchers):
                watcher(told)
            for follower in list(self.followers):
                follower(told, message)

    def tell_of(self, event: str, message: Message) -> None:
        """The same of a message."""
        detail: dict[str, Any] = {
            "id": str(message.id),
            "kind": ("message", "receipt", "notice")[message.kind],
            "source": message.source_text.decode("latin-1") or address_digits(message.source),
            "destination": message.destination_text.decode("latin-1") or address_digits(message.destination),
            "state": STATE_NAMES[message.state],
        }
        if message.reason:
            detail["reason"] = reasons.REASONS[message.reason].name
        self.tell(event, detail, message)
