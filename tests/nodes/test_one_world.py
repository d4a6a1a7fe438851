"""What is changed through one node holds at all of them, within a second and by itself."""

from __future__ import annotations

import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner

from smsc.cli.app import app
from smsc.control import ControlError
from smsc.server.app import Server
from smsc.testing.server import SmscHandle
from tests.control.test_refused_changes import CHANGES, IMPORTS, prepare_changes, told
from tests.nodes.conftest import Node
from tests.scenarios.binding import Bind
from tests.waiting import until

ALL = {**CHANGES, **IMPORTS}
KARI, OLA, PER, ZONE = "4790000001", "4790000002", "4740000003", "oslo"

pytestmark = pytest.mark.timeout(120)
T = TypeVar("T")


@pytest.fixture
def oslo(node: Node) -> SmscHandle:
    return node("oslo-1")


@pytest.fixture
def bergen(node: Node) -> SmscHandle:
    return node("bergen-1")


def same(ask: Callable[[SmscHandle], Any], *nodes: SmscHandle) -> None:
    """In the end all of them tell the same."""
    until(lambda: len({str(ask(node)) for node in nodes}) == 1, "they do not tell the same")


def test_a_zone_drawn_at_one_node_makes_a_message_at_another_wait(
    oslo: SmscHandle, bergen: SmscHandle, bind: Bind
) -> None:
    oslo.control("put_subscriber", PER, {"zone": ZONE})
    until(lambda: bergen.control("subscriber", PER)["zone"] == ZONE)
    bergen.control("patch_zone", ZONE, {"coverage": "none"})
    until(lambda: oslo.control("zone", ZONE)["coverage"] == "none")
    per = bind(PER, at=oslo.smpp_address)
    ident = bind(KARI, at=oslo.smpp_address).send(PER, "hei")
    until(lambda: oslo.control("counters")["queue_messages"] == 1)
    bergen.control("patch_zone", ZONE, {"coverage": "good"})
    assert per.receive_all(1) == ["hei"]
    until(lambda: oslo.message(ident).state == "delivered")


def test_a_phone_powered_on_at_one_node_gets_what_another_runs(
    oslo: SmscHandle, bergen: SmscHandle, bind: Bind
) -> None:
    oslo.control("put_subscriber", PER, {"powered": False})
    until(lambda: bergen.control("subscriber", PER)["powered"] is False)
    per = bind(PER, at=bergen.smpp_address)
    bind(KARI, at=oslo.smpp_address).send(PER, "hei")
    until(lambda: bergen.control("counters")["queue_messages"] == 1)
    oslo.control("patch_subscriber", PER, {"powered": True})
    assert per.receive_all(1) == ["hei"]


def test_a_registration_for_emergency_sms_at_one_node_counts_at_another(
    oslo: SmscHandle, bergen: SmscHandle, bind: Bind
) -> None:
    centre = bind("psap112", "nodsms", at=bergen.smpp_address)
    kari = bind(KARI, at=bergen.smpp_address)
    oslo.control("put_registration", KARI, {})
    until(lambda: bergen.control("subscriber", KARI)["nod_sms"])
    kari.send("112", "hjelp")
    assert "hjelp" in centre.receive_all(1)[0]


def test_what_both_change_at_the_same_time_is_the_same_in_the_end(
    oslo: SmscHandle, bergen: SmscHandle
) -> None:
    for turn in range(8):
        for node, coverage in ((oslo, "none"), (bergen, "good"))[:: 1 if turn % 2 else -1]:
            node.control("put_zone", "new", {"coverage": coverage})
            node.control("put_subscriber", PER, {"powered": coverage == "good", "zone": ZONE})
    same(lambda node: (node.control("zone", "new"), node.control("subscriber", PER)["powered"]), oslo, bergen)


def test_a_node_that_starts_later_knows_it_all(oslo: SmscHandle, node: Node) -> None:
    oslo.control("put_zone", "new", {"coverage": "none"})
    oslo.control("put_registration", OLA, {})
    bergen = node("bergen-1")
    assert bergen.control("zone", "new")["coverage"] == "none"
    assert bergen.control("subscriber", OLA)["nod_sms"]


def test_every_kind_of_change_is_told(oslo: SmscHandle, bergen: SmscHandle) -> None:
    """One after the other, by turns through each node; what is deleted comes last."""

    async def prepare(server: Server) -> None:
        prepare_changes(server.control)
        await server.committed()

    async def ask(server: Server) -> str:
        found = told(server)
        for subscriber in found["subscribers"]:
            del subscriber["coverage"]["reachable_from"]  # now
        return str({**found, "faults": {**found["faults"], "seen": 0, "fired": 0}})

    oslo.run(_with(oslo, prepare))
    first = ["change_number", "put_subscriber"]
    last = ["delete_registration", "import_registered", "exclude"]
    for removed in ("import_removed_member", "import_one_that_is_removed_after_all"):
        last += [removed, "put_subscriber"]  # who is removed is there again for the next
    last += ["delete_subscriber", "delete_zone", "delete_esme"]
    others = [name for name in ALL if name not in (*first, *last)]
    for turn, name in enumerate([*first, *others, *last]):
        node = (oslo, bergen)[turn % 2]
        same(lambda node: node.run(_with(node, ask)), oslo, bergen)

        async def change(server: Server, name: str = name) -> None:
            ALL[name](server.control)
            await server.committed()

        node.run(_with(node, change))
        same(lambda node: node.run(_with(node, ask)), oslo, bergen)


@pytest.mark.parametrize(
    "call",
    [
        ("reset",),
        ("clear_messages",),
        ("delete_subscriber", KARI, True),
        ("set_clock", {"mode": "manual"}),
    ],
    ids=lambda call: call[0],
)
def test_what_one_node_can_not_do_for_all_is_refused_with_a_sentence(
    oslo: SmscHandle, call: tuple[Any, ...]
) -> None:
    with pytest.raises(ControlError, match=r"[Ss]everal nodes") as refused:
        oslo.control(*call)
    assert refused.value.status == 409


async def _with(node: SmscHandle, call: Callable[[Server], Awaitable[T]]) -> T:
    return await call(node.server)


def test_each_node_tells_of_all_nodes_and_who_runs_what(
    oslo: SmscHandle, bergen: SmscHandle, bind: Bind
) -> None:
    bergen.control("put_subscriber", PER, {"powered": False})
    until(lambda: oslo.control("subscriber", PER)["powered"] is False)
    bind(PER, at=bergen.smpp_address)
    ident = bind(KARI, at=oslo.smpp_address).send(PER, "hei")
    until(lambda: bergen.control("counters")["queue_messages"] == 1)
    for node, name in ((oslo, "oslo-1"), (bergen, "bergen-1")):
        until(lambda node=node: [one["binds"] for one in node.control("nodes")] == [1, 1])  # type: ignore[misc]
        told = node.control("nodes")
        assert [one["name"] for one in told] == ["bergen-1", "oslo-1"]
        assert [one["alive"] for one in told] == [True, True]
        assert sum(one["slots"] for one in told) == 256
        assert [one["name"] for one in told if one["this"]] == [name]
        assert {session["node"] for session in node.control("sessions")} == {name}
        assert [one["node"] for one in node.control("bound_anywhere")] == (
            ["oslo-1", "bergen-1"] if node is oslo else ["bergen-1", "oslo-1"]
        )
        assert [one["waiting"] for one in told] == ([None, 0] if node is oslo else [1, None])
        assert node.control("showing", ident)["node"] == "bergen-1", "whoever is asked"
        assert [one["id"] for one in node.control("listing", node.server.control.search(), 10)[0]] == [ident]


def test_the_command_lists_all_nodes(oslo: SmscHandle, bergen: SmscHandle, bind: Bind) -> None:
    bind(KARI, at=bergen.smpp_address)
    until(lambda: {one["binds"] for one in oslo.control("nodes")} == {0, 1})
    port = oslo.http_address.rpartition(":")[2]
    lines = CliRunner().invoke(app, ["nodes", "--http-port", port]).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["bergen-1", "oslo-1 (asked here)"]
    assert all(": alive, 128 of 256 slots" in line for line in lines)
    assert "1 binds that receive; process" in lines[0]
    assert "0 binds that receive, 0 messages wait; process" in lines[1]


def test_each_node_shows_the_sessions_of_all_and_ends_its_own(
    oslo: SmscHandle, node: Node, bind: Bind
) -> None:
    bergen = node("bergen-1")
    kari = bind(KARI, at=bergen.smpp_address)
    bind("psap113", "nodsms", at=oslo.smpp_address)
    (own,) = bergen.control("sessions")
    until(lambda: len(oslo.control("bound_anywhere")) == 2)
    told = oslo.control("session_anywhere", own["id"])
    unknown: dict[str, Any] = {"window": None, "resting": None, "counters": None, "events": []}
    assert told == {**own, **unknown}
    with pytest.raises(ControlError, match="bergen-1") as refused:
        oslo.control("session_here", own["id"])
    assert refused.value.status == 409
    assert bergen.control("bound_anywhere")[0]["id"] == own["id"]
    assert {one["system_id"] for one in bergen.control("bound_anywhere")} == {KARI, "psap113"}
    kari.unbind()
    until(lambda: [one["system_id"] for one in oslo.control("bound_anywhere")] == ["psap113"])
    with pytest.raises(ControlError) as refused:
        oslo.control("session_anywhere", own["id"])
    assert refused.value.status == 404


def test_the_sessions_of_a_node_that_is_gone_are_shown_no_more(
    oslo: SmscHandle, bergen: SmscHandle, bind: Bind
) -> None:
    bind(KARI, at=bergen.smpp_address)
    until(lambda: len(oslo.control("bound_anywhere")) == 1)
    bergen.stop(grace=0)
    until(lambda: oslo.control("bound_anywhere") == [])


def test_metrics_tell_which_node_they_are_of(oslo: SmscHandle, bergen: SmscHandle, bind: Bind) -> None:
    """So a sum over the label is what the SMSC does."""
    for node, count in ((oslo, 2), (bergen, 3)):
        kari = bind(KARI, at=node.smpp_address)
        for _ in range(count):
            kari.send(PER, "hei")
        kari.unbind()
    for node, name, count in ((oslo, "oslo-1", 2), (bergen, "bergen-1", 3)):
        series = {line for line in metrics(node) if line.startswith("smsc_") and "process" not in line}
        assert f'smsc_submits_total{{node="{name}"}} {count}.0' in series
        assert [line for line in series if f'node="{name}"' not in line and "build_info" not in line] == []


def metrics(node: SmscHandle) -> list[str]:
    with urllib.request.urlopen(f"{node.url}/metrics", timeout=30) as response:
        return str(response.read().decode()).splitlines()
