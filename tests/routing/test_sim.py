"""SIM cards: IMSI, ICCID, check digits; swap, loss, number change and twins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.routing.operators import network_of_imsi
from smsc.routing.sim import (
    add_twin,
    change_number,
    derived_iccid,
    derived_imsi,
    generation_of,
    iccid_of,
    imsi_of,
    report_lost,
    swap_sim,
    valid_imei,
)
from smsc.routing.subscribers import ACTIVE, BLOCKED, Registry, Subscriber
from smsc.subscriber_fields import MO_SMS, check_luhn, luhn_digit, valid_iccid, valid_imsi

OLA = 4790000001
KARI = 4790000002
WATCH = 47580000000001


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add_range(4790000000, 4790000099, place="oslo")
    registry.add_range(47580000000000, 47580000000099)
    return registry


@pytest.mark.parametrize("imsi", ["242010000077777", "242700000000042", "242999999999999", "001000000000000"])
def test_every_imsi_has_an_iccid(imsi: str) -> None:
    """Of another network too, whose number is smaller than ours."""
    assert valid_iccid(derived_iccid(imsi))


def test_6_luhn_examples() -> None:
    assert check_luhn("8947001234567890122")
    assert check_luhn("490154203237518")
    assert valid_imei("490154203237518")
    assert valid_iccid("8947001234567890122")
    assert not check_luhn("8947001234567890123")
    assert not check_luhn("")
    assert not check_luhn("0")
    assert not check_luhn("49015420323751x")
    assert not check_luhn("٤٩")


@given(st.text("0123456789", min_size=1, max_size=24))
def test_luhn_finds_every_wrong_digit(digits: str) -> None:
    whole = digits + str(luhn_digit(digits))
    assert check_luhn(whole)
    for place in range(len(whole)):
        changed = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
        assert not check_luhn(changed)


def test_6_an_imsi_has_mcc_242_and_the_test_network_70() -> None:
    imsi = derived_imsi(OLA)
    assert imsi.startswith("24270")
    assert valid_imsi(imsi)
    network = network_of_imsi(imsi)
    assert network is not None
    assert network.name == "test networks"


def test_6_an_iccid_is_8947_and_ends_with_its_check_digit() -> None:
    iccid = derived_iccid(derived_imsi(OLA))
    assert iccid.startswith("8947")
    assert len(iccid) == 19
    assert valid_iccid(iccid)


@pytest.mark.parametrize("bad", ["", "24270", "2427090000001001", "24270900000010x"])
def test_an_imsi_of_a_wrong_form_is_not_valid(bad: str) -> None:
    assert not valid_imsi(bad)


numbers = st.one_of(st.integers(4740000000, 4799999999), st.integers(47580000000000, 47589999999999))


@given(numbers, numbers, st.integers(0, 4), st.integers(0, 4))
def test_derived_identities_are_distinct_for_all_numbers_and_cards(a: int, b: int, g: int, h: int) -> None:
    if (a, g) != (b, h):
        assert derived_imsi(a, g) != derived_imsi(b, h)
        assert derived_iccid(derived_imsi(a, g)) != derived_iccid(derived_imsi(b, h))
    assert valid_imsi(derived_imsi(a, g))
    assert valid_iccid(derived_iccid(derived_imsi(a, g)))
    assert generation_of(a, derived_imsi(a, g)) == g


def test_an_untouched_subscriber_has_derived_identities(registry: Registry) -> None:
    found = registry.find(OLA)
    assert found is not None
    assert imsi_of(found, OLA) == derived_imsi(OLA)
    assert iccid_of(found, OLA) == derived_iccid(derived_imsi(OLA))


def test_sim_swap_gives_a_new_active_card_under_the_same_number(registry: Registry) -> None:
    before = registry.touch(OLA)
    before.memory_full = True
    old_imsi, old_iccid = imsi_of(before, OLA), iccid_of(before, OLA)
    report_lost(registry, OLA)
    assert registry.touch(OLA).sim == BLOCKED
    after = swap_sim(registry, OLA)
    assert after.sim == ACTIVE
    assert not after.memory_full
    assert after.place == "oslo"
    assert imsi_of(after, OLA) != old_imsi
    assert iccid_of(after, OLA) != old_iccid
    again = imsi_of(after, OLA)
    assert imsi_of(swap_sim(registry, OLA), OLA) not in (old_imsi, again)


def test_sim_swap_with_given_identities(registry: Registry) -> None:
    after = swap_sim(registry, OLA, "242011234567890", "8947001234567890122")
    assert (after.imsi, after.iccid) == ("242011234567890", "8947001234567890122")
    with pytest.raises(ValueError, match="ICCID '8947001234567890123'"):
        swap_sim(registry, OLA, "242011234567890", "8947001234567890123")
    with pytest.raises(ValueError, match="IMSI '24201'"):
        swap_sim(registry, OLA, "24201", "8947001234567890122")
    assert after.imsi == "242011234567890"


def test_the_cards_of_a_machine_run_out() -> None:
    with pytest.raises(ValueError, match="give one"):
        derived_imsi(WATCH, 5)
    with pytest.raises(ValueError, match="give one"):
        derived_imsi(472097)


def test_operations_on_an_unknown_number(registry: Registry) -> None:
    for operation in (swap_sim, report_lost):
        with pytest.raises(KeyError):
            operation(registry, 4712345678)
    with pytest.raises(KeyError):
        change_number(registry, 4712345678, 4799000001)
    with pytest.raises(KeyError):
        add_twin(registry, 4712345678, WATCH)


def test_number_change_keeps_the_card_and_frees_the_old_number(registry: Registry) -> None:
    before = registry.touch(OLA)
    before.barred = MO_SMS
    before.nod_sms = True
    imsi = imsi_of(before, OLA)
    after = change_number(registry, OLA, 4799000001)
    assert registry.find(OLA) is None
    assert registry.find(4799000001) is after
    assert imsi_of(after, 4799000001) == imsi
    assert (after.place, after.barred, after.msisdn) == ("oslo", MO_SMS, 4799000001)


def test_n12_the_registration_for_emergency_sms_does_not_move_with_the_number(registry: Registry) -> None:
    registry.touch(OLA).nod_sms = True
    assert not change_number(registry, OLA, 4799000001).nod_sms


def test_number_change_to_a_number_in_use(registry: Registry) -> None:
    with pytest.raises(ValueError, match="4790000002 is in use"):
        change_number(registry, OLA, KARI)
    assert registry.find(OLA) is not None


def test_n28_a_twin_sim_shares_the_subscription_under_a_twelve_digit_number(registry: Registry) -> None:
    watch = add_twin(registry, OLA, WATCH)
    phone = registry.find(OLA)
    assert phone is not None
    assert watch.main == OLA
    assert imsi_of(watch, WATCH) != imsi_of(phone, OLA)
    tablet = add_twin(registry, OLA, 47589999999999)
    assert tablet.place == "oslo"
    assert registry.twins(OLA) == [watch, tablet]
    assert add_twin(registry, OLA, WATCH) is watch
    with pytest.raises(ValueError, match="shares the subscription of 4790000001"):
        add_twin(registry, KARI, WATCH)


@pytest.mark.parametrize("number", [4790000003, 4759000001, 47590000000000])
def test_a_twin_has_a_number_of_the_58_series(registry: Registry, number: int) -> None:
    with pytest.raises(ValueError, match="begins with 58"):
        add_twin(registry, OLA, number)


def test_twins_follow_a_number_change(registry: Registry) -> None:
    watch = add_twin(registry, OLA, WATCH)
    change_number(registry, OLA, 4799000001)
    assert watch.main == 4799000001


def test_a_subscriber_may_have_identities_of_its_own() -> None:
    foreign = Subscriber(4799000001)
    foreign.imsi = "240011234567890"
    assert imsi_of(foreign, 4799000001) == "240011234567890"
    assert network_of_imsi("240011234567890") is None
    assert generation_of(4799000001, foreign.imsi) == -1


@pytest.mark.parametrize("imei", ["", "35209900176148", "3520990017614811", "352099001761480"])
def test_an_imei_of_another_length_or_check_digit_is_none(imei: str) -> None:
    assert valid_imei("352099001761481")
    assert not valid_imei(imei)


@pytest.mark.parametrize(("key", "generations"), [(4790000001, 100), (47580000000001, 5)])
def test_a_derived_imsi_tells_its_generation(key: int, generations: int) -> None:
    assert [generation_of(key, derived_imsi(key, g)) for g in range(generations)] == list(range(generations))
    assert generation_of(key, None) == 0
    assert generation_of(key, "242990000000001") == -1
    with pytest.raises(ValueError, match="no IMSI can be derived"):
        derived_imsi(key, generations)
