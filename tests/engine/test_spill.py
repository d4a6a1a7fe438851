"""Long queues wait in the store: memory holds their heads, and the order is the one of submission."""

from __future__ import annotations

import pytest

from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import MESSAGES
from smsc.engine.journal.stored import Written, by_now
from smsc.engine.mt.spill import HEAD, Spill
from smsc.protocol import constants as c
from smsc.store.base import Batch
from tests.engine.lab import Client, Lab, Late, ask

pytestmark = pytest.mark.usefixtures("late")

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
TEN_MINUTES = b"000000001000000R"
MANY = 5 * HEAD


def fill(lab: Lab, sender: Client, count: int = MANY, **fields: object) -> list[str]:
    """Submit so many messages to Per, who has no bind."""
    texts = [f"nr. {number}" for number in range(count)]
    for text in texts:
        sender.submit(PER, text, **fields)
    lab.settle()
    return texts


def in_memory(lab: Lab) -> int:
    """How many messages the engine holds, finished receipts aside."""
    index = lab.engine.message_index
    return sum(message.id not in index.receipts for message in index)


def test_the_tail_of_a_long_queue_is_left_to_the_store() -> None:
    lab = Lab()
    fill(lab, lab.bind(KARI))
    recipient = lab.engine.queues.recipients[int(PER)]
    assert (recipient.count, recipient.spilled) == (HEAD, MANY - HEAD)
    assert in_memory(lab) == HEAD
    assert lab.engine.queues.queued == MANY


def test_a_long_queue_comes_in_order() -> None:
    lab = Lab()
    texts = fill(lab, lab.bind(KARI))
    per = lab.bind(PER)
    lab.settle()
    assert "".join(per.inbox) == "".join(texts)  # in parts, as a handset gets them
    assert (lab.engine.queues.queued, list(lab.engine.queues.recipients)) == (0, [])


def test_memory_holds_the_head_only_while_a_long_queue_is_worked_off() -> None:
    lab = Lab()
    texts = fill(lab, lab.bind(KARI))
    per = lab.bind(PER, answer=None)
    most = 0
    while len(per.inbox) < MANY or per.owed:
        lab.settle()
        most = max(most, lab.engine.queues.recipients[int(PER)].count)
        per.acknowledge()
    lab.settle()
    assert "".join(per.inbox) == "".join(texts)  # in parts, as a handset gets them
    assert most <= 2 * HEAD


def test_what_comes_later_queues_behind_what_is_spilled() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    texts = fill(lab, kari)
    per = lab.bind(PER, answer=None)
    lab.settle()
    kari.submit(PER, "sist")
    lab.settle()
    per.catch_up()
    lab.settle()
    assert per.inbox == [*texts, "sist"]


def test_an_urgent_message_overtakes_what_is_spilled() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    fill(lab, kari)
    kari.submit(PER, "viktig", priority=2)
    lab.settle()
    per = lab.bind(PER)
    lab.settle()
    assert per.inbox[0] == "viktig"
    assert len(per.inbox) == MANY + 1


def test_order_holds_for_each_of_several_senders() -> None:
    lab = Lab()
    senders = [lab.bind(number) for number in (KARI, OLA)]
    for number in range(MANY):
        senders[number % 2].submit(PER, f"{number % 2}: {number}")
        lab.carry()
    lab.settle()
    per = lab.bind(PER)
    lab.settle()
    for sender in range(2):
        own = [text for text in per.inbox if text.startswith(f"{sender}:")]
        assert own == [f"{sender}: {number}" for number in range(sender, MANY, 2)]


def test_spilled_messages_expire_in_their_time() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    fill(lab, kari, validity=TEN_MINUTES, registered_delivery=1)
    lab.advance(599)
    assert kari.receipts == []
    lab.advance(2)
    assert [receipt.stat for receipt in kari.receipts] == ["EXPIRED"] * MANY
    assert (lab.engine.queues.queued, list(lab.engine.queues.recipients)) == (0, [])
    assert in_memory(lab) == 0


def test_nothing_of_a_look_for_what_has_expired_is_left_of_a_recipient_that_is_forgotten() -> None:
    lab = Lab()
    fill(lab, lab.bind(KARI), validity=TEN_MINUTES)
    spill = lab.engine.queues.spill
    recipient = lab.engine.queues.recipients.get(int(PER))
    spill.expiring[recipient.key] = 7  # the store has more that has expired
    spill.forget(recipient)
    assert spill.expiring == {}


def test_one_spilled_message_expires_before_the_others() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    fill(lab, kari)
    token = kari.submit(PER, "kort", validity=TEN_MINUTES, registered_delivery=1)
    lab.settle()
    lab.advance(601)
    assert [receipt.id for receipt in kari.receipts] == [kari.answers[token][1]]
    per = lab.bind(PER)
    lab.settle()
    assert len(per.inbox) == MANY
    assert "kort" not in per.inbox


def test_a_restart_leaves_everything_to_the_store_and_keeps_the_order() -> None:
    lab = Lab()
    texts = fill(lab, lab.bind(KARI))
    lab = lab.again()
    assert in_memory(lab) == 0
    assert lab.engine.queues.queued == MANY
    per = lab.bind(PER)
    lab.settle()
    assert "".join(per.inbox) == "".join(texts)  # in parts, as a handset gets them
    assert lab.engine.queues.queued == 0


def test_expiry_after_a_restart() -> None:
    lab = Lab()
    fill(lab, lab.bind(KARI), validity=TEN_MINUTES, registered_delivery=1)
    lab.advance(300)
    lab = lab.again()
    kari = lab.bind(KARI)
    lab.advance(299)
    assert kari.receipts == []
    lab.advance(2)
    assert [receipt.stat for receipt in kari.receipts] == ["EXPIRED"] * MANY


def test_a_receiver_that_is_lost_in_the_middle_gets_the_rest_next_time() -> None:
    lab = Lab()
    texts = fill(lab, lab.bind(KARI))
    per = lab.bind(PER, answer=None)
    for _ in range(100):
        lab.settle()
        per.acknowledge()
    lab.settle()
    seen = per.inbox[:100]
    per.drop()
    lab.settle()
    per = lab.bind(PER)
    lab.settle()
    assert seen + per.inbox == texts


@pytest.mark.parametrize("durable", [False, True])
def test_a_permanent_answer_ends_all_that_waits_a_few_in_each_turn(durable: bool) -> None:
    lab = Lab()
    lab.store.durable = lab.engine.commit.durable = durable
    kari = lab.bind(KARI)
    fill(lab, kari, 1000, registered_delivery=1)
    per = lab.bind(PER, answer=0x65)
    lab.carry()
    assert lab.engine.queues.queued > 500, "others have their turn between"
    lab.settle()
    assert len(per.inbox) == 1
    assert [receipt.stat for receipt in kari.receipts] == ["UNDELIV"] * 1000
    assert (lab.engine.queues.queued, list(lab.engine.queues.recipients)) == (0, [])
    per.answer = 0
    kari.submit(PER, "senere")
    lab.settle()
    assert per.inbox[1:] == ["senere"], "a queue has failed, not the number for ever"


def test_what_is_long_is_left_to_the_store_sooner() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    texts = ["a" * 20_000 + str(number) for number in range(20)]
    for text in texts:
        kari.submit(PER, "", payload=True, body=text.encode())
        lab.settle()
    recipient = lab.engine.queues.recipients[int(PER)]
    assert (recipient.count, recipient.spilled) == (1, 19)
    per = lab.bind(PER, answer=None)
    most = 0
    while sum(map(len, per.inbox)) < sum(map(len, texts)) or per.owed:
        lab.settle()
        if int(PER) in lab.engine.queues.recipients:
            most = max(most, lab.engine.queues.recipients[int(PER)].count)
        per.acknowledge()
    assert "".join(per.inbox) == "".join(texts)  # in parts, as a handset gets them
    assert most <= 3


def test_deleting_all_empties_the_store_too() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    fill(lab, kari)
    lab.control.clear_messages()
    lab.settle()
    assert (lab.engine.queues.queued, in_memory(lab)) == (0, 0)
    per = lab.bind(PER)
    lab.settle()
    assert per.inbox == []
    kari.submit(PER, "ny")
    lab.settle()
    assert per.inbox == ["ny"]


def test_a_spilled_message_is_found_by_its_id_and_tells_why_it_waits() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    fill(lab, kari)
    last = list(kari.answers.values())[-1][1]
    told = lab.control.message(last)
    assert (told["state"], told["text"], told["reason"]) == ("enroute", f"nr. {MANY - 1}", "absent_no_bind")


def test_what_the_store_shows_before_its_commit_was_heard_of_is_not_taken_twice() -> None:
    """The queue looks into the store between the write and the word of it."""
    lab = Lab()
    kari = lab.bind(KARI)
    texts = fill(lab, kari)
    per = lab.bind(PER, answer=None)
    lab.settle()
    kari.submit(PER, "sist")
    lab.carry()
    done = lab.store.write_down()
    while per.owed:
        per.acknowledge()
        lab.carry()
    done(None)
    per.catch_up()
    lab.settle()
    per.catch_up()
    lab.settle()
    assert per.inbox == [*texts, "sist"]
    assert lab.engine.queues.queued == 0


def test_what_ended_while_the_store_was_asked_is_not_delivered(late: bool) -> None:
    """The queue is read before the cancellation is written, and told of it afterwards."""
    lab = Lab()
    kari = lab.bind(KARI)
    texts = fill(lab, kari)
    last = list(kari.answers.values())[-1][1]
    lab = lab.again()
    kari, per = lab.bind(KARI), lab.bind(PER, answer=None)
    lab.carry()
    cancelled = ask(kari, c.CANCEL_SM, message_id=last, source_addr_ton=1, source_addr=KARI)
    lab.run()
    per.catch_up()
    lab.settle()
    assert kari.answers[cancelled][0] == 0
    assert per.inbox == texts[:-1]
    assert lab.engine.queues.queued == 0


def test_a_read_that_missed_commits_is_told_what_they_changed() -> None:
    """Row by row: ended, deleted, changed, all deleted, and a batch of which nothing was kept."""
    written = Written()
    before = Batch()
    written.add(before)
    since = written.begin()
    for row in ((1, "ended"), (2, "changed")):
        batch = Batch()
        batch.changes[MESSAGES.name] = {row[0]: row}
        written.add(batch)
    failed = Batch()
    failed.changes[MESSAGES.name] = {3: None}
    written.add(failed)
    written.failed()
    deleted = Batch()
    deleted.delete(MESSAGES, 4)
    written.add(deleted)
    later = written.begin()
    layers = written.end(since)
    read = [(ident, "waits") for ident in range(1, 6)]
    told = [by_now(row, row[0], layers) for row in read]
    assert told == [(1, "ended"), (2, "changed"), (3, "waits"), None, (5, "waits")]
    emptied = Batch()
    emptied.clear(MESSAGES)
    emptied.changes[MESSAGES.name] = {7: (7, "new")}
    written.add(emptied)
    layers = written.end(later)
    assert [by_now((ident, "waits"), ident, layers) for ident in (5, 7)] == [None, (7, "new")]
    assert len(written.layers) == 1, "nothing is kept that no read can have missed"


def test_a_queue_is_asked_for_before_its_head_is_empty() -> None:
    lab = Lab()
    texts = fill(lab, lab.bind(KARI))
    per = lab.bind(PER, answer=None)
    lab.engine.stored.store = Late(lab.store)  # type: ignore[assignment]
    least = HEAD
    while per.owed:
        per.acknowledge()
        lab.carry()
        while lab.store.pending:
            lab.store.write_down()(None)
            lab.carry()
        if lab.store.asked:
            recipient = lab.engine.queues.recipients[int(PER)]
            least = min(least, recipient.count - recipient.in_flight)
            lab.store.answer()
            lab.carry()
    assert per.inbox == texts
    assert least >= HEAD // 4


@pytest.mark.parametrize(
    ("messages", "receipts", "octets", "over"),
    [
        (3, 0, 0, False),
        (4, 0, 0, True),
        (5, 2, 0, False),
        (6, 2, 0, True),
        (1, 0, 100, False),
        (1, 0, 101, True),
    ],
)
def test_memory_holds_so_many_messages_besides_finished_receipts_and_so_many_octets(
    messages: int, receipts: int, octets: int, over: bool
) -> None:
    index = MessageIndex(1_000, 1_000_000)
    index.count, index.octets = messages, octets
    for number in range(1, receipts + 1):
        index.receipts.put(number, object())
    assert Spill(None, None, index, 3, 100).is_over() is over
