"""Charges: caps by message and month, records that add up to the øre."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsc.services.base import DAY, Journal
from smsc.services.short_codes.charging import Caps, Charge, Charges
from tests.services.helpers import at, kept

NOW = at("2026-01-15 12:00")
KARI = 4790000001


def charge(
    message_id: int, price: int = 500, now: int = NOW, payer: int = KARI, provider: str = "quiz"
) -> Charge:
    return Charge(0, now, payer, "2097", "QUIZ", provider, "mo", message_id, price)


def charges(keep: int = 1000, **caps: int) -> Charges:
    return Charges(Caps(**caps), Journal(), keep)


def test_a_charge_becomes_a_record_when_the_message_is_delivered() -> None:
    made = charges()
    made.reserve(charge(7))
    assert made.page() == []
    made.settle(7)
    assert [(row.id, row.message_id, row.price_ore) for row in made.page()] == [(1, 7, 500)]
    assert made.settle(7) is None, "once"


def test_what_failed_costs_nothing() -> None:
    made = charges()
    made.reserve(charge(7))
    made.release(7)
    assert (made.page(), made.totals(), made.spent(KARI, NOW)) == ([], [], 0)


def test_cap_per_message() -> None:
    assert charges(message_ore=500).allows(KARI, 500, NOW)
    assert not charges(message_ore=500).allows(KARI, 501, NOW)


def test_cap_per_month_counts_what_is_on_its_way_and_turns_at_midnight_in_norway() -> None:
    made = charges(month_ore=1000)
    last = at("2026-01-31 23:59")
    made.reserve(charge(1, 600, last))
    assert not made.allows(KARI, 401, last)
    assert made.allows(KARI, 400, last)
    assert made.allows(KARI + 1, 1000, last)
    first = at("2026-02-01 00:00")
    assert made.allows(KARI, 1000, first)
    made.reserve(charge(2, 300, first))
    made.release(1)
    assert made.spent(KARI, first) == 300, "January's refund does not fill February's cap"
    made.settle(2)
    assert made.totals() == [
        {"month": "2026-02", "provider": "quiz", "direction": "mo", "records": 1, "ore": 300}
    ]


def test_a_record_as_it_is_exported() -> None:
    made = charges()
    made.reserve(charge(1, 550))
    made.settle(1)
    assert [record.flat() for record in made.page()] == [
        {
            "id": "1",
            "at": "2026-01-15T11:00:00Z",
            "payer": "4790000001",
            "code": "2097",
            "keyword": "QUIZ",
            "provider": "quiz",
            "direction": "mo",
            "message_id": "1",
            "price_ore": 550,
        }
    ]


def test_records_are_paged_in_order() -> None:
    made = charges()
    for message_id in range(1, 8):
        made.reserve(charge(message_id))
        made.settle(message_id)
    assert [row.id for row in made.page(limit=3)] == [1, 2, 3]
    assert [row.id for row in made.page(after=5)] == [6, 7]
    assert made.page(after=7) == []


def test_the_oldest_records_go_but_the_totals_stay() -> None:
    journal = Journal()
    made = Charges(Caps(), journal, keep=3)
    for message_id in range(1, 6):
        made.reserve(charge(message_id))
        made.settle(message_id)
    assert [row.id for row in made.page()] == [3, 4, 5]
    assert made.totals()[0]["ore"] == 2500
    assert kept(journal.take()) == dict(made.records())
    again = charges(keep=3)
    again.load(dict(reversed(list(made.records()))).items())
    assert dict(again.records()) == dict(made.records())
    again.reserve(charge(9))
    assert again.settle(9).id == 6


def test_repr_hides_the_payer() -> None:
    assert str(KARI) not in repr(charge(1))


steps = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "release", "wait"]),
        st.integers(0, 9),
        st.integers(1, 99_999),
        st.sampled_from(["quiz", "giver"]),
    ),
    max_size=80,
)


@given(steps)
def test_records_totals_and_spending_add_up_exactly(actions: list[tuple[str, int, int, str]]) -> None:
    journal, now, waiting, stored = Journal(), NOW, [], {}
    made = Charges(Caps(message_ore=10**9, month_ore=10**9), journal)
    for number, (action, which, price, provider) in enumerate(actions):
        if action == "reserve":
            made.reserve(charge(number, price, now, KARI, provider))
            waiting.append((number, price))
        elif action == "wait":
            now += DAY // 8
        elif waiting:
            message_id, _ = waiting.pop(which % len(waiting))
            made.settle(message_id) if action == "settle" else made.release(message_id)
        stored.update(journal.take())
    settled = sum(row.price_ore for row in made.page(limit=10**6))
    assert settled == sum(int(str(total["ore"])) for total in made.totals())
    assert settled + sum(price for _, price in waiting) == made.spent(KARI, now)
    assert {key: row for key, row in stored.items() if row is not None} == dict(made.records())


def test_a_payer_who_is_forgotten_is_so_in_the_store_too() -> None:
    journal = Journal()
    made = Charges(Caps(), journal)
    made.reserve(charge(7))
    made.settle(7)
    made.reserve(charge(8))
    made.forget(KARI)
    rows = kept(journal.take())
    assert rows == dict(made.records())
    assert str(KARI) not in repr(rows)
    assert [row.payer for row in made.page()] == [0]
    assert made.totals()[0]["records"] == 1
