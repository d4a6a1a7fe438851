"""Can the recipient be reached now? Powered, in coverage, and a receiving bind that serves the number.

The answers of the network to an attempt: mt-ForwardSM and its errors [29.002 §17.6.6].
"""

from __future__ import annotations

from typing import Final

from smsc import reasons
from smsc.coverage.draw import draw
from smsc.delivery.message import FOREVER
from smsc.delivery.recipient import Lane, Recipient
from smsc.engine.binds.bindings import Bindings
from smsc.engine.mt.interconnect import Carrier
from smsc.routing.router import Router
from smsc.subscriber_fields import NETWORK_ERRORS

_ANSWERS = tuple(reasons.by_name(name).code for name in NETWORK_ERRORS)
PAGING = 101  # what a draw is for (see smsc.coverage.draw)
NO_ROOM: Final = -1  # an outcome beside the reasons: nothing is wrong, but the bind's window is full


class Reach:
    """The radio, the SIM and the binds, as an attempt meets them."""

    __slots__ = ("bindings", "carrier", "registry", "router", "seed")

    def __init__(self, router: Router, bindings: Bindings, seed: int, carrier: Carrier | None) -> None:
        self.router = router
        self.registry = router.registry
        self.bindings = bindings
        self.seed = seed
        self.carrier = carrier  # to other operators; None where there are none

    def obstacle(self, recipient: Recipient, lane: Lane | None, now: int) -> int:
        """Why a lane's next message cannot go out: a reason, 0 for nothing, or NO_ROOM: it waits for a slot.

        When there is no obstacle the recipient's ``bind`` is the one to use. Without a lane it is asked
        whether it is worth while to read the recipient's queue from the store.
        """
        key = recipient.key
        subscriber = None
        if key > 0:
            subscriber = self.registry.find(key)
            if subscriber is None:
                return reasons.UNKNOWN_SUBSCRIBER
            if self.carrier is not None:
                crossing: int = self.carrier.obstacle(key, now)
                if crossing:
                    return crossing
            if subscriber.sim != 0:
                return self.router.check_receiver(subscriber)
            if not subscriber.powered:
                return reasons.ABSENT_DETACHED
            if subscriber.flight_mode:
                return reasons.FLIGHT_MODE
            place = subscriber.place
            reception = place.reception(now)
            if reception == 0:
                return reasons.ABSENT_NO_PAGING_RESPONSE
        else:
            reception = 2
        bind = recipient.bind
        if bind is None or not bind.receiving or (bind.shares and (key < 0 or bind.sick)):
            # an ESME's binds share by pair; a handset keeps to one of several, unless that one is sick
            bind = self.bindings.serving(key, 0 if lane is None else lane.pair())
            recipient.bind = bind
            if bind is None:
                return reasons.ABSENT_NO_BIND
        if not bind.has_room():
            if lane is None:
                bind.wait_unread(recipient)
            else:
                bind.wait_for_window(lane)
            return NO_ROOM
        if subscriber is None:
            return 0
        if reception == 1:
            recipient.draws += 1
            chance = draw(self.seed, PAGING, key, recipient.draws)
            if chance < subscriber.place.loss(now):
                return reasons.RADIO_LOSS
        if subscriber.memory_full:
            return reasons.MEMORY_CAPACITY_EXCEEDED
        if subscriber.network_error:
            return _ANSWERS[subscriber.network_error]
        return 0

    def is_in_contact(self, key: int, now: int) -> bool:
        """Whether the handset has radio contact and is served by a bind; of an ESME, whether it is bound."""
        if key > 0:
            subscriber = self.registry.find(key)
            if subscriber is None or subscriber.sim != 0 or not subscriber.has_radio():
                return False
            if subscriber.place.reception(now) == 0:
                return False
        return self.bindings.serving(key) is not None

    def returns(self, key: int, now: int) -> int:
        """When coverage is back for a handset that is on: ``now`` if it has some, FOREVER if nobody knows."""
        if key > 0:
            subscriber = self.registry.find(key)
            if subscriber is not None and subscriber.has_radio():
                place = subscriber.place
                back: int = place.reachable_from(now)
                return back
        return FOREVER
