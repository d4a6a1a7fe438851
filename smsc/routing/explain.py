"""Tells how the number plan reads a number, step by step, in English and Norwegian bokmål.

The answer itself always comes from `NumberPlan.read_text`; the steps retell the same forms in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from smsc import reasons

if TYPE_CHECKING:
    from smsc.routing.plan_data import PlanRow

Step = tuple[str, str]

# How an address is written (`NumberPlan.form`).
NATIONAL = 1
WITH_COUNTRY_CODE = 2
WITH_PREFIX = 3
SHORT_CODE_ONLY = 4


class Plan(Protocol):
    """What an explanation asks of the number plan."""

    @property
    def rows(self) -> Sequence[PlanRow]:
        """The rows of the plan; the answer of `read_text` names one by its place."""

    def read_text(self, ton: int, npi: int, text: str) -> int:
        """The key and the row of a number, or a negative reason."""

    def form(self, ton: int, digits: int, length: int) -> int:
        """How the address is written, or a negative reason."""


class Reading(NamedTuple):
    """What the plan makes of a number.

    `key` is 0 when the plan has no such number; `type` is then `invalid`, `foreign` or `alphanumeric`.
    `reason` names why no SMS can be sent to the number (see smsc.reasons), None when one can.
    `steps` are pairs of sentences, English and bokmål.
    """

    key: int
    national: str | None
    e164: str | None
    type: str
    can_send_sms: bool
    can_receive_sms: bool
    charging: str | None
    reason: str | None
    steps: tuple[Step, ...]


_TON: dict[int, Step] = {
    0: ("unknown", "ukjent"),
    1: ("international", "internasjonalt"),
    2: ("national", "nasjonalt"),
    3: ("network specific", "nettspesifikt"),
    4: ("subscriber number", "abonnentnummer"),
    5: ("alphanumeric", "alfanumerisk"),
    6: ("abbreviated", "forkortet"),
}

_REFUSALS: dict[int, Step] = {
    reasons.DESTINATION_FOREIGN: (
        "The country code is not 47: a foreign number, which this network does not serve.",
        "Landskoden er ikke 47: et utenlandsk nummer, som dette nettet ikke betjener.",
    ),
    reasons.DESTINATION_FIXED_LINE: (
        "A fixed line receives no SMS.",
        "En fasttelefon kan ikke ta imot SMS.",
    ),
    reasons.DESTINATION_TEXT_TELEPHONE: (
        "1412 is called with a text telephone; it takes no SMS. Emergency SMS go to 110, 112 or 113.",
        "1412 ringes med teksttelefon og tar ikke imot SMS. Nød-SMS sendes til 110, 112 eller 113.",
    ),
    reasons.DESTINATION_BLOCKED_RANGE: (
        "The range is blocked: fictitious numbers for film and television.",
        "Serien er blokkert: fiktive nummer for film- og TV-produksjon.",
    ),
    reasons.DESTINATION_RESERVED: (
        "This part of the plan is reserved and is never a destination.",
        "Denne delen av planen er reservert og kan ikke være mottaker.",
    ),
    reasons.DESTINATION_UNASSIGNED: (
        "No series in use holds this number.",
        "Ingen serie i bruk inneholder dette nummeret.",
    ),
    reasons.DESTINATION_WRONG_LENGTH: (
        "No number of the plan that begins like this has this length; there is no trunk zero in Norway.",
        "Ingen nummer i planen som begynner slik, har denne lengden; Norge bruker ikke innledende null.",
    ),
    reasons.DESTINATION_MALFORMED: (
        "That is not a way to write a number of the plan.",
        "Slik skrives ikke et nummer i planen.",
    ),
    reasons.DESTINATION_NO_SMS: (
        "Numbers of this type receive no SMS.",
        "Nummer av denne typen tar ikke imot SMS.",
    ),
    reasons.DESTINATION_TON: (
        "A destination cannot have this type of number.",
        "En mottaker kan ikke ha denne nummertypen (TON).",
    ),
    reasons.DESTINATION_NPI: (
        "The numbering plan must be 1 (E.164) or 0 (unknown).",
        "Nummerplanen (NPI) må være 1 (E.164) eller 0 (ukjent).",
    ),
}

_ALWAYS_RECOGNISED: Step = (
    "An emergency number is recognised with any type of number but alphanumeric, in any numbering plan.",
    "Et nødnummer gjenkjennes med enhver nummertype (TON) unntatt alfanumerisk, i enhver nummerplan (NPI).",
)

_YES = {
    "yes": ("can", "kan"),
    "policy:yes": ("can (this network's choice)", "kan (dette nettets valg)"),
    "no": ("cannot", "kan ikke"),
    "policy:no": ("cannot (this network's choice)", "kan ikke (dette nettets valg)"),
}


def explain(plan: Plan, text: str, ton: int, npi: int) -> Reading:
    """Return how `plan` reads `text`. Total; `reason` and `key` agree with `plan.read_text`."""
    answer = plan.read_text(ton, npi, text)
    if answer < 0:
        refused = _refused(text, -answer, [_written(text, ton), *_taken_apart(plan, text, ton)])
        right = right_types(plan.read_text, text, ton, npi)
        return refused if right is None else refused._replace(steps=(*refused.steps, _valid_with(*right)))
    key, row = answer >> 8, plan.rows[answer & 0xFF]
    if row.kind.route == "emergency" and (ton not in (0, 1, 2) or npi not in (0, 1)):
        steps = [_written(text, ton), _ALWAYS_RECOGNISED, *_taken_apart(plan, text, 0)]
    else:
        steps = [_written(text, ton), *_taken_apart(plan, text, ton)]
    national = str(key)[2:]
    steps += _classified(national, row)
    if row.reason:
        steps.append(_REFUSALS[row.reason])
    return Reading(
        key=key,
        national=national,
        e164=None if row.overlay else f"+{key}",
        type=row.type,
        can_send_sms=row.can_send,
        can_receive_sms=row.can_receive,
        charging=row.charging,
        reason=reasons.REASONS[row.reason].name if row.reason else None,
        steps=tuple(steps),
    )


def right_types(
    read: Callable[[int, int, str], int], text: str, ton: int, npi: int
) -> tuple[int, int] | None:
    """The TON and NPI with which an address means a number when it means none with those given, or None.

    ``read`` is `NumberPlan.read_text`, or what else is negative for what is refused.
    """
    for right in ((ton, 1), (0, 1), (1, 1), (2, 1)):
        if right != (ton, npi) and read(*right, text) >= 0:
            return right
    return None


def ton_name(ton: int) -> str:
    """What a type of number is called [SMPP 3.4 §5.2.5]."""
    return _TON.get(ton, ("reserved", ""))[0]


def _valid_with(ton: int, npi: int) -> Step:
    en, nb = _TON[ton]
    return (
        f"It is a number with TON {ton} ({en}), NPI {npi}.",
        f"Det er et nummer med TON {ton} ({nb}), NPI {npi}.",
    )


def _refused(text: str, reason: int, steps: list[Step]) -> Reading:
    digits = _digits(text)
    foreign = reason == reasons.DESTINATION_FOREIGN
    kind = "foreign" if foreign else "invalid"
    if digits is None and any(letter.isalpha() for letter in text):
        kind = "alphanumeric"
    number = (digits or "").removeprefix("00")
    return Reading(
        key=0,
        national=None,
        e164=f"+{number}" if foreign else None,
        type=kind,
        can_send_sms=False,
        can_receive_sms=False,
        charging=None,
        reason=reasons.REASONS[reason].name,
        steps=(*steps, _REFUSALS[reason]),
    )


def _digits(text: str) -> str | None:
    digits = "".join(text.split()).removeprefix("+")
    return digits if digits.isascii() and digits.isdigit() else None


def _written(text: str, ton: int) -> Step:
    en, nb = _TON.get(ton, ("reserved", "reservert"))
    digits = _digits(text)
    if digits is None:
        return (
            f"The address {text!r} is not made of digits; its type of number is {ton} ({en}).",
            f"Adressen {text!r} består ikke av sifre; nummertypen (TON) er {ton} ({nb}).",
        )
    return (
        f"The address has {len(digits)} digits, {digits}; its type of number is {ton} ({en}).",
        f"Adressen har {len(digits)} sifre, {digits}; nummertypen (TON) er {ton} ({nb}).",
    )


def _taken_apart(plan: Plan, text: str, ton: int) -> list[Step]:
    """What is taken off before the national number, in words."""
    digits = _digits(text)
    if not digits or len(digits) > 18:
        return []
    steps: list[Step] = []
    if "".join(text.split()).startswith("+"):
        ton = 1
        steps.append(("A + makes it international.", "Et + gjør nummeret internasjonalt."))
    form = plan.form(ton, int(digits), len(digits))
    if form == WITH_PREFIX:
        digits = digits[2:]
        steps.append(
            (
                "00 is the international prefix: a country code follows.",
                "00 er internasjonalt prefiks: en landskode følger.",
            )
        )
    if form in (WITH_COUNTRY_CODE, WITH_PREFIX) and digits.startswith("47"):
        steps.append(
            (
                f"47 is Norway's country code; the national number is {digits[2:] or 'missing'}.",
                f"47 er landskoden til Norge; det nasjonale nummeret er {digits[2:] or 'utelatt'}.",
            )
        )
    if form == SHORT_CODE_ONLY:
        steps.append(
            (
                "Of this type of number only SMS short codes exist.",
                "Av denne nummertypen finnes bare kortnummer for SMS.",
            )
        )
    return steps


def _classified(national: str, row: PlanRow) -> list[Step]:
    bounds = f"{row.first:0{row.digits}}-{row.last:0{row.digits}}"
    lies, ligger = f" and lies in {bounds}", f" og ligger i {bounds}"
    if row.first == row.last:
        lies = ligger = ""
    return [
        (
            f"{national} has {row.digits} digits{lies}: {row.kind.en} ({row.source}).",
            f"{national} har {row.digits} sifre{ligger}: {row.kind.nb} ({row.source}).",
        ),
        (
            f"Such a number {_answer(row.can_send, row.send_sms)[0]} send SMS "
            f"and {_answer(row.can_receive, row.recv_sms)[0]} receive them.",
            f"Et slikt nummer {_answer(row.can_send, row.send_sms)[1]} sende SMS "
            f"og {_answer(row.can_receive, row.recv_sms)[1]} ta imot dem.",
        ),
    ]


def _answer(allowed: bool, sourced: str) -> Step:
    policy = sourced.startswith("policy:")
    return _YES[("policy:" if policy else "") + ("yes" if allowed else "no")]
