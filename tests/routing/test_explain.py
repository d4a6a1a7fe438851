"""The explanation of a reading: what it returns, and that it tells the story in English and bokmål."""

from __future__ import annotations

import pytest

from smsc.routing.numbering import load_plan
from smsc.routing.plan_data import document

PLAN = load_plan()


def english(text: str, ton: int = 0) -> str:
    return " ".join(step[0] for step in PLAN.explain(text, ton).steps)


def bokmaal(text: str, ton: int = 0) -> str:
    return " ".join(step[1] for step in PLAN.explain(text, ton).steps)


def test_a_mobile_number() -> None:
    told = PLAN.explain("004791234567")
    assert told.national == "91234567"
    assert told.e164 == "+4791234567"
    assert told.type == "mobile"
    assert told.can_send_sms
    assert told.can_receive_sms
    assert told.charging == "normal_rate"
    assert told.reason is None


def test_a_five_digit_number_keeps_its_leading_zero() -> None:
    told = PLAN.explain("02000")
    assert (told.national, told.e164) == ("02000", "+4702000")


def test_a_short_code_is_no_e164_number() -> None:
    told = PLAN.explain("2097")
    assert (told.national, told.e164, told.type) == ("2097", None, "sms_short_code")


def test_a_foreign_number() -> None:
    for written in ("+46701234567", "0046 70 123 45 67"):
        told = PLAN.explain(written)
        assert (told.type, told.e164, told.national) == ("foreign", "+46701234567", None)
        assert told.reason == "destination_foreign"


def test_what_is_no_number() -> None:
    assert PLAN.explain("Skatteetaten").type == "alphanumeric"
    assert PLAN.explain("091234567").type == "invalid"
    assert PLAN.explain("").type == "invalid"


def test_the_steps_take_the_number_apart() -> None:
    told = english("004759555112")
    for part in ("004759555112", "00 is the international prefix", "47 is Norway's country code", "59555112"):
        assert part in told
    told = bokmaal("004759555112")
    for part in (
        "00 er internasjonalt prefiks",
        "47 er landskoden til Norge",
        "Nød-SMS-nummeret til politiet",
    ):
        assert part in told


@pytest.mark.parametrize(
    "text, ton, en, nb",
    [
        ("+4791234567", 0, "A + makes it international", "Et + gjør nummeret internasjonalt"),
        ("1412", 0, "text telephone", "teksttelefon"),
        ("68050000", 0, "blocked", "blokkert"),
        ("22222222", 0, "fixed line", "fasttelefon"),
        ("+46701234567", 0, "foreign", "utenlandsk"),
        ("0191234567", 0, "reserved", "reservert"),
        ("091234567", 0, "no trunk zero", "innledende null"),
        ("Shop", 5, "alphanumeric", "alfanumerisk"),
        ("2097", 3, "only SMS short codes", "bare kortnummer"),
        ("91234567", 0, "can send SMS and can receive", "kan sende SMS og kan ta imot"),
        ("59000001", 0, "this network's choice", "dette nettets valg"),
    ],
)
def test_the_steps_say_why(text: str, ton: int, en: str, nb: str) -> None:
    assert en in english(text, ton)
    assert nb in bokmaal(text, ton)


def test_npi_is_explained() -> None:
    told = PLAN.explain("91234567", 0, 9)
    assert told.reason == "destination_npi"
    assert "NPI" in told.steps[-1][1]


def test_every_type_has_a_name_in_both_languages() -> None:
    for entry in document()["types"].values():
        assert entry["en"]
        assert entry["nb"]
        assert entry["en"] != entry["nb"]


def test_the_source_of_the_row_is_told() -> None:
    assert "Nkom" in english("91234567")
    assert "nodsms.no" in english("59555112")


@pytest.mark.parametrize(("ton", "npi"), [(0, 0), (0, 1), (2, 1), (3, 1), (4, 1), (6, 1), (0, 2), (0, 18)])
def test_N33_an_emergency_number_says_why_it_is_read_where_others_are_not(ton: int, npi: int) -> None:
    told = " ".join(step[0] for step in PLAN.explain("112", ton, npi).steps)
    usual = ton in (0, 1, 2) and npi in (0, 1)
    assert ("An emergency number is recognised with any type of number" in told) is not usual
    assert "59555112" in told or "112" in told


def test_a_number_that_is_a_row_of_its_own_lies_in_no_range() -> None:
    assert "lies in" not in english("112")
    assert "lies in" in english("91234567")
