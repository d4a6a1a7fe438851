"""Several nodes are one SMSC to their clients."""

from __future__ import annotations

import pytest

from tests.nodes.conftest import Node
from tests.scenarios.binding import Bind

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"

pytestmark = pytest.mark.timeout(120)


def test_a_message_accepted_at_one_node_is_delivered_where_the_phone_is_bound(node: Node, bind: Bind) -> None:
    oslo, bergen = node("oslo-1"), node("bergen-1")
    per = bind(PER, at=bergen.smpp_address)
    kari = bind(KARI, at=oslo.smpp_address)
    ids = [kari.send(PER, f"nr. {number}", registered_delivery=1) for number in range(20)]
    assert per.receive_all(20) == [f"nr. {number}" for number in range(20)]
    assert [kari.receive_receipt().id for _ in ids] == ids
