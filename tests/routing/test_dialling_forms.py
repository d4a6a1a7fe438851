"""Norway §1.4: every dialling form and every vector, and what TON and NPI mean for a destination."""

from __future__ import annotations

import pytest

from smsc.reasons import REASONS
from smsc.routing.numbering import load_plan

PLAN = load_plan()


def reading(text: str, ton: int = 0, npi: int = 1) -> tuple[int, str]:
    """(key, type) or (0, reason)."""
    answer = PLAN.read_text(ton, npi, text)
    if answer < 0:
        return 0, REASONS[-answer].name
    row = PLAN.rows[answer & 255]
    return answer >> 8, row.type


ACCEPTED = [
    # text, TON, key, type
    ("+4791234567", 0, 4791234567, "mobile"),
    ("004791234567", 0, 4791234567, "mobile"),
    ("4791234567", 0, 4791234567, "mobile"),
    ("91234567", 0, 4791234567, "mobile"),
    ("91234567", 2, 4791234567, "mobile"),
    ("4791234567", 1, 4791234567, "mobile"),
    ("+4791234567", 1, 4791234567, "mobile"),
    ("004791234567", 1, 4791234567, "mobile"),
    ("+47 912 34 567", 0, 4791234567, "mobile"),
    ("47123456", 0, 4747123456, "mobile"),
    ("4747123456", 0, 4747123456, "mobile"),
    ("02000", 0, 4702000, "special_5digit"),
    ("+4702000", 0, 4702000, "special_5digit"),
    ("004702000", 0, 4702000, "special_5digit"),
    ("580012345678", 0, 47580012345678, "m2m_iot"),
    ("47580012345678", 0, 47580012345678, "m2m_iot"),
    ("47580012345678", 1, 47580012345678, "m2m_iot"),
    ("0047580012345678", 0, 47580012345678, "m2m_iot"),
    ("116117", 0, 47116117, "eu_harmonised_116"),
    ("+47116117", 0, 47116117, "eu_harmonised_116"),
    ("004759555112", 0, 4759555112, "emergency_sms_police"),
    ("+4759555112", 0, 4759555112, "emergency_sms_police"),
    ("4759555112", 0, 4759555112, "emergency_sms_police"),
    ("59555112", 0, 4759555112, "emergency_sms_police"),
    ("59555110", 0, 4759555110, "emergency_sms_fire"),
    ("59555113", 0, 4759555113, "emergency_sms_medical"),
    ("112", 0, 47112, "emergency_police"),
    ("2002", 0, 472002, "sms_short_code"),
    ("2002", 3, 472002, "sms_short_code"),
    ("2002", 6, 472002, "sms_short_code"),
    ("2002", 2, 472002, "sms_short_code"),
    ("26114", 0, 4726114, "sms_short_code"),
]

REFUSED = [
    # text, TON, reason
    ("47123456", 1, "destination_unassigned"),
    ("116", 0, "destination_unassigned"),
    ("+46701234567", 0, "destination_foreign"),
    ("0046701234567", 0, "destination_foreign"),
    ("46701234567", 1, "destination_foreign"),
    ("00800 12345678", 0, "destination_foreign"),
    ("0191234567", 0, "destination_reserved"),
    ("01", 0, "destination_reserved"),
    ("01234", 0, "destination_reserved"),
    ("091234567", 0, "destination_wrong_length"),
    ("00", 0, "destination_malformed"),
    ("000", 0, "destination_malformed"),
    ("+", 0, "destination_malformed"),
    ("", 0, "destination_malformed"),
    ("++4791234567", 0, "destination_malformed"),
    ("+004791234567", 0, "destination_malformed"),
    ("00004791234567", 0, "destination_malformed"),
    ("091234567", 1, "destination_malformed"),
    ("Skatteetaten", 0, "destination_malformed"),
    ("91-23-45-67", 0, "destination_malformed"),
    ("٤٧٩١٢٣٤٥٦٧", 0, "destination_malformed"),
    ("4791234567", 2, "destination_wrong_length"),
    ("46701234567", 0, "destination_wrong_length"),
    ("58123456", 0, "destination_wrong_length"),
    ("9123456", 0, "destination_wrong_length"),
    ("+47", 0, "destination_wrong_length"),
    ("+46701", 0, "destination_wrong_length"),
    ("+4670123456789012", 0, "destination_wrong_length"),
    ("9" * 21, 0, "destination_wrong_length"),
    ("+472002", 0, "destination_malformed"),
    ("472002", 1, "destination_malformed"),
    ("2002", 1, "destination_wrong_length"),
    ("91234567", 3, "destination_malformed"),
    ("+2002", 3, "destination_malformed"),
    ("91234567", 5, "destination_ton"),
    ("Shop", 5, "destination_ton"),
    ("91234567", 4, "destination_ton"),
    ("91234567", 7, "destination_ton"),
]

UNUSABLE = [
    # text, type, reason: legal numbers that take no SMS
    ("00471412", "text_telephone_emergency", "destination_text_telephone"),
    ("1412", "text_telephone_emergency", "destination_text_telephone"),
    ("68060000", "film_tv_fictitious", "destination_blocked_range"),
    ("82215000", "donation_undefined", "destination_unassigned"),
    ("22222222", "fixed", "destination_fixed_line"),
    ("1500", "carrier_select_prefix", "destination_reserved"),
    ("1800", "directory_enquiries_unopened", "destination_reserved"),
    ("68000000", "teleconference_inbound", "destination_no_sms"),
    ("80012345", "freephone_800", "destination_no_sms"),
    ("82012345", "premium_utility_820", "destination_no_sms"),
    ("84000000", "special_8xx_other", "destination_unassigned"),
    ("145", "standard_special", "destination_no_sms"),
]


@pytest.mark.parametrize("text, ton, key, kind", ACCEPTED, ids=[f"1.4 {v[0]} TON {v[1]}" for v in ACCEPTED])
def test_1_4_form_is_read(text: str, ton: int, key: int, kind: str) -> None:
    assert reading(text, ton) == (key, kind)
    assert PLAN.rows[PLAN.read_text(ton, 1, text) & 255].can_receive


@pytest.mark.parametrize("text, ton, reason", REFUSED, ids=[f"1.4 {v[0][:24]!a} TON {v[1]}" for v in REFUSED])
def test_1_4_form_is_refused(text: str, ton: int, reason: str) -> None:
    assert reading(text, ton) == (0, reason)


@pytest.mark.parametrize("text, kind, reason", UNUSABLE, ids=[f"1.4 {v[0]}" for v in UNUSABLE])
def test_1_4_number_is_legal_but_takes_no_sms(text: str, kind: str, reason: str) -> None:
    answer = PLAN.read_text(0, 1, text)
    row = PLAN.rows[answer & 255]
    assert (row.type, REASONS[row.reason].name) == (kind, reason)
    assert not row.can_receive


def test_1_4_00_and_anything_is_always_international() -> None:
    for ton in (0, 1, 2):
        assert reading("004791234567", ton) == (4791234567, "mobile")
        assert reading("0046701234567", ton) == (0, "destination_foreign")


def test_1_4_a_foreign_number_has_7_to_15_digits() -> None:
    for length in range(3, 19):
        reason = reading("+" + "3" * length)[1]
        assert reason == ("destination_foreign" if 7 <= length <= 15 else "destination_wrong_length")


def test_1_4_02000_is_not_international_though_it_begins_with_zero() -> None:
    assert reading("02000") == (4702000, "special_5digit")
    assert reading("02000", 2) == (4702000, "special_5digit")


@pytest.mark.parametrize("npi", [2, 3, 4, 6, 8, 9, 10, 14, 18, 255])
def test_1_4_npi_other_than_0_and_1_is_refused(npi: int) -> None:
    assert reading("91234567", npi=npi) == (0, "destination_npi")
    assert PLAN.read(0, npi, 91234567, 8) == PLAN.read_text(0, npi, "91234567")


def test_1_4_npi_0_and_1_mean_the_same() -> None:
    for text in ("91234567", "+4791234567", "112", "2002"):
        assert reading(text, npi=0) == reading(text, npi=1)


def test_leading_zeros_count() -> None:
    assert PLAN.read(0, 1, 4791234567, 10) >> 8 == 4791234567
    assert PLAN.read(0, 1, 4791234567, 11) < 0
    assert PLAN.read(0, 1, 4791234567, 12) >> 8 == 4791234567
    assert PLAN.read(0, 1, 2000, 5) >> 8 == 4702000
    assert PLAN.read(0, 1, 2000, 4) >> 8 == 472000


def test_the_key_tells_the_number_of_digits() -> None:
    for row in PLAN.rows:
        if row.prefix:
            continue
        key = PLAN.key_of(row.first, row.digits)
        assert str(key) == f"47{row.first:0{row.digits}}"
        assert PLAN.rows[PLAN.row_of_key(key)].digits == row.digits


EMERGENCY = {"112": "47112", "59555112": "4759555112", "110": "47110", "59555113": "4759555113"}


@pytest.mark.parametrize("head", ["", "47", "+47", "0047", "+", "00 47 "])
@pytest.mark.parametrize("number", EMERGENCY)
def test_N33_an_emergency_number_is_one_in_every_type_of_number_and_every_plan(
    head: str, number: str
) -> None:
    for ton in (0, 1, 2, 3, 4, 6, 7, 100, 255):
        for npi in (0, 1, 2, 3, 8, 14, 255):
            if head == "47" and len(number) == 3 and ton in (0, 2, 3, 6) and npi < 2:
                continue  # 47112 is a five-digit short code
            found = PLAN.read_text(ton, npi, head + number)
            assert (found >> 8, ton, npi) == (int(EMERGENCY[number]), ton, npi)
            assert PLAN.explain(head + number, ton, npi).type.startswith("emergency_")


@pytest.mark.parametrize("number", EMERGENCY)
@pytest.mark.parametrize("npi", [0, 1, 8])
def test_an_alphanumeric_destination_is_none_whatever_it_spells(number: str, npi: int) -> None:
    reason = "destination_ton" if npi < 2 else "destination_npi"
    assert reading(number, 5, npi) == (0, reason)


@pytest.mark.parametrize("number", ["1412", "111", "1120", "91234567", "116111", "59555111"])
def test_no_other_number_is_read_past_its_type_and_plan(number: str) -> None:
    assert reading(number, 4) == (0, "destination_ton")
    assert reading(number, 0, 8) == (0, "destination_npi")
