"""What the clock will do next: the moments at which something happens by itself, and what that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from smsc.delivery.flags import ABSENT
from smsc.delivery.message import FOREVER, address_digits
from smsc.delivery.recipient import Recipient
from smsc.engine.engine import Engine
from smsc.engine.mo.outbox import Outbox
from smsc.engine.mo.scheduled import Scheduled
from smsc.engine.mo.way_up import Underway
from smsc.engine.mt.interconnect import Transit
from smsc.engine.mt.pending_flag import PendingFlag

MOST: Final = 60
"""Moments that are told."""


def due(engine: Engine) -> list[dict[str, Any]]:
    """The next moments in order, `at` in ms: `what` happens, and to whom. A recipient whose messages are
    tried before they expire is told with both moments."""
    found: list[dict[str, Any]] = []
    for at, waiter in engine.timers.ahead(MOST):
        if type(waiter) is Recipient:
            found += _of_recipient(engine, waiter, at)
        elif (tell := _TELLERS.get(type(waiter))) is not None:
            found.append({"at": at, **tell(waiter)})
    for service in dict.fromkeys(engine.services.by_route.values()):
        if (at := service.next_due()) < FOREVER:
            found.append({"at": at, "what": "service", "name": service.name})
    if (at := engine.world.next_assignment) < FOREVER:
        found.append({"at": at, "what": "assignment"})
    found.sort(key=lambda each: int(each["at"]))
    return found[:MOST]


def _of_recipient(engine: Engine, recipient: Recipient, at: int) -> list[dict[str, Any]]:
    if engine.queues.recipients.get(recipient.key) is not recipient:
        return []
    whom: dict[str, Any]
    if recipient.key > 0:
        whom = {"msisdn": address_digits(recipient.key)}
    else:
        account = engine.world.accounts.by_index(-recipient.key)
        whom = {"system_id": None if account is None else account.system_id}
    whom["messages"] = recipient.count + recipient.spilled
    told = [{"at": at, "what": _what(recipient, at), **whom}]
    if at < recipient.next_expiry < FOREVER:
        told.append({"at": recipient.next_expiry, "what": "expiry", **whom})
    return told


def _what(recipient: Recipient, at: int) -> str:
    """Why a recipient is called at this moment."""
    if at == recipient.next_expiry:
        return "expiry"
    if recipient.flags and at == recipient.next_attempt:
        return "attempt"
    if recipient.air_id and at == recipient.air_until:
        return "answer"
    if at == recipient.alert_at:
        return "alert"
    return "coverage" if recipient.flags & ABSENT else "attempt"


#: Whoever else waits -> what is told of it.
_TELLERS: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    Outbox: lambda box: {"what": "held", "msisdn": address_digits(box.key), "messages": len(box.messages)},
    Scheduled: lambda waiter: {"what": "scheduled", "id": str(waiter.ident)},
    Underway: lambda waiter: {"what": "on_air", "id": str(waiter.message.id)},
    Transit: lambda waiter: {"what": "transit", "id": str(waiter.message.id)},
    PendingFlag: lambda flag: {"what": "flag", "msisdn": address_digits(flag.key)},
}
