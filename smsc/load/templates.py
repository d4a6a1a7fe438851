"""Prepares what a bind sends: submit_sm PDUs as octets, and where in them to patch.

The ring holds one period of the mix (or, when all messages are alike, one window), so that sending is
patching and naming a slice.
"""

import secrets
from array import array
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from smsc.load.plan import KINDS, NumberRange, Plan
from smsc.load.reconciliation import DELIVERY_DUE, RECEIPT_DUE
from smsc.load.rows import Row
from smsc.protocol.constants import HEADER, SUBMIT_SM, UDHI
from smsc.protocol.pdu.codec import encode_pdu, request
from smsc.protocol.text import gsm0338

PLAIN, REFUSED, NO_COVERAGE, EMERGENCY, LONG = range(len(KINDS))

#: Each text ends in a mark and ten digits: which run, which message.
NUMBER_WIDTH = 10

#: A concatenated part: the user data header, and where in it the 8-bit reference stands [23.040 §9.2.3.24.1].
REFERENCE_AT = 3


class Address(NamedTuple):
    """An address field of a submit_sm; with `patched` its digits are replaced for each message."""

    ton: int
    npi: int
    digits: str
    patched: bool = False


class Ring(NamedTuple):
    """`places` has eight integers a message (offset; offsets to patch, 0 = not: source, destination,
    running number, UDH reference; kind; 1 when the next message is for the next pair; what is due) and at
    the end the total length."""

    octets: bytes
    places: "array[int]"
    uniform: bool
    run: bytes
    sources: bytes
    source_width: int
    destinations: bytes
    destination_width: int


class Template(NamedTuple):
    """One submit_sm; offsets as in Ring.places, relative to the PDU."""

    octets: bytes
    source_at: int
    destination_at: int
    number_at: int
    reference_at: int
    kind: int
    last: bool
    due: int


def new_run() -> bytes:
    """A mark that tells this run's texts from those of an earlier one still in the SMSC."""
    return b" " + secrets.token_hex(2).encode() + b"-"


def spread(numbers: NumberRange, binds: int, index: int, turn: int = 0) -> tuple[range, range]:
    """The numbers that bind `index` of `binds` uses, the whole range turned by `turn` first: those up to its
    end, then those from its start.

    With fewer numbers than binds, several binds share one."""
    size = max(1, numbers.size // binds)
    begin = numbers.first + (index * size + turn) % numbers.size
    end = min(begin + size, numbers.last + 1)
    return range(begin, end), range(numbers.first, numbers.first + size - (end - begin))


def digits_of(numbers: tuple[range, range]) -> tuple[bytes, int]:
    """The numbers' digits one after another, and how many each has."""
    return "".join(map(str, chain(*numbers))).encode(), len(str(numbers[0].start))


def address(number: str) -> Address:
    """How a phone dials it: short codes and emergency numbers as unknown TON, whole numbers as
    international."""
    return Address(0 if len(number) < 8 else 1, 1, number)


def build_ring(plan: Plan, index: int, run: bytes) -> Ring:
    """What bind `index` of the plan sends."""
    if plan.rows:
        return listed(plan, index, run)
    same = plan.destination in (plan.source, plan.handsets)
    turn = plan.destination.size // 2 if same else 0  # else each number would write to itself
    destinations = spread(plan.destination, plan.binds, index, turn)
    destination_digits, destination_width = digits_of(destinations)
    destination = Address(1, 1, str(destinations[0].start), patched=True)
    sources = sources_of(plan, index)
    source_digits, source_width = digits_of(sources) if sources else (b"", 0)
    source = Address(1, 1, str(sources[0].start), patched=True) if sources else Address(0, 0, "")
    kinds = build_kinds(plan, source, destination, run)
    order = [PLAIN] * plan.window if set(kinds) == {PLAIN} else mix(plan, plan.window)
    octets, places = laid_out(one for kind in order for one in kinds[kind])
    return Ring(
        octets,
        places,
        set(order) == {PLAIN},
        run,
        source_digits,
        source_width,
        destination_digits,
        destination_width,
    )


def listed(plan: Plan, index: int, run: bytes) -> Ring:
    """Every `binds`-th row of a list from `index` on, over and over. Nothing in them is patched but the
    reference of a long message, so the destinations of the ring are only counted: a pair for each row."""
    due = RECEIPT_DUE if plan.receipts else 0
    messages = [row_templates(row, due) for row in plan.rows[index :: plan.binds]]
    times = -(-plan.window // sum(map(len, messages)))  # what is being sent is not patched again
    octets, places = laid_out(one for _ in range(times) for message in messages for one in message)
    return Ring(octets, places, False, run, b"", 0, bytes(len(messages)), 1)


def laid_out(templates: Iterable[Template]) -> tuple[bytes, "array[int]"]:
    """The submit_sm one after another, and the places of a ring."""
    octets = bytearray()
    places = array("i")
    for one in templates:
        at = len(octets)
        moved = (at + patch if patch else 0 for patch in one[1:5])
        places.extend([at, *moved, one.kind, one.last, one.due])
        octets += one.octets
    places.extend([len(octets), 0, 0, 0, 0, 0, 0, 0])
    return bytes(octets), places


def sources_of(plan: Plan, index: int) -> tuple[range, range] | None:
    """Whom bind `index` speaks for: itself when it is a handset, its part of the sources, or nobody said."""
    if plan.handsets is not None:
        own = plan.handsets.first + index
        return range(own, own + 1), range(0)
    return spread(plan.source, plan.binds, index) if plan.source is not None else None


def pair_count(ring: Ring) -> int:
    """How many (source, destination) pairs the bind goes through before the first comes again."""
    return max(
        1, len(ring.sources) // max(1, ring.source_width), len(ring.destinations) // ring.destination_width
    )


def shares(plan: Plan) -> dict[int, float]:
    """Share of each kind, plain messages making up the rest."""
    given = {
        REFUSED: plan.refused,
        NO_COVERAGE: plan.no_coverage,
        EMERGENCY: plan.emergency,
        LONG: plan.long,
    }
    return {PLAIN: 1 - sum(given.values())} | given


def mix(plan: Plan, at_least: int) -> list[int]:
    """Kinds in an order that keeps their shares as even as can be, whole periods of a thousand messages or
    less."""
    wanted = shares(plan)
    period = next(
        (n for n in (10, 100) if all(abs(s * n - round(s * n)) < 1e-9 for s in wanted.values())), 1000
    )
    order: list[int] = []
    used = dict.fromkeys(wanted, 0)
    for i in range(1, period + 1):
        kind = max(wanted, key=lambda k: wanted[k] * i - used[k])
        used[kind] += 1
        order.append(kind)
    return order * -(-at_least // period)


def build_kinds(plan: Plan, source: Address, destination: Address, run: bytes) -> dict[int, list[Template]]:
    """The submit_sm of each kind that the plan uses."""
    due = (RECEIPT_DUE if plan.receipts else 0) | (DELIVERY_DUE if plan.deliveries else 0)
    text = gsm0338.encode(plan.text)
    to = {
        PLAIN: (destination, due),
        REFUSED: (address(plan.refused_to), 0),
        NO_COVERAGE: (address(plan.no_coverage_to), 0),
        EMERGENCY: (address(plan.emergency_to), 0),
    }
    wanted = shares(plan)
    built = {
        kind: [template(source, where, text, run, kind, what)]
        for kind, (where, what) in to.items()
        if wanted[kind] > 0
    }
    if wanted[LONG] > 0:
        whole = (text + b" ") * -(-153 * plan.parts // (len(text) + 1))
        piece = 153 - len(run) - NUMBER_WIDTH
        built[LONG] = [
            template(
                source,
                destination,
                whole[i * piece : (i + 1) * piece],
                run,
                LONG,
                due,
                udh=bytes((5, 0, 3, 0, plan.parts, i + 1)),
                last=i == plan.parts - 1,
            )
            for i in range(plan.parts)
        ]
    return built


def template(
    source: Address,
    destination: Address,
    text: bytes,
    run: bytes,
    kind: int,
    due: int,
    udh: bytes = b"",
    last: bool = True,
) -> Template:
    """A submit_sm with its patch offsets; the text is cut so that mark and number fit one short message."""
    room = (153 if udh else 160) - len(run) - NUMBER_WIDTH
    body = udh + text[:room] + run + b"0" * NUMBER_WIDTH
    octets = submit_sm(source[:3], destination[:3], body, long=bool(udh), receipt=bool(due & RECEIPT_DUE))
    source_at = HEADER + 3  # after the empty service_type, TON and NPI
    destination_at = source_at + len(source.digits) + 3
    return Template(
        octets,
        source_at if source.patched else 0,
        destination_at if destination.patched else 0,
        len(octets) - NUMBER_WIDTH,
        len(octets) - len(body) + REFERENCE_AT if udh else 0,
        kind,
        last,
        due,
    )


def row_templates(row: Row, due: int) -> list[Template]:
    """The submit_sm of a row, one a part; only the reference of its parts is patched."""
    long = len(row.bodies) > 1
    made = []
    for i, body in enumerate(row.bodies):
        octets = submit_sm(
            row.source, row.destination, body, long=long, receipt=bool(due), data_coding=row.data_coding
        )
        reference_at = len(octets) - len(body) + REFERENCE_AT if long else 0
        kind, last = LONG if long else PLAIN, i == len(row.bodies) - 1
        made.append(Template(octets, 0, 0, 0, reference_at, kind, last, due))
    return made


def submit_sm(
    source: tuple[int, int, str],
    destination: tuple[int, int, str],
    body: bytes,
    *,
    long: bool,
    receipt: bool,
    data_coding: int = 0,
) -> bytes:
    """One with `body` as short_message at its end; addresses as (TON, NPI, digits)."""
    return encode_pdu(
        request(
            SUBMIT_SM,
            source_addr_ton=source[0],
            source_addr_npi=source[1],
            source_addr=source[2],
            dest_addr_ton=destination[0],
            dest_addr_npi=destination[1],
            destination_addr=destination[2],
            esm_class=UDHI if long else 0,
            registered_delivery=1 if receipt else 0,
            data_coding=data_coding,
            short_message=body,
        )
    )
