"""The way down: when a recipient can be reached, what waits for it goes out, and what comes back decides.

Reachable means: powered, in coverage, and a receiving bind that serves the number. A failed attempt is
the recipient's, not the message's: a thousand messages for a handset in a tunnel cost one timer.
"""

from __future__ import annotations

from typing import Any

from smsc import reasons
from smsc.coverage.draw import draw
from smsc.delivery.message import (
    DELIVERED,
    ENROUTE,
    EXPIRED,
    FOREVER,
    SCHEDULED,
    UNDELIVERABLE,
    WAITING,
    Message,
)
from smsc.delivery.recipient import MCEF, MNRF, MNRR_DETACHED, MWD, Lane, Recipient
from smsc.delivery.schedule import RetrySchedule
from smsc.delivery.timers import Timers
from smsc.engine.bindings import Bind, Bindings
from smsc.engine.commit import Commit
from smsc.engine.interconnect import Carrier
from smsc.engine.parking import HEAD, Parking
from smsc.routing.router import Router

_LOG_LIMIT = 64  # failed attempts a recipient remembers for the timelines of its messages
_NO_ROOM = -1

# What a draw is for (see smsc.coverage.draw).
PAGING, RETRY, ALERT, POSTPONE, EMERGENCY_CODE = 101, 102, 103, 104, 105


class Scheduled:
    """A message whose schedule_delivery_time has not come."""

    __slots__ = ("armed", "message")

    def __init__(self, message: Message) -> None:
        self.armed = FOREVER
        self.message = message


class Delivery:
    """All recipients with something waiting, and the attempts to reach them.

    ``Exchange`` says what an attempt, an answer and an end mean on the wire; here is only who is next.
    """

    __slots__ = (
        "bindings",
        "carrier",
        "commit",
        "in_flight",
        "last_chance",
        "latency",
        "link_now",
        "now",
        "paced",
        "parking",
        "permanent",
        "queued",
        "recipients",
        "registry",
        "router",
        "schedule",
        "seed",
        "spread",
        "timers",
    )

    def __init__(
        self,
        commit: Commit,
        router: Router,
        bindings: Bindings,
        timers: Timers,
        parking: Parking,
        schedule: RetrySchedule,
        permanent: frozenset[int],
        seed: int,
    ) -> None:
        self.recipients: dict[int, Recipient] = {}
        self.timers = timers
        self.commit = commit
        self.router = router
        self.registry = router.registry
        self.bindings = bindings
        self.parking = parking
        self.schedule = schedule
        self.permanent = permanent
        self.seed = seed
        self.now = 0
        self.link_now = 0.0
        self.queued = 0
        self.in_flight = 0
        self.last_chance = 10_000
        self.spread = 0
        self.carrier: Carrier | None = None
        self.paced = False  # whether anything takes time on the radio
        self.latency: Any = None

    # --- what a subclass does --------------------------------------------------------------------

    def transmit(self, bind: Bind, message: Message) -> None:
        """Write the deliver_sm."""
        raise NotImplementedError

    def slot_free(self, message: Message) -> None:
        """The message no longer occupies the window of the bind it went to."""
        raise NotImplementedError

    def tell_failed(self, message: Message, cause: int) -> None:
        """An attempt failed while the message stays on its way."""
        raise NotImplementedError

    def ended(self, message: Message) -> None:
        """The message has its final state; the commit follows."""
        raise NotImplementedError

    # --- in -------------------------------------------------------------------------------------

    def enqueue(self, message: Message) -> None:
        """A committed message joins its recipient's queue and goes out at once when it can."""
        if self.carrier is not None and message.recipient > 0 and self.carrier.takes(message, self.now):
            return
        recipient = self.recipients.get(message.recipient)
        if recipient is None:
            recipient = Recipient(message.recipient)
            self.recipients[message.recipient] = recipient
        message.pagings = recipient.pagings
        if self.commit.durable and (
            self.parking.wants(recipient, message)
            # after a restart what is urgent is parked too, and goes before what comes now
            or (recipient.parked and self.refill(recipient, message.priority) == HEAD)
        ):
            self.parking.park(recipient, message)
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            return
        recipient.push(message)
        if recipient.flags and message.priority == 0:
            # not attempted while the subscriber is flagged, until the alert or the next step [IG]
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            if message.registered_delivery & 0x10:
                self.tell_failed(message, recipient.absent_reason)
            return
        if not recipient.backlogged:
            self.pump(recipient)

    def take_up(self, key: int, parked: int, expiry: int) -> None:
        """After a restart: so many messages wait in the store for a recipient that has no bind yet."""
        recipient = Recipient(key)
        recipient.parked = parked
        recipient.next_expiry = expiry
        recipient.flags = MNRF | MNRR_DETACHED | MWD
        recipient.absent_reason = reasons.ABSENT_NO_BIND
        self.recipients[key] = recipient
        self.queued += parked
        self.plan_next_attempt(recipient, reasons.ABSENT_NO_BIND)
        self.rearm(recipient)

    # --- out ------------------------------------------------------------------------------------

    def pump(self, recipient: Recipient) -> None:
        """Send what may go: one message of each lane, as long as the bind's window has room."""
        now = self.now
        while True:
            lane = recipient.next_ready()
            if lane is None:
                if not recipient.parked or not self.wants_more(recipient):
                    break
                cause = self.obstacle(recipient)
                if cause < 0:
                    return
                if cause > 0 and cause not in self.permanent:
                    self.attempt_failed(recipient, None, cause)
                    return
                if self.refill(recipient):
                    continue
                break
            message = lane.first()
            if message is None:
                break
            if message.expires_at <= now:
                self.end(recipient, lane, message, EXPIRED, self._last_cause(recipient, message))
                continue
            if self.paced and self.is_on_air(recipient, message):
                recipient.offer(lane)
                return
            cause = self.obstacle(recipient)
            if cause == 0 and len(message.body) > 254 and not recipient.session.takes_payload():
                cause = reasons.TOO_LONG_FOR_RECEIVER
            if cause == 0:
                self.send(recipient, lane, message)
                continue
            if cause > 0 and (cause in self.permanent or 1 <= message.esm_class & 3 <= 2):
                # a permanent error ends it; datagram and transaction have one attempt [SMPP 3.4 §5.2.12]
                message.attempts += 1
                self.end(recipient, lane, message, UNDELIVERABLE, cause)
                continue
            recipient.offer(lane)
            if cause > 0:
                self.attempt_failed(recipient, message, cause)
            else:
                self.timers.arm(recipient, recipient.next_expiry)
            return
        self.forget_if_done(recipient)

    def wants_more(self, recipient: Recipient) -> bool:
        """Whether memory holds too little of the queue; more when all of it is held back pair by pair."""
        spare = recipient.count - recipient.in_flight
        return recipient.in_flight < 64 and spare < (32 if recipient.in_flight else 1024)

    def refill(self, recipient: Recipient, priority: int = 0) -> int:
        """Bring the next parked messages of at least that priority into memory; how many, HEAD at most."""
        found = self.parking.fetch(recipient, priority)
        for message in found:
            message.pagings = min(message.pagings, recipient.pagings)
            recipient.push(message)
        return len(found)

    def is_on_air(self, recipient: Recipient, message: Message) -> bool:
        """Whether the attempt, which begins now if it has not begun, is still under way on the radio."""
        if recipient.key < 0:
            return False
        now = self.now
        if recipient.air_id != message.id:
            subscriber = self.registry.find(recipient.key)
            extra = 0.0
            if subscriber is not None and subscriber.place.reception(now):
                extra = subscriber.place.latency
            delay = self.latency.down(message.id, message.attempts + recipient.pagings, extra)
            if delay == 0:
                return False
            recipient.air_id = message.id
            recipient.air_until = now + delay
        if recipient.air_until <= now:
            return False
        if recipient.flags:
            recipient.next_attempt = recipient.air_until
        self.timers.arm(recipient, min(recipient.air_until, recipient.next_expiry))
        return True

    def obstacle(self, recipient: Recipient) -> int:
        """Why the recipient cannot be reached now: a reason, 0 for nothing, negative for no room yet."""
        key = recipient.key
        subscriber = None
        if key > 0:
            subscriber = self.registry.find(key)
            if subscriber is None:
                return reasons.UNKNOWN_SUBSCRIBER
            if self.carrier is not None:
                crossing: int = self.carrier.obstacle(key, self.now)
                if crossing:
                    return crossing
            if subscriber.sim != 0:
                return self.router.check_receiver(subscriber)
            if not subscriber.powered:
                return reasons.ABSENT_DETACHED
            place = subscriber.place
            reception = place.reception(self.now)
            if reception == 0:
                return reasons.ABSENT_NO_PAGING_RESPONSE
        else:
            reception = 2
        bind = recipient.session
        if bind is None or not bind.receiving:
            bind = self.bindings.serving(key)
            recipient.session = bind
            if bind is None:
                return reasons.ABSENT_NO_BIND
        if not bind.has_room():
            bind.wait_for_window(recipient)
            return _NO_ROOM
        if subscriber is None:
            return 0
        if reception == 1:
            recipient.draws += 1
            chance = draw(self.seed, PAGING, key, recipient.draws)
            if chance < subscriber.place.loss(self.now):
                return reasons.RADIO_LOSS
        if subscriber.memory_full:
            return reasons.MEMORY_CAPACITY_EXCEEDED
        return 0

    def send(self, recipient: Recipient, lane: Lane, message: Message) -> None:
        """One deliver_sm; the message keeps a slot of the window until its final state is committed."""
        bind = recipient.session
        recipient.set_busy(lane)
        recipient.in_flight += 1
        self.in_flight += 1
        recipient.flags = 0
        recipient.step = 0
        recipient.air_id = 0
        message.attempts += 1
        message.sent_at = self.now
        message.session = bind
        bind.outstanding += 1
        self.transmit(bind, message)

    def attempt_failed(self, recipient: Recipient, message: Message | None, cause: int) -> None:
        """Paging failed or the handset is full: flag the subscriber and plan the next attempt."""
        recipient.pagings += 1
        recipient.air_id = 0
        recipient.alert_at = 0
        recipient.absent_reason = cause
        if cause == reasons.MEMORY_CAPACITY_EXCEEDED:
            recipient.flags |= MCEF | MWD
        elif cause == reasons.ABSENT_NO_PAGING_RESPONSE:
            recipient.flags = (recipient.flags & ~MNRR_DETACHED) | MNRF | MWD
        elif cause in (reasons.ABSENT_DETACHED, reasons.ABSENT_NO_BIND):
            recipient.flags |= MNRF | MNRR_DETACHED | MWD
        else:
            recipient.flags |= MWD
        self.plan_next_attempt(recipient, cause)
        zone = None
        if recipient.key > 0 and cause == reasons.ABSENT_NO_PAGING_RESPONSE:
            subscriber = self.registry.find(recipient.key)
            if subscriber is not None:
                zone = subscriber.place.name
        self.log(recipient, "attempt_failed", cause, (recipient.next_attempt, zone))
        self.rearm(recipient)
        if message is not None:
            self.tell_failed(message, cause)

    def plan_next_attempt(self, recipient: Recipient, cause: int) -> None:
        """The next step of the cause's schedule, or a last attempt shortly before expiry."""
        chance = draw(self.seed, RETRY, recipient.key, recipient.pagings)
        due = self.now + self.schedule.delay(cause, recipient.step, chance)
        recipient.step += 1
        last = recipient.next_expiry - self.last_chance
        if due >= recipient.next_expiry and last > self.now:
            due = last
        recipient.next_attempt = due

    def log(self, recipient: Recipient, event: str, cause: int, detail: object = None) -> None:
        """Remember something that happened to the recipient, for the timelines of its messages."""
        if recipient.log is None:
            recipient.log = []
        recipient.log.append((self.now, event, cause, detail))
        if len(recipient.log) > _LOG_LIMIT:
            del recipient.log[1]

    # --- time -----------------------------------------------------------------------------------

    def rearm(self, recipient: Recipient) -> None:
        """Put the recipient in the heap for the next thing that can happen to it by itself."""
        due = recipient.next_expiry
        if recipient.flags:
            if recipient.next_attempt > self.now:  # otherwise it was made, or waits for a slot or a lane
                due = min(due, recipient.next_attempt)
            if recipient.flags & MNRF and recipient.key > 0:
                subscriber = self.registry.find(recipient.key)
                if subscriber is not None and subscriber.powered:
                    back = subscriber.place.reachable_from(self.now)
                    if recipient.alert_at > self.now:
                        due = min(due, recipient.alert_at)
                    elif back > self.now:
                        due = min(due, back)
        if recipient.air_id and recipient.air_until > self.now:
            due = min(due, recipient.air_until)
        due = min(due, recipient.first_unblocking())
        self.timers.arm(recipient, due)

    def fall_due(self, recipient: Recipient) -> None:
        """The recipient's moment has come: expire, let go, be alerted or try again."""
        now = self.now
        if self.recipients.get(recipient.key) is not recipient:
            return
        if recipient.next_expiry <= now:
            self.expire(recipient)
        recipient.unblock(now)
        if recipient.flags & MNRF and self.is_in_contact(recipient.key) and not self.spreads(recipient):
            self.alert(recipient, "coverage returned")
        elif recipient.flags and now < recipient.next_attempt:
            self.forget_if_done(recipient)
        elif not recipient.backlogged:
            self.pump(recipient)
        if self.recipients.get(recipient.key) is recipient:
            self.rearm(recipient)

    def expire(self, recipient: Recipient) -> None:
        """End every message whose validity period is over; what is in flight is left to its answer."""
        now = self.now
        nearest = FOREVER
        for lane in recipient.all_lanes():
            waiting = lane.waiting()
            for place, message in enumerate(waiting):
                if lane.busy and place == 0:
                    continue
                if message.expires_at <= now:
                    if place == 0:
                        self.end(recipient, lane, message, EXPIRED, self._last_cause(recipient, message))
                    else:
                        lane.remove(message)
                        recipient.count -= 1
                        self.close(recipient, message, EXPIRED, self._last_cause(recipient, message))
                elif message.expires_at < nearest:
                    nearest = message.expires_at
        for message in self.parking.expired(recipient, now):
            self.close(recipient, message, EXPIRED, self._last_cause(recipient, message))
        recipient.next_expiry = min(nearest, self.parking.next_expiry(recipient, now))

    def _last_cause(self, recipient: Recipient, message: Message) -> int:
        """The error that kept the message waiting, for its receipt; else that its validity is over."""
        return message.reason or recipient.absent_reason or reasons.VALIDITY_EXPIRED

    # --- alerts ---------------------------------------------------------------------------------

    def is_in_contact(self, key: int) -> bool:
        """Whether the handset has radio contact and is served by a bind; of an ESME, whether it is bound."""
        if key > 0:
            subscriber = self.registry.find(key)
            if subscriber is None or subscriber.sim != 0 or not subscriber.powered:
                return False
            if subscriber.place.reception(self.now) == 0:
                return False
        return self.bindings.serving(key) is not None

    def contact(self, key: int, event: str) -> None:
        """The handset may have become reachable: the alert rules of 23.040 §10 decide.

        Rule 1: MNRF set, MCEF clear: alert. Rule 2: both set: MNRF is cleared and there is no alert.
        """
        recipient = self.recipients.get(key)
        if recipient is None or not recipient.flags & MNRF or not self.is_in_contact(recipient.key):
            return
        self.alert(recipient, event)
        self.rearm_if_waiting(recipient)

    def spreads(self, recipient: Recipient) -> bool:
        """Whether the alert waits for its turn: a whole cell returns handset by handset."""
        if not self.spread or recipient.key < 0:
            return False
        if recipient.alert_at == 0:
            chance = draw(self.seed, ALERT, recipient.key, recipient.pagings)
            recipient.alert_at = self.now + int(self.spread * chance)
        return recipient.alert_at > self.now

    def area_contact(self, key: int, event: str) -> None:
        """``contact`` for one of many that a change of a zone, cell or county brings back."""
        recipient = self.recipients.get(key)
        if recipient is None:
            return
        if recipient.flags & MNRF and self.is_in_contact(key) and not self.spreads(recipient):
            self.alert(recipient, event)
        self.rearm_if_waiting(recipient)

    def alert(self, recipient: Recipient, event: str) -> None:
        """Radio contact: retry at once, unless the memory is still full (rule 2)."""
        recipient.flags &= ~(MNRF | MNRR_DETACHED)
        recipient.alert_at = 0
        if recipient.flags & MCEF:
            detail = {"because": event, "alert": "none: the memory is still full"}
            self.log(recipient, "contact", reasons.MEMORY_CAPACITY_EXCEEDED, detail)
            return
        recipient.flags = 0
        recipient.step = 0
        self.log(recipient, "alert", 0, {"because": event})
        if not recipient.backlogged:
            self.pump(recipient)

    def memory_available(self, key: int) -> None:
        """Rule 3: the handset has memory again: MCEF and MNRF are cleared, and the SC is alerted."""
        recipient = self.recipients.get(key)
        if recipient is None or not recipient.flags & MCEF:
            return
        recipient.flags = 0
        recipient.step = 0
        self.log(recipient, "alert", 0, {"because": "memory available"})
        self.pump(recipient)
        self.rearm_if_waiting(recipient)

    def state_changed(self, key: int, event: str) -> None:
        """Anything else about the subscriber changed: what waits for it is tried again at once."""
        recipient = self.recipients.get(key)
        if recipient is None or not recipient.flags or recipient.flags & (MNRF | MCEF):
            return
        recipient.flags = 0
        self.log(recipient, "changed", 0, {"because": event})
        self.pump(recipient)
        self.rearm_if_waiting(recipient)

    def rearm_if_waiting(self, recipient: Recipient) -> None:
        """Rearm a recipient that still has something waiting."""
        if self.recipients.get(recipient.key) is recipient:
            self.rearm(recipient)

    # --- answers --------------------------------------------------------------------------------

    def answered(self, message: Message, status: int) -> None:
        """deliver_sm_resp: 0 done, 0x64 later, 0x65 nothing more, others only this one [3.4 §5.1.3]."""
        recipient = self.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if recipient is None or lane is None or not lane.busy or lane.first() is not message:
            self.slot_free(message)
            return
        recipient.set_free(lane)
        recipient.in_flight -= 1
        self.in_flight -= 1
        if status == 0:
            self.end(recipient, lane, message, DELIVERED, 0)
        elif status in _LATER:
            self.postpone(recipient, lane, message, _LATER[status])
        else:
            permanent = status == 0x65
            self.end(
                recipient,
                lane,
                message,
                UNDELIVERABLE,
                reasons.MS_PERMANENT if permanent else reasons.MS_REJECTED,
            )
            if permanent:
                self.fail_all(recipient, reasons.MS_PERMANENT)
        if not recipient.backlogged and not recipient.flags:
            self.pump(recipient)
        else:
            self.forget_if_done(recipient)

    def unanswered(self, message: Message, cause: int) -> None:
        """The bind went away, or the answer never came: the message stays first in its lane."""
        recipient = self.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if recipient is None or lane is None or not lane.busy or lane.first() is not message:
            self.slot_free(message)
            return
        recipient.set_free(lane)
        recipient.in_flight -= 1
        self.in_flight -= 1
        if cause == reasons.NO_RESPONSE:
            self.postpone(recipient, lane, message, cause)
        else:
            self.slot_free(message)
            message.note(self.now, "unanswered", cause)
            recipient.offer(lane)

    def postpone(self, recipient: Recipient, lane: Lane, message: Message, cause: int) -> None:
        """A temporary failure of one message holds back its pair, not the recipient."""
        self.slot_free(message)
        if 1 <= message.esm_class & 3 <= 2:
            self.end(recipient, lane, message, UNDELIVERABLE, cause)
            return
        chance = draw(self.seed, POSTPONE, message.id, message.attempts)
        due = self.now + self.schedule.delay(cause, message.attempts - 1, chance)
        last = message.expires_at - self.last_chance
        if due >= message.expires_at and last > self.now:
            due = last
        message.reason = cause
        message.note(self.now, "attempt_failed", cause, (due, None))
        recipient.block(lane, due)
        self.rearm(recipient)
        self.tell_failed(message, cause)

    # --- ends -----------------------------------------------------------------------------------

    def end(self, recipient: Recipient, lane: Lane, message: Message, state: int, cause: int) -> None:
        """The first message of a lane is done with."""
        lane.pop()
        recipient.count -= 1
        self.close(recipient, message, state, cause)
        if recipient.lanes is not None:
            if lane.size() == 0:
                recipient.drop_empty_lane(lane)
            else:
                recipient.offer(lane)

    def close(self, recipient: Recipient, message: Message, state: int, cause: int) -> None:
        """Give a message its final state and the part of the recipient's history that is its own."""
        message.attempts += recipient.pagings - message.pagings
        if recipient.log is not None:
            since = message.submitted_at
            for entry in recipient.log:
                if entry[0] >= since:
                    message.take_over(entry)
        message.state = state
        message.reason = cause
        message.final_at = self.now
        self.queued -= 1
        self.ended(message)
        self.commit.finish(message)

    def fail_all(self, recipient: Recipient, cause: int) -> None:
        """ESME_RX_P_APPN: this and all other messages queued for the destination have failed."""
        while True:
            for lane in recipient.all_lanes():
                while True:
                    first = lane.first()
                    if first is None or lane.busy:
                        break
                    lane.pop()
                    recipient.count -= 1
                    self.close(recipient, first, UNDELIVERABLE, cause)
            if not recipient.parked or not self.refill(recipient):
                return

    def withdraw(self, message: Message, state: int, cause: int) -> bool:
        """Take a waiting message out (cancel_sm, replace_sm, erasure); False when it is in flight or gone."""
        recipient = self.recipients.get(message.recipient)
        if message.state == SCHEDULED:
            self.close(recipient or Recipient(message.recipient), message, state, cause)
            return True
        if recipient is None or message.state != ENROUTE:
            return False
        lane = recipient.find(message.lane_key())
        if lane is None or not lane.remove(message):
            if recipient.parked == 0 or self.parking.is_in_memory(message):
                return False
            recipient.parked -= 1
            recipient.count += 1  # counted out below
        recipient.count -= 1
        self.close(recipient, message, state, cause)
        self.forget_if_done(recipient)
        return True

    def is_waiting(self, message: Message) -> bool:
        """Whether a message can still be changed: not final, and not in flight."""
        if message.state != ENROUTE:
            return message.state in WAITING
        recipient = self.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        return lane is None or not lane.busy or lane.first() is not message

    def pending(self, key: int) -> list[Message]:
        """Everything in memory that waits for a recipient key."""
        recipient = self.recipients.get(key)
        waiting = [] if recipient is None else recipient.waiting()
        return waiting + [
            waiter.message
            for _, _, waiter in self.timers.heap
            if isinstance(waiter, Scheduled) and waiter.message.recipient == key
        ]

    def reschedule(self, message: Message, due: int) -> None:
        """A waiting message gets another schedule_delivery_time."""
        if message.state == ENROUTE and due > self.now:
            recipient = self.recipients.get(message.recipient)
            lane = None if recipient is None else recipient.find(message.lane_key())
            if recipient is None or lane is None or not lane.remove(message):
                return
            recipient.count -= 1
            message.state = SCHEDULED
            self.forget_if_done(recipient)
        message.due_at = due
        if message.state == SCHEDULED:
            self.timers.arm(Scheduled(message), max(due, self.now))

    def cause_of(self, message: Message) -> int:
        """Why a message waits: its own last error, or its recipient's."""
        recipient = self.recipients.get(message.recipient)
        if message.reason or recipient is None or not recipient.flags:
            return message.reason
        return recipient.absent_reason

    def forget_if_done(self, recipient: Recipient) -> None:
        """A recipient for whom nothing waits costs nothing."""
        if recipient.count or recipient.parked or recipient.backlogged:
            return
        if self.recipients.get(recipient.key) is recipient:
            del self.recipients[recipient.key]
            recipient.armed = FOREVER
            recipient.discard()

    def window_opened(self, bind: Bind) -> None:
        """Slots are free again: serve those who wait for one, longest first."""
        while bind.has_room():
            recipient = bind.next_in_line()
            if recipient is None:
                return
            if self.recipients.get(recipient.key) is recipient:
                self.pump(recipient)

    def bind_gone(self, bind: Bind) -> None:
        """Whoever waited for a slot of this bind looks for another one."""
        while True:
            recipient = bind.next_in_line()
            if recipient is None:
                return
            if self.recipients.get(recipient.key) is recipient:
                self.pump(recipient)

    def clear(self) -> None:
        """Forget everything that waits."""
        for recipient in self.recipients.values():
            recipient.armed = FOREVER
            recipient.discard()
        self.recipients.clear()
        self.timers.clear()
        self.queued = 0
        self.in_flight = 0


# Answers that ask for another attempt: temporary error, throttled, queue full, system error.
_LATER = dict.fromkeys((0x64, 0x58, 0x14, 0x08), reasons.MS_TEMPORARY)
