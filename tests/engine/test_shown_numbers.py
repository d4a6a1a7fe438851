"""In which form a number is shown to who gets the message: in E.164, or in its national digits."""

import pytest

from smsc.engine.mt.wire import shown_length

NATIONAL = [
    "112",
    "1412",
    "2097",
    "02800",
    "26114",
    "116111",
    "116123",
    "209712",
    "2097123",
    "0",
    "9",
    "10",
    "999",
]
E_164 = ["4720000000", "4759555112", "4790000002", "4799999999", "47580000000000", "47589999999999"]


@pytest.mark.parametrize("digits", NATIONAL)
def test_what_is_no_subscribers_number_is_shown_in_its_national_digits(digits: str) -> None:
    assert shown_length(int("47" + digits)) == len(digits)


@pytest.mark.parametrize("number", E_164)
def test_a_subscribers_number_is_shown_in_e_164(number: str) -> None:
    assert shown_length(int(number)) == 0
