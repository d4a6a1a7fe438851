"""The reconciliation notices what is lost, doubled and out of order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.load.reconciliation import DELIVERY_DUE, RECEIPT_DUE, Reconciliation

BOTH = RECEIPT_DUE | DELIVERY_DUE


def test_a_message_that_comes_through_leaves_nothing_open() -> None:
    reconciliation = Reconciliation(16, 1)
    number = reconciliation.open(0, BOTH, sent=100)
    reconciliation.accept(number, key=7, now=150)
    assert (reconciliation.open_receipts, reconciliation.open_deliveries) == (1, 1)
    reconciliation.deliver(number, now=200)
    reconciliation.receipt(7, stat=2, now=300)
    assert (reconciliation.open_receipts, reconciliation.open_deliveries) == (0, 0)
    assert (reconciliation.deliveries.highest, reconciliation.receipts.highest) == (100, 200)
    assert reconciliation.states_reported()[2] == 1


def test_what_never_came_is_lost_when_the_run_is_over() -> None:
    reconciliation = Reconciliation(16, 1)
    for key in (1, 2, 3):
        reconciliation.accept(reconciliation.open(0, BOTH, sent=0), key, now=1)
    reconciliation.receipt(2, stat=2, now=2)
    reconciliation.deliver(1, now=2)
    reconciliation.settle()
    assert (reconciliation.lost_receipts, reconciliation.lost_deliveries) == (2, 2)


def test_a_refused_message_is_not_missed() -> None:
    reconciliation = Reconciliation(16, 1)
    reconciliation.refuse(reconciliation.open(0, BOTH, sent=0))
    reconciliation.settle()
    assert (reconciliation.lost_receipts, reconciliation.lost_deliveries) == (0, 0)


def test_the_second_receipt_and_the_second_delivery_are_duplicates() -> None:
    reconciliation = Reconciliation(16, 1)
    number = reconciliation.open(0, BOTH, sent=0)
    reconciliation.accept(number, key=7, now=1)
    for _ in range(2):
        reconciliation.receipt(7, stat=2, now=2)
        reconciliation.deliver(number, now=2)
    assert (reconciliation.duplicated_receipts, reconciliation.duplicated_deliveries) == (1, 1)
    assert reconciliation.receipts.total == reconciliation.arrived == 1


def test_order_counts_within_a_pair_of_numbers_only() -> None:
    reconciliation = Reconciliation(16, 2)
    first, other, second = (reconciliation.open(pair, BOTH, 0) for pair in (0, 1, 0))
    for key, number in enumerate((first, other, second), start=1):
        reconciliation.accept(number, key, now=1)
    for number in (second, other):
        reconciliation.deliver(number, now=2)
    assert reconciliation.reordered_deliveries == 0
    reconciliation.deliver(first, now=3)
    assert reconciliation.reordered_deliveries == 1


def test_a_receipt_may_overtake_the_response_that_names_its_message() -> None:
    reconciliation = Reconciliation(16, 1)
    number = reconciliation.open(0, RECEIPT_DUE, sent=0)
    reconciliation.receipt(7, stat=2, now=5)
    reconciliation.accept(number, key=7, now=6)
    assert reconciliation.open_receipts == 0
    assert reconciliation.receipts.highest == 5


def test_a_receipt_that_nobody_waits_for_is_unmatched() -> None:
    reconciliation = Reconciliation(16, 1)
    reconciliation.receipt(99, stat=2, now=5)
    reconciliation.settle()
    assert reconciliation.unmatched_receipts == 1


def test_in_flight_is_what_has_no_answer_no_receipt_or_no_delivery() -> None:
    reconciliation = Reconciliation(4, 1)
    answered, refused, _ = (reconciliation.open(0, BOTH, 0) for _ in range(3))
    assert reconciliation.due() == 3
    reconciliation.refuse(refused)
    reconciliation.accept(answered, key=1, now=0)
    assert reconciliation.due() == 2
    reconciliation.deliver(answered, now=1)
    assert reconciliation.due() == 2
    reconciliation.receipt(1, stat=2, now=1)
    assert reconciliation.due() == 1
    reconciliation.settle()
    assert reconciliation.due() == 0


def test_an_id_given_twice_is_told() -> None:
    reconciliation = Reconciliation(16, 1)
    for _ in range(2):
        reconciliation.accept(reconciliation.open(0, RECEIPT_DUE, 0), key=7, now=1)
    assert reconciliation.repeated_ids == 1


def test_what_the_ring_gives_up_is_lost_and_later_a_stranger() -> None:
    reconciliation = Reconciliation(4, 1)
    first = reconciliation.open(0, BOTH, 0)
    reconciliation.accept(first, key=1, now=0)
    for _ in range(4):
        reconciliation.open(0, BOTH, 0)
    assert (reconciliation.lost_receipts, reconciliation.lost_deliveries) == (1, 1)
    reconciliation.deliver(first, now=1)
    assert reconciliation.strangers == 1


def test_the_capacity_is_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="power of two"):
        Reconciliation(100, 1)


@given(st.integers(0, 2**32), st.sampled_from([1, 0x1000, 2**40]))
def test_ids_are_found_again_whatever_came_and_went_between(seed: int, step: int) -> None:
    chance = random.Random(seed)
    reconciliation = Reconciliation(16, 1)
    known: dict[int, int] = {}
    for key in (1 + step * i for i in chance.sample(range(1000), 60)):
        number = reconciliation.open(0, RECEIPT_DUE, 0)
        known = {k: n for k, n in known.items() if n > number - 16}
        if chance.random() < 0.8:
            reconciliation.accept(number, key, now=0)
            known[key] = number
        assert {k: reconciliation.find(k) for k in known} == known
    assert reconciliation.find(2**61) == 0
