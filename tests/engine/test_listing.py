"""Lists of messages: every one that matches, in order, wherever it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control.search import walk
from smsc.control.steps import Steps
from tests.engine.lab import Lab

KARI, OLA, PER, NOBODY = "4790000001", "4790000002", "4740000003", "4798765432"


def listed(lab: Lab, **wanted: str | int | None) -> list[str]:
    """The texts of the messages that match."""
    asked: dict[str, Any] = {
        "source": None,
        "destination": None,
        "state": None,
        "limit": 1000,
        "after": None,
        **wanted,
    }
    return [message["text"] for message in lab.control.messages(**asked)]


def step(work: Steps[Any]) -> None:
    """One more step, once what the store was asked is there. StopIteration at the end."""
    while (wait := next(work)) is not None:
        wait(lambda: None)


@pytest.fixture(scope="module", params=[False, True], ids=["memory", "durable"])
def lab(request: pytest.FixtureRequest) -> Lab:
    """One for all that only look."""
    return filled(durable=request.param)


def filled(durable: bool) -> Lab:
    """700 delivered messages, 100 that wait, and one failure at the end."""
    lab = Lab()
    lab.store.durable = lab.engine.commit.durable = durable
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    for number in range(700):
        (kari, ola)[number % 2].submit(OLA, f"levert {number}", registered_delivery=number % 2)
        lab.carry()
    for number in range(100):
        kari.submit(PER, f"venter {number}")
    kari.submit(NOBODY, "feilet")
    lab.settle()
    return lab


def test_all(lab: Lab) -> None:
    delivered = [f"levert {number}" for number in range(700)]
    waiting = [f"venter {number}" for number in range(100)]
    assert listed(lab) == [*delivered, *waiting, "feilet"]


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_a_rare_state_is_found_behind_many_others(lab: Lab, limit: int) -> None:
    assert listed(lab, state="undeliverable", limit=limit) == ["feilet"]


@pytest.mark.parametrize(("state", "count"), [("delivered", 700), ("enroute", 100), ("held", 0)])
def test_by_state(lab: Lab, state: str, count: int) -> None:
    assert len(listed(lab, state=state)) == count


def test_by_source_and_destination(lab: Lab) -> None:
    assert listed(lab, source=OLA, limit=3) == ["levert 1", "levert 3", "levert 5"]
    assert listed(lab, source=KARI, destination=NOBODY) == ["feilet"]
    assert listed(lab, destination="99999999") == []


@pytest.mark.parametrize("limit", [1, 100, 333])
def test_page_by_page(lab: Lab, limit: int) -> None:
    seen: list[str] = []
    after = None
    while page := lab.control.messages(None, None, "enroute", limit, after):
        seen += [message["text"] for message in page]
        after = page[-1]["id"]
    assert seen == [f"venter {number}" for number in range(100)]


def test_a_listing_is_made_in_short_steps(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the whole of it: a step looks at so many ids and no more, wherever they are kept."""
    monkeypatch.setattr(walk, "STEP", 50)
    listing = lab.control.listing(lab.control.search(state="undeliverable"), 1000)
    steps = 0
    while True:
        try:
            step(listing)
        except StopIteration as done:
            found, _ = done.value
            break
        steps += 1
    assert [message["text"] for message in found] == ["feilet"]
    assert 801 / 50 < steps <= (700 + 350 + 101) / 50 + 1


@pytest.mark.parametrize(
    "words", ["feilet", "venter", "levert 1", "levert 69", "e", "4798765432", "100000050"]
)
@pytest.mark.parametrize("newest", [False, True])
def test_words_are_found_whatever_the_length_of_a_step(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, words: str, newest: bool
) -> None:
    """Steps grow while nothing is found, and shrink where much is."""
    wanted = [
        row["text"]
        for row in lab.control.messages(None, None, None, 1000, None)
        if all(word in row["text"] or word in (row["id"], row["destination"]) for word in words.split())
    ]
    monkeypatch.setattr(walk, "STEP", 7)
    monkeypatch.setattr(walk, "LONGEST_STEP", 224)
    monkeypatch.setattr(walk, "_MOST_SINGLE", 3)
    work = lab.control.listing(lab.control.search(words), 1000, newest=newest)
    steps = 0
    while True:
        try:
            step(work)
        except StopIteration as done:
            listing = done.value[0]
            break
        steps += 1
    assert wanted
    assert [row["text"] for row in listing] == (wanted[::-1] if newest else wanted)
    if words == "feilet" and lab.engine.commit.durable:
        assert steps < 801 / 7 / 2


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "durable"])
def test_a_message_that_ends_during_a_listing_is_told_once(
    durable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = filled(durable)
    monkeypatch.setattr(walk, "STEP", 50)
    listing = lab.control.listing(lab.control.search(), 1000)
    for _ in range(10):
        step(listing)
    lab.bind(PER)
    lab.settle()
    try:
        while True:
            step(listing)
    except StopIteration as done:
        ids = [message["id"] for message in done.value[0]]
    assert ids == sorted(set(ids), key=int)
    assert len(ids) == 801
