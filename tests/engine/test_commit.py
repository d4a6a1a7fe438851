"""Group commit: nobody is told anything before it is safe, and a store that fails loses nothing silently."""

from __future__ import annotations

import pytest

from smsc.store.base import StoreError, StoreFull
from tests.engine.lab import Client, Lab

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
RSYSERR, RMSGQFUL = 0x08, 0x14


def kari_and_ola() -> tuple[Lab, Client, Client]:
    """Two handsets, bound."""
    lab = Lab()
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    lab.settle()
    return lab, kari, ola


def test_neither_the_answer_nor_the_message_leaves_before_the_commit() -> None:
    lab, kari, ola = kari_and_ola()
    token = kari.submit(OLA, "Hei")
    lab.carry()
    assert (kari.answers, ola.inbox) == ({}, [])
    lab.settle()
    assert kari.answers[token][0] == 0
    assert ola.inbox == ["Hei"]


def test_a_refusal_need_not_wait_for_a_commit() -> None:
    lab, kari, _ = kari_and_ola()
    waiting = kari.submit(OLA, "Hei")
    refused = kari.submit("+46701234567", "Hej")
    lab.carry()
    assert kari.answers == {refused: (0x0B, "")}
    lab.settle()
    assert kari.answers[waiting][0] == 0


def test_what_comes_while_a_commit_is_under_way_is_the_next_one() -> None:
    lab, kari, ola = kari_and_ola()
    first = kari.submit(OLA, "en")
    lab.carry()
    for number in range(100):
        kari.submit(OLA, f"nr. {number}")
        lab.carry()
    assert len(lab.store.pending) == 1
    lab.store.write_down()(None)
    lab.carry()
    assert list(kari.answers) == [first]
    assert len(lab.store.pending) == 1
    lab.settle()
    assert len(kari.answers) == 101
    assert ola.inbox == ["en", *(f"nr. {number}" for number in range(100))]


def test_who_waits_behind_a_commit_that_takes_long_has_waited_as_long() -> None:
    """So that a store that another program holds is waited for once, and not once a group."""
    lab, kari, _ = kari_and_ola()
    kari.submit(OLA, "en")
    at(lab, 100.0)
    kari.submit(OLA, "to")
    at(lab, 100.5)
    kari.submit(OLA, "tre")
    at(lab, 104.0)
    lab.engine.set_time(110.0)
    lab.store.fail(StoreError("another program holds the file locked"))
    assert [batch.waited for batch, _ in lab.store.pending] == [9.5]
    kari.submit(OLA, "fire")
    at(lab, 110.25)
    lab.engine.set_time(110.5)
    lab.store.write_down()(None)
    assert [batch.waited for batch, _ in lab.store.pending] == [0.25]
    lab.store.write_down()(None)
    kari.submit(OLA, "fem")
    at(lab, 111.0)
    assert [batch.waited for batch, _ in lab.store.pending] == [0.0]


def at(lab: Lab, link_now: float) -> None:
    """What the clients have written arrives at that moment."""
    for client in list(lab.clients.values()):
        lab.engine.received(client.server, client.session.data_to_send(), link_now)
    lab.engine.turn_over()


def test_a_delivery_keeps_its_place_in_the_window_until_its_end_is_safe() -> None:
    """So that what comes twice after a crash is bounded by the window."""
    lab, kari, ola = kari_and_ola()
    kari.submit(OLA, "Hei")
    lab.carry()
    lab.store.write_down()(None)
    lab.carry()
    bind = lab.engine.bindings.by_number[int(OLA)][0]
    assert (ola.inbox, bind.outstanding) == (["Hei"], 1)
    lab.settle()
    assert bind.outstanding == 0
    assert ola.server.window_used == 0


def test_a_full_disk_refuses_and_recovers() -> None:
    lab, kari, ola = kari_and_ola()
    tokens = [kari.submit(OLA, f"nr. {number}") for number in range(3)]
    lab.carry()
    lab.store.fail(StoreFull("no space left"))
    lab.carry()
    assert [kari.answers[token] for token in tokens] == [(RMSGQFUL, "")] * 3
    assert (lab.engine.queues.queued, ola.inbox) == (0, [])
    assert not lab.control.health()["ready"]
    token = kari.submit(OLA, "Hei")
    lab.settle()
    assert kari.answers[token][0] == 0
    assert ola.inbox == ["Hei"]
    assert lab.control.health()["ready"]


def test_a_broken_disk_is_a_system_error() -> None:
    lab, kari, _ = kari_and_ola()
    token = kari.submit(OLA, "Hei")
    lab.carry()
    lab.store.fail(StoreError("input/output error"))
    lab.carry()
    assert kari.answers[token] == (RSYSERR, "")
    assert lab.control.counters()["store_errors_total"] == 1
    assert [message["state"] for message in lab.control.messages(None, None, None, 10, None)] == []


def test_a_refused_submission_keeps_no_place_in_the_senders_window() -> None:
    lab, kari, _ = kari_and_ola()
    for _ in range(50):
        kari.submit(OLA, "Hei")
        lab.carry()
        lab.store.fail(StoreError("input/output error"))
        lab.carry()
    assert (kari.server.deferred, kari.server.paused, lab.engine.queues.queued) == (0, False, 0)


def test_an_end_that_the_store_did_not_take_is_kept_and_tried_again() -> None:
    """The handset has the message: it stays delivered, once, and its receipt follows."""
    lab, kari, ola = kari_and_ola()
    token = kari.submit(OLA, "Hei", registered_delivery=1)
    lab.carry()
    lab.store.write_down()(None)
    lab.carry()
    assert ola.inbox == ["Hei"]
    assert len(lab.store.pending) == 1  # the final state and the receipt
    lab.store.fail(StoreError("input/output error"))
    lab.carry()
    assert kari.receipts == []
    lab.settle()
    assert ola.inbox == ["Hei"]
    assert [receipt.stat for receipt in kari.receipts] == ["DELIVRD"]
    assert lab.state(kari.answers[token][1]) == "delivered"
    assert lab.engine.queues.queued == 0


def test_a_group_that_failed_several_times_is_whole_in_the_end() -> None:
    lab, kari, ola = kari_and_ola()
    kari.submit(OLA, "en", registered_delivery=1)
    lab.carry()
    lab.store.write_down()(None)
    lab.carry()
    refused = [kari.submit(OLA, "avvist") for _ in range(3)]
    lab.carry()
    for _ in range(5):
        lab.store.fail(StoreFull("no space left"))
        lab.carry()
    assert [kari.answers[token] for token in refused] == [(RMSGQFUL, "")] * 3
    lab.settle()
    assert ola.inbox == ["en"]
    assert [receipt.stat for receipt in kari.receipts] == ["DELIVRD"]
    assert lab.engine.queues.queued == 0


def test_a_change_that_the_store_did_not_take_is_told_and_has_not_happened() -> None:
    lab = Lab()
    told: list[BaseException | None] = []
    lab.control.put_registration(KARI, {})
    lab.engine.commit.when_committed(told.append)
    lab.carry()
    lab.store.fail(StoreError("input/output error"))
    assert [str(error) for error in told] == ["input/output error"]
    lab.settle()
    for life in (lab, lab.again()):
        assert KARI not in registered(life)


def registered(lab: Lab) -> list[str]:
    return [found["msisdn"] for found in lab.control.registrations()]


def test_an_unbind_waits_for_what_was_submitted_before_it() -> None:
    lab, kari, _ = kari_and_ola()
    token = kari.submit(PER, "Hei")
    kari.session.unbind(lab.link_now)
    lab.carry()
    assert not kari.is_closed
    lab.settle()
    assert kari.answers[token][0] == 0
    assert kari.is_closed


def test_a_session_that_is_gone_before_its_commit_is_not_answered() -> None:
    lab, kari, ola = kari_and_ola()
    kari.submit(OLA, "Hei")
    lab.carry()
    kari.drop()
    lab.settle()
    assert (kari.answers, ola.inbox) == ({}, ["Hei"])


def test_what_was_written_but_never_told_of_is_there_after_a_crash() -> None:
    """The answer never left, so the client submits again: at least once."""
    lab, kari, _ = kari_and_ola()
    kari.submit(PER, "Hei")
    lab.carry()
    lab.store.write_down()
    lab = lab.again()
    per = lab.bind(PER)
    lab.settle()
    assert per.inbox == ["Hei"]


# --- DELETE /messages ---


def test_deleting_all_while_a_commit_is_under_way() -> None:
    """The submission was accepted, and then forgotten: it is answered, and never delivered."""
    lab, kari, ola = kari_and_ola()
    token = kari.submit(OLA, "Hei")
    lab.carry()
    lab.control.clear_messages()
    lab.settle()
    assert kari.answers[token][0] == 0
    assert ola.inbox == []
    assert lab.engine.queues.queued == 0
    assert lab.again().control.messages(None, None, None, 10, None) == []


def test_deleting_all_in_the_turn_of_the_submission() -> None:
    lab, kari, ola = kari_and_ola()
    token = kari.submit(OLA, "Hei")
    lab.engine.received(kari.server, kari.session.data_to_send(), lab.link_now)
    lab.control.clear_messages()
    lab.settle()
    assert kari.answers[token][0] == 0
    assert (ola.inbox, lab.engine.queues.queued) == ([], 0)
    assert lab.again().control.messages(None, None, None, 10, None) == []


@pytest.mark.parametrize("turn", ["same", "next"])
def test_deleting_all_over_a_store_that_fails(turn: str) -> None:
    """The submission and the registration are refused; what is deleted stays deleted once the store works."""
    lab, kari, ola = kari_and_ola()
    kari.submit(PER, "før")
    lab.settle()
    token = kari.submit(OLA, "Hei")
    lab.engine.received(kari.server, kari.session.data_to_send(), lab.link_now)
    if turn == "next":
        lab.carry()
    lab.control.clear_messages()
    lab.control.put_registration(KARI, {})
    lab.carry()
    for _ in range(2):
        lab.store.fail(StoreFull("no space left"))
        lab.carry()
    lab.settle()
    assert kari.answers[token] == (RMSGQFUL, "")
    assert (ola.inbox, lab.engine.queues.queued, kari.server.deferred) == ([], 0, 0)
    again = lab.again()
    assert again.control.messages(None, None, None, 10, None) == []
    assert KARI not in registered(lab)
    assert KARI not in registered(again)


def test_deleting_all_while_a_delivery_is_unanswered() -> None:
    lab, kari, ola = kari_and_ola()
    ola.answer = None
    for number in range(5):
        kari.submit(OLA, f"nr. {number}", registered_delivery=1)
    lab.settle()
    assert ola.inbox == ["nr. 0"]
    lab.control.clear_messages()
    lab.settle()
    ola.catch_up()
    lab.settle()
    bind = lab.engine.bindings.by_number[int(OLA)][0]
    assert (ola.inbox, kari.receipts) == (["nr. 0"], [])
    assert (lab.engine.queues.queued, lab.engine.queues.in_flight) == (0, 0)
    assert (bind.outstanding, ola.server.window_used) == (0, 0)
    kari.submit(OLA, "ny")
    lab.settle()
    assert ola.inbox == ["nr. 0", "ny"]


def test_deleting_all_while_an_end_is_being_written() -> None:
    lab, kari, ola = kari_and_ola()
    kari.submit(OLA, "Hei", registered_delivery=1)
    lab.carry()
    lab.store.write_down()(None)
    lab.carry()
    lab.control.clear_messages()
    lab.settle()
    bind = lab.engine.bindings.by_number[int(OLA)][0]
    assert (bind.outstanding, ola.server.window_used, lab.engine.queues.queued) == (0, 0, 0)
    assert lab.again().control.messages(None, None, None, 10, None) == []


def test_deleting_all_frees_those_who_waited_for_a_window() -> None:
    lab = Lab(limits={"window_out": 1})
    kari, farm = lab.bind(KARI), lab.bind("farm", "farm", "receiver", answer=None)
    for number in range(3):
        kari.submit(f"479000010{number}", f"nr. {number}")
    lab.settle()
    assert farm.inbox == ["nr. 0"]
    lab.control.clear_messages()
    farm.catch_up()
    lab.settle()
    kari.submit("4790000101", "ny")
    lab.settle()
    assert farm.inbox == ["nr. 0", "ny"]
