"""A farm's numbers are shared out among the nodes where it is bound; what a handset holds is taken over."""

from __future__ import annotations

import pytest

from tests.nodes.conftest import Node
from tests.scenarios.binding import Bind
from tests.waiting import until

KARI, PER, ZONE = "4790000001", "4740000003", "oslo"

pytestmark = pytest.mark.timeout(120)


def test_a_farm_that_is_bound_at_two_nodes_is_served_by_each_for_what_it_owns(node: Node, bind: Bind) -> None:
    """And by one of them for each number, whichever node the messages come to."""
    nodes = [node("oslo-1"), node("bergen-1")]
    until(lambda: all(len(set(each.server.engine.nodes.own.slots)) == 2 for each in nodes))
    binds = [bind("farm", "farm", at=each.smpp_address) for each in nodes]
    numbers = [str(4790000100 + step) for step in range(32)]
    for each in nodes:
        kari = bind(KARI, at=each.smpp_address)
        for number in numbers:
            kari.send(number, "hei")
        kari.unbind()
    until(lambda: sum(each.control("counters")["deliveries_total"] for each in nodes) == 2 * len(numbers))
    got: list[list[str]] = []
    for farm in binds:
        got.append([])
        while not farm.has_nothing():
            got[-1].append(farm.receive().destination)
    assert sorted(got[0] + got[1]) == sorted(numbers * 2)
    assert got[0]
    assert got[1]
    assert not set(got[0]) & set(got[1])


def test_what_a_handset_holds_is_taken_over(node: Node, bind: Bind) -> None:
    """A sender without coverage: its node stops, and the message leaves at another when there is coverage."""
    oslo, bergen = node("oslo-1"), node("bergen-1")
    oslo.control("put_subscriber", KARI, {"zone": "oslo"})
    oslo.control("put_subscriber", PER, {"zone": "bergen"})
    oslo.control("patch_zone", ZONE, {"coverage": "none", "uplink": "hold"})
    until(lambda: bergen.control("zone", ZONE)["coverage"] == "none")
    kari = bind(KARI, at=oslo.smpp_address)
    ident = kari.send(PER, "fra tunnelen")
    until(lambda: oslo.control("counters")["held_messages"] == 1)
    octets = oslo.server.engine.queues.octets
    assert octets > 0
    kari.unbind()
    oslo.stop()
    until(lambda: bergen.control("counters")["held_messages"] == 1)
    assert bergen.server.engine.queues.octets == octets
    tromso = node("tromso-1")  # knows of it, and does not have it
    assert tromso.server.engine.queues.octets == 0
    per = bind(PER, at=bergen.smpp_address)
    bergen.control("patch_zone", ZONE, {"coverage": "good"})
    assert per.receive_all(1) == ["fra tunnelen"]
    until(lambda: bergen.message(ident).state == "delivered")
    until(lambda: bergen.server.engine.queues.octets == 0)


def test_what_was_in_flight_to_a_bind_that_is_gone_goes_to_where_the_farm_is_bound(
    node: Node, bind: Bind
) -> None:
    """All of it, although one turn of the loop takes back only some."""
    oslo, bergen = node("oslo-1"), node("bergen-1")
    farm = bind("farm", "farm", at=oslo.smpp_address)
    farm.withhold()
    kari = bind(KARI, at=oslo.smpp_address)
    numbers = [str(4790000100 + step) for step in range(400)]
    for number in numbers:
        kari.send(number, "hei")
    got = {farm.receive().destination for _ in numbers}
    assert got == set(numbers)
    again = bind("farm", "farm", at=bergen.smpp_address)
    until(lambda: oslo.server.engine.nodes.elsewhere.node_for(int(numbers[0])) == "bergen-1")
    farm.drop()
    assert {again.receive().destination for _ in numbers} == got
