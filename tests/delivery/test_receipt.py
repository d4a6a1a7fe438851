"""Which receipts a message owes its sender [SMPP 3.4 §5.2.17]."""

from __future__ import annotations

import pytest

from smsc.delivery.message import (
    DELETED,
    DELIVERED,
    EXPIRED,
    ORDINARY,
    RECEIPT,
    REJECTED,
    UNDELIVERABLE,
    Message,
)
from smsc.delivery.receipt import owes_intermediate, owes_receipt

FAILURES = (EXPIRED, DELETED, UNDELIVERABLE, REJECTED)


def asked(registered_delivery: int, esm_class: int = 0, kind: int = ORDINARY) -> Message:
    message = Message()
    message.registered_delivery, message.esm_class, message.kind = registered_delivery, esm_class, kind
    return message


@pytest.mark.parametrize(
    ("registered_delivery", "on_success", "on_failure"),
    [
        (0x00, False, False),
        (0x01, True, True),
        (0x02, False, True),
        (0x03, True, False),
        (0x10, False, False),
        (0x11, True, True),
        (0x0C, False, False),
    ],
)
def test_what_was_asked_for_is_owed(registered_delivery: int, on_success: bool, on_failure: bool) -> None:
    message = asked(registered_delivery)
    assert owes_receipt(message, DELIVERED) is on_success
    assert [owes_receipt(message, state) for state in FAILURES] == [on_failure] * len(FAILURES)


@pytest.mark.parametrize(("mode", "owed"), [(0, True), (1, False), (2, False), (3, True)])
def test_a_datagram_and_a_transaction_have_no_receipt(mode: int, owed: bool) -> None:
    """Only the messaging mode's two bits count, whatever else esm_class says [SMPP 3.4 §5.2.12]."""
    for rest in (0x00, 0x40, 0x3C):
        assert owes_receipt(asked(1, mode | rest), DELIVERED) is owed


def test_what_the_smsc_wrote_itself_has_no_receipt() -> None:
    assert not owes_receipt(asked(1, kind=RECEIPT), DELIVERED)
    assert not owes_intermediate(asked(0x11, kind=RECEIPT))


@pytest.mark.parametrize(
    ("registered_delivery", "owed"), [(0x10, True), (0x11, True), (0x01, False), (0xEF, False)]
)
def test_an_intermediate_notification_is_asked_for_by_its_bit(registered_delivery: int, owed: bool) -> None:
    assert owes_intermediate(asked(registered_delivery)) is owed
