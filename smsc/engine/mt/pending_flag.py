"""Delivery pending flags: who wants to know that a handset is available again [SMPP 3.4 §5.3.2.29, §4.12].

A data_sm with set_dpf (the default) that finds its handset absent leaves a flag; the next contact of the
handset answers it with one alert_notification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from smsc.delivery.message import FOREVER, Message, address_digits
from smsc.delivery.timers import Timers
from smsc.engine.binds.bindings import Bind
from smsc.engine.mt.reach import Reach
from smsc.engine.rounds import ATTEMPT
from smsc.protocol.constants import ALERT_NOTIFICATION
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.submit import find_tlv
from smsc.protocol.pdu.tlv import MS_AVAILABILITY_STATUS, SET_DPF

_MOST = 100_000  # handsets with flags; the oldest is forgotten first
_MOST_EACH = 16
_INTERNATIONAL = 10  # digits: 47 and the national ones


class PendingFlag:
    """Those who wait for one handset: recipient key of the ESME -> the address that it used."""

    __slots__ = ("armed", "esmes", "key")

    def __init__(self, key: int) -> None:
        self.armed = FOREVER
        self.key = key
        self.esmes: dict[int, str] = {}


class PendingFlags:
    """All flags, by handset."""

    def __init__(
        self,
        reach: Reach,
        timers: Timers,
        mark: Callable[[Bind], None],
        now: Callable[[], int],
        link_time: Callable[[], float],
    ) -> None:
        """``now`` is the time on the SMSC clock, ``link_time`` the one on the link's."""
        self.reach = reach
        self.timers = timers
        self.mark = mark
        self.now = now
        self.link_time = link_time
        self.flags: dict[int, PendingFlag] = {}

    def set_dpf(self, message: Message, bind: Bind) -> bool:
        """A transaction found its handset absent: leave a flag unless set_dpf is 0, which is 1 when it is not
        there; whether there is one now."""
        wanted = find_tlv(message.tlvs, SET_DPF)
        if message.recipient < 0 or (wanted is not None and wanted == b"\0"):
            return False
        asked_by = bind.number or -bind.account.index
        source = message.source_text.decode("latin-1") or address_digits(message.source)
        return self.raise_flag(message.recipient, asked_by, source, self.now())

    def raise_flag(self, handset: int, esme: int, address: str, now: int) -> bool:
        """Tell ``esme`` (a recipient key) when the handset is available; False when as many others as may be
        told of one handset have asked before."""
        found = self.flags.get(handset)
        if found is None:
            while len(self.flags) >= _MOST:
                del self.flags[next(iter(self.flags))]
            found = self.flags[handset] = PendingFlag(handset)
        if esme not in found.esmes and len(found.esmes) >= _MOST_EACH:
            return False
        found.esmes[esme] = address
        self._arm(found, now)
        return True

    def fall_due(self, flag: PendingFlag) -> None:
        """Coverage returns to the handset."""
        self.look(flag.key)

    def look(self, handset: int) -> None:
        """The handset may be available: if it is, everybody who asked is told."""
        now = self.now()
        found = self.flags.get(handset)
        if found is None:
            return
        if not self.reach.is_in_contact(handset, now):
            self._arm(found, now)
            return
        del self.flags[handset]
        found.armed = FOREVER
        for esme, address in found.esmes.items():
            bind = self.reach.bindings.serving(esme)
            if bind is not None:
                bind.session.request(_notification(handset, address), None, self.link_time())
                self.mark(bind)

    def looks(self) -> Iterator[int]:
        """Look at all of them: radio changed for many."""
        for handset in list(self.flags):
            self.look(handset)
            yield ATTEMPT

    def outlive(self, heap: tuple[Any, list[Any]]) -> Iterator[int]:
        """All timers were cleared, but flags outlive the messages: what this returns takes the heap apart,
        and arms again those that were in it."""
        dues, waiters = heap
        while waiters:
            waiter = waiters.pop()
            due = dues[len(waiters)]
            if type(waiter) is PendingFlag and waiter.armed == due:
                waiter.armed = FOREVER
                self.timers.arm(waiter, due)
            yield 1

    def forget(self, key: int) -> None:
        """Nobody waits for this handset, and it waits for nobody."""
        self.flags.pop(key, None)
        for flag in self.flags.values():
            flag.esmes.pop(key, None)

    def _arm(self, flag: PendingFlag, now: int) -> None:
        back = self.reach.returns(flag.key, now)
        if back > now:
            self.timers.arm(flag, back)


def _notification(handset: int, address: str) -> Pdu:
    return request(
        ALERT_NOTIFICATION,
        [(MS_AVAILABILITY_STATUS, b"\0")],  # it is available
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr=str(handset),
        esme_addr_ton=1 if address.isdigit() and len(address) >= _INTERNATIONAL else 0,
        esme_addr_npi=1,
        esme_addr=address,
    )
