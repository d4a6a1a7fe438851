"""Operators: network codes, ported numbers, and the interconnect."""

from __future__ import annotations

import pytest

from smsc import reasons
from smsc.routing.assignments import Assignments, read_assignments
from smsc.routing.operators import Interconnect, Ownership, network_of_imsi, operators
from smsc.routing.special import FOREVER, midnight

SERIES = """\
kind,first,last,holder
series,40000000,40999999,Telenor
series,41000000,41999999,Telia
"""


@pytest.fixture
def ownership() -> Ownership:
    return Ownership(Assignments(read_assignments(SERIES.splitlines())), home="Ice")


def test_6_network_codes_of_242() -> None:
    by_mnc = {operator.mnc: operator for operator in operators()}
    for mnc, name in (
        ("01", "Telenor"),
        ("02", "Telia"),
        ("14", "Ice"),
        ("23", "Lycamobile"),
        ("99", "TampNet"),
    ):
        assert by_mnc[mnc].name.startswith(name)
    for mnc in ("03", "04", "07", "11", "24"):
        assert by_mnc[mnc].status == "withdrawn"
    for mnc in ("71", "72", "73", "74", "75"):
        assert by_mnc[mnc].name == "private networks"
    assert len(by_mnc) == len(operators()) == 30
    assert all(operator.mcc == "242" and operator.source for operator in operators())


def test_6_the_network_of_an_imsi() -> None:
    assert network_of_imsi("242011234567890").name == "Telenor"
    assert network_of_imsi("242701234567890").name == "test networks"
    assert network_of_imsi("240011234567890") is None
    assert network_of_imsi("242131234567890") is None


def test_a_number_belongs_to_its_series_until_it_is_ported(ownership: Ownership) -> None:
    ownership.port(4740000001, "Telia", 100)
    ownership.port(4740000001, "Ice", 200)
    owners = [ownership.operator_of(4740000001, now) for now in (0, 99, 100, 199, 200)]
    assert owners == ["Telenor", "Telenor", "Telia", "Telia", "Ice"]
    assert [ownership.is_ported(4740000001, now) for now in (99, 100)] == [False, True]
    assert ownership.operator_of(4740000002, 200) == "Telenor"
    assert [ownership.next_change(4740000001, now) for now in (0, 100, 200)] == [100, 200, FOREVER]


def test_1_2_a_prefix_never_tells_the_operator(ownership: Ownership) -> None:
    ownership.port(4740000001, "Telia", 0)
    ownership.port(4741000001, "Telenor", 0)
    assert ownership.operator_of(4740000001, 0) == "Telia"
    assert ownership.operator_of(4741000001, 0) == "Telenor"


def test_a_number_ported_back_is_not_ported(ownership: Ownership) -> None:
    ownership.port(4740000001, "Telia", 100)
    ownership.port(4740000001, "Telenor", 200)
    assert not ownership.is_ported(4740000001, 200)


def test_numbers_outside_all_series_are_the_home_networks(ownership: Ownership) -> None:
    assert ownership.operator_of(4799999999, 0) == "Ice"
    assert not ownership.is_ported(4799999999, 0)
    assert Ownership().operator_of(4799999999, 0) is None


def test_portings_come_in_order(ownership: Ownership) -> None:
    ownership.port(4740000001, "Telia", 100)
    with pytest.raises(ValueError, match="4740000001 was ported to Telia"):
        ownership.port(4740000001, "Ice", 100)


def test_ported_numbers_come_from_a_list(ownership: Ownership) -> None:
    lines = [
        "number,operator,from",
        "40 00 00 01,Ice,2026-02-01",
        "40000001,Telia,2026-01-01",
        "02000,Ice,2026-01-01",
    ]
    assert ownership.load_ported(lines) == 3
    assert ownership.operator_of(4740000001, midnight("2026-01-31")) == "Telia"
    assert ownership.operator_of(4740000001, midnight("2026-02-01")) == "Ice"
    assert ownership.operator_of(4702000, midnight("2026-02-01")) == "Ice"


@pytest.mark.parametrize(
    "line, fault",
    [
        ("4000001,Telia,2026-01-01", "number '4000001' is not 5, 8 or 12 digits"),
        ("40000001,,2026-01-01", "operator is missing"),
        ("40000001,Telia,tomorrow", "from 'tomorrow' is not a date"),
        ("40000001,Telia", "the line has not as many fields"),
    ],
)
def test_a_faulty_line_is_named_and_nothing_is_ported(ownership: Ownership, line: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"ported.csv, line 3: {fault}"):
        ownership.load_ported(["number,operator,from", "40000002,Ice,2026-01-01", line], "ported.csv")
    assert ownership.operator_of(4740000002, FOREVER - 1) == "Telenor"


def test_the_columns_of_a_list_of_ported_numbers() -> None:
    with pytest.raises(ValueError, match="line 1: expected the columns number, operator, from"):
        Ownership().load_ported(["number,to"])


def test_the_interconnect_fails_as_often_as_it_says() -> None:
    way = Interconnect("Telia", latency_ms=150, failure_rate=0.125, congestion_rate=0.25)
    outcomes = [way.attempt(step / 64) for step in range(64)]
    assert outcomes.count(reasons.INTERCONNECT_FAILURE) == 8
    assert outcomes.count(reasons.INTERCONNECT_CONGESTION) == 16
    assert outcomes.count(reasons.NONE) == 40
    assert Interconnect("Telia").attempt(0.0) == reasons.NONE
