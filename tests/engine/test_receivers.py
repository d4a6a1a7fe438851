"""What the bind at the other end can take: nothing after its unbind, and no TLV before SMPP 3.4."""

from __future__ import annotations

import pytest

from tests.engine.lab import Client, Lab

KARI, OLA = "4790000001", "4790000002"


def kari_and(version: int) -> tuple[Lab, Client, Client]:
    lab = Lab()
    return lab, lab.bind(KARI, answer=0), lab.bind(OLA, kind="receiver", version=version)


def test_what_no_parts_can_carry_fails_at_a_handset_and_the_timeline_says_why() -> None:
    """Passed on by policy: more than 255 parts."""
    lab = Lab(policy={"too_long": "pass"})
    kari = lab.bind(KARI, answer=0)
    lab.bind(OLA, kind="receiver")
    token = kari.submit(OLA, "", payload=True, body=b"x" * (255 * 153 + 1), registered_delivery=1)
    lab.settle()
    message = lab.control.message(kari.answers[token][1])
    assert (message["state"], message["reason"]) == ("undeliverable", "too_long_for_receiver")
    assert message["attempts"] == 1
    assert (message["events"][-1]["event"], message["events"][-1]["reason"]) == (
        "undeliverable",
        "too_long_for_receiver",
    )
    (receipt,) = kari.receipts
    assert (receipt.stat, receipt.err) == ("UNDELIV", "175")


@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
def test_a_long_message_reaches_every_version_in_parts(version: int) -> None:
    lab, kari, ola = kari_and(version)
    kari.submit(OLA, "", payload=True, body=b"x" * 255)
    kari.submit(OLA, "Hei")
    lab.settle()
    assert ola.inbox == ["x" * 153, "x" * 102, "Hei"]
    assert lab.engine.is_quiet()
    assert lab.engine.unfinished() == 0


def test_nothing_is_sent_to_a_bind_that_has_asked_to_unbind() -> None:
    """Its unbind waits for a commit, in which a message for it arrives too."""
    lab, kari, ola = kari_and(0x34)
    kari.submit(OLA, "Hei")
    ola.session.unbind(lab.link_now)
    lab.settle()
    assert ola.is_closed
    assert ola.server.sent == 0
    assert lab.engine.queues.in_flight == 0
    assert lab.bind(OLA).inbox == ["Hei"]


def test_nothing_is_sent_to_a_bind_that_the_operator_has_asked_to_unbind() -> None:
    lab, kari, ola = kari_and(0x34)
    (session,) = (row for row in lab.control.sessions() if row["system_id"] == OLA)
    kari.submit(OLA, "Hei")
    lab.carry()
    lab.control.drop_session(session["id"], "unbind")
    lab.store.settle()
    assert ola.server.sent == 0
    lab.settle()
    assert lab.bind(OLA).inbox == ["Hei"]


def test_another_bind_takes_what_waited_for_the_one_that_unbinds() -> None:
    lab, kari, ola = kari_and(0x34)
    other = lab.bind(OLA)
    ola.answer = other.answer = None
    kari.submit(OLA, "en")
    kari.submit(OLA, "to")
    lab.settle()
    first, second = (ola, other) if ola.inbox else (other, ola)
    second.answer = 0
    first.session.unbind(lab.link_now)
    lab.settle()
    assert (first.server.sent, second.inbox) == (1, ["en", "to"])
