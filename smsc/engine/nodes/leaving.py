"""What this node gives to others: recipients that are bound there, and its surplus of slots."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final, Protocol

from smsc.delivery.message import FOREVER
from smsc.delivery.recipient import Recipient
from smsc.engine.binds.bindings import Bindings
from smsc.engine.journal.records import MESSAGES, message_row
from smsc.engine.mt.queues import Queues
from smsc.nodes.ownership import Ownership
from smsc.store.base import Batch
from smsc.store.shared import GIVEN, MAIL, OWNERS, SLOT_OWNERS, slot_of

AT_ONCE: Final = 1_000  # recipients that one commit gives away, or keeps of a slot that it gives

LOOKS: Final = 64  # recipients with something in flight that are looked at again with one commit


class Centre(Protocol):
    """What is needed of the engine."""

    queues: Queues
    bindings: Bindings


class Leaving:
    """A recipient leaves memory when the commit is made that gives it away; what waits is in the store.

    Should the commit fail, the letter is sent alone: reading it shows whose the recipient is, and it is taken
    up again (``Ownership``).
    """

    def __init__(self, own: Ownership, centre: Centre, wake: Callable[[], None]) -> None:
        self._own = own
        self._centre = centre
        self._wake = wake
        self._wishes: dict[int, str] = {}
        self._in_flight: dict[int, str] = {}  # wishes that wait until what is in flight has landed
        self._surplus: list[tuple[int, str]] = []
        self._idle: list[int] = []
        self._letter: tuple[Any, ...] | None = None

    def wish(self, key: int, node: str) -> None:
        """The recipient is to be given to a node with the next commit in which that can be."""
        self._wishes[key] = node
        self._wake()

    def share(self, alive: Sequence[str]) -> None:
        """These are the nodes now: give to those who have less than their part of the slots."""
        self._surplus = self._own.surplus(alive)
        if self._surplus:
            self._wake()

    def tidy(self) -> None:
        """Recipients that are owned by themselves, for whom nothing waits and who are bound nowhere here, go
        back to whoever has their slot."""
        slots, me = self._own.slots, self._own.me
        recipients, serving = self._centre.queues.recipients, self._centre.bindings.serving
        for key, node in self._own.owners.items():
            if node == me and slots[slot_of(key)] != me and key not in recipients and serving(key) is None:
                self._idle.append(key)
                if len(self._idle) >= AT_ONCE:
                    break
        if self._idle:
            self._wake()

    def leave(self, place: int, batch: Batch) -> None:
        """Put into a commit what can be given now. Nothing is under way to the store."""
        keys = self._keys(batch)
        slots, kept = self._slots(batch)
        if self._wishes or self._surplus:
            self._wake()
        if not keys and not slots:
            return
        for key, node in keys.items():
            if self._own.slots[slot_of(key)] == node:
                batch.delete(OWNERS, key)
            else:
                batch.put(OWNERS, (key, node))
        for slot, node in slots.items():
            batch.put(SLOT_OWNERS, (slot, node))
        for key in kept:
            batch.put(OWNERS, (key, self._own.me))
        body = json.dumps({"keys": [*keys, *kept], "slots": list(slots)})
        self._letter = (place, None, GIVEN, body)
        batch.put(MAIL, self._letter)
        self._own.give(place, keys, slots, kept)

    def group_done(self, error: BaseException | None) -> tuple[Any, ...] | None:
        """What became of the commit; the letter that is to be sent all the same."""
        letter, self._letter = self._letter, None
        return None if error is None else letter

    def _look_again(self) -> None:
        """What was in flight to a bind that serves the recipient no more may have landed."""
        for key in list(islice(self._in_flight, LOOKS)):
            node = self._in_flight.pop(key)
            recipient = self._centre.queues.recipients.get(key)
            if recipient is not None and recipient.in_flight > 0:
                self._in_flight[key] = node  # behind the others
            elif recipient is not None:
                self._wishes.setdefault(key, node)

    def _keys(self, batch: Batch) -> dict[int, str]:
        self._look_again()
        keys: dict[int, str] = {}
        for key in list(islice(self._wishes, AT_ONCE)):
            node = self._wishes.pop(key)
            recipient = self._centre.queues.recipients.get(key)
            if recipient is None or not self._own.is_mine(key):
                continue
            if not self._is_held(recipient):
                self._forget(recipient, batch)
                keys[key] = node
            elif self._centre.bindings.serving(key) is None:
                self._in_flight[key] = node
        idle, self._idle = self._idle, []
        for key in idle:
            if key not in self._centre.queues.recipients and self._own.is_mine(key):
                node = self._own.slots[slot_of(key)]
                if node != self._own.me and self._centre.bindings.serving(key) is None:
                    keys[key] = node
        return keys

    def _slots(self, batch: Batch) -> tuple[dict[int, str], list[int]]:
        """Slots to give, and the recipients of them that stay: they go on where they are."""
        if not self._surplus:
            return {}, []
        wanted = {slot: node for slot, node in self._surplus if self._own.slots[slot] == self._own.me}
        members: dict[int, list[Recipient]] = {}
        for recipient in self._centre.queues.recipients.values():
            key = recipient.key
            slot = slot_of(key)
            if slot in wanted and key not in self._own.owners:
                members.setdefault(slot, []).append(recipient)
        slots: dict[int, str] = {}
        kept: list[int] = []
        count = 0
        for slot, node in wanted.items():
            count += len(members.get(slot, ()))
            if count > AT_ONCE and slots:
                break
            slots[slot] = node
            for recipient in members.get(slot, ()):
                if self._is_held(recipient):
                    kept.append(recipient.key)
                else:
                    self._forget(recipient, batch)
        self._surplus = [one for one in self._surplus if one[0] in wanted and one[0] not in slots]
        return slots, kept

    def _is_held(self, recipient: Recipient) -> bool:
        """Whether something of it is in flight, or will be."""
        return recipient.in_flight > 0 or self._centre.bindings.serving(recipient.key) is not None

    def _forget(self, recipient: Recipient, batch: Batch) -> None:
        """Out of memory; what memory knows more than the store is written."""
        queues = self._centre.queues
        changes = batch.of(MESSAGES)
        for lane in recipient.all_lanes():
            for message in lane.waiting():
                if (message.attempts or message.events) and message.id not in changes:
                    changes[message.id] = message_row(message)
                queues.count_out(message)
                queues.spill.message_index.drop(message.id)
        if recipient.spilled:  # what each of them takes is known to the store alone
            queues.octets -= queues.octets * recipient.spilled // max(1, queues.queued)
            queues.queued -= recipient.spilled
        recipient.known = False
        recipient.armed = FOREVER
        queues.recipients.drop(recipient.key)
        queues.spill.forget(recipient)
        recipient.discard()
