"""What became of a message, in one paragraph and as data: where it waits, why, until when, what is next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from smsc import reasons
from smsc.coverage.place import Place
from smsc.delivery.flags import ABSENT, MCEF
from smsc.delivery.message import (
    DELIVERED,
    EXPIRED,
    FOREVER,
    HELD,
    RECEIPT,
    SCHEDULED,
    STATE_NAMES,
    Message,
    address_digits,
)
from smsc.delivery.recipient import Recipient

if TYPE_CHECKING:
    from smsc.engine.engine import Engine


class Explanation(NamedTuple):
    """Moments in ms, None for never or unknown."""

    paragraph: str
    waiting_for: str | None
    until: int | None
    next_attempt: int | None
    what_next: str


def explain(engine: Engine, message: Message) -> Explanation:
    """Why a message is where it is; a final one is told from its end."""
    return _Teller(engine, message).tell()


class _Teller:
    """One message, and what the engine knows about its two ends."""

    def __init__(self, engine: Engine, message: Message) -> None:
        self.engine = engine
        self.message = message
        self.now = engine.clock.now()
        self.recipient: Recipient | None = engine.queues.recipients.get(message.recipient)

    def tell(self) -> Explanation:
        """The whole of it."""
        message = self.message
        if message.state == HELD:
            return self._held()
        if message.state == SCHEDULED:
            when = _clock(message.due_at)
            what_next = f"It is tried for the first time at {when}."
            text = f"{self._who()} is kept for its scheduled time, {when}."
            return Explanation(f"{text} {what_next}", "its scheduled time", message.due_at, None, what_next)
        if message.final_at:
            return self._ended()
        return self._waits()

    # --- where it is ----------------------------------------------------------------------------

    def _held(self) -> Explanation:
        message = self.message
        place, powered = self._place(message.source)
        until = _or_none(place.reachable_from(self.now)) if place is not None and powered else None
        never = _NEVER if powered and place is not None else ""
        where = f" ({place.because(self.now)})" if place is not None and powered else ""
        why = "has no coverage" if powered else self._off(message.source)
        text = f"{self._who()} has not left the sender's handset, which {why}{where}."
        what_next = (
            f"Coverage returns at {_clock(until)}; it is submitted then, and its SIM is checked again."
            if until is not None
            else f"{never}It is submitted when the handset has radio again; its SIM is checked again then."
        )
        return Explanation(f"{text} {what_next}", "coverage at the sender", until, None, what_next)

    def _waits(self) -> Explanation:
        message, recipient = self.message, self.recipient
        if message.sent_at and message.bind is not None:
            text = f"{self._who()} was sent to the recipient at {_clock(message.sent_at)}."
            what_next = f"Its deliver_sm has not been answered yet; {self._expiry()}"
            return Explanation(f"{text} {what_next}", "the answer of the recipient", None, None, what_next)
        if recipient is None:
            text = f"{self._who()} is between its handset and the SMSC."
            what_next = "It joins the queue of its recipient when it arrives."
            return Explanation(f"{text} {what_next}", "its way up", None, None, what_next)
        lane = recipient.find(message.lane_key())
        if message.reason and lane is not None and lane.blocked_until > self.now:
            return self._postponed(lane.blocked_until)
        if recipient.flags:
            return self._absent(recipient)
        if recipient.air_id and recipient.air_until > self.now:
            text = f"{self._who()} is on its way to the recipient's handset."
            what_next = f"The attempt ends at {_clock(recipient.air_until)}; {self._expiry()}"
            return Explanation(f"{text} {what_next}", "the radio", recipient.air_until, None, what_next)
        text = f"{self._who()} waits behind others for the same recipient, of whom {recipient.count} wait."
        what_next = f"It is sent when those before it are answered; {self._expiry()}"
        return Explanation(f"{text} {what_next}", "its turn", None, None, what_next)

    def _postponed(self, due: int) -> Explanation:
        reason = _sentence(self.message.reason)
        text = f"{self._who()} was not taken by the recipient: {reason}{self._attempts()}"
        what_next = f"It is tried again at {_clock(due)}; {self._expiry()}"
        return Explanation(f"{text} {what_next}", "the next attempt", due, due, what_next)

    def _absent(self, recipient: Recipient) -> Explanation:
        """The recipient cannot be reached, or its memory is full."""
        cause = recipient.absent_reason
        attempt = recipient.next_attempt
        back = self._returns(recipient)
        text = f"{self._who()} waits in the SMSC: {_sentence(cause)}{self._where(recipient, cause)}"
        text += self._attempts()
        if recipient.flags & MCEF:
            waiting_for, alert = (
                "memory in the handset",
                "The handset's report of free memory brings it at once",
            )
        elif recipient.key < 0:
            waiting_for, alert = "a bind of the recipient", "A receiving bind brings it at once"
        elif cause == reasons.ABSENT_NO_BIND:
            waiting_for, alert = "a bind that serves the number", "A receiving bind brings it at once"
        elif cause == reasons.FLIGHT_MODE:
            waiting_for, alert = "the end of flight mode", "Its return brings it at once"
        elif cause == reasons.ABSENT_DETACHED:
            waiting_for, alert = "the handset to be switched on", "Its return brings it at once"
        elif recipient.flags & ABSENT:
            waiting_for, alert = "coverage at the recipient", "Its return brings it at once"
        else:
            waiting_for, alert = "the next attempt", "A change of the subscriber brings it at once"
        if back is not None:
            alert = f"Coverage returns at {_clock(back)}, which brings it at once"
        until = attempt if back is None else min(back, attempt)
        planned = f"; otherwise it is tried again at {_clock(attempt)}" if until == attempt else ""
        what_next = f"{alert}{planned}; {self._expiry()}"
        return Explanation(f"{text} {what_next}", waiting_for, back, attempt, what_next)

    def _ended(self) -> Explanation:
        message = self.message
        took = _span(message.final_at - message.submitted_at)
        ended = f"{self._who()} was submitted at {_clock(message.submitted_at)}"
        tries = f"{message.attempts} attempt{'' if message.attempts == 1 else 's'}"
        if message.state == DELIVERED:
            end = f"and delivered {took} later, after {tries}."
            failed = [entry[2] for entry in message.events or () if entry[1] == "attempt_failed"]
            if failed:
                end += f" It had waited because: {_sentence(failed[-1])}"
        elif message.state == EXPIRED:
            end = f"and expired {took} later, after {tries}: {_sentence(message.reason)}"
        else:
            end = f"and ended as {STATE_NAMES[message.state]} {took} later: {_sentence(message.reason)}"
        what_next = "Nothing more happens to it."
        return Explanation(f"{ended} {end} {what_next}", None, None, None, what_next)

    # --- pieces ---------------------------------------------------------------------------------

    def _who(self) -> str:
        message = self.message
        kind = "Receipt" if message.kind == RECEIPT else "Message"
        source = message.source_text.decode("latin-1") or address_digits(message.source)
        destination = message.destination_text.decode("latin-1") or address_digits(message.destination)
        return f"{kind} {message.about or message.id} from {source} to {destination}"

    def _place(self, key: int) -> tuple[Place | None, bool]:
        subscriber = self.engine.world.registry.find(key) if key > 0 else None
        if subscriber is None:
            return None, True
        subscriber.place.reception(self.now)
        return subscriber.place, subscriber.has_radio()

    def _off(self, key: int) -> str:
        subscriber = self.engine.world.registry.find(key)
        in_flight = subscriber is not None and subscriber.silence() == reasons.FLIGHT_MODE
        return "is in flight mode" if in_flight else "is switched off"

    def _returns(self, recipient: Recipient) -> int | None:
        """When planned coverage comes back, the spread of alerts included."""
        if recipient.absent_reason != reasons.ABSENT_NO_PAGING_RESPONSE:
            return None
        if recipient.alert_at > self.now:
            return recipient.alert_at
        place, powered = self._place(recipient.key)
        back = place.reachable_from(self.now) if place is not None and powered else FOREVER
        return back if self.now < back < FOREVER else None

    def _where(self, recipient: Recipient, cause: int) -> str:
        place, _ = self._place(recipient.key)
        if place is None or cause != reasons.ABSENT_NO_PAGING_RESPONSE:
            return ""
        never = f" {_NEVER.rstrip()}" if place.reachable_from(self.now) >= FOREVER else ""
        return f" It is out of coverage: {place.because(self.now)}.{never}"

    def _attempts(self) -> str:
        """How often it was tried so far."""
        recipient = self.recipient
        count = self.message.attempts
        if recipient is not None:
            count += recipient.pagings - self.message.pagings
        if count == 0:
            return " It has not been tried itself yet."
        return f" It has been tried {'once' if count == 1 else f'{count} times'}."

    def _expiry(self) -> str:
        if self.message.expires_at >= FOREVER:
            return "it never expires."
        return f"it expires at {_clock(self.message.expires_at)}."


_NEVER: Final = "Nothing that is planned brings coverage back there. "


def _sentence(code: int) -> str:
    """The catalogue's sentence, with one full stop."""
    return reasons.REASONS[code].sentence.rstrip(".") + "."


def _or_none(at: int) -> int | None:
    return None if at >= FOREVER else at


def _clock(at: int) -> str:
    """A moment to the second, in UTC."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(ms: int) -> str:
    """A duration in its two largest units."""
    seconds = ms // 1000
    if seconds == 0:
        return f"{ms} ms"
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])
