"""The ledger notices what is lost, doubled and out of order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.load.ledger import DELIVERY_DUE, RECEIPT_DUE, Ledger

BOTH = RECEIPT_DUE | DELIVERY_DUE


def test_a_message_that_comes_through_leaves_nothing_open() -> None:
    ledger = Ledger(16, 1)
    number = ledger.open(0, BOTH, sent=100)
    ledger.accept(number, key=7, now=150)
    assert (ledger.open_receipts, ledger.open_deliveries) == (1, 1)
    ledger.deliver(number, now=200)
    ledger.receipt(7, stat=2, now=300)
    assert (ledger.open_receipts, ledger.open_deliveries) == (0, 0)
    assert (ledger.deliveries.highest, ledger.receipts.highest) == (100, 200)
    assert ledger.states_reported()[2] == 1


def test_what_never_came_is_lost_when_the_run_is_over() -> None:
    ledger = Ledger(16, 1)
    for key in (1, 2, 3):
        ledger.accept(ledger.open(0, BOTH, sent=0), key, now=1)
    ledger.receipt(2, stat=2, now=2)
    ledger.deliver(1, now=2)
    ledger.settle()
    assert (ledger.lost_receipts, ledger.lost_deliveries) == (2, 2)


def test_a_refused_message_is_not_missed() -> None:
    ledger = Ledger(16, 1)
    ledger.refuse(ledger.open(0, BOTH, sent=0))
    ledger.settle()
    assert (ledger.lost_receipts, ledger.lost_deliveries) == (0, 0)


def test_the_second_receipt_and_the_second_delivery_are_duplicates() -> None:
    ledger = Ledger(16, 1)
    number = ledger.open(0, BOTH, sent=0)
    ledger.accept(number, key=7, now=1)
    for _ in range(2):
        ledger.receipt(7, stat=2, now=2)
        ledger.deliver(number, now=2)
    assert (ledger.duplicated_receipts, ledger.duplicated_deliveries) == (1, 1)
    assert ledger.receipts.total == ledger.arrived == 1


def test_order_counts_within_a_pair_of_numbers_only() -> None:
    ledger = Ledger(16, 2)
    first, other, second = ledger.open(0, BOTH, 0), ledger.open(1, BOTH, 0), ledger.open(0, BOTH, 0)
    for key, number in enumerate((first, other, second), start=1):
        ledger.accept(number, key, now=1)
    for number in (second, other):
        ledger.deliver(number, now=2)
    assert ledger.reordered_deliveries == 0
    ledger.deliver(first, now=3)
    assert ledger.reordered_deliveries == 1


def test_a_receipt_may_overtake_the_response_that_names_its_message() -> None:
    ledger = Ledger(16, 1)
    number = ledger.open(0, RECEIPT_DUE, sent=0)
    ledger.receipt(7, stat=2, now=5)
    ledger.accept(number, key=7, now=6)
    assert ledger.open_receipts == 0
    assert ledger.receipts.highest == 5


def test_a_receipt_that_nobody_waits_for_is_unmatched() -> None:
    ledger = Ledger(16, 1)
    ledger.receipt(99, stat=2, now=5)
    ledger.settle()
    assert ledger.unmatched_receipts == 1


def test_in_flight_is_what_has_no_answer_no_receipt_or_no_delivery() -> None:
    ledger = Ledger(4, 1)
    answered, refused, _ = (ledger.open(0, BOTH, 0) for _ in range(3))
    assert ledger.due() == 3
    ledger.refuse(refused)
    ledger.accept(answered, key=1, now=0)
    assert ledger.due() == 2
    ledger.deliver(answered, now=1)
    assert ledger.due() == 2
    ledger.receipt(1, stat=2, now=1)
    assert ledger.due() == 1
    ledger.settle()
    assert ledger.due() == 0


def test_an_id_given_twice_is_told() -> None:
    ledger = Ledger(16, 1)
    for _ in range(2):
        ledger.accept(ledger.open(0, RECEIPT_DUE, 0), key=7, now=1)
    assert ledger.repeated_ids == 1


def test_what_the_ring_gives_up_is_lost_and_later_a_stranger() -> None:
    ledger = Ledger(4, 1)
    first = ledger.open(0, BOTH, 0)
    ledger.accept(first, key=1, now=0)
    for _ in range(4):
        ledger.open(0, BOTH, 0)
    assert (ledger.lost_receipts, ledger.lost_deliveries) == (1, 1)
    ledger.deliver(first, now=1)
    assert ledger.strangers == 1


def test_the_capacity_is_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        Ledger(100, 1)


@given(st.integers(0, 2**32), st.sampled_from([1, 0x1000, 2**40]))
def test_ids_are_found_again_whatever_came_and_went_between(seed: int, step: int) -> None:
    chance = random.Random(seed)
    ledger = Ledger(16, 1)
    known: dict[int, int] = {}
    for key in (1 + step * i for i in chance.sample(range(1000), 60)):
        number = ledger.open(0, RECEIPT_DUE, 0)
        known = {k: n for k, n in known.items() if n > number - 16}
        if chance.random() < 0.8:
            ledger.accept(number, key, now=0)
            known[key] = number
        assert {k: ledger.find(k) for k in known} == known
    assert ledger.find(2**61) == 0
