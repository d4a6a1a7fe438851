"""What a peer can make the SMSC keep is bounded in octets as well as in number, in whatever state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from smsc.engine.engine import TABLES
from smsc.protocol import constants as c
from smsc.protocol.pdu.fields import Destination
from smsc.store.base import StoreError
from smsc.store.memory import MemoryStore
from tests.engine.lab import Client, GatedStore, Lab, ask

KARI, OLA, PER, AWAY = "4790000001", "4790000002", "4790000003", "4799000007"
RMSGQFUL = 0x14
LARGE = b"x" * 6_000
IN_AN_HOUR, TEN_MINUTES = b"000000010000000R", b"000000001000000R"
PASS: dict[str, Any] = {"policy": {"too_long": "pass"}}


class Plain(MemoryStore):
    """`memory:` as it is."""

    def settle(self) -> int:
        return 0


def lab_of(store: type[MemoryStore], **limits: int) -> Lab:
    made = store()
    made.open(TABLES)
    return Lab(made, limits=limits, **PASS)


def large(client: Client, to: str, **fields: Any) -> object:
    return client.submit(to, "", body=LARGE, payload=True, **fields)


# --- where messages wait ----------------------------------------------------------------------------


def absent(lab: Lab, kari: Client, number: int) -> object:
    return large(kari, AWAY)


def of_many(lab: Lab, kari: Client, number: int) -> object:
    return large(kari, str(4790010000 + number))


def urgent(lab: Lab, kari: Client, number: int) -> object:
    return large(kari, str(4790010000 + number), priority=2)


def scheduled(lab: Lab, kari: Client, number: int) -> object:
    return large(kari, OLA, schedule=IN_AN_HOUR)


def held(lab: Lab, kari: Client, number: int) -> object:
    if number == 0:
        lab.patch(KARI, zone="laerdal-tunnel")
    return large(kari, OLA)


def in_tlvs(lab: Lab, kari: Client, number: int) -> object:
    tlv = (0x1700).to_bytes(2, "big") + len(LARGE).to_bytes(2, "big") + LARGE
    return kari.submit(AWAY, "hei", tlvs=tlv)


def by_data_sm(lab: Lab, kari: Client, number: int) -> object:
    named = {"source_addr_ton": 1, "source_addr": KARI, "dest_addr_ton": 1, "destination_addr": AWAY}
    return ask(kari, c.DATA_SM, [(0x0424, LARGE)], **named)


def window_full(lab: Lab, kari: Client, number: int) -> object:
    if number == 0:
        lab.farm = lab.bind("farm", "farm", "receiver", answer=None)  # type: ignore[attr-defined]
        for each in range(4):
            kari.submit(str(4790019000 + each), "i veien")
        lab.settle()
    return large(kari, str(4790010000 + number))


WAYS: list[Callable[[Lab, Client, int], object]] = [
    absent,
    of_many,
    urgent,
    scheduled,
    held,
    in_tlvs,
    by_data_sm,
    window_full,
]


def bring_in(lab: Lab, way: Callable[[Lab, Client, int], object], count: int) -> list[int]:
    """So many messages of one kind; the statuses they were answered."""
    kari = lab.bind(KARI)
    tokens = []
    for number in range(count):
        tokens.append(way(lab, kari, number))
        lab.settle()
    return [kari.answers[token][0] for token in tokens]


def let_go(lab: Lab) -> None:
    """Everything goes where it is meant to go."""
    lab.patch(AWAY, powered=True)
    lab.patch(KARI, zone="oslo")
    farm = getattr(lab, "farm", None) or lab.bind("farm", "farm", "receiver")
    farm.catch_up()
    lab.bind(AWAY, kind="receiver")
    lab.bind(OLA, kind="receiver")
    lab.advance(3_700)


@pytest.mark.parametrize("store", [Plain, GatedStore])
@pytest.mark.parametrize("way", WAYS)
def test_what_waits_is_bounded_in_octets(
    store: type[MemoryStore], way: Callable[[Lab, Client, int], object]
) -> None:
    lab = lab_of(store, queue_octets=10 * len(LARGE) + 100, window_out=4)
    answers = bring_in(lab, way, 14)
    taken = answers.count(0)
    assert answers == [0] * taken + [RMSGQFUL] * (14 - taken)
    assert taken == 11  # the one that crosses the line is the last
    assert not lab.control.health()["ready"]
    let_go(lab)
    assert (lab.engine.queues.queued, lab.engine.queues.octets) == (0, 0)
    assert lab.control.health()["ready"]


@pytest.mark.parametrize("way", WAYS)
def test_memory_holds_no_more_of_what_the_store_has(way: Callable[[Lab, Client, int], object]) -> None:
    budget = 8 * len(LARGE)
    lab = lab_of(GatedStore, in_memory_octets=budget, window_out=4)
    answers = bring_in(lab, way, 60)
    assert answers == [0] * 60
    assert lab.engine.queues.octets >= 60 * len(LARGE)
    assert lab.engine.message_index.octets <= budget + len(LARGE)
    lab = lab.again()
    assert lab.engine.queues.octets >= 60 * len(LARGE)
    assert lab.engine.message_index.octets <= budget + len(LARGE)
    let_go(lab)
    assert (lab.engine.queues.queued, lab.engine.queues.octets) == (0, 0)
    assert lab.engine.message_index.octets == 0


def test_what_was_left_to_the_store_comes_in_order_when_the_window_opens() -> None:
    lab = lab_of(GatedStore, in_memory_octets=2_000, window_out=1)
    kari, farm = lab.bind(KARI), lab.bind("farm", "farm", "receiver", answer=None)
    texts = [f"{number % 20}: {number} " + "x" * 80 for number in range(100)]
    for number, text in enumerate(texts):
        kari.submit(str(4790010000 + number % 20), text)
        lab.settle()
    assert lab.engine.message_index.octets <= 2_100
    farm.catch_up()
    lab.settle()
    for each in range(20):
        own = [text for text in farm.inbox if text.startswith(f"{each}: ")]
        assert own == texts[each::20]
    assert lab.engine.queues.octets == 0


def test_what_is_deferred_counts_though_nobody_was_answered() -> None:
    lab = lab_of(GatedStore, queue_octets=10 * len(LARGE))
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "defer"})
    kari = lab.bind(KARI)
    lab.patch(KARI, zone="laerdal-tunnel")
    tokens = [large(kari, OLA) for _ in range(14)]
    lab.settle()
    assert [kari.answers[token][0] for token in tokens[10:]] == [RMSGQFUL] * 4
    assert lab.engine.queues.octets == 10 * len(LARGE)
    kari.drop()
    lab.settle()
    assert (lab.engine.queues.queued, lab.engine.queues.octets) == (0, 0)


def test_the_text_of_a_submit_multi_counts_once_for_each_recipient() -> None:
    """Each of them is a message that waits, comes back from the store and goes out by itself."""
    lab = lab_of(GatedStore, queue_octets=100 * len(LARGE))
    shop = lab.bind("farm", "farm", "transmitter")
    to = [Destination(1, 1, str(4790010000 + number)) for number in range(254)]
    source = {"source_addr_ton": 1, "source_addr": "4790010999"}
    token = ask(shop, c.SUBMIT_MULTI, [(0x0424, LARGE)], dest_address=to, **source)
    lab.settle()
    assert shop.answers[token][0] == 0
    assert lab.engine.queues.queued == 100
    assert lab.engine.queues.octets == 100 * len(LARGE)


def test_in_memory_the_recipients_of_a_submit_multi_share_its_octets() -> None:
    lab = lab_of(Plain)
    shop = lab.bind("farm", "farm", "transmitter")
    to = [Destination(1, 1, str(4790010000 + number)) for number in range(254)]
    source = {"source_addr_ton": 1, "source_addr": "4790010999"}
    ask(shop, c.SUBMIT_MULTI, [(0x0424, LARGE), (0x1700, LARGE)], dest_address=to, **source)
    lab.settle()
    waiting = list(lab.engine.message_index)
    assert len(waiting) == 254
    assert len({id(message.body) for message in waiting}) == 1
    assert len({id(message.tlvs) for message in waiting}) == 1


@pytest.mark.parametrize("kind", ["submit", "replace"])
def test_what_is_on_its_way_to_the_store_is_bounded(kind: str) -> None:
    lab = lab_of(GatedStore, uncommitted_octets=10 * len(LARGE))
    kari = lab.bind(KARI)
    first = kari.submit(AWAY, "hei")
    lab.settle()
    ident = kari.answers[first][1]
    tokens = []
    for _ in range(14):
        if kind == "submit":
            tokens.append(large(kari, AWAY))
        else:
            named = {"message_id": ident, "source_addr_ton": 1, "source_addr": KARI}
            tokens.append(ask(kari, c.REPLACE_SM, [(0x0424, LARGE)], **named))
        lab.carry()
    refused = [token for token in tokens if kari.answers.get(token, (0,))[0] == RMSGQFUL]
    assert refused == tokens[10:]
    lab.store.fail(StoreError("input/output error"))
    lab.settle()
    assert lab.engine.commit.octets == 0
    assert kari.answers[tokens[0]][0] == 0x08
    again = large(kari, AWAY)
    lab.settle()
    assert kari.answers[again][0] == 0


def test_finished_messages_are_kept_up_to_so_many_octets() -> None:
    lab = lab_of(Plain, finished_octets=5 * len(LARGE))
    kari, ola = lab.bind(KARI), lab.bind(OLA)
    for _ in range(20):
        large(kari, OLA)
        kari.submit(OLA, "hei")
        lab.settle()
    assert ola.inbox.count("hei") == 20
    assert lab.engine.queues.queued == 0
    assert lab.engine.message_index.octets <= 5 * len(LARGE)
    lab.control.clear_messages()
    assert lab.engine.message_index.octets == lab.engine.message_index.finished_octets == 0


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("store", [Plain, GatedStore])
def test_the_count_is_right_whatever_becomes_of_a_message(store: type[MemoryStore], fails: bool) -> None:
    """Answered, refused, replaced, cancelled, expired, erased, content and emergency: in the end nothing is
    left, and before that what is counted is what waits."""
    lab = lab_of(store)
    kari, user, quiz = lab.bind(KARI), lab.bind("4790000112"), lab.bind("quiz", "quiz2097")
    lab.bind("psap112", "nodsms")
    named: dict[str, Any] = {"source_addr_ton": 1, "source_addr": KARI}
    idents = []
    for number in range(6):
        idents.append(kari.submit(AWAY, f"nr. {number}", validity=TEN_MINUTES, registered_delivery=1))
        idents.append(kari.submit(PER, f"nr. {number}", schedule=IN_AN_HOUR))
        kari.submit("2097", "QUIZ A")
        user.submit("112", "Hjelp")
        kari.submit("4799000005", "til en annen", replace_if_present=1)
    lab.settle()
    ids = [kari.answers[token][1] for token in idents]

    def step(what: Callable[[], Any]) -> None:
        what()
        lab.carry()
        if fails and getattr(lab.store, "pending", None):
            lab.store.fail(StoreError("input/output error"))
        lab.settle()
        waiting = [row for row in lab.store.select(TABLES[0]) if row[2] in (0, 1, 10)]
        if store is GatedStore:
            assert lab.engine.queues.octets == sum(len(row[22]) + len(row[23]) for row in waiting)

    for ident in ids[:2]:
        step(partial(ask, kari, c.REPLACE_SM, message_id=ident, short_message=b"kort", **named))
        step(partial(ask, kari, c.REPLACE_SM, [(0x0424, LARGE)], message_id=ident, **named))
    for ident in ids[2:4]:
        step(partial(ask, kari, c.CANCEL_SM, message_id=ident, **named))
    step(lambda: kari.submit(AWAY, "i stedet", replace_if_present=1))
    step(lambda: kari.submit("+46701234567", "Hej"))
    step(lambda: quiz.submit(KARI, "svar", source="2097"))
    lab.bind(PER)
    lab.patch(AWAY, powered=True)
    lab.advance(90_000 * 10)
    assert lab.engine.queues.queued == 0
    assert lab.engine.queues.octets == 0
    assert lab.engine.commit.octets == 0


def test_what_is_remembered_of_a_text_to_know_its_repeat_is_small() -> None:
    lab = Lab(policy={"too_long": "pass", "filter_repeats": True})
    kari = lab.bind(KARI)
    first, again, other = (
        large(kari, AWAY, tlvs=bytes.fromhex("0204000200") + bytes([number])) for number in (1, 1, 2)
    )
    lab.settle()
    assert kari.answers[first] == kari.answers[again] != kari.answers[other]
    (key, _) = lab.engine.repeats.seen
    assert all(len(part) <= 16 for part in key if isinstance(part, bytes))


@pytest.mark.parametrize("way", [scheduled, held])
def test_what_waits_elsewhere_is_not_counted_as_in_memory(way: Callable[[Lab, Client, int], object]) -> None:
    lab = lab_of(GatedStore)
    bring_in(lab, way, 5)
    assert lab.engine.message_index.count == 0
    assert lab.engine.message_index.octets == 0
    assert lab.engine.message_index.blocks == {}


def test_many_phones_that_come_out_of_a_tunnel_do_so_in_steps() -> None:
    lab = lab_of(Plain)
    senders = [lab.bind(f"47900100{number:02}") for number in range(8)]
    lab.control.patch_zone("oslo", {"coverage": "none"})
    for sender in senders:
        for _ in range(100):
            sender.submit(PER, "hei")
    lab.settle()
    look = lab.engine.outboxes.look
    lab.control.patch_zone("oslo", {"coverage": "good"})
    before = lab.engine.outboxes.count()
    assert before == 800
    lab.engine.uplink.look_due(look)
    assert before - lab.engine.outboxes.count() <= 2 * 256
    lab.advance(1)
    assert lab.engine.outboxes.count() == 0
