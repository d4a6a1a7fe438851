"""What was refused can be found afterwards: submissions as messages, and binds, with what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control.base import ControlError
from smsc.control.steps import at_once as done
from smsc.engine import refusals
from tests.engine.lab import Lab

KARI, OLA, FIXED, TUNNEL = "4790000001", "4790000002", "4722334455", "4799000020"


@pytest.fixture
def lab() -> Lab:
    """Two submissions of the shop are refused, one of Kari, one waits."""
    lab = Lab()
    kari, shop = lab.bind(KARI), lab.bind("shop", password="shop")
    shop.submit(FIXED, "Pakken er her", source="Shop")
    lab.advance(60)
    shop.submit(OLA, "Fra noen andre", source="Andre")
    lab.settle()
    kari.submit(FIXED, "Blåbærsyltetøy 🫐")
    kari.submit(TUNNEL, "venter")
    lab.settle()
    return lab


def found(lab: Lab, q: str, **about: Any) -> list[str]:
    page, following = done(lab.control.listing(lab.control.search(q), about.pop("limit", 100), **about))
    assert following is None
    return [message["text"] for message in page]


PARCEL, OTHER, JAM = "Pakken er her", "Fra noen andre", "Blåbærsyltetøy 🫐"


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("state:refused", [PARCEL, OTHER, JAM]),
        ("state:refused from:Shop", [PARCEL]),
        ("state:refused from:90000001", [JAM]),
        ("state:refused to:22334455", [PARCEL, JAM]),
        ("state:refused reason:destination_fixed_line", [PARCEL, JAM]),
        ("state:refused reason:source", [OTHER]),
        ("state:refused system:shop", [PARCEL, OTHER]),
        ("state:refused since:30s", [OTHER, JAM]),
        ("state:refused blåbær", [JAM]),
        ('state:refused -"noen andre" system:shop', [PARCEL]),
        ("id:r1", [PARCEL]),
        ("id:r1,r3", [PARCEL, JAM]),
        ("id:r9", []),
        ("state:refused kind:receipt", []),
        ("", ["venter"]),
        ("-state:refused", ["venter"]),
        ("state:finished", []),
    ],
)
def test_refused_submissions_are_searched_as_messages_are(lab: Lab, q: str, wanted: list[str]) -> None:
    assert found(lab, q) == wanted
    assert found(lab, q, newest=True) == wanted[::-1]


def test_a_refused_submission_says_what_would_be_right(lab: Lab) -> None:
    told = lab.control.message("r1")
    assert (told["id"], told["state"], told["stage"]) == ("r1", "refused", "refused")
    assert (told["source"], told["destination"]) == ("Shop", FIXED)
    assert told["reason"] == "destination_fixed_line"
    assert told["refusal"]["status"] == "ESME_RINVDSTADR"
    assert FIXED in told["refusal"]["text"] or "22334455" in told["refusal"]["text"]
    assert told["events"][0]["event"] == "refused"
    for gone in ("r77", "r", "rx", "r1x"):
        with pytest.raises(ControlError):
            lab.control.message(gone)


def test_messages_and_refusals_are_not_searched_at_once(lab: Lab) -> None:
    for q in ("state:refused,waiting", "id:r1,100000001", "state:refused id:100000001"):
        with pytest.raises(ControlError) as raised:
            lab.control.search(q)
        assert raised.value.status == 422
        assert "by themselves" in raised.value.detail


def test_they_are_counted_beside_the_messages(lab: Lab) -> None:
    counts = done(lab.control.counts(lab.control.search("")))
    assert (counts["total"], counts["stages"]["waiting"], counts["stages"]["refused"]) == (1, 1, 3)
    assert done(lab.control.counts(lab.control.search("state:refused from:Shop")))["total"] == 1


def test_they_are_deleted_by_search_and_with_all_messages(lab: Lab) -> None:
    assert done(lab.control.delete_messages(lab.control.search("id:r1"))) == 1
    assert found(lab, "state:refused") == [OTHER, JAM]
    assert found(lab, "") == ["venter"]
    lab.control.clear_messages()
    assert found(lab, "state:refused") == []


def test_an_erased_number_is_in_none(lab: Lab) -> None:
    lab.control.delete_subscriber(KARI, erase=True)
    lab.settle()
    assert found(lab, "state:refused") == [PARCEL, OTHER]


def test_so_many_are_kept_and_so_much_of_their_text(lab: Lab) -> None:
    kari = lab.bind("4790000003")
    for number in range(1_100):
        kari.submit(FIXED, f"{number} " + "x" * 100, source="4790000003")
    lab.settle()
    kept = lab.engine.refusals.kept["submission"]
    assert len(kept) == 1_000
    assert max(len(each.said.body) for each in kept) <= refusals._KEPT_TEXT
    assert found(lab, "state:refused", limit=1, newest=True)[0].startswith("1099 ")


def test_refused_binds_are_listed_the_latest_first(lab: Lab) -> None:
    with pytest.raises(AssertionError):
        lab.bind("4799000002", password="nei")
    (bind,) = lab.control.refusals("bind", 10)
    assert (bind["system_id"], bind["what"]) == ("4799000002", "bind")
    assert bind["reason"]
    whats = [each["what"] for each in lab.control.refusals(None, 10)]
    assert whats == ["bind", "submission", "submission", "submission"]
    assert len(lab.control.refusals(None, 2)) == 2
