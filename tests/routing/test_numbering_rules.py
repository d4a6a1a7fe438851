"""Every choice where sources conflict or are silent can be turned round, and bad data is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from smsc.reasons import REASONS
from smsc.routing.numbering import NumberPlan, load_plan
from smsc.routing.plan_data import NumberingRules, PlanError, document, plan_rows


def kind(plan: NumberPlan, text: str, ton: int = 0) -> str:
    answer = plan.read_text(ton, 1, text)
    return plan.rows[answer & 255].type if answer > 0 else REASONS[-answer].name


def with_rules(**changes: Any) -> NumberPlan:
    return load_plan(NumberingRules(**changes))


def test_conflict_68_05_06_the_whole_printed_range_is_blocked_by_default() -> None:
    assert kind(load_plan(), "68059999") == kind(load_plan(), "68060000") == "film_tv_fictitious"
    counted = with_rules(block_whole_film_range=False)
    assert kind(counted, "68059999") == "film_tv_fictitious"
    assert kind(counted, "68060000") == "fixed"


def test_conflict_1412_is_a_text_telephone_by_default() -> None:
    assert kind(load_plan(), "1412") == "text_telephone_emergency"
    assert kind(with_rules(text_telephone_1412=False), "1412") == "sms_short_code"


def test_conflict_n4_bare_emergency_numbers_can_be_switched_off() -> None:
    plan = with_rules(bare_emergency_numbers=False)
    for number in ("110", "112", "113"):
        row = plan.rows[plan.read_text(0, 1, number) & 255]
        assert not row.can_receive
        assert REASONS[row.reason].name == "destination_no_sms"
    assert plan.rows[plan.read_text(0, 1, "59555112") & 255].can_receive


def test_00_before_an_international_address_can_be_refused() -> None:
    assert kind(with_rules(prefix_00_on_international=False), "004791234567", 1) == "destination_malformed"
    assert kind(with_rules(prefix_00_on_international=False), "004791234567", 0) == "mobile"


def test_country_code_before_special_numbers_can_be_refused() -> None:
    plan = with_rules(country_code_before_special=False)
    assert kind(plan, "+4702000") == kind(plan, "+47112") == "destination_wrong_length"
    assert kind(plan, "+47116117") == "eu_harmonised_116"
    assert kind(plan, "02000") == "special_5digit"


def test_country_code_before_short_codes_can_be_accepted() -> None:
    assert kind(with_rules(country_code_before_short_code=True), "+472002") == "sms_short_code"


def test_the_ranges_of_short_codes_can_be_narrowed() -> None:
    plan = with_rules(short_codes_4=(2000, 2999), short_codes_5=(20000, 29999))
    assert kind(plan, "2097") == kind(plan, "20971") == "sms_short_code"
    assert kind(plan, "1999") == kind(plan, "30000") == "destination_unassigned"
    assert kind(plan, "1412") == "text_telephone_emergency"


def test_policy_rows_obey_receive_and_send() -> None:
    plan = with_rules(receive={"fixed": True, "provider_special": False}, send={"m2m_iot": False})
    assert plan.rows[plan.read_text(0, 1, "22222222") & 255].can_receive
    assert not plan.rows[plan.read_text(0, 1, "190") & 255].can_receive
    assert not plan.rows[plan.read_text(0, 1, "580000000000") & 255].can_send


def test_sourced_rows_do_not_obey() -> None:
    plan = with_rules(receive={"mobile": False, "text_telephone_emergency": True})
    assert plan.rows[plan.read_text(0, 1, "91234567") & 255].can_receive
    assert not plan.rows[plan.read_text(0, 1, "1412") & 255].can_receive


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(PlanError, match="unknown type 'fiksed'"):
        with_rules(receive={"fiksed": True})


def test_short_codes_of_a_wrong_length_are_named() -> None:
    with pytest.raises(PlanError, match="short codes 200-2999 do not have 4 digits"):
        with_rules(short_codes_4=(200, 2999))


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"type": "mobil"}, "unknown type 'mobil'"),
        ({"source": "hearsay"}, "unknown source 'hearsay'"),
        ({"to": "9"}, "same length"),
        ({"to": "109"}, "same length and be in order"),
        ({"send": "perhaps"}, "'perhaps' is none of"),
        ({"from": "1100000", "to": "1100000"}, "7 digits is no legal length"),
    ],
)
def test_a_faulty_row_is_named(change: dict[str, str], expected: str) -> None:
    data = copy.deepcopy(document())
    data["rows"][0].update(change)
    with pytest.raises(PlanError, match=expected):
        plan_rows(NumberingRules(), data)


def test_a_type_with_an_unknown_route_is_named() -> None:
    data = copy.deepcopy(document())
    data["types"]["mobile"]["route"] = "moon"
    with pytest.raises(PlanError, match="type mobile: route 'moon'"):
        plan_rows(NumberingRules(), data)


def test_too_many_rows_are_refused() -> None:
    data = copy.deepcopy(document())
    data["rows"] = data["rows"] * 10
    with pytest.raises(PlanError, match="at most 254"):
        plan_rows(NumberingRules(), data)


def test_the_plan_is_immutable() -> None:
    plan = load_plan()
    with pytest.raises(AttributeError):
        plan.unknown = 1  # type: ignore[attr-defined]
