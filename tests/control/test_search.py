"""Searching: each term finds what it says, in memory and in the store, in pages of either order."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control.base import ControlError
from smsc.control.messages import control as messages
from smsc.control.search import tags, walk
from smsc.control.steps import at_once
from tests.engine.lab import Lab

KARI, OLA, PER, NOBODY, TUNNEL = "4790000001", "4790000002", "4740000003", "4798765432", "4799000020"


def found(lab: Lab, text: str, **about: Any) -> list[str]:
    """The texts of the messages that a search finds."""
    page, _ = at_once(lab.control.listing(lab.control.search(text), about.pop("limit", 1000), **about))
    return [message["text"] for message in page]


@pytest.fixture(params=[False, True], ids=["memory", "durable"])
def lab(request: pytest.FixtureRequest) -> Lab:
    lab = Lab()
    lab.store.durable = lab.engine.commit.durable = request.param
    kari, ola, shop = lab.bind(KARI), lab.bind(OLA), lab.bind("shop", password="shop")
    ola.submit(KARI, "Blåbærsyltetøy og vafler")
    lab.carry()
    lab.advance(3600)
    shop.submit(OLA, "Hentekode 4821", source="Shop")
    shop.submit(NOBODY, "Takk for handelen!", source="Shop")
    lab.carry()
    lab.advance(600)
    kari.submit(TUNNEL, "Er du framme? 🫐")
    kari.submit(PER, "se https://nrk.no/x")
    kari.submit(OLA, "levert", registered_delivery=1)
    lab.settle()
    return lab


ALL = [
    "Blåbærsyltetøy og vafler",
    "Hentekode 4821",
    "Takk for handelen!",
    "Er du framme? 🫐",
    "se https://nrk.no/x",
    "levert",
]
JAM, CODE, THANKS, TUNNELLED, LINK, PLAIN = ALL
RECEIPT = (
    "id:100000006 sub:001 dlvrd:001 submit date:2601151410 done date:2601151410"
    " stat:DELIVRD err:000 text:levert"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ALL),
        ("kind:message", ALL),
        ("-kind:message,receipt", []),
        ("kind:receipt to:4790000001", [RECEIPT]),
        ("kind:any -kind:receipt", ALL),
        ("-kind:any", []),
        ("from:4790000001", [TUNNELLED, LINK, PLAIN]),
        ("from:90000001", [TUNNELLED, LINK, PLAIN]),
        ('from:"+47 900 00 001"', [TUNNELLED, LINK, PLAIN]),
        ("from:shop", [CODE, THANKS]),
        ("from:SHOP,4790000002", [JAM, CODE, THANKS]),
        ("from:sh*", [CODE, THANKS]),
        ("from:4790*", [JAM, TUNNELLED, LINK, PLAIN]),
        ("-from:shop", [JAM, TUNNELLED, LINK, PLAIN]),
        ("to:4790000002 from:shop", [CODE]),
        ("to:+479900*", [TUNNELLED]),
        ("to:nobody", []),
        ("state:delivered", [JAM, CODE, PLAIN]),
        ("state:failed", [THANKS]),
        ("state:waiting", [TUNNELLED, LINK]),
        ("state:enroute", [TUNNELLED, LINK]),
        ("state:unfinished", [TUNNELLED, LINK]),
        ("state:finished", [JAM, CODE, THANKS, PLAIN]),
        ("-state:finished", [TUNNELLED, LINK]),
        ("state:held,underway,scheduled", []),
        ("reason:absent", [TUNNELLED, LINK]),
        ("reason:absent_no_bind", [LINK]),
        ("reason:unknown_subscriber", [THANKS]),
        ("system:shop", [CODE, THANKS]),
        ("system:SHOP,4790000002", [JAM, CODE, THANKS]),
        ("system:4790000001", [TUNNELLED, LINK, PLAIN]),
        ("system:47900*", [JAM, TUNNELLED, LINK, PLAIN]),
        ("session:3", [CODE, THANKS]),
        ("session:1,2", [JAM, TUNNELLED, LINK, PLAIN]),
        ("zone:laerdal-tunnel", [TUNNELLED]),
        ("zone:bergen", [LINK]),
        ("since:5m", [TUNNELLED, LINK, PLAIN]),
        ("since:1d before:11m", [JAM]),
        ("before:5m", [JAM, CODE, THANKS]),
        ("before:2026-01-15T13:00", [JAM]),
        ("has:code", [CODE]),
        ("has:link", [LINK]),
        ("-has:link,code", [JAM, THANKS, TUNNELLED, PLAIN]),
        ("BLÅBÆR", [JAM]),
        ('"syltetøy OG"', [JAM]),
        ('"og syltetøy"', []),
        ("og vafler", [JAM]),
        ("🫐", [TUNNELLED]),
        ("framme -🫐", []),
        ("e -er", [CODE, THANKS, LINK]),
        ("4790000002", [JAM, CODE, PLAIN]),
        ("Shop", [CODE, THANKS]),
        ('"Shop"', []),
        ("4821", [CODE]),
    ],
)
def test_a_term_finds_what_it_says(lab: Lab, text: str, wanted: list[str]) -> None:
    assert found(lab, text) == wanted
    assert found(lab, text, newest=True) == wanted[::-1]


def test_an_id_finds_its_message(lab: Lab) -> None:
    idents = [row["id"] for row in lab.control.messages(None, None, None, 10, None)]
    assert found(lab, f"id:{idents[1]},{idents[4]}") == [CODE, LINK]
    assert found(lab, idents[2]) == [THANKS]
    assert found(lab, f"-id:{idents[0]}") == ALL[1:]


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7])
def test_pages_are_gone_through_in_either_order(lab: Lab, newest: bool, limit: int) -> None:
    seen: list[str] = []
    following, pages = None, 0
    while pages == 0 or following is not None:
        cursor = {"before" if newest else "after": following}
        search = lab.control.search("")
        page, following = at_once(lab.control.listing(search, limit, newest=newest, **cursor))
        seen += [message["text"] for message in page]
        pages += 1
        assert len(page) <= limit
    assert seen == (ALL[::-1] if newest else ALL)


def test_both_cursors_bound_a_page(lab: Lab) -> None:
    idents = [row["id"] for row in lab.control.messages(None, None, None, 10, None)]
    assert found(lab, "", after=idents[0], before=idents[3]) == [CODE, THANKS]
    assert found(lab, "", after=idents[0], before=idents[3], newest=True) == [THANKS, CODE]
    assert found(lab, "", after=idents[3], before=idents[3]) == []


def test_a_message_says_who_submitted_it_and_what_is_in_it(lab: Lab) -> None:
    by_text = {row["text"]: row for row in lab.control.messages(None, None, None, 10, None)}
    told = by_text[CODE]
    assert (told["system_id"], told["session"], told["codes"], told["links"]) == ("shop", 3, ["4821"], [])
    assert (told["data_coding"], told["parts"], told["kind"], told["stage"]) == (0, 1, "message", "delivered")
    assert by_text[TUNNELLED]["data_coding"] == 8
    assert by_text[TUNNELLED]["stage"] == "waiting"
    assert by_text[LINK]["links"] == ["https://nrk.no/x"]
    assert by_text[PLAIN]["system_id"] == KARI


def test_counts_by_state_and_stage(lab: Lab) -> None:
    told = at_once(lab.control.counts(lab.control.search("")))
    assert (told["total"], told["complete"]) == (6, True)
    assert {state: count for state, count in told["states"].items() if count} == {
        "delivered": 3,
        "enroute": 2,
        "undeliverable": 1,
    }
    assert told["stages"]["waiting"] == 2
    assert at_once(lab.control.counts(lab.control.search("from:shop")))["total"] == 2


def test_a_wrong_search_says_where_and_what_would_be_right(lab: Lab) -> None:
    with pytest.raises(ControlError) as error:
        lab.control.search("to:2097 stat:held")
    assert error.value.status == 422
    assert error.value.members["at"] == 8
    assert "character 9" in error.value.detail
    assert "state:" in error.value.detail


def test_a_page_of_long_texts_ends_early(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_LONGEST_PAGE", 600)
    page, following = at_once(lab.control.listing(lab.control.search(""), 1000))
    assert len(page) == 2
    assert following == page[-1]["id"]


def test_what_is_looked_for_in_vain_ends_with_a_place_to_go_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "_MOST_LISTED", 4)
    monkeypatch.setattr(messages, "_MOST_COUNTED", 4)
    monkeypatch.setattr(walk, "STEP", 2)
    monkeypatch.setattr(walk, "LONGEST_STEP", 2)
    page, following = at_once(lab.control.listing(lab.control.search("levert"), 10))
    assert page == []
    page, following = at_once(lab.control.listing(lab.control.search("levert"), 10, after=following))
    assert [row["text"] for row in page] + found(lab, "levert", after=following) == [PLAIN]
    assert at_once(lab.control.counts(lab.control.search("")))["complete"] is False


def test_what_a_search_finds_is_deleted_wherever_it_is(lab: Lab) -> None:
    """Finished, waiting in memory; nobody gets it any more, nor a receipt of it."""
    deleted = at_once(lab.control.delete_messages(lab.control.search("from:shop,4790000001 -levert")))
    lab.settle()
    assert deleted == 4
    assert found(lab, "") == [JAM, PLAIN]
    assert found(lab, "kind:any") == [JAM, PLAIN, RECEIPT]
    per = lab.bind(PER)
    lab.patch(TUNNEL, zone="oslo")
    lab.settle()
    assert per.inbox == []
    assert lab.engine.unfinished() == 0
    if lab.engine.commit.durable:
        assert found(lab.again(), "") == [JAM, PLAIN]


def test_what_is_spilled_to_the_store_is_deleted_too(request: pytest.FixtureRequest) -> None:
    lab = Lab(limits={"in_memory": 10})
    kari = lab.bind(KARI)
    for number in range(200):
        kari.submit(PER, f"nr. {number}")
    lab.settle()
    assert at_once(lab.control.delete_messages(lab.control.search('to:4740000003 -"nr. 199"'))) == 199
    lab.settle()
    per = lab.bind(PER)
    lab.settle()
    assert per.inbox == ["nr. 199"]
    assert lab.engine.unfinished() == 0


def test_the_pdus_of_a_message_are_made_again_and_say_so(lab: Lab) -> None:
    idents = {row["text"]: row["id"] for row in lab.control.messages(None, None, None, 10, None)}
    told = at_once(lab.control.message_pdus(idents[CODE]))
    submit, deliver = told["pdus"]
    assert [pdu["rebuilt"] for pdu in told["pdus"]] == [True, True]
    assert (submit["command"], submit["direction"], submit["session"]) == ("submit_sm", "in", 3)
    assert (submit["text"], submit["fields"]["source_addr"]) == (CODE, "Shop")
    assert (submit["fields"]["source_addr_ton"], submit["at"]) == (5, None)
    assert (deliver["command"], deliver["direction"]) == ("deliver_sm", "out")
    assert deliver["fields"]["destination_addr"] == OLA
    assert bytes.fromhex(deliver["octets"])[:4] == len(bytes.fromhex(deliver["octets"])).to_bytes(4, "big")
    with pytest.raises(ControlError):
        at_once(lab.control.message_pdus("7"))


# --- tags: names for searches, for many who share a server ---------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tag:ola", [CODE, PLAIN]),
        ("TAG:Ola", [CODE, PLAIN]),
        ("tag:ola levert", [PLAIN]),
        ("-tag:ola", [JAM, THANKS, TUNNELLED, LINK]),
        ("tag:ola,shop", [CODE, THANKS, PLAIN]),
        ("-tag:ola,shop", [JAM, TUNNELLED, LINK]),
        ("tag:shop tag:ola", [CODE]),
        ("tag:shop -tag:ola", [THANKS]),
        ("tag:not-shop", [JAM, TUNNELLED, LINK, PLAIN]),
        ("-tag:not-shop", [CODE, THANKS]),
        ("tag:late", [TUNNELLED, LINK, PLAIN]),
    ],
)
def test_a_tag_stands_for_its_search(lab: Lab, text: str, wanted: list[str]) -> None:
    control = lab.control
    control.put_tag("ola", f"to:{OLA}")
    control.put_tag("shop", "from:shop")
    control.put_tag("not-shop", "-from:shop kind:message")
    control.put_tag("late", "since:5m")
    lab.advance(3600)  # five minutes before it was defined, for good
    assert found(lab, text) == wanted
    assert found(lab, text, newest=True) == wanted[::-1]


def test_what_comes_later_is_found_counted_told_and_deleted(lab: Lab) -> None:
    lab.control.put_tag("w3", f"from:{OLA}")
    lab.control.put_tag("other", "from:4791111111")
    lab.bind(OLA).submit(KARI, "senere")
    lab.settle()
    search = lab.control.search("tag:w3")
    page, _ = at_once(lab.control.listing(search, 10))
    assert [row["text"] for row in page] == [JAM, "senere"]
    assert at_once(lab.control.counts(search))["total"] == 2
    assert at_once(lab.control.showing(page[-1]["id"]))["tags"] == ["w3"]
    assert at_once(lab.control.delete_messages(search)) == 2
    lab.settle()
    assert found(lab, "") == ALL[1:]


def test_a_tag_that_is_none_says_which_there_are(lab: Lab) -> None:
    lab.control.put_tag("w3", f"from:{OLA}")
    with pytest.raises(
        ControlError, match=r"at 'tag:w4', character 4: expected a tag that is defined \(w3\)"
    ):
        lab.control.search("og tag:w4")
    lab.control.delete_tag("W3")
    assert lab.control.tagged() == []
    with pytest.raises(ControlError, match="no tag"):
        lab.control.delete_tag("w3")


@pytest.mark.parametrize(
    ("name", "q"),
    [("w 3", "hei"), ("", "hei"), ("æ" * 65, "hei"), ("w3", "  "), ("w3", "tag:a"), ("w3", "from:")],
)
def test_what_is_no_tag_is_refused(lab: Lab, name: str, q: str) -> None:
    lab.control.put_tag("a", "hei")
    with pytest.raises(ControlError) as refused:
        lab.control.put_tag(name, q)
    assert refused.value.status == 422
    assert [tag["name"] for tag in lab.control.tagged()] == ["a"]


def test_tags_are_bounded_and_end_with_a_reset(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "MOST", 2)
    for name in ("a", "b"):
        lab.control.put_tag(name, "hei")
    with pytest.raises(ControlError, match="delete one"):
        lab.control.put_tag("c", "hei")
    lab.control.put_tag("b", "hallo")
    assert lab.control.tagged()[1] == {"name": "b", "q": "hallo"}
    lab.do(lab.control.reset())
    assert lab.control.tagged() == []
