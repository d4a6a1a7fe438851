"""Servers that share a store number and count side by side, and tell one another afterwards."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smsc.services.base import SERVERS, Journal
from smsc.services.early import Early
from smsc.services.short_codes.charging import Caps, Charges
from tests.services import emergency_service, test_helplines, test_notify
from tests.services.conftest import rows_of
from tests.services.helpers import Message
from tests.services.test_charging import KARI, NOW, charge

NUMBERS = (412, 3)  # of two servers


def tell(*services: Any) -> None:
    """Each hears what the others have changed."""
    changed = [json.loads(json.dumps(service.changes())) for service in services]
    for place, rows in enumerate(changed):
        for other in (*services[:place], *services[place + 1 :]):
            for key, row in rows.items():
                other.take(key, row)


@given(st.integers(0, 10**9), st.sampled_from([0, *NUMBERS, SERVERS - 1]))
def test_the_next_number_is_above_the_last_and_the_servers_own(last: int, server: int) -> None:
    journal = Journal()
    journal.server = server
    following = journal.following(last)
    assert last < following <= last + SERVERS
    assert following == last + 1 if server == 0 else following % SERVERS == server


class Shop(Charges):
    """Charges with a journal that can be asked, as a service has it."""

    def __init__(self, server: int, keep: int = 1000) -> None:
        super().__init__(Caps(month_ore=10_000), Journal(), keep)
        self._journal.server = server

    def changes(self) -> Any:
        return self._journal.take()


def shops(keep: int = 1000) -> tuple[Shop, Shop]:
    first, second = (Shop(number, keep) for number in NUMBERS)
    return first, second


def test_charges_of_both_are_on_one_bill_and_under_one_cap() -> None:
    first, second = shops()
    first.reserve(charge(1, 600))
    second.reserve(charge(2, 300))
    tell(first, second)
    assert [shop.spent(KARI, NOW) for shop in (first, second)] == [900, 900]
    second.settle(1)  # where it was delivered, not where it was accepted
    first.settle(2)
    tell(first, second)
    assert [charge.price_ore for charge in first.page()] == [charge.price_ore for charge in second.page()]
    assert len({charge.id for charge in first.page()}) == 2
    assert (
        first.totals()
        == second.totals()
        == [{"month": "2026-01", "provider": "quiz", "direction": "mo", "records": 2, "ore": 900}]
    )
    second.reserve(charge(3, 500))
    tell(first, second)
    first.release(3)
    tell(first, second)
    assert [shop.spent(KARI, NOW) for shop in (first, second)] == [900, 900]
    first.forget(KARI)
    tell(first, second)
    assert [shop.spent(KARI, NOW) for shop in (first, second)] == [0, 0]
    assert rows_of(first) == rows_of(second)


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["pay", "tell"])), max_size=60))
def test_however_they_take_turns_nothing_is_counted_twice_or_not_at_all(
    turns: list[tuple[int, str]],
) -> None:
    servers = shops(keep=12)
    paid = 0
    for place, what in turns:
        if what == "tell":
            tell(*servers)
            continue
        paid += 1
        servers[place].reserve(charge(paid, 7))
        servers[place].settle(paid)
    tell(*servers)
    tell(*servers)  # both may have deleted what was too much, each for itself
    assert rows_of(servers[0]) == rows_of(servers[1])
    for server in servers:
        assert sum(int(str(row["records"])) for row in server.totals()) == paid
        assert server.spent(KARI, NOW) == 7 * paid
        ids = [charge.id for charge in server.page()]
        assert ids == sorted(set(ids))
        assert ids[1:] == [charge.id for charge in server.page(after=ids[0])] if ids else True


def test_a_helpline_pays_for_what_both_have_passed_on() -> None:
    servers = [test_helplines.service(receiver_price_ore=50) for _ in NUMBERS]
    for server, number, times in zip(servers, NUMBERS, (2, 3), strict=True):
        server.among(number)
        for _ in range(times):
            test_helplines.submit(server)
    tell(*servers)
    bills = [server.bill("2026-01") for server in servers]
    assert bills[0] == bills[1]
    assert [(row["messages"], row["price_ore"]) for row in bills[0]] == [(5, 250)]


def test_dialogues_and_notifications_of_both_have_numbers_of_their_own() -> None:
    centres = [emergency_service.service() for _ in NUMBERS]
    for service, number in zip(centres, NUMBERS, strict=True):
        service.among(number)
    for service, user in zip(centres, (emergency_service.KARI, emergency_service.OLA), strict=True):
        emergency_service.send(service, source=user)
    tell(*centres)
    found = [sorted(int(str(row["dialogue"])) for row in service.dialogues()) for service in centres]
    assert found[0] == found[1]
    assert len(set(found[0])) == 2

    registers = [test_notify.populated() for _ in NUMBERS]
    for register, number in zip(registers, NUMBERS, strict=True):
        register.changes()
        register.among(number)
    orders = [test_notify.order(register, test_notify.KARI) for register in registers]
    assert len(set(orders)) == 2
    tell(*registers)
    for register in registers:
        told = [register.report("oslo", order or 0, NOW) for order in orders]
        assert [int(report["id"]) for report in told] == orders
    test_notify.dispatch(registers[0], orders[0] or 0)
    tell(*registers)
    assert rows_of(registers[0]) == rows_of(registers[1])


def tell_backwards(service: Any, other: Any) -> None:
    """A row that was written by several lately is told later than those that belong to it, and twice."""
    for key, row in reversed(json.loads(json.dumps(service.changes())).items()):
        for _ in range(2):
            other.take(key, row)


def test_what_waits_for_a_centre_is_known_there_in_whatever_order_its_rows_are_told() -> None:
    here, there = (emergency_service.service() for _ in NUMBERS)
    here.among(NUMBERS[0])
    emergency_service.send(here)
    tell_backwards(here, there)
    assert rows_of(there) == rows_of(here)
    assert any("outstanding/" in row for row in rows_of(there))


def test_a_result_is_known_there_in_whatever_order_its_rows_are_told() -> None:
    here, there = (test_notify.populated() for _ in NUMBERS)
    here.changes()
    here.among(NUMBERS[0])
    told = test_notify.order(here, test_notify.KARI) or 0
    test_notify.dispatch(here, told)
    tell_backwards(here, there)
    assert there.report("oslo", told, NOW)["people"] == here.report("oslo", told, NOW)["people"]
    assert there.report("oslo", told, NOW)["people"][0]["state"] == "sms_sent"
    there.on_delivered(Message(0, 4790000001, id=1000), NOW)
    assert there.report("oslo", told, NOW)["people"][0]["state"] == "sms_delivered"


def test_rows_whose_own_has_gone_are_kept_no_longer_and_others_are_bounded() -> None:
    early = Early()
    early.put(1, "1/0", {"state": "first"})
    early.put(1, "1/0", {"state": "second"})
    early.put(1, "1/1", {})
    early.put(1, "1/1", None)
    assert early.take(1) == {"1/0": {"state": "second"}}
    assert early.take(1) == {}
    for number in range(1_001):
        early.put(number, f"{number}/0", {})
    assert early.take(0) == {}
    assert early.take(1_000) == {"1000/0": {}}
