"""Google's metadata (`phonenumbers`) as a second opinion, with every known difference listed and explained.

It knows which blocks are in use today; the plan says what a block is for. So a block that it calls invalid is
no disagreement, and one that it knows must be of the plan's type, apart from DIFFERENCES.
"""

from __future__ import annotations

import pytest

from smsc.routing.numbering import load_plan

phonenumbers = pytest.importorskip("phonenumbers")

PLAN = load_plan()

SAME = {
    "fixed": {"FIXED_LINE"},
    "mobile": {"MOBILE"},
    "freephone_800": {"TOLL_FREE"},
    "shared_810": {"SHARED_COST"},
    "premium_utility_820": {"PREMIUM_RATE"},
    "premium_entertainment_829": {"PREMIUM_RATE"},
    "normal_815": {"UAN"},
    "special_5digit": {"UAN"},
}

DIFFERENCES = {
    # The plan names these two series inside 68; the metadata has no type for them.
    ("teleconference_inbound", "FIXED_LINE"),
    ("film_tv_fictitious", "FIXED_LINE"),
    # The plan's page describes 800 only; the metadata has 801 as toll-free too.
    ("special_8xx_other", "TOLL_FREE"),
    # Series of the 8 group that the page does not describe: voicemail 812-813, VoIP 85, personal 880.
    ("special_8xx_other", "VOICEMAIL"),
    ("special_8xx_other", "VOIP"),
    ("special_8xx_other", "PERSONAL_NUMBER"),
    # Small blocks at the beginning of 810 that the metadata calls access numbers.
    ("shared_810", "UAN"),
}


def their_type(national: str) -> str:
    number = phonenumbers.parse(national, "NO")
    if not phonenumbers.is_valid_number(number):
        return "INVALID"
    return str(phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(number)))


def our_type(national: str) -> str:
    answer = PLAN.read_text(0, 1, national)
    return PLAN.rows[answer & 255].type if answer > 0 else "INVALID"


def test_valid_eight_digit_numbers_have_the_plans_type() -> None:
    seen = set()
    for prefix in range(2000, 10000, 3):
        for tail in ("0000", "4711"):
            theirs = their_type(f"{prefix}{tail}")
            ours = our_type(f"{prefix}{tail}")
            if theirs == "INVALID":
                continue
            assert theirs in SAME.get(ours, set()) or (ours, theirs) in DIFFERENCES, (prefix, ours, theirs)
            seen.add((ours, theirs))
    assert {theirs for _, theirs in seen} >= {"FIXED_LINE", "MOBILE", "TOLL_FREE", "PREMIUM_RATE"}


def test_five_digit_numbers_are_access_numbers() -> None:
    for value in range(2000, 10000, 97):
        assert our_type(f"{value:05}") == "special_5digit"
        assert their_type(f"{value:05}") in ("UAN", "INVALID")


def test_what_the_plan_has_no_series_for_is_invalid_there_too() -> None:
    for prefix in [*range(1000, 2000, 7), *range(5800, 5900, 7)]:
        national = f"{prefix}0000"
        assert our_type(national) == "INVALID"
        assert their_type(national) == "INVALID"


def test_known_difference_m2m_numbers_are_unknown_to_the_metadata() -> None:
    for national in ("580012345678", "589912345678", "59000001"):
        assert our_type(national).startswith("m2m_iot")
        assert their_type(national) == "INVALID"


def test_known_difference_donation_numbers_are_unknown_to_the_metadata() -> None:
    for national in ("82200000", "82203000", "82209999", "82210000"):
        assert our_type(national).startswith("donation_")
        assert their_type(national) == "INVALID"


def test_emergency_numbers_are_emergency_numbers() -> None:
    for value in range(1000):
        national = f"{value:03}"
        ours = our_type(national).startswith("emergency_")
        assert ours is phonenumbers.is_emergency_number(national, "NO")


@pytest.mark.parametrize("national", ["116117", "116111", "1412", "1881", "190"])
def test_short_numbers_are_valid_short_numbers(national: str) -> None:
    number = phonenumbers.parse(national, "NO")
    assert our_type(national) != "INVALID"
    assert phonenumbers.shortnumberinfo.is_valid_short_number_for_region(number, "NO")
