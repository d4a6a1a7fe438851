"""What a receipt says of the message it is about [SMPP 3.4 App. B], seen by the client that asked for it."""

from __future__ import annotations

import pytest

from smsc.protocol.text.receipt_text import Receipt
from tests.engine.lab import START, Lab

KARI, OLA, AWAY = "4790000001", "4790000002", "4799000007"  # the last is switched off
EURO = "\x1b\x65"  # the escape and the place behind it, as they stand in the octets [23.038 §6.2.1.1]


def receipt_of(text: bytes, data_coding: int = 0, esm_class: int = 0) -> Receipt:
    """The receipt for octets that Ola has received."""
    lab = Lab()
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    kari.submit(OLA, "", body=text, data_coding=data_coding, esm_class=esm_class, registered_delivery=1)
    lab.settle()
    (receipt,) = kari.receipts
    return receipt


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", ""),
        ("Hei", "Hei"),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 20),
        ("x" * 18 + EURO, "x" * 18 + "€"),
        ("x" * 18 + EURO + "y", "x" * 18 + "€"),
        ("x" * 19 + EURO, "x" * 19),  # no half of an escape pair
        ("x" * 19 + EURO + "y" * 100, "x" * 19),
        (EURO * 10, "€" * 10),
        ("x" + EURO * 10, "x" + "€" * 9),
    ],
)
def test_it_quotes_twenty_octets_and_splits_no_escape_pair(text: str, quoted: str) -> None:
    assert receipt_of(text.encode("ascii")).text == quoted


@pytest.mark.parametrize(
    ("text", "data_coding", "esm_class"),
    [
        ("Hei".encode("utf-16-be"), 8, 0),  # the receipt is in the default alphabet
        (b"\x05\x00\x03\x01\x02\x01Hei", 0, 0x40),  # a header is no text
    ],
)
def test_it_quotes_only_text_that_it_can_be_written_in(text: bytes, data_coding: int, esm_class: int) -> None:
    assert not receipt_of(text, data_coding, esm_class).text


def test_its_dates_are_the_minutes_of_the_submission_and_of_the_end() -> None:
    """13:00 in Oslo when the clock says 12:00 UTC; a minute is over when the next one begins."""
    lab = Lab(now=START + 59_999)
    kari = lab.bind(KARI)
    kari.submit("4740000003", "Hei", registered_delivery=1, validity=b"000000000200000R")
    lab.settle()
    lab.patch("4740000003", powered=False)
    lab.advance(0.001)
    kari.submit("4740000003", "Hei igjen", registered_delivery=1)
    lab.bind("4740000003")
    lab.settle()
    lab.patch("4740000003", powered=True)
    lab.settle()
    assert [(receipt.text, receipt.submitted, receipt.done) for receipt in kari.receipts] == [
        ("Hei", "2601151300", "2601151301"),
        ("Hei igjen", "2601151301", "2601151301"),
    ]


@pytest.mark.parametrize(("wanted", "stats"), [(0, []), (1, ["EXPIRED"]), (2, ["EXPIRED"]), (3, [])])
def test_of_a_failure_it_comes_to_who_asked_for_it(wanted: int, stats: list[str]) -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    kari.submit(AWAY, "Hei", registered_delivery=wanted, validity=b"000000001000000R")
    lab.settle()
    made = lab.engine.endings.receipts_made
    lab.advance(601)
    assert [receipt.stat for receipt in kari.receipts] == stats
    assert lab.engine.endings.receipts_made - made == len(stats)


@pytest.mark.parametrize("wanted", [0, 1, 0x10, 0x11])
def test_a_first_attempt_that_fails_is_told_once_to_who_asked_for_it(wanted: int) -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    kari.submit(AWAY, "Hei", registered_delivery=wanted)
    lab.advance(3600)
    notifications = [text for text in kari.inbox if "stat:ENROUTE" in text]
    assert len(notifications) == (1 if wanted & 0x10 else 0)
