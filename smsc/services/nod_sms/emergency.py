"""Nød-SMS: emergency SMS between registered users and the fire, police and medical centres.

Rules N1-N37 of docs/norway.md. A message from a registered number goes to its centre unchanged, with
location and dialogue id in TLVs, ahead of everything else; the user is told when the centre's
deliver_sm_resp has come, or after two minutes that it has not. Registration itself is in
registration.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from smsc import reasons
from smsc.delivery.message import EMERGENCY_PRIORITY, FOREVER
from smsc.routing.sim import MCC, MNC, derived_imei, derived_imsi
from smsc.routing.special import EMERGENCY, EMERGENCY_NUMBER
from smsc.services import tlvs
from smsc.services.base import (
    DAY,
    MINUTE,
    NPI_E164,
    TON_INTERNATIONAL,
    Draw,
    Location,
    MessageView,
    Outcome,
    Reply,
    Row,
    ServiceBase,
    SubscriberView,
    e164,
)
from smsc.services.calendar import minute_of
from smsc.services.lapsing import Kept, OncePer
from smsc.services.nod_sms import aml
from smsc.services.nod_sms.registration import RegistrationRules, Registrations
from smsc.services.nod_sms.unconfirmed import Unconfirmed, Waiting
from smsc.services.texts import CENTRES, NOD_SMS

#: Address -> centre. 1412 is a call by text telephone and not among them (N2).
ADDRESSES: Final = EMERGENCY
#: The number that a centre's own messages come from.
NUMBERS: Final = {centre: number for number, centre in EMERGENCY.items() if number not in EMERGENCY_NUMBER}
#: Percent of the time that a handset is within the radius of its cell's position [P].
_CELL_CONFIDENCE: Final = 68


@dataclass(frozen=True, slots=True)
class EmergencyRules:
    """Choices of the service; times in ms. ``queue`` is how many messages may wait for one centre."""

    language: str = "en"
    notice_after: int = 2 * MINUTE
    refusal_interval: int = MINUTE
    dialogue_life: int = DAY
    aml: bool = False
    foreign_sims: bool = False
    queue: int = 100_000
    registration: RegistrationRules = field(default_factory=RegistrationRules)


class EmergencyService(ServiceBase):
    """The decisions of emergency SMS.

    ``centres`` maps fire, police and medical to account indexes; 0 or missing is a centre that no ESME
    answers for. ``listed`` tells which vendor TLVs an account wants.
    """

    name = "emergency"

    def __init__(
        self,
        rules: EmergencyRules,
        centres: Mapping[str, int],
        draw: Draw,
        listed: Callable[[int], Collection[int]] = lambda account: (),
    ) -> None:
        super().__init__()
        self.rules = rules
        self._accounts = {centre: centres.get(centre, 0) for centre in NUMBERS}
        self._listed = listed
        self.registrations = Registrations(rules.registration, draw, self._journal)
        self._refused = OncePer(rules.refusal_interval)
        self._dialogues: Kept[int] = Kept("dialogue", rules.dialogue_life, self._journal)
        self._last_dialogue = 0
        self._unconfirmed = Unconfirmed(self._journal)
        self.kinds = {
            **self.registrations.kinds,
            "counter": self._take_counter,
            **self._dialogues.kinds,
            **self._unconfirmed.kinds,
        }

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
        user = _user(message.source, subscriber)
        if until := self.registrations.excluded_until(user, now):
            when = NOD_SMS[self.rules.language]["further_notice"] if until == FOREVER else minute_of(until)
            return self._refuse(message, centre, reasons.EMERGENCY_EXCLUDED, "excluded", now, until=when)
        if _is_foreign(subscriber) and not self.rules.foreign_sims:
            return self._refuse(message, centre, reasons.EMERGENCY_FOREIGN_SIM, "foreign_sim", now)
        if not self.registrations.is_registered(user):
            return self._refuse(message, centre, reasons.EMERGENCY_NOT_REGISTERED, "not_registered", now)
        if self._unconfirmed.outstanding[centre] >= self.rules.queue:
            refused = self._refuse(message, centre, reasons.QUEUE_FULL, "queue_full", now)
            return refused._replace(refuse=True)
        account = self._accounts[centre]
        dialogue = self._dialogue(message.source, centre, now)
        # A message that is scheduled is late only when its own time has passed.
        due = max(now, message.scheduled_at) + self.rules.notice_after
        first = self._unconfirmed.add(message, centre, due)
        line = _line(location, message.source, subscriber, now)
        return Outcome(
            recipient=-(account or unattended(centre)),
            priority=EMERGENCY_PRIORITY,
            tlvs=self._area(account, dialogue, location, line),
            replies=self._accompany(message, account, line) if first and account else (),
            data={"centre": centre, "dialogue": dialogue, "location": tlvs.shown(location)},
            keep=True,
        )

    # From the centre.

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """A centre writes to a user, from its own number only; a registered user's answer continues it."""
        centre = ADDRESSES.get(message.source)
        if centre is None or self._accounts[centre] != account:
            return Outcome(0, reasons.SOURCE_NOT_ALLOWED, refuse=True)
        data: dict[str, object] = {"centre": centre}
        if self.registrations.is_registered(_user(message.destination, subscriber)):
            data["dialogue"] = self._dialogue(message.destination, centre, now)
        return Outcome(message.destination, priority=EMERGENCY_PRIORITY, data=data, keep=True)

    # What became of it.

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """Confirm to the user, once all of the message has been taken by the centre (N15, N16, N36)."""
        waiting = self._unconfirmed.taken(message.id)
        return () if waiting is None else (self._tell("received", waiting),)

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """Never silently (N35): the user is told when a message will not reach its centre."""
        waiting = self._unconfirmed.failed(message.id)
        return () if waiting is None else (self._tell("failed", waiting),)

    def next_due(self) -> int:
        """When the next waiting user is to be told."""
        return self._unconfirmed.next_due()

    def step(self, now: int) -> tuple[Reply, ...]:
        """Tell those whose message the centre has not taken within two minutes (N35)."""
        replies = []
        for waiting in self._unconfirmed.due(now):
            if not waiting.outstanding:
                text = "incomplete"
            else:
                text = "not_yet" if self._accounts[waiting.key.centre] else "unattended"
            replies.append(self._tell(text, waiting))
        # Parts that never came are not waited for longer than a dialogue rests.
        self._dialogues.expire(now)
        self._unconfirmed.give_up(now, now - self.rules.dialogue_life)
        return tuple(replies)

    def forget(self, number: int) -> None:
        """See Service."""
        self.registrations.forget(number)
        self._refused.forget(number)
        for centre in NUMBERS:
            self._dialogues.pop(f"{number}/{centre}")
        self._unconfirmed.forget(number)

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
        yield from self._unconfirmed.records()

    def _take_counter(self, name: str, row: Row | None) -> None:
        self._last_dialogue = 0 if row is None else max(self._last_dialogue, row["dialogue"])

    # The rest is how.

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
            self._last_dialogue = dialogue = self._journal.following(self._last_dialogue)
            self._journal.put("counter", {"dialogue": dialogue})
        self._dialogues.put(key, dialogue, now)
        return dialogue

    def _area(self, account: int, dialogue: int, location: Location | None, line: str) -> bytes:
        """The TLVs that the centre's ESME lists."""
        listed = self._listed(account)
        area = b""
        if tlvs.NOD_DIALOGUE_ID in listed:
            area += tlvs.tlv(tlvs.NOD_DIALOGUE_ID, tlvs.uint32(dialogue))
        if tlvs.NOD_LOCATION in listed:
            area += tlvs.location_tlv(location)
        if tlvs.NOD_AML in listed and line:
            area += tlvs.tlv(tlvs.NOD_AML, line.encode("ascii"))
        return area

    def _accompany(self, message: MessageView, account: int, line: str) -> tuple[Reply, ...]:
        """The position as a short message of its own, behind the user's, to a centre that wants no TLVs."""
        if not (line and self.rules.aml) or tlvs.NOD_AML in self._listed(account):
            return ()
        return (
            Reply(
                e164(message.source),
                TON_INTERNATIONAL,
                NPI_E164,
                -account,
                line,
                "nod_sms_aml",
                priority=EMERGENCY_PRIORITY,
                address=message.destination,
            ),
        )

    def _tell(self, text: str, waiting: Waiting) -> Reply:
        return self._notice(text, waiting.key.sender, waiting.key.centre)

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


def unattended(centre: str) -> int:
    """Where messages wait for a centre that no ESME answers for: an index that no account has, and that the
    ESME
    which does later takes over."""
    return crc32(f"emergency centre: {centre}".encode()) & 0x7FFFFFFF


def _user(number: int, subscriber: SubscriberView | None) -> int:
    # N28: a twin SIM has a number of its own and shares the subscription, which is what is registered.
    return (subscriber.main if subscriber is not None else 0) or number


def _is_foreign(subscriber: SubscriberView | None) -> bool:
    imsi = subscriber.imsi if subscriber is not None else None
    return imsi is not None and not imsi.startswith(MCC)


def _line(location: Location | None, source: int, subscriber: SubscriberView | None, now: int) -> str:
    """The position as a line of AML, with what the network knows of SIM and handset; nothing without one."""
    if subscriber is None or not tlvs.is_position(location):
        return ""
    lat, lon, accuracy = location
    imsi = subscriber.imsi or derived_imsi(source)
    return aml.build(
        aml.Aml(lat, lon, round(accuracy), now, _CELL_CONFIDENCE, "C", imsi, derived_imei(source), MCC, MNC)
    )
