"""Accounts: who owns which number, who speaks for which range."""

from __future__ import annotations

import pytest

from smsc.routing import accounts as kinds
from smsc.routing.accounts import Account, Accounts, handset
from tests.routing.demo import demo_accounts


def test_accounts_are_found_by_name_index_and_number() -> None:
    accounts = demo_accounts()
    shop = accounts.by_system_id("shop")
    assert shop is not None
    assert accounts.by_index(shop.index) is shop
    assert accounts.owner_of(4759000001) is shop
    assert accounts.by_system_id("nobody") is None
    assert accounts.by_index(99) is None
    assert accounts.owner_of(4759000002) is None
    assert len(accounts) == 10
    assert shop in list(accounts)


def test_a_number_that_looks_like_an_owned_one_has_no_owner() -> None:
    accounts = demo_accounts()
    assert accounts.owner_of(4759000001 + 4096) is None


def test_indexes_are_small_and_positive_and_may_be_chosen() -> None:
    accounts = Accounts()
    for system_id, index in (("a", 0), ("b", 7), ("c", 0)):
        accounts.add(Account(system_id, "x", index=index))
    assert [account.index for account in accounts] == [1, 7, 8]


@pytest.mark.parametrize(
    "account, fault",
    [
        (Account("shop", "x"), "system_id 'shop' is taken"),
        (Account("new", "x", numbers=[4759000001]), "4759000001 belongs to shop already"),
        (Account("new", "x", index=1), "index 1 is taken"),
    ],
)
def test_what_is_taken_is_refused_and_changes_nothing(account: Account, fault: str) -> None:
    accounts = demo_accounts()
    with pytest.raises(ValueError, match=fault):
        accounts.add(account)
    assert len(accounts) == 10
    assert accounts.owner_of(4759000001) is accounts.by_system_id("shop")


def test_a_removed_account_owns_and_serves_nothing() -> None:
    accounts = demo_accounts()
    assert accounts.remove("shop")
    assert accounts.remove("farm")
    assert not accounts.remove("shop")
    assert accounts.owner_of(4759000001) is None
    assert accounts.server_of(4790000001) is None
    accounts.add(Account("shop2", "x", numbers=[4759000001]))


def test_a_farm_serves_its_ranges() -> None:
    accounts = demo_accounts()
    farm = accounts.by_system_id("farm")
    for key in (4790000000, 4790050000, 4790099999):
        assert accounts.server_of(key) is farm
    for key in (4789999999, 4790100000, 472097):
        assert accounts.server_of(key) is None


def test_the_first_of_two_farms_serves() -> None:
    accounts = demo_accounts()
    accounts.add(
        Account("late", "x", kinds.FARM, ranges=[(4780000000, 4780000009), (4790000000, 4790199999)])
    )
    assert accounts.server_of(4790000000) is accounts.by_system_id("farm")
    assert accounts.server_of(4790100000) is accounts.by_system_id("late")
    assert accounts.server_of(4780000005) is accounts.by_system_id("late")


def test_a_handset_is_an_account_with_its_own_number_only() -> None:
    account = handset(4790000001, "1234")
    assert (account.system_id, account.password, account.kind) == ("4790000001", "1234", kinds.HANDSET)
    assert account.index == 0
    assert account.owns(4790000001)
    assert account.speaks_for(4790000001)
    assert not account.speaks_for(4790000002)


def test_the_bounds_of_a_range_have_one_length() -> None:
    for bounds in ((4790000001, 4790000000), (4790000000, 47580000000000)):
        with pytest.raises(ValueError, match="farm: range"):
            Account("farm", "x", kinds.FARM, ranges=[bounds])


def test_settings_and_runtime_are_for_others() -> None:
    account = Account("shop", "x", settings={"default_alphabet": "gsm"}, window=10, rate=5.0)
    account.runtime = object()
    assert account.settings == {"default_alphabet": "gsm"}
    assert (account.window, account.rate) == (10, 5.0)
    with pytest.raises(AttributeError):
        account.colour = "blue"  # type: ignore[attr-defined]
