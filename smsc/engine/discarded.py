"""What was waiting when all messages were forgotten: taken apart in pieces, so that nobody is held up.

DELETE /messages exchanges each container for an empty one. Nobody finds a message after that, nor a
recipient: whoever held one across turns of the loop (the heap, what the store was asked for, who waits for a
slot) was exchanged too. What was exchanged is taken apart here, with the answers that are still owed, in
``Rounds``. Recipients and their lanes are rings that the cyclic collector never sees, so they are cut.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from smsc.by_number import ByNumber
from smsc.delivery.message import FOREVER
from smsc.delivery.recipient import Lane
from smsc.engine.rounds import Work


def apart(*containers: Any) -> Work:
    """Empty dicts, lists and deques, and those in them."""
    for held in containers:
        while held:
            inner = held.popitem()[1] if isinstance(held, dict) else held.pop()
            if isinstance(inner, (dict, list, deque)):
                yield from apart(inner)
            yield 1


def recipients_apart(recipients: ByNumber) -> Work:
    """Take recipients apart, however long their queues are."""
    for recipient in recipients.emptied():
        recipient.known = False
        recipient.armed = FOREVER
        recipient.bind = None
        lanes, only, more = recipient.lanes, recipient.only, (recipient.ready, recipient.blocked)
        recipient.only = recipient.lanes = recipient.ready = recipient.blocked = recipient.urgent = None
        if only is not None:
            yield from lane_apart(only)
        while lanes:
            yield from lane_apart(lanes.popitem()[1])
        yield from apart(*more)


def lane_apart(lane: Lane) -> Work:
    """The same for one lane of theirs."""
    items, types = lane.items, lane.types
    lane.recipient = lane.types = None
    lane.items, lane.head = [], 0
    yield from apart(items, types)
    yield 1
