"""What a peer can make grow has a bound: the windows, the queue, what is remembered of finished messages."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control import ControlError
from tests.engine.lab import Lab

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
RMSGQFUL = 0x14


def test_reading_stops_at_a_thousand_unanswered_submissions() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    lab.settle()
    for number in range(2500):
        kari.submit(PER, f"nr. {number}")
    lab.carry()
    assert kari.server.paused
    assert (kari.server.deferred, lab.engine.queues.queued) == (1000, 1000)
    lab.settle()
    assert len(kari.answers) == 2500
    assert not kari.server.paused
    assert lab.engine.queues.queued == 2500


def test_a_receiver_gets_no_more_than_its_window() -> None:
    lab = Lab(limits={"window_out": 10})
    kari, farm = lab.bind(KARI), lab.bind("farm", "farm", "receiver", answer=None)
    for number in range(50):
        kari.submit(f"47900002{number:02}", f"nr. {number}")
    lab.settle()
    assert len(farm.inbox) == 10
    farm.acknowledge()
    lab.settle()
    assert len(farm.inbox) == 11
    farm.catch_up()
    lab.settle()
    assert farm.inbox == [f"nr. {number}" for number in range(50)]


def test_the_queue_of_one_recipient_is_bounded_and_the_others_go_on() -> None:
    lab = Lab(limits={"queue_per_recipient": 100})
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    for _ in range(100):
        kari.submit(PER, "Hei")
        lab.settle()
    full = kari.submit(PER, "en for mye")
    other = kari.submit(OLA, "Hei")
    lab.settle()
    assert kari.answers[full] == (RMSGQFUL, "")
    assert kari.answers[other][0] == 0
    assert ola.inbox == ["Hei"]


IN_AN_HOUR = b"000000010000000R"
BURSTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "to a handset": (PER, {}, {}),
    "to an ESME": ("59000001", {}, {}),
    "scheduled": (PER, {"schedule": IN_AN_HOUR}, {}),
    "held on its sender's handset": (PER, {}, {}),
    "on its way up": (PER, {}, {"latency": {"preset": "realistic"}}),
}


@pytest.mark.parametrize("burst", BURSTS)
@pytest.mark.parametrize("step", ["at once", "one by one", "behind a commit"])
def test_a_burst_does_not_overrun_the_queue_of_one_recipient(burst: str, step: str) -> None:
    """What is under way to the store, or waits elsewhere, has its place in the queue already."""
    to, fields, settings = BURSTS[burst]
    lab = Lab(limits={"queue_per_recipient": 100}, **settings)
    senders = [lab.bind(f"47900000{number:02}") for number in range(4)]
    if burst.startswith("held"):
        for sender in senders:
            lab.patch(sender.system_id, zone="laerdal-tunnel")
    tokens = []
    for number in range(60):
        tokens += [(sender, sender.submit(to, f"nr. {number}", **fields)) for sender in senders]
        if step != "at once":
            lab.carry()
        if step == "one by one" and burst != "on its way up":
            lab.settle()
    lab.settle()
    lab.advance(120 if burst == "on its way up" else 0)
    answers = [sender.answers[token][0] for sender, token in tokens]
    assert (answers.count(0), answers.count(RMSGQFUL)) == (100, 140)
    assert lab.engine.queues.queued == 100
    lab.control.clear_messages()
    lab.settle()
    again = [(sender, sender.submit(to, "Hei", **fields)) for sender in senders]
    lab.settle()
    lab.advance(120 if burst == "on its way up" else 0)
    assert [sender.answers[token][0] for sender, token in again] == [0] * 4


def test_the_queue_of_an_esme_is_bounded_as_well() -> None:
    lab = Lab(limits={"queue_per_recipient": 10})
    kari = lab.bind(KARI)
    for _ in range(10):
        kari.submit("59000001", "Hei")
        lab.settle()
    full = kari.submit("59000001", "en for mye")
    lab.settle()
    assert kari.answers[full] == (RMSGQFUL, "")


def test_a_full_queue_holds_up_no_emergency() -> None:
    lab = Lab(limits={"queue": 5})
    user, police = lab.bind("4790000112"), lab.bind("psap112", "nodsms")
    for _ in range(5):
        user.submit(PER, "Hei")
    lab.settle()
    refused, urgent = user.submit(PER, "Hei"), user.submit("112", "Hjelp")
    lab.settle()
    assert user.answers[refused] == (RMSGQFUL, "")
    assert user.answers[urgent][0] == 0
    assert police.inbox == ["Hjelp"]
    assert len(user.inbox) == 1  # the confirmation


def test_the_queue_is_full_no_longer_when_messages_have_gone() -> None:
    lab = Lab(limits={"queue": 3})
    kari = lab.bind(KARI)
    for _ in range(3):
        kari.submit(PER, "Hei")
    lab.settle()
    assert not lab.control.health()["ready"]
    per = lab.bind(PER)
    lab.settle()
    token = kari.submit(PER, "Hei")
    lab.settle()
    assert kari.answers[token][0] == 0
    assert per.inbox == ["Hei"] * 4
    assert lab.control.health()["ready"]


@pytest.mark.parametrize("durable", [False, True])
def test_finished_messages_are_kept_up_to_a_limit(durable: bool) -> None:
    """In memory; a durable store keeps them as long as retention says."""
    lab = Lab(limits={"finished": 10})
    lab.store.durable = lab.engine.commit.durable = durable
    kari, _ = lab.bind(KARI), lab.bind(OLA)
    tokens = [kari.submit(OLA, f"nr. {number}") for number in range(30)]
    lab.settle()
    ids = [kari.answers[token][1] for token in tokens]
    assert lab.state(ids[-1]) == "delivered"
    if durable:
        assert lab.state(ids[0]) == "delivered"
        assert sum(1 for _ in lab.engine.message_index) == 0
    else:
        with pytest.raises(ControlError, match="forgotten"):
            lab.state(ids[0])
        assert sum(1 for _ in lab.engine.message_index) == 10


def test_what_is_deferred_takes_places_in_the_window() -> None:
    """A handset without coverage cannot make the server hold more than a window of submissions for it."""
    lab = Lab(limits={"window": 10})
    kari = lab.bind(KARI)
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "defer"})
    lab.patch(KARI, zone="laerdal-tunnel")
    for number in range(25):
        kari.submit(PER, f"nr. {number}")
    lab.settle()
    assert kari.server.paused
    assert lab.engine.outboxes.count() == 10
    lab.patch(KARI, zone="oslo")
    assert len(kari.answers) == 25
    assert lab.engine.queues.queued == 25


def test_what_is_lost_on_the_way_takes_no_place_in_the_window() -> None:
    lab = Lab(limits={"window": 10})
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "lose"})
    lab.patch(KARI, zone="laerdal-tunnel")
    for number in range(100):
        kari.submit(OLA, f"tapt {number}")
    lab.settle()
    assert not kari.server.paused
    lab.patch(KARI, zone="oslo")
    kari.submit(OLA, "fram")
    lab.settle()
    assert ola.inbox == ["fram"]


def test_deleting_all_frees_the_window_of_what_was_deferred() -> None:
    lab = Lab(limits={"window": 10})
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "defer"})
    lab.patch(KARI, zone="laerdal-tunnel")
    for number in range(10):
        kari.submit(OLA, f"nr. {number}")
    lab.settle()
    lab.control.clear_messages()
    lab.patch(KARI, zone="oslo")
    token = kari.submit(OLA, "ny")
    lab.settle()
    assert list(kari.answers) == [token]
    assert ola.inbox == ["ny"]
