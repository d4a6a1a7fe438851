"""What a request does to a message that waits, and how it is undone when its commit fails.

A change stands in the group of its commit (``Group.undoable``). When the group is safe the change takes
effect; when it failed the message is what it was. So nobody is told of a refusal that took effect all the
same [SMPP 3.4 §4.9, §4.10, §5.2.18]. Until then the message does not go out: it is *claimed*, taken out of
the place where it waits, or where only its text changes it stays there, ``undecided``, and what is behind it
waits too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from smsc.delivery.message import ENROUTE, RECEIPT, SCHEDULED, Message


class Claim:
    """A message between two places, and how many changes of it are undecided."""

    __slots__ = ("holders", "message", "spilled")

    def __init__(self, message: Message, spilled: bool) -> None:
        self.message = message
        self.spilled = spilled  # it waited in the store
        self.holders = 0


class Waiting(Protocol):
    """Where claimed messages come from, and go back to."""

    def release(self, claim: Claim) -> None:
        """One change fewer is undecided."""

    def decided(self, message: Message, copy: Message) -> None:
        """One replace_sm fewer of a message is undecided; ``copy`` is how it was to be."""

    def ended(self, message: Message) -> None:
        """It is safe that the message has ended."""

    def restored(self, message: Message) -> None:
        """The message has not ended after all."""

    def give_way_now(self, change: Supersession) -> None:
        """What takes the message's place is safe."""

    def go_on_after_all(self, change: Supersession) -> None:
        """Nothing takes the message's place."""


class Change:
    """One change, decided with the group of its commit; ``receipts`` stand in the same group."""

    __slots__ = ("receipts", "waiting")

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.receipts: list[Message] = []

    def committed(self) -> None:
        """The group is safe."""
        raise NotImplementedError

    def undo(self) -> None:
        """Nothing of the group was kept."""
        raise NotImplementedError


class Withdrawal(Change):
    """A message that waits ends: cancel_sm, replace_if_present_flag, the API."""

    __slots__ = ("before", "claim")

    def __init__(self, waiting: Waiting, claim: Claim) -> None:
        Change.__init__(self, waiting)
        claim.holders += 1
        self.claim = claim
        message = claim.message
        events = None if message.events is None else list(message.events)
        self.before = (message.state, message.reason, message.final_at, message.attempts, events)

    def committed(self) -> None:
        self.waiting.ended(self.claim.message)
        self.waiting.release(self.claim)

    def undo(self) -> None:
        message = self.claim.message
        message.state, message.reason, message.final_at, message.attempts, message.events = self.before
        self.waiting.restored(message)
        self.waiting.release(self.claim)


class Contents:
    """What a message says and what is owed for it; ``forget`` it, or put it back."""

    __slots__ = ("before", "message")

    def __init__(self, message: Message) -> None:
        self.message = message
        events = None if message.events is None else list(message.events)
        kind, about, owed = message.kind, message.about, message.registered_delivery
        self.before = (kind, about, message.body, message.tlvs, owed, events)

    def forget(self) -> None:
        """Nothing of the message is told or stored again: when it ends its row goes, as a receipt's does."""
        message = self.message
        message.kind, message.about, message.body, message.tlvs = RECEIPT, 0, b"", b""
        message.registered_delivery, message.events = 0, None

    def put_back(self) -> None:
        """It was not to be forgotten after all."""
        message = self.message
        (
            message.kind,
            message.about,
            message.body,
            message.tlvs,
            message.registered_delivery,
            message.events,
        ) = self.before


class Forgetting(Withdrawal):
    """A message that waits is no more, as if it had never been: deletion, and erasure of a number."""

    __slots__ = ("contents",)

    def __init__(self, waiting: Waiting, claim: Claim) -> None:
        self.contents = Contents(claim.message)
        self.contents.forget()
        Withdrawal.__init__(self, waiting, claim)

    def undo(self) -> None:
        self.contents.put_back()
        events = self.claim.message.events
        self.before = (*self.before[:4], events)
        Withdrawal.undo(self)


class ForgettingReceipt(Change):
    """A finished receipt, which memory alone has, is no more."""

    __slots__ = ("forget",)

    def __init__(self, waiting: Waiting, forget: Callable[[], None]) -> None:
        Change.__init__(self, waiting)
        self.forget = forget

    def committed(self) -> None:
        self.forget()

    def undo(self) -> None:
        """It is there still."""


class ForgettingInFlight(Change):
    """The same of a message that is in flight: it is forgotten the moment its answer comes."""

    __slots__ = ("contents",)

    def __init__(self, waiting: Waiting, message: Message) -> None:
        Change.__init__(self, waiting)
        self.contents = Contents(message)
        self.contents.forget()

    def committed(self) -> None:
        """Nothing is left to do."""

    def undo(self) -> None:
        self.contents.put_back()


class Replacement(Change):
    """A message gets another text where it waits: replace_sm. ``live`` is the message that is to go out: what
    waits in the store comes from there as ``copy``, the message as it will be."""

    __slots__ = ("copy", "live", "message")

    def __init__(self, waiting: Waiting, message: Message, copy: Message, live: Message) -> None:
        Change.__init__(self, waiting)
        self.message = message
        self.copy = copy
        self.live = live
        live.undecided += 1

    def committed(self) -> None:
        self._decide(self.copy)

    def undo(self) -> None:
        self._decide(self.message)

    def _decide(self, right: Message) -> None:
        if right is not self.live:
            take_content(self.live, right)
        self.live.undecided -= 1
        self.waiting.decided(self.live, self.copy)


class Move(Change):
    """A message gets other times, and waits elsewhere: replace_sm of what is held or scheduled."""

    __slots__ = ("claim", "copy")

    def __init__(self, waiting: Waiting, claim: Claim, copy: Message) -> None:
        Change.__init__(self, waiting)
        claim.holders += 1
        self.claim = claim
        self.copy = copy

    def committed(self) -> None:
        message, copy = self.claim.message, self.copy
        take_content(message, copy)
        message.due_at = copy.due_at
        if message.state in (SCHEDULED, ENROUTE):
            message.state = copy.state
        self.undo()

    def undo(self) -> None:
        self.waiting.decided(self.claim.message, self.copy)
        self.waiting.release(self.claim)


def take_content(message: Message, other: Message) -> None:
    """What replace_sm can change [SMPP 3.4 §4.10.1], and the timeline that tells so."""
    message.body, message.payload = other.body, other.payload
    message.registered_delivery = other.registered_delivery
    message.expires_at, message.validity = other.expires_at, other.validity
    message.events = other.events


class Supersession(Change):
    """replace_if_present_flag meets a message on its way to its queue: there it will have ended."""

    __slots__ = ("arrived", "before", "message")

    def __init__(self, waiting: Waiting, message: Message) -> None:
        Change.__init__(self, waiting)
        self.message = message
        self.arrived = False
        self.before = (message.state, message.reason, message.final_at)

    def committed(self) -> None:
        self.waiting.give_way_now(self)

    def undo(self) -> None:
        self.message.state, self.message.reason, self.message.final_at = self.before
        self.waiting.go_on_after_all(self)
