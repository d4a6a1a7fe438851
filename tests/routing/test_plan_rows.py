"""Norway §1.1: every row of the plan's table, its bounds, and the overlaps that only full length resolves."""

from __future__ import annotations

import pytest

from smsc.routing.numbering import load_plan
from smsc.routing.plan_data import PlanRow, document
from tests.routing.reference import PREFIXES, ROWS, Row, narrowest

PLAN = load_plan()
NUMBER_ROWS = [row for row in ROWS if row.first not in PREFIXES]
IDS = [f"1.1 {row.first}-{row.last} {row.type}" for row in NUMBER_ROWS]


def find(row: Row) -> PlanRow:
    (found,) = [
        candidate
        for candidate in PLAN.rows
        if candidate.digits == len(row.first)
        and candidate.first == int(row.first)
        and candidate.type == row.type
    ]
    return found


def type_of(national: str) -> str | None:
    answer = PLAN.read_text(2, 1, national)
    return PLAN.rows[answer & 255].type if answer > 0 else None


def test_1_1_the_data_file_has_exactly_the_rows_of_the_table() -> None:
    ours = sorted((r.digits, r.first, r.last, r.type) for r in PLAN.rows)
    assert ours == sorted((int(r.digits), int(r.first), int(r.last), r.type) for r in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[f"1.1 {row.first}-{row.last} {row.type}" for row in ROWS])
def test_1_1_row_says_what_the_table_says(row: Row) -> None:
    found = find(row)
    assert found.last == int(row.last)
    assert (found.send_sms, found.recv_sms, found.charging) == (row.send, row.receive, row.charging)
    assert found.can_send is row.send.endswith("yes")
    assert found.can_receive is row.receive.endswith("yes")
    assert bool(found.reason) is not found.can_receive


@pytest.mark.parametrize("row", NUMBER_ROWS, ids=IDS)
def test_1_1_both_bounds_of_a_row_belong_to_it(row: Row) -> None:
    for number in (row.first, row.last):
        assert type_of(number) == narrowest(number).type
    if row.type not in ("standard_special", "fixed", "special_8xx_other", "m2m_iot_8", "sms_short_code"):
        assert type_of(row.first) == type_of(row.last) == row.type


@pytest.mark.parametrize("row", NUMBER_ROWS, ids=IDS)
def test_1_1_the_numbers_beside_a_row_do_not_belong_to_it(row: Row) -> None:
    for outside in (int(row.first) - 1, int(row.last) + 1):
        number = f"{outside:0{len(row.first)}}"
        if outside < 0 or len(number) != len(row.first):
            continue
        expected = narrowest(number)
        assert type_of(number) == (expected.type if expected else None)


@pytest.mark.parametrize("length", [3, 4, 5])
def test_1_1_every_short_number(length: int) -> None:
    for value in range(10**length):
        expected = narrowest(f"{value:0{length}}")
        answer = PLAN.row_of(value, length)
        assert (PLAN.rows[answer].type if answer >= 0 else None) == (expected.type if expected else None), (
            value
        )


def test_every_row_has_a_source() -> None:
    sources = document()["sources"]
    tables = (document()["rows"], document()["emergency"], document()["helplines"], document()["operators"])
    for table in tables:
        for row in table:
            assert row["source"] in sources, row


def test_1_2_decided_on_full_length_not_on_prefix() -> None:
    assert type_of("150") == "standard_special"
    assert type_of("1500") == "carrier_select_prefix"
    assert type_of("141") == "standard_special"
    assert type_of("1412") == "text_telephone_emergency"
    assert type_of("116") is None
    assert type_of("116116") == "eu_harmonised_116"
    assert type_of("190") == "provider_special"
    assert type_of("1900") == "sms_short_code"
    assert type_of("26114") == "sms_short_code"
    assert type_of("26114000") == "fixed"


def test_1_2_mobile_numbers_begin_with_4_or_9_only() -> None:
    eight_digits = {first: type_of(f"{first}1234567") for first in range(10)}
    assert [first for first, kind in eight_digits.items() if kind == "mobile"] == [4, 9]


@pytest.mark.parametrize("number", ["01234567", "02345678", "11234567", "19999999", "58000000", "58999999"])
def test_1_1_eight_digits_beginning_0_1_or_58_are_invalid(number: str) -> None:
    assert type_of(number) is None


@pytest.mark.parametrize("length", [1, 2, 7, 9, 10, 11, 13, 14, 15])
def test_1_1_other_lengths_are_no_numbers(length: int) -> None:
    for first in "123456789":
        answer = PLAN.read_text(2, 1, first + "2" * (length - 1))
        assert answer < 0


@pytest.mark.parametrize(
    "number", ["180000000000", "479999999999", "570000000000", "590000000000", "912345678901"]
)
def test_1_1_twelve_digits_exist_only_from_58(number: str) -> None:
    assert type_of(number) is None


def test_n32_the_emergency_numbers_inside_59_are_rows_of_their_own() -> None:
    barred = load_plan(PLAN.rules._replace(receive={"m2m_iot_8": False}))
    for number, allowed in (("59555112", True), ("59555111", False), ("59000001", False)):
        answer = barred.read_text(0, 1, number)
        assert barred.rows[answer & 255].can_receive is allowed
