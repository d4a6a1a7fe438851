"""Nød-SMS: emergency SMS between registered users and the fire, police and medical centres.

Rules N1-N37 of docs/norway.md. A message from a registered number goes to its centre unchanged, with
location and dialogue id in TLVs, ahead of everything else; the user is told when the centre's
deliver_sm_resp has come, or after two minutes that it has not. Registration itself is in
registration.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from smsc import reasons
from smsc.delivery.message import EMERGENCY_PRIORITY, FOREVER
from smsc.routing.special import EMERGENCY, EMERGENCY_NUMBER
from smsc.services import aml, tlvs
from smsc.services.base import (
    DAY,
    MINUTE,
    NPI_E164,
    TON_INTERNATIONAL,
    Check,
    Draw,
    Location,
    MessageView,
    Outcome,
    Reply,
    Row,
    ServiceBase,
    SubscriberView,
    e164,
    row_of,
)
from smsc.services.calendar import minute_of
from smsc.services.lapsing import Kept, OncePer
from smsc.services.registration import RegistrationRules, Registrations
from smsc.services.texts import CENTRES, NOD_SMS

#: Address -> centre. 1412 is a call by text telephone and not among them (N2).
ADDRESSES: Final = EMERGENCY
#: The number that a centre's own messages come from.
NUMBERS: Final = {centre: number for number, centre in EMERGENCY.items() if number not in EMERGENCY_NUMBER}
_NORWEGIAN_IMSI: Final = "242"


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """Choices of the service; times in ms."""

    language: str = "en"
    notice_after: int = 2 * MINUTE
    refusal_interval: int = MINUTE
    dialogue_life: int = DAY
    aml: bool = False
    foreign_sims: bool = False
    registration: RegistrationRules = field(default_factory=RegistrationRules)


@dataclass(slots=True)
class Waiting:
    """A user's message, all its parts together, until its centre has taken it."""

    sender: int
    centre: str
    due: int
    reference: int
    parts: int
    outstanding: set[int]
    arrived: set[int]
    told: bool = False

    @property
    def parts_key(self) -> tuple[int, str, int, int]:
        """What the parts of one message have in common (23.040 §9.2.3.24.1)."""
        return self.sender, self.centre, self.reference, self.parts

    @property
    def complete(self) -> bool:
        """Every part was submitted, and the centre took all that were."""
        return not self.outstanding and len(self.arrived) >= self.parts


class EmergencyService(ServiceBase):
    """The decisions of emergency SMS.

    ``centres`` maps fire, police and medical to account indexes; to a centre that is missing or 0 no
    message is accepted.
    """

    name = "emergency"
    #: N33, N35: nothing about rate, room, money, barring or age holds an emergency message up; an
    #: invalid SIM does (N23), as there is no network without one.
    skips = (
        Check.THROTTLE
        | Check.QUEUE
        | Check.MO_BARRED
        | Check.CONTENT_BARRED
        | Check.PAYMENT
        | Check.DUPLICATE
        | Check.OPT_OUT
        | Check.VALIDITY
    )

    def __init__(self, rules: EmergencyRules, centres: dict[str, int], draw: Draw) -> None:
        super().__init__()
        self.rules = rules
        self._accounts = centres
        self.registrations = Registrations(rules.registration, draw, self._journal)
        self._refused = OncePer(rules.refusal_interval)
        self._dialogues: Kept[int] = Kept("dialogue", rules.dialogue_life, self._journal)
        self._last_dialogue = 0
        # Both are in order of ``due``: it comes after the same time for every message.
        self._waiting: dict[int, Waiting] = {}
        self._told: dict[int, Waiting] = {}
        self._by_message: dict[int, int] = {}
        self._by_parts: dict[tuple[int, str, int, int], int] = {}

    # From the user.

    def on_submit(
        self,
        message: MessageView,
        subscriber: SubscriberView | None,
        now: int,
        location: Location | None = None,
    ) -> Outcome:
        """Pass a registered user's message to its centre; tell others that it was not passed on."""
        centre = ADDRESSES[message.destination]
        account = self._accounts.get(centre, 0)
        if not account:
            return Outcome(0, reasons.DESTINATION_UNASSIGNED, refuse=True)
        user = _user(message.source, subscriber)
        if until := self.registrations.excluded_until(user, now):
            when = NOD_SMS[self.rules.language]["further_notice"] if until == FOREVER else minute_of(until)
            return self._refuse(message, centre, reasons.EMERGENCY_EXCLUDED, "excluded", now, until=when)
        if not self._may_use(user, subscriber):
            return self._refuse(message, centre, reasons.EMERGENCY_NOT_REGISTERED, "not_registered", now)
        dialogue = self._dialogue(message.source, centre, now)
        self._wait_for(message, centre, now)
        return Outcome(
            recipient=-account,
            priority=EMERGENCY_PRIORITY,
            tlvs=self._tlvs(dialogue, location, subscriber, now),
            data={"centre": centre, "dialogue": dialogue, "location": tlvs.is_position(location)},
        )

    # From the centre.

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """A centre writes to a user, from its own number only; a registered user's answer continues it."""
        centre = ADDRESSES.get(message.source)
        if centre is None or self._accounts.get(centre) != account:
            return Outcome(0, reasons.SOURCE_NOT_ALLOWED, refuse=True)
        data: dict[str, object] = {"centre": centre}
        if self.registrations.is_registered(_user(message.destination, subscriber)):
            data["dialogue"] = self._dialogue(message.destination, centre, now)
        return Outcome(message.destination, priority=EMERGENCY_PRIORITY, data=data)

    # What became of it.

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """Confirm to the user, once all of the message has been taken by the centre (N15, N16, N36)."""
        number = self._by_message.pop(message.id, None)
        if number is None:
            return ()
        waiting = self._find(number)
        waiting.outstanding.discard(message.id)
        if not waiting.complete:
            self._save(number, waiting)
            return ()
        self._forget(number, waiting)
        return (self._notice("received", waiting.sender, waiting.centre),)

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """Never silently (N35): the user is told when a message will not reach its centre."""
        number = self._by_message.get(message.id)
        if number is None:
            return ()
        waiting = self._find(number)
        self._forget(number, waiting)
        return (self._notice("failed", waiting.sender, waiting.centre),)

    def next_due(self) -> int:
        """When the next waiting user is to be told."""
        return next(iter(self._waiting.values())).due if self._waiting else FOREVER

    def step(self, now: int) -> tuple[Reply, ...]:
        """Tell those whose message the centre has not taken within two minutes (N35)."""
        replies = []
        while self._waiting:
            number, waiting = next(iter(self._waiting.items()))
            if waiting.due > now:
                break
            del self._waiting[number]
            waiting.told = True
            self._told[number] = waiting
            self._save(number, waiting)
            text = "not_yet" if waiting.outstanding else "incomplete"
            replies.append(self._notice(text, waiting.sender, waiting.centre))
        self._give_up(now)
        return tuple(replies)

    def forget(self, number: int) -> None:
        """See Service."""
        self.registrations.forget(number)
        self._refused.forget(number)
        self._dialogues.forget(lambda key, _: key.startswith(f"{number}/"))
        for first, waiting in (*self._waiting.items(), *self._told.items()):
            if waiting.sender == number:
                self._forget(first, waiting)

    def dialogues(self) -> Iterator[dict[str, object]]:
        """The open conversations, the one that rested longest first."""
        for key, lapses, dialogue in self._dialogues.items():
            user, centre = key.split("/")
            yield {"dialogue": dialogue, "user": user, "centre": centre, "lapses": lapses}

    # Persistence.

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        yield from self.registrations.records()
        if self._last_dialogue:
            yield "counter", {"dialogue": self._last_dialogue}
        yield from self._dialogues.records()
        for number, waiting in (*self._told.items(), *self._waiting.items()):
            yield f"waiting/{number}", _waiting_row(waiting)

    def load(self, records: Iterable[tuple[str, Row]]) -> None:
        """Start again from stored rows, in any order."""
        rows = dict(records)
        self.registrations.load(rows.items())
        self._last_dialogue = rows.get("counter", {}).get("dialogue", 0)
        self._dialogues.load(rows.items())
        waiting = [(row["due"], key, row) for key, row in rows.items() if key.startswith("waiting/")]
        for _, key, row in sorted(waiting, key=lambda item: item[:2]):
            self._restore(int(key.partition("/")[2]), row)

    # The rest is how.

    def _may_use(self, user: int, subscriber: SubscriberView | None) -> bool:
        imsi = subscriber.imsi if subscriber is not None else None
        norwegian = imsi is None or imsi.startswith(_NORWEGIAN_IMSI)
        return self.registrations.is_registered(user) and (norwegian or self.rules.foreign_sims)

    def _refuse(
        self, message: MessageView, centre: str, reason: int, text: str, now: int, **values: str
    ) -> Outcome:
        # N34, N36: one answer a minute, whatever the number of messages and parts.
        replies: tuple[Reply, ...] = ()
        if self._refused.allows(message.source, now):
            replies = (self._notice(text, message.source, centre, **values),)
        return Outcome(0, reason, replies=replies, data={"centre": centre})

    def _dialogue(self, user: int, centre: str, now: int) -> int:
        key = f"{user}/{centre}"
        dialogue = self._dialogues.get(key, now)
        if dialogue is None:
            self._last_dialogue = dialogue = self._last_dialogue + 1
            self._journal.put("counter", {"dialogue": dialogue})
        self._dialogues.put(key, dialogue, now)
        return dialogue

    def _tlvs(
        self, dialogue: int, location: Location | None, subscriber: SubscriberView | None, now: int
    ) -> bytes:
        area = tlvs.tlv(tlvs.NOD_DIALOGUE_ID, tlvs.uint32(dialogue)) + tlvs.location_tlv(location)
        if self.rules.aml and tlvs.is_position(location):
            imsi = (subscriber.imsi if subscriber is not None else None) or ""
            lat, lon, accuracy = location
            position = aml.Aml(lat, lon, round(accuracy), now, 68, "C", imsi, "", imsi[:3], imsi[3:5])
            area += tlvs.tlv(tlvs.NOD_AML, aml.build(position).encode("ascii"))
        return area

    def _wait_for(self, message: MessageView, centre: str, now: int) -> None:
        waiting = Waiting(
            message.source,
            centre,
            now + self.rules.notice_after,
            message.reference,
            message.parts,
            set(),
            set(),
        )
        number = self._by_parts.get(waiting.parts_key)
        if number is None:
            number = message.id
            self._waiting[number] = waiting
            if message.parts > 1:
                self._by_parts[waiting.parts_key] = number
        else:
            waiting = self._find(number)
        waiting.arrived.add(message.part)
        waiting.outstanding.add(message.id)
        self._by_message[message.id] = number
        self._save(number, waiting)

    def _find(self, number: int) -> Waiting:
        return self._waiting.get(number) or self._told[number]

    def _give_up(self, now: int) -> None:
        # Parts that never came are not waited for longer than a dialogue rests.
        self._dialogues.expire(now)
        while self._told:
            number, waiting = next(iter(self._told.items()))
            if waiting.due + self.rules.dialogue_life > now:
                return
            if waiting.outstanding:
                waiting.due = now
                self._told[number] = self._told.pop(number)
                self._save(number, waiting)
            else:
                self._forget(number, waiting)

    def _forget(self, number: int, waiting: Waiting) -> None:
        self._waiting.pop(number, None)
        self._told.pop(number, None)
        self._by_parts.pop(waiting.parts_key, None)
        for message_id in waiting.outstanding:
            del self._by_message[message_id]
        self._journal.delete(f"waiting/{number}")

    def _save(self, number: int, waiting: Waiting) -> None:
        self._journal.put(f"waiting/{number}", _waiting_row(waiting))

    def _restore(self, number: int, row: Row) -> None:
        row = {**row, "outstanding": set(row["outstanding"]), "arrived": set(row["arrived"])}
        waiting = Waiting(**row)
        (self._told if waiting.told else self._waiting)[number] = waiting
        for message_id in waiting.outstanding:
            self._by_message[message_id] = number
        if waiting.parts > 1:
            self._by_parts[waiting.parts_key] = number

    def _notice(self, text: str, to: int, centre: str, **values: str) -> Reply:
        language = self.rules.language
        return Reply(
            e164(NUMBERS[centre]),
            TON_INTERNATIONAL,
            NPI_E164,
            to,
            NOD_SMS[language][text].format(centre=CENTRES[language][centre], **values),
            f"nod_sms_{text}",
            priority=EMERGENCY_PRIORITY,
        )


def _user(number: int, subscriber: SubscriberView | None) -> int:
    # N28: a twin SIM has a number of its own and shares the subscription, which is what is registered.
    return (subscriber.main if subscriber is not None else 0) or number


def _waiting_row(waiting: Waiting) -> Row:
    row = row_of(waiting)
    return {**row, "outstanding": sorted(waiting.outstanding), "arrived": sorted(waiting.arrived)}
