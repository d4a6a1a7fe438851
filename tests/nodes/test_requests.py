"""Requests about a message that another node runs: asked about anywhere, changed where it is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smsc.protocol.constants import CANCEL_SM, QUERY_SM, REPLACE_SM
from smsc.protocol.pdu.codec import Pdu, request
from smsc.testing.server import SmscHandle
from tests.nodes.conftest import Node
from tests.peer import Peer
from tests.scenarios.binding import Bind
from tests.waiting import until

KARI, PER = "4790000001", "4740000003"
FROM: dict[str, Any] = {"source_addr": KARI, "source_addr_ton": 1, "source_addr_npi": 1}
ESME_RCANCELFAIL, ESME_RREPLACEFAIL = 0x11, 0x13
TO: dict[str, Any] = {"destination_addr": PER, "dest_addr_ton": 1, "dest_addr_npi": 1}

pytestmark = pytest.mark.timeout(120)


class Pair:
    """Two nodes; at ``there`` the phone of Per is bound and off, so what waits for it is run there."""

    def __init__(self, node: Node, bind: Bind) -> None:
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

    def submit(self, text: str, **fields: int) -> str:
        answer = self.peer.submit(PER, text, KARI, **fields)
        assert answer.status == 0
        return str(answer.fields["message_id"])


@pytest.fixture
def pair(node: Node, bind: Bind) -> Iterator[Pair]:
    made = Pair(node, bind)
    yield made
    made.peer.close()


def test_query_sm_works_anywhere(pair: Pair) -> None:
    ident = pair.submit("hei")
    pair.waits(1)
    asked = request(QUERY_SM, message_id=ident, **FROM)
    assert pair.peer.exchange(asked).fields["message_state"] == 1
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["hei"]
    until(lambda: pair.peer.exchange(asked).fields["message_state"] == 2)


def replacing(ident: str) -> Pdu:
    fields: dict[str, Any] = {"schedule_delivery_time": "", "validity_period": "", "registered_delivery": 0}
    return request(REPLACE_SM, message_id=ident, sm_default_msg_id=0, short_message=b"ny", **fields, **FROM)


@pytest.mark.parametrize("what", ["cancel_sm", "cancel_sm of a pair", "replace_sm"])
def test_a_change_at_the_wrong_node_is_refused_and_told_where(pair: Pair, what: str) -> None:
    ident = pair.submit("hei")
    pair.waits(1)
    if what == "replace_sm":
        asked, status = replacing(ident), ESME_RREPLACEFAIL
    else:
        named = ident if what == "cancel_sm" else ""
        asked, status = request(CANCEL_SM, message_id=named, service_type="", **FROM, **TO), ESME_RCANCELFAIL
    assert pair.peer.exchange(asked).status == status
    (session,) = pair.here.control("sessions")
    assert "run by node bergen-1" in str(session["events"])
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["hei"]


def test_a_message_that_replaces_does_so_at_whatever_node_the_other_waits(pair: Pair) -> None:
    first = pair.submit("gammel")
    pair.waits(1)
    pair.submit("ny", replace_if_present_flag=1)
    asked = request(QUERY_SM, message_id=first, **FROM)
    until(lambda: pair.peer.exchange(asked).fields["message_state"] == 4)
    pair.waits(1)
    pair.there.control("patch_subscriber", PER, {"powered": True})
    assert pair.per.receive_all(1) == ["ny"]
