"""What goes out: kinds in their shares, long messages in parts, nobody writing to himself."""

from collections import Counter

import pytest

from smsc.load.plan import KINDS, NumberRange, Plan, parse_range
from smsc.load.templates import EMERGENCY, NO_COVERAGE, PLAIN, REFUSED, build_ring, mix, new_run
from smsc.protocol.text import gsm0338

from .fake import RUN, Smsc, plan


@pytest.mark.parametrize(
    "shares",
    [
        {"refused": 0.1, "long": 0.2},
        {"refused": 0.01, "no_coverage": 0.02, "emergency": 0.03, "long": 0.04},
        {"emergency": 0.125},
        {"refused": 1.0},
    ],
)
def test_each_kind_has_its_share(shares: dict[str, float]) -> None:
    order = mix(plan(**shares), 1)
    counts = Counter(KINDS[kind] for kind in order)
    assert {name: counts[name] / len(order) for name in shares} == shares


def test_kinds_are_spread_evenly() -> None:
    order = mix(plan(refused=0.5), 1)
    assert order in ([PLAIN, REFUSED] * 5, [REFUSED, PLAIN] * 5)


def test_each_kind_goes_to_its_destination() -> None:
    smsc = Smsc(plan(refused=0.2, no_coverage=0.2, emergency=0.2, window=10))
    destinations = Counter(pdu.fields["destination_addr"] for pdu in smsc.submitted())
    assert destinations["4722000000"] == destinations["4799000020"] == destinations["112"] == 2
    assert [smsc.lane.kind_counts(kind)[0] for kind in (PLAIN, REFUSED, NO_COVERAGE, EMERGENCY)] == [
        4,
        2,
        2,
        2,
    ]


def test_a_long_message_goes_in_concatenated_parts_to_one_handset() -> None:
    pdus = Smsc(plan(long=1.0, parts=3, window=6)).submitted()
    headers = [pdu.fields["short_message"][:6] for pdu in pdus]
    assert headers == [bytes((5, 0, 3, reference, 3, part)) for reference in (0, 1) for part in (1, 2, 3)]
    assert all(pdu.fields["esm_class"] == 0x40 for pdu in pdus)
    assert all(len(pdu.fields["short_message"]) == 159 for pdu in pdus)
    assert [pdu.fields["destination_addr"][-1] for pdu in pdus] == list("000111")


def test_the_schedule_goes_on_from_write_to_write() -> None:
    smsc = Smsc(plan(refused=0.5, window=3))
    sent = []
    for _ in range(7):
        pdus = smsc.submitted(3)
        sent += [pdu.fields["destination_addr"] == "4722000000" for pdu in pdus]
        for pdu in pdus:
            smsc.accept(pdu, str(pdu.sequence))
    assert sum(sent) in (10, 11)


def test_nobody_writes_to_himself_when_sources_and_destinations_are_the_same_range() -> None:
    farm = NumberRange(4790000000, 4790000007)
    for binds in (1, 2, 4, 8):
        seen = set()
        for index in range(binds):
            ring = build_ring(plan(source=farm, destination=farm, binds=binds), index, RUN)
            pairs = zip(numbers(ring.sources), numbers(ring.destinations), strict=True)
            seen |= set(pairs)
        assert len({destination for _, destination in seen}) == 8
        assert all(source != destination for source, destination in seen)


def numbers(digits: bytes) -> list[int]:
    return [int(digits[i : i + 10]) for i in range(0, len(digits), 10)]


def test_each_handset_bind_speaks_for_itself() -> None:
    handsets = NumberRange(4790000000, 4790000003)
    rings = [build_ring(plan(handsets=handsets, binds=4, source=None), i, RUN) for i in range(4)]
    assert [ring.sources for ring in rings] == [b"479000000%d" % i for i in range(4)]


def test_receipts_are_asked_for_only_when_wanted() -> None:
    assert Smsc(plan()).submitted()[0].fields["registered_delivery"] == 1
    assert Smsc(plan(receipts=False)).submitted()[0].fields["registered_delivery"] == 0


def test_the_sample_is_norwegian_and_fits_one_message() -> None:
    body = Smsc(Plan("127.0.0.1", 2775)).submitted(1)[0].fields["short_message"]
    assert "Lærdal" in gsm0338.decode(body)
    assert len(body) <= 160


def test_runs_are_told_apart() -> None:
    assert len({new_run() for _ in range(8)}) > 1


@pytest.mark.parametrize("text", ["", "abc", "47-46", "4790000001-479", "1-2-3"])
def test_says_what_a_range_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match=r"FIRST-LAST|range"):
        parse_range(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"binds": 0}, "binds"),
        ({"refused": 0.7, "long": 0.7}, "100 %"),
        ({"message_id": "octal"}, "decimal-hex"),
        ({"handsets": NumberRange(1, 1), "binds": 2}, "as many numbers as binds"),
        ({"text": "日本"}, "GSM default alphabet"),
        ({"rate": 0.0}, "rate"),
    ],
)
def test_a_wrong_plan_is_refused_with_what_would_be_right(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plan(**change)


def test_the_plan_shown_has_no_password() -> None:
    shown = Plan("127.0.0.1", 2775, password="hemmelig").describe()
    assert "hemmelig" not in str(shown)
    assert shown["destination"] == "4790000000-4790099999"
