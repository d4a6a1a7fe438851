"""A message's receipt: where it is, and that it can be found when it has been answered."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control.base import ControlError
from smsc.control.steps import at_once as done
from tests.engine.lab import Lab

KARI, OLA, TUNNEL = "4790000001", "4790000002", "4799000020"


@pytest.fixture(params=[False, True], ids=["memory", "durable"])
def lab(request: pytest.FixtureRequest) -> Lab:
    lab = Lab()
    lab.store.durable = lab.engine.commit.durable = request.param
    return lab


def receipt(lab: Lab, ident: str) -> dict[str, Any] | None:
    told: dict[str, Any] | None = lab.control.message(ident)["receipt"]
    return told


def receipts(lab: Lab, q: str = "") -> list[dict[str, Any]]:
    page, _ = done(lab.control.listing(lab.control.search(f"kind:receipt {q}"), 100))
    return list(page)


def test_a_receipt_waits_for_its_originator_and_is_found_when_it_was_answered(lab: Lab) -> None:
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    token = kari.submit(OLA, "hei", registered_delivery=1)
    kari.answer = None
    lab.settle()
    ident = kari.answers[token][1]
    message = lab.control.message(ident)
    assert (message["registered_delivery"], message["due_at"]) == (1, None)
    waits = receipt(lab, ident)
    assert waits is not None
    assert (waits["state"], waits["destination"], waits["final_at"]) == ("enroute", KARI, None)
    kari.catch_up()
    lab.settle()
    found = receipt(lab, ident)
    assert found is not None
    assert (found["id"], found["state"]) == (waits["id"], "delivered")
    assert found["final_at"] is not None
    (listed,) = receipts(lab)
    assert (listed["id"], listed["state"], listed["destination"]) == (found["id"], "delivered", KARI)
    assert receipts(lab, f"to:{OLA}") == []
    assert lab.control.message(found["id"])["text"].startswith("id:")


def test_no_receipt_where_none_was_asked_for_or_none_is_owed_yet(lab: Lab) -> None:
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    tokens = [kari.submit(OLA, "uten"), kari.submit(TUNNEL, "med", registered_delivery=1)]
    lab.settle()
    assert [receipt(lab, kari.answers[token][1]) for token in tokens] == [None, None]


def test_so_many_finished_receipts_are_kept(lab: Lab) -> None:
    lab.engine.message_index.most_receipts = 3
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    tokens = [kari.submit(OLA, f"nr {number}", registered_delivery=1) for number in range(5)]
    lab.settle()
    idents = [kari.answers[token][1] for token in tokens]
    assert [receipt(lab, ident) is not None for ident in idents] == [False, False, True, True, True]
    assert len(receipts(lab)) == 3
    assert len(lab.engine.message_index.receipt_of) == 3


def test_an_erased_number_leaves_no_receipt(lab: Lab) -> None:
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    kari.submit(OLA, "hei", registered_delivery=1)
    lab.settle()
    (kept,) = receipts(lab)
    lab.control.delete_subscriber(OLA, erase=True)
    lab.settle()
    assert receipts(lab) == []
    with pytest.raises(ControlError):
        lab.control.message(kept["id"])
    assert not lab.engine.message_index.receipts
    assert not lab.engine.message_index.receipt_of


def test_nothing_is_left_of_receipts_when_all_is_cleared(lab: Lab) -> None:
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    kari.submit(OLA, "hei", registered_delivery=1)
    lab.settle()
    lab.control.clear_messages()
    lab.settle()
    assert receipts(lab) == []
    assert not lab.engine.message_index.receipts
