"""Several nodes are one SMSC to their clients."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smsc.protocol.constants import ESME_RDELIVERYFAILURE, V50
from smsc.store.base import StoreError
from smsc.store.postgres.store import PostgresStore
from tests.nodes.conftest import Node
from tests.nodes.guard import guarded
from tests.postgresql import Server
from tests.scenarios.binding import Bind
from tests.store.keeper import Keeper
from tests.waiting import until

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"

pytestmark = pytest.mark.timeout(180)


def texts(first: int, last: int) -> list[str]:
    return [f"nr. {number}" for number in range(first, last)]


def test_a_message_accepted_at_one_node_is_delivered_where_the_phone_is_bound(node: Node, bind: Bind) -> None:
    """The receipts find the sender on its node."""
    oslo, bergen = node("oslo-1"), node("bergen-1")
    per = bind(PER, at=bergen.smpp_address)
    kari = bind(KARI, at=oslo.smpp_address)
    ids = [kari.send(PER, text, registered_delivery=1) for text in texts(0, 20)]
    assert per.receive_all(20) == texts(0, 20)
    assert [kari.receive_receipt().id for _ in ids] == ids


def test_a_receipt_finds_its_esme_on_a_third_node(node: Node, bind: Bind) -> None:
    oslo, bergen, molde = node("oslo-1"), node("bergen-1"), node("molde-1")
    per = bind(PER, at=bergen.smpp_address)
    sends = bind("shop", "shop", kind="transmitter", at=oslo.smpp_address)
    hears = bind("shop", "shop", kind="receiver", at=molde.smpp_address)
    ids = [sends.send(PER, text, registered_delivery=1) for text in texts(0, 10)]
    assert per.receive_all(10) == texts(0, 10)
    assert [hears.receive_receipt().id for _ in ids] == ids


def test_a_phone_that_moves_gets_what_waits_in_order(node: Node, bind: Bind) -> None:
    """What waits when it binds comes to where it binds; the order of the pair is kept from node to node."""
    nodes = [node("oslo-1"), node("bergen-1"), node("molde-1")]
    kari = bind(KARI, at=nodes[0].smpp_address)
    got: list[str] = []
    for turn in range(6):
        for text in texts(10 * turn, 10 * turn + 10):
            kari.send(PER, text)
        per = bind(PER, at=nodes[turn % 3].smpp_address)
        got += per.receive_all(10)
        per.unbind()
    assert got == texts(0, 60)


def test_a_sender_that_moves_is_heard_in_order(node: Node, bind: Bind) -> None:
    nodes = [node("oslo-1"), node("bergen-1")]
    for turn in range(6):
        kari = bind(KARI, at=nodes[turn % 2].smpp_address)
        for text in texts(5 * turn, 5 * turn + 5):
            kari.send(PER, text)
        kari.unbind()
    assert bind(PER, at=nodes[1].smpp_address).receive_all(30) == texts(0, 30)


def test_a_sender_that_moves_to_where_its_recipient_is_bound_is_heard_in_order(
    node: Node, bind: Bind
) -> None:
    nodes = [node("oslo-1"), node("bergen-1")]
    per = bind(PER, at=nodes[1].smpp_address)
    for turn in range(10):
        kari = bind(KARI, at=nodes[turn % 2].smpp_address)
        for text in texts(5 * turn, 5 * turn + 5):
            kari.send(PER, text)
        kari.unbind()
    assert per.receive_all(50) == texts(0, 50)


def test_a_node_that_stops_leaves_all_to_the_others_at_once(node: Node, bind: Bind) -> None:
    """What waits, what is scheduled, and what is still to be told."""
    oslo, bergen = node("oslo-1"), node("bergen-1")
    kari = bind(KARI, at=oslo.smpp_address)
    for text in texts(0, 10):
        kari.send(PER, text)
    kari.send(PER, "senere", schedule_delivery_time="000000000005000R")
    kari.unbind()
    oslo.stop()
    per = bind(PER, at=bergen.smpp_address)
    assert per.receive_all(11) == [*texts(0, 10), "senere"]
    until(lambda: bergen.control("counters")["queue_messages"] == 0)


def test_a_transaction_is_answered_with_what_became_of_it_at_another_node(node: Node, bind: Bind) -> None:
    """SMPP 3.4 §5.2.12: the response waits for the delivery, which another node makes."""
    oslo, bergen = node("oslo-1"), node("bergen-1")
    per = bind(PER, at=bergen.smpp_address)
    until(lambda: oslo.server.engine.nodes.elsewhere.node_for(int(PER)))  # there is one attempt
    kari = bind(KARI, at=oslo.smpp_address, version=V50)
    assert kari.submit(PER, "nå", esm_class=0x02).status == 0
    assert per.receive_all(1) == ["nå"]
    per.answer = lambda _: 0x45
    assert kari.submit(PER, "nei", esm_class=0x02).status == ESME_RDELIVERYFAILURE


def test_a_recipient_for_whom_nothing_waits_goes_back_to_who_has_its_slot(
    node: Node, bind: Bind, database: str, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsc.engine.nodes.nodes._TIDY", 0)
    nodes = [node("oslo-1"), node("bergen-1")]
    within = database.rpartition("/")[2]
    kari = bind(KARI, at=nodes[0].smpp_address)
    for turn in range(2):  # it is bound at both in turn, so one of them has to be given it
        per = bind(PER, at=nodes[turn].smpp_address)
        kari.send(PER, "hei")
        per.receive_all(1)
        per.unbind()

    def is_given_back() -> bool:
        bind(KARI, at=nodes[1].smpp_address).unbind()  # something happens
        return postgresql.query(within, f"SELECT 1 FROM store_owners WHERE recipient = {PER}") == []

    until(is_given_back)


def test_slots_are_shared_out_among_those_who_are_there(
    node: Node, database: str, postgresql: Server
) -> None:
    for name in ("oslo-1", "bergen-1", "molde-1"):
        node(name)
    sql = "SELECT count(*) FROM store_slots GROUP BY node"
    within = database.rpartition("/")[2]

    def is_shared() -> bool:
        counts = [int(str(count)) for (count,) in postgresql.query(within, sql)]
        return len(counts) == 3 and min(counts) >= 80

    until(is_shared)


def test_who_had_numbers_is_forgotten_once_they_are_used_up(
    node: Node, bind: Bind, database: str, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each bind after one at another node begins a block of numbers. One stays known while a message with a
    number of it is scheduled: whoever takes over from its node has to find it."""
    monkeypatch.setattr("smsc.store.postgres.nodes.SETTLED", 0.0)
    monkeypatch.setattr("smsc.store.postgres.mail._TIDY", 0.0)
    nodes = [node("oslo-1"), node("bergen-1")]
    within = database.rpartition("/")[2]
    kari = bind(KARI, at=nodes[0].smpp_address)
    ident = int(kari.send(PER, "senere", schedule_delivery_time="000000000005000R"))
    for turn in range(8):
        kari.unbind()
        kari = bind(KARI, at=nodes[turn % 2].smpp_address)
        kari.send(PER, "hei")
    blocks = "SELECT 100000000 + first, 100000000 + last, node FROM store_blocks WHERE series = 'message_id'"

    def is_pruned() -> bool:
        found = postgresql.query(within, blocks)
        assert [who for first, last, who in found if first <= ident <= last] == ["oslo-1"]  # type: ignore[operator]
        return len(found) <= 5

    until(is_pruned)
    nodes[0].stop()
    per = bind(PER, at=nodes[1].smpp_address)
    assert sorted(per.receive_all(9)) == sorted([*["hei"] * 8, "senere"])


def test_one_writer_per_recipient_holds_in_the_database(
    node: Node, database: str, bind: Bind, postgresql: Server
) -> None:
    """The database refuses each change of a waiting message by a node that does not own its recipient: none
    is refused while phones move between nodes."""
    nodes = [node("oslo-1"), node("bergen-1"), node("molde-1")]
    with guarded(postgresql, database.rpartition("/")[2]) as refusals:
        kari = bind(KARI, at=nodes[0].smpp_address)
        for turn in range(9):
            per = bind(PER, at=nodes[turn % 3].smpp_address)
            ids = [kari.send(PER, text, registered_delivery=1) for text in texts(0, 5)]
            assert per.receive_all(5) == texts(0, 5)
            assert [kari.receive_receipt().id for _ in ids] == ids
            per.unbind()
        assert refusals() == []


def keeper_of(url: str, name: str | None) -> Keeper:
    return Keeper(lambda keeper: PostgresStore(url, keeper.post, lock_patience=0.1, node=name))


# --- names ----------------------------------------------------------------------------------------------


def serve(*options: str) -> tuple[int, str]:
    """A server that does not start: its exit status, and what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "smsc", "serve", "--smpp-port", "0", "--http-port", "0", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, " ".join(ended.stderr.split())


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("oslo-1", "oslo-1", ("there is a node oslo-1 already",)),
        ("oslo-1", None, ("is in use by the nodes oslo-1", "--node NAME")),
        (None, "oslo-1", ("started without --node",)),
        (None, None, ("is in use by process",)),
    ],
    ids=["of-one-name", "without-a-name", "beside-one-without", "both-without"],
)
def test_who_has_no_place_is_refused_with_a_sentence(
    database: str, first: str | None, second: str | None, told: tuple[str, ...]
) -> None:
    there, late = (keeper_of(database, name) for name in (first, second))
    there.open()
    with pytest.raises(StoreError) as refused:
        late.open()
    there.close()
    assert all(words in str(refused.value) for words in told)
    late.open()
    late.close()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--node", "oslo 1", "--store", "postgresql://db/smsc"), "expected a name"),
        (("--node", "oslo-1", "--store", "memory:"), "belongs to one server"),
        (("--node", "oslo-1", "--store", "sqlite:./smsc.db"), "belongs to one server"),
        (("--node", "oslo-1", "--store", "postgresql://db/smsc", "--fresh"), "empties the store of all"),
        (("--node", "oslo-1", "--store", "postgresql://db/smsc", "--clock", "manual"), "one clock"),
        (("--node", "oslo-1", "--store", "postgresql://db/smsc", "--clock", "x60"), "one clock"),
    ],
    ids=["no-name", "memory", "sqlite", "fresh", "manual-clock", "accelerated-clock"],
)
def test_what_a_node_cannot_be_is_refused_with_a_sentence(options: tuple[str, ...], told: str) -> None:
    status, said = serve(*options)
    assert status == 2
    assert told in said
