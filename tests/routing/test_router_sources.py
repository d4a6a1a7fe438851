"""Who may send as what: handsets, farms, companies, centres, content providers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.reasons import REASONS
from smsc.routing import accounts as kinds
from smsc.routing.accounts import Account
from tests.routing.demo import account_of, demo_router, source

ROUTER = demo_router()
REFUSED = "source_not_allowed"


@pytest.mark.parametrize(
    "text, ton",
    [
        ("4790000001", 1),
        ("4790000001", 0),
        ("+4790000001", 1),
        ("+4790000001", 0),
        ("004790000001", 0),
        ("90000001", 0),
        ("90000001", 2),
        ("", 0),
        ("", 1),
        ("", 5),
    ],
)
def test_a_handset_sends_as_its_own_number_in_every_form(text: str, ton: int) -> None:
    assert source(ROUTER, "4790000001", text, ton) == 4790000001


@pytest.mark.parametrize(
    "text, ton, npi, expected",
    [
        ("4790000002", 1, 1, REFUSED),
        ("90000002", 0, 1, REFUSED),
        ("4790000001", 2, 1, REFUSED),
        ("04790000001", 1, 1, REFUSED),
        ("90000001", 1, 1, REFUSED),
        ("Shop", 5, 0, REFUSED),
        ("Shop", 0, 1, REFUSED),
        ("2097", 0, 1, REFUSED),
        ("112", 0, 1, REFUSED),
        ("4790000001", 7, 1, "source_ton"),
        ("4790000001", 4, 1, "source_ton"),
        ("4790000001", 1, 3, "source_npi"),
        ("4790000001", 0, 9, "source_npi"),
        ("+46701234567", 1, 1, REFUSED),
        ("9" * 20, 1, 1, REFUSED),
    ],
)
def test_a_handset_sends_as_nothing_else(text: str, ton: int, npi: int, expected: str) -> None:
    assert source(ROUTER, "4790000001", text, ton, npi) == expected


def test_a_machine_sends_as_its_twelve_digit_number() -> None:
    for text, ton in (("47580000000007", 1), ("580000000007", 0), ("47580000000007", 0), ("", 0)):
        assert source(ROUTER, "47580000000007", text, ton) == 47580000000007


def test_a_farm_speaks_for_its_range_and_has_no_number_of_its_own() -> None:
    assert source(ROUTER, "farm", "4790000000") == 4790000000
    assert source(ROUTER, "farm", "4790099999", 0) == 4790099999
    assert source(ROUTER, "farm", "90012345", 2) == 4790012345
    assert source(ROUTER, "farm", "4790100000") == REFUSED
    assert source(ROUTER, "farm", "4789999999") == REFUSED
    assert source(ROUTER, "farm", "") == REFUSED
    assert source(ROUTER, "farm", "4790000000", 1, 8) == "source_npi"


def test_a_farm_may_have_several_ranges() -> None:
    router = demo_router()
    router.accounts.add(
        Account("two", "x", kinds.FARM, ranges=[(4740000000, 4740000009), (47580000000000, 47580000000009)])
    )
    assert source(router, "two", "4740000005") == 4740000005
    assert source(router, "two", "47580000000005") == 47580000000005
    assert source(router, "two", "580000000005", 0) == 47580000000005
    assert source(router, "two", "4740000010") == REFUSED


def test_a_company_sends_from_its_long_number_and_its_name() -> None:
    assert source(ROUTER, "shop", "4759000001") == 4759000001
    assert source(ROUTER, "shop", "59000001", 0) == 4759000001
    assert source(ROUTER, "shop", "Shop", 5, 0) == 0
    assert source(ROUTER, "shop", "") == 4759000001
    for text, ton in (
        ("Skatteetaten", 5),
        ("shop", 5),
        ("4759000002", 1),
        ("4790000001", 1),
        ("59000001", 5),
    ):
        assert source(ROUTER, "shop", text, ton) == REFUSED


def test_an_alphanumeric_sender_may_look_like_a_number() -> None:
    router = demo_router()
    router.accounts.add(Account("bingo", "x", kinds.ESME, senders=[b"0090"]))
    assert source(router, "bingo", "0090", 5, 0) == 0
    assert source(router, "bingo", "90", 5, 0) == REFUSED


def test_an_agency_without_a_number_sends_under_its_name() -> None:
    assert source(ROUTER, "skatt", "Skatteetaten", 5, 0) == 0
    assert source(ROUTER, "skatt", "") == 0
    assert account_of(ROUTER, "skatt").default_sender == b"Skatteetaten"


def test_an_account_with_neither_number_nor_name_sends_as_nothing() -> None:
    router = demo_router()
    router.accounts.add(Account("mute", "x"))
    assert source(router, "mute", "") == REFUSED


def test_only_the_emergency_centre_sends_from_its_number() -> None:
    assert source(ROUTER, "psap112", "59555112", 0) == 4759555112
    assert source(ROUTER, "psap112", "4759555112") == 4759555112
    for system_id in ("psap110", "shop", "quiz", "farm", "4790000001"):
        assert source(ROUTER, system_id, "4759555112") == REFUSED
    for system_id in ("psap110", "shop", "quiz", "farm", "4790000001"):
        assert source(ROUTER, system_id, "112", 0) == REFUSED


@pytest.mark.parametrize("ton", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("npi", [0, 1, 8, 9])
@pytest.mark.parametrize("number", ["112", "59555112", "4759555112", "004759555112"])
def test_N33_a_centre_may_write_its_number_as_those_do_who_call_it(number: str, ton: int, npi: int) -> None:
    assert source(ROUTER, "psap112", number, ton, npi) == 4759555112


def test_a_content_provider_sends_from_its_code_with_dialogue_digits() -> None:
    for ton in (0, 3, 6):
        assert source(ROUTER, "quiz", "2097", ton) == 472097
        assert source(ROUTER, "quiz", "209712", ton) == 47209712
        assert source(ROUTER, "giver", "2097", ton) == REFUSED
        assert source(ROUTER, "giver", "209712", ton) == REFUSED
    assert source(ROUTER, "quiz", "20971234", 3) == REFUSED


def test_a_helpline_sends_from_its_number() -> None:
    assert source(ROUTER, "alarmtlf", "116111", 0) == 47116111
    assert source(ROUTER, "alarmtlf", "116117", 0) == 47116117  # assigned to it
    assert source(ROUTER, "alarmtlf", "116000", 0) == REFUSED


def test_five_digit_and_mobile_long_numbers_are_sources() -> None:
    assert source(ROUTER, "bank", "02000", 0) == 4702000
    assert source(ROUTER, "bank", "4741234567") == 4741234567
    assert source(ROUTER, "bank", "2222", 0) == 472222


@pytest.mark.parametrize(
    "number", [47110, 47112, 47113, 471412, 471500, 471549, 4768000000, 4768050000, 4768069999]
)
def test_1_1_numbers_that_no_esme_may_use_are_refused_even_to_their_owner(number: int) -> None:
    router = demo_router()
    account = Account("bold", "x", kinds.EMERGENCY, numbers=[number])
    assert len(router.check_account(account)) == 1
    assert router.check_source(account, 0, 1, int(str(number)[2:]), len(str(number)) - 2, b"") < 0


def test_a_configuration_is_told_what_is_wrong_with_an_account() -> None:
    faults = ROUTER.check_account(
        Account("bold", "x", numbers=[4759555112, 4758123456], ranges=[(4722000000, 4722000001)])
    )
    assert len(faults) == 4
    assert all(fault.startswith("bold: ") for fault in faults)
    assert "only an emergency centre may own" in faults[0]
    assert "no number of the plan" in faults[1]
    assert "fixed-line number" in faults[2]
    assert all(not ROUTER.check_account(account) for account in ROUTER.accounts)


@pytest.mark.parametrize(
    "key, fault",
    [(4790000001, False), (47580000000000, False), (4722222222, True), (47112, True), (46701234567, True)],
)
def test_a_subscriber_has_a_number_that_a_sim_can_have(key: int, fault: bool) -> None:
    assert (ROUTER.check_subscriber_number(key) is not None) is fault


@given(
    st.sampled_from(["4790000001", "farm", "shop", "quiz", "skatt", "psap112"]),
    st.integers(0, 8),
    st.integers(0, 9),
    st.one_of(st.text("0123456789+ ", max_size=20), st.text("Shop2097", max_size=12)),
)
def test_checking_a_source_is_total_and_yields_only_what_is_the_accounts(
    system_id: str, ton: int, npi: int, text: str
) -> None:
    answer = source(ROUTER, system_id, text, ton, npi)
    account = account_of(ROUTER, system_id)
    if isinstance(answer, str):
        assert answer in {REASONS[code].name for code in range(len(REASONS))}
    elif answer:
        assert account.owns(answer) or account.speaks_for(answer) or account.owns(ROUTER.code_of(answer))
    else:
        assert account.senders
