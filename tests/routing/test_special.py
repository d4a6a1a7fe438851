"""Emergency numbers, helplines, short codes and held numbers with their dates."""

from __future__ import annotations

import pytest

from smsc.routing.plan_data import NumberingRules
from smsc.routing.special import (
    EMERGENCY,
    EMERGENCY_NUMBER,
    FOREVER,
    HeldNumber,
    Helpline,
    ShortCode,
    SpecialNumbers,
    default_helplines,
    midnight,
)


def test_n1_n4_which_centre_answers_where() -> None:
    assert EMERGENCY == {
        4759555110: "fire",
        4759555112: "police",
        4759555113: "medical",
        47110: "fire",
        47112: "police",
        47113: "medical",
    }
    assert EMERGENCY_NUMBER == {47110: 4759555110, 47112: 4759555112, 47113: 4759555113}


def test_n2_1412_is_no_emergency_sms_number() -> None:
    assert 471412 not in EMERGENCY


def test_e1_helplines_lie_in_116000_to_116999() -> None:
    special = SpecialNumbers()
    for number in (47116000, 47116999):
        special.add_helpline(Helpline(number, "Holder", "service"))
    for number in (47115999, 47117000, 4790000001):
        with pytest.raises(ValueError, match="is no 116 number"):
            special.add_helpline(Helpline(number, "Holder", "service"))


def test_4_the_helplines_assigned_in_norway() -> None:
    assigned = {helpline.number: helpline.holder for helpline in default_helplines()}
    assert assigned == {
        47116006: "VO-linjen",
        47116111: "Alarmtelefonen for barn og unge",
        47116117: "Legevakt",
        47116123: "Mental Helse",
    }
    assert all(not helpline.sms for helpline in default_helplines())


def test_conflict_116006() -> None:
    numbers = {
        helpline.number for helpline in default_helplines(NumberingRules(helpline_116006_assigned=False))
    }
    assert numbers == {47116111, 47116117, 47116123}


def test_4_116111_opened_on_2_june_2009() -> None:
    special = SpecialNumbers(default_helplines())
    opened = midnight("2009-06-02")
    assert special.helpline(47116111, opened - 1) is None
    assert special.helpline(47116111, opened) is not None
    assert special.next_change(0) == opened
    assert special.next_change(opened) == FOREVER


def test_a_number_passes_from_one_holder_to_the_next() -> None:
    special = SpecialNumbers(
        codes=[
            ShortCode(472097, "old", assigned_from=10, assigned_to=20),
            ShortCode(472097, "new", assigned_from=20),
        ]
    )
    assert special.code(472097, 9) is None
    assert special.code(472097, 10).provider == "old"
    assert special.code(472097, 20).provider == "new"
    assert [special.next_change(now) for now in (0, 10, 20)] == [10, 20, FOREVER]


def test_two_holders_at_once_are_refused() -> None:
    special = SpecialNumbers(codes=[ShortCode(472097, "old", assigned_from=10, assigned_to=20)])
    with pytest.raises(ValueError, match="472097 is assigned already"):
        special.add_code(ShortCode(472097, "new", assigned_from=19))
    with pytest.raises(ValueError, match="ends before it begins"):
        special.add_code(ShortCode(472098, "new", assigned_from=5, assigned_to=5))
    special.add_code(ShortCode(472097, "before", assigned_from=0, assigned_to=10))
    special.add_code(ShortCode(472097, "after", assigned_from=20))
    providers = [special.code(472097, now).provider for now in (9, 10, 19, 20)]
    assert providers == ["before", "old", "old", "after"]


@pytest.mark.parametrize("number", [2097, 47209, 47209712, 4790000001])
def test_1_3_short_codes_have_four_or_five_digits(number: int) -> None:
    with pytest.raises(ValueError, match="4- or 5-digit"):
        SpecialNumbers().add_code(ShortCode(number, "quiz"))


def test_what_is_assigned_can_be_listed_and_removed() -> None:
    special = SpecialNumbers(
        [Helpline(47116123, "b", "s"), Helpline(47116111, "a", "s")],
        [ShortCode(472440), ShortCode(472097), ShortCode(472002, assigned_from=5)],
        [HeldNumber(4702000, "bank")],
    )
    assert [helpline.number for helpline in special.helplines(0)] == [47116111, 47116123]
    assert [code.number for code in special.codes(0)] == [472097, 472440]
    assert [held.number for held in special.held_numbers(0)] == [4702000]
    assert special.held(4702000, 0).holder == "bank"
    for remove, number in (
        (special.remove_helpline, 47116111),
        (special.remove_code, 472097),
        (special.remove_held, 4702000),
    ):
        assert remove(number)
        assert not remove(number)
    assert [helpline.number for helpline in special.helplines(0)] == [47116123]


def test_a_day_begins_at_midnight_in_norway() -> None:
    assert midnight("2026-01-01") == 1767222000_000
    assert midnight("2026-07-01") == 1782856800_000
    with pytest.raises(ValueError):
        midnight("1.1.2026")
