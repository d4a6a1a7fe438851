"""Requests about a message that another node runs: asked about anywhere, changed where it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import pytest

from smsc.delivery.message import DELETED, DELIVERED, ENROUTE
from smsc.engine.nodes import asking
from smsc.protocol.constants import CANCEL_SM, ESME_RINVMSGLEN, QUERY_SM, REPLACE_SM
from smsc.protocol.pdu.codec import Pdu, request
from smsc.store.base import Batch, Done, StoreError
from smsc.store.postgres.nodes import Nodes as PostgresNodes
from smsc.store.shared import MAIL
from smsc.testing.server import SmscHandle
from tests.nodes.conftest import Node
from tests.peer import Peer
from tests.postgresql import Server
from tests.scenarios.binding import Bind
from tests.waiting import until

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
FROM: dict[str, Any] = {"source_addr": KARI, "source_addr_ton": 1, "source_addr_npi": 1}
ESME_RCANCELFAIL, ESME_RREPLACEFAIL = 0x11, 0x13
TO: dict[str, Any] = {"destination_addr": PER, "dest_addr_ton": 1, "dest_addr_npi": 1}

pytestmark = pytest.mark.timeout(120)


class Pair:
    """Two nodes; at ``there`` the phone of Per is bound and off, so what waits for it is run there."""

    def __init__(self, node: Node, bind: Bind, query: Callable[[str], list[tuple[object, ...]]]) -> None:
        self.query = query
        self.here, self.there = node("oslo-1"), node("bergen-1")
        self.there.control("put_subscriber", PER, {"powered": False})
        until(lambda: self.here.control("subscriber", PER)["powered"] is False)
        self.per = bind(PER, at=self.there.smpp_address)
        self.peer = Peer(self.here.host, self.here.port)
        assert self.peer.bind(KARI) == 0

    def waits(self, count: int) -> None:
        """So many wait at the node that runs the phone's queue, and none here."""
        until(lambda: self._waiting(self.there) == count and self._waiting(self.here) == 0)

    @staticmethod
    def _waiting(node: SmscHandle) -> int:
        return int(node.control("counters")["queue_messages"])

    def state(self, ident: str) -> int:
        """What query_sm says at the node that does not run it."""
        return int(self.peer.exchange(request(QUERY_SM, message_id=ident, **FROM)).fields["message_state"])

    def events(self) -> str:
        """What is told of the sender's session."""
        return str([one["events"] for one in self.here.control("sessions") if one["system_id"] == KARI])

    def submit(self, text: str, **fields: int) -> str:
        answer = self.peer.submit(PER, text, KARI, **fields)
        assert answer.status == 0
        return str(answer.fields["message_id"])


@pytest.fixture
def pair(node: Node, bind: Bind, database: str, postgresql: Server) -> Iterator[Pair]:
    made = Pair(node, bind, partial(postgresql.query, database.rpartition("/")[2]))
    yield made
    made.peer.close()


def test_query_sm_works_anywhere(pair: Pair) -> None:
    ident = pair.submit("hei")
    pair.waits(1)
    assert pair.state(ident) == ENROUTE
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["hei"]
    until(lambda: pair.state(ident) == DELIVERED)


def cancelling(ident: str = "") -> Pdu:
    """Of one message, or of all that waits of the pair."""
    return request(CANCEL_SM, message_id=ident, service_type="", **FROM, **TO)


def replacing(ident: str, text: bytes) -> Pdu:
    times = {"schedule_delivery_time": "", "validity_period": ""}
    fields = {**times, "registered_delivery": 0, "sm_default_msg_id": 0, **FROM}
    return request(REPLACE_SM, message_id=ident, short_message=text, **fields)


def test_cancel_sm_works_anywhere(pair: Pair) -> None:
    """What was answered holds at once for whoever asks next; of one message, and of a pair."""
    for named in (True, False):
        ident = pair.submit("hei")
        assert pair.peer.exchange(cancelling(ident if named else "")).status == 0
        assert pair.state(ident) == DELETED
    pair.waits(0)
    pair.submit("etter")
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["etter"]


def test_replace_sm_works_anywhere(pair: Pair) -> None:
    """Also twice; the last text is the one that goes out, in the place of the first."""
    first = pair.submit("gammel")
    pair.submit("neste")
    for text in (b"bedre", b"ny"):
        assert pair.peer.exchange(replacing(first, text)).status == 0
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(2) == ["ny", "neste"]


@pytest.mark.parametrize("accepted", ["here", "there"])
def test_what_is_scheduled_is_changed_at_whatever_node_has_accepted_it(pair: Pair, accepted: str) -> None:
    with Peer(pair.there.host, pair.there.port) as other:
        assert other.bind(KARI) == 0
        for peer in (pair.peer, other):  # ids are of blocks that were reserved meanwhile
            assert peer.submit(OLA, "nå", KARI).status == 0
        sender = other if accepted == "there" else pair.peer
        for peer in (pair.peer, other):
            for named in (True, False):
                answer = sender.submit(PER, "senere", KARI, schedule_delivery_time="000001000000000R")
                ident = str(answer.fields["message_id"])
                assert peer.exchange(replacing(ident, b"ny")).status == 0
                assert pair.state(ident) == ENROUTE
                assert peer.exchange(cancelling(ident if named else "")).status == 0
                assert pair.state(ident) == DELETED


def test_a_change_of_what_is_over_is_refused_with_the_reason_of_the_node_that_runs_it(pair: Pair) -> None:
    ident = pair.submit("hei")
    assert pair.peer.exchange(cancelling(ident)).status == 0
    assert pair.peer.exchange(cancelling(ident)).status == ESME_RCANCELFAIL
    assert pair.peer.exchange(replacing(ident, b"ny")).status == ESME_RREPLACEFAIL
    assert "The message is deleted" in pair.events()


def test_a_change_that_breaks_a_rule_is_refused_as_it_is_where_it_is_run(pair: Pair) -> None:
    ident = pair.submit("hei")
    pair.waits(1)
    assert pair.peer.exchange(replacing(ident, b"a" * 200)).status == ESME_RINVMSGLEN
    pair.waits(1)


def test_a_node_that_does_not_answer_has_not_done_it(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is refused with the reason in the end, and taken back."""
    ident = pair.submit("hei")
    pair.waits(1)
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    unheard: list[tuple[Any, ...]] = []
    there = cast(PostgresNodes, pair.there.server.engine.nodes.shared)
    monkeypatch.setattr(there.mail, "_told", lambda *news: unheard.append(news))
    for asked in (cancelling(ident), cancelling(), replacing(ident, b"ny")):
        refused = ESME_RREPLACEFAIL if asked.command_id == REPLACE_SM else ESME_RCANCELFAIL
        assert pair.peer.exchange(asked).status == refused
    assert pair.events().count("bergen-1 does not answer") == 3
    assert pair.query("SELECT count(*) FROM store_mail WHERE kind = 'asked'") == [(0,)]
    assert pair.state(ident) == ENROUTE


def test_a_message_that_replaces_does_so_at_whatever_node_the_other_waits(pair: Pair) -> None:
    first = pair.submit("gammel")
    pair.waits(1)
    pair.submit("ny", replace_if_present_flag=1)
    until(lambda: pair.state(first) == DELETED)
    pair.waits(1)
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["ny"]


def test_a_letter_that_can_not_be_taken_back_is_waited_for(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused has not happened: neither when it was carried out at the same moment, nor when it is
    not known whether the letter was taken back."""
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    here = cast(PostgresNodes, pair.here.server.engine.nodes.shared)
    store = pair.here.server.engine.store
    write = store.write
    failed: list[Batch] = []

    def fail_once(batch: Batch, done: Done) -> None:
        if not failed and any(row is None for row in batch.changes.get(MAIL.name, {}).values()):
            failed.append(batch)
            here.mail._post(partial(done, StoreError("full")))
        else:
            write(batch, done)

    told = here.mail._told
    assert told is not None
    for fails in (False, True):
        ident = pair.submit("hei")
        pair.waits(1)
        unheard: list[tuple[Any, ...]] = []
        with monkeypatch.context() as patch:
            patch.setattr(here.mail, "_told", lambda *news: unheard.append(news))  # noqa: B023
            if fails:
                patch.setattr(store, "write", fail_once)
            pair.peer.ask(cancelling(ident))
            until(lambda: pair.query("SELECT count(*) FROM store_mail WHERE kind = 'answered'") == [(1,)])
            questions = pair.here.server.engine.nodes.asking._open
            until(
                lambda: all(  # or answered, which would be wrong
                    here.was_gone((here.name, one.number, place))
                    for place, one in list(questions.items())  # noqa: B023
                )
            )
        for news in unheard:
            here.mail._post(partial(told, *news))
        assert pair.peer.hear().status == 0
        assert pair.state(ident) == DELETED
    assert failed


def test_nothing_is_changed_for_a_request_that_was_taken_back(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node that was asked has read the letter before, and is late."""
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    engine = pair.there.server.engine
    there = engine.nodes
    answer_all = there.asking.answer_all

    def is_over(failed: int) -> bool:
        async def on_the_loop() -> bool:
            return engine.store_errors > failed and not engine.store_failing

        return pair.there.run(on_the_loop())

    for asked in (cancelling, lambda ident: cancelling(), lambda ident: replacing(ident, b"ny")):
        ident = pair.submit("hei")
        pair.waits(1)
        monkeypatch.setattr(there.asking, "answer_all", lambda: None)
        assert pair.peer.exchange(asked(ident)).status != 0
        failed = engine.store_errors
        monkeypatch.setattr(there.asking, "answer_all", answer_all)
        pair.submit("neste")  # the late node hears of it
        until(partial(is_over, failed))
        pair.waits(2)
        assert pair.state(ident) == ENROUTE
        pair.there.control("patch_subscriber", PER, {"powered": True})
        assert sorted(pair.per.receive_all(2)) == ["hei", "neste"]
        pair.there.control("patch_subscriber", PER, {"powered": False})
        until(lambda: pair.here.control("subscriber", PER)["powered"] is False)
