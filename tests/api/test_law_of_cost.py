"""What a call of the API costs depends on the call, never on what others have waiting.

Every call that the description of the API names is made beside a small and a large backlog of others; counted
are the lines of smsc that run and the rows that the store hands over. A call that is not in the table fails.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from smsc import COMPILED
from smsc.api.app import create_app
from smsc.engine.engine import TABLES
from tests.api.client import call
from tests.engine.lab import Lab
from tests.engine.test_law_of_cost import (
    KARI,
    LARGE,
    NEARLY,
    OLA,
    OTHERS,
    PER,
    SMALL,
    Rows,
    finished,
    held,
    waiting,
)

pytestmark = pytest.mark.skipif(COMPILED, reason="lines are counted where the interpreter runs them")

OSLO = "south=59.9&west=10.7&north=60&east=10.8"
NAMES = {
    "msisdn": OLA,
    "name": "oslo",
    "kind": "county",
    "system_id": "shop",
    "number": OLA,
    "month": "2026-01",
    "transaction": "none",
    "version": "v2",
    "order": "1",
    "identifier": "20914695016",
}

#: Whose number it is that changes, for the old one is nobody's afterwards.
OTHER_NAMES = {"POST /api/v1/subscribers/{msisdn}/number": {"msisdn": "4790000004"}}

#: Every call, and what is asked with it.
CALLS: dict[str, str] = {
    "POST /api/v1/messages": "",
    "GET /api/v1/messages/{id}": "",
    "GET /api/v1/messages/{id}/pdus": "",
    "GET /api/v1/subscribers": f"limit=5&after={OTHERS}",
    "GET /api/v1/subscribers/{msisdn}": "",
    "PUT /api/v1/subscribers/{msisdn}": "",
    "PATCH /api/v1/subscribers/{msisdn}": "",
    "POST /api/v1/subscribers/{msisdn}/sim-swap": "",
    "POST /api/v1/subscribers/{msisdn}/lost": "",
    "POST /api/v1/subscribers/{msisdn}/twin": "",
    "GET /api/v1/subscribers/{msisdn}/operator": "",
    "POST /api/v1/subscribers/{msisdn}/number": "",
    "DELETE /api/v1/subscribers/{msisdn}": "",
    "GET /api/v1/interconnects": "",
    "GET /api/v1/lists/assignments": "",
    "POST /api/v1/lists/assignments": "",
    "GET /api/v1/lists/ported": "",
    "POST /api/v1/lists/ported": "",
    "GET /api/v1/zones": "",
    "GET /api/v1/zones/{name}": "",
    "GET /api/v1/outages": "",
    "GET /api/v1/coverage/outline": "",
    "GET /api/v1/coverage/raster": f"{OSLO}&columns=4&rows=4",
    "GET /api/v1/coverage/cells": OSLO,
    "GET /api/v1/coverage/at": "lat=59.9&lon=10.7",
    "GET /api/v1/clock": "",
    "PUT /api/v1/clock": "",
    "POST /api/v1/clock/advance": "",
    "GET /api/v1/sessions": "",
    "GET /api/v1/sessions/{id}": "",
    "GET /api/v1/sessions/{id}/pdus": "",
    "PUT /api/v1/sessions/{id}/trace": "",
    "DELETE /api/v1/sessions/{id}": "",
    "GET /api/v1/esmes": "",
    "PUT /api/v1/esmes/{system_id}": "",
    "GET /api/v1/esmes/{system_id}": "",
    "DELETE /api/v1/esmes/{system_id}": "",
    "GET /api/v1/numbers/{number}": "",
    "GET /api/v1/emergency/registrations": "limit=5",
    "PUT /api/v1/emergency/registrations/{msisdn}": "",
    "GET /api/v1/emergency/registrations/{msisdn}": "",
    "DELETE /api/v1/emergency/registrations/{msisdn}": "",
    "GET /api/v1/emergency/site": "",
    "PUT /api/v1/emergency/site": "",
    "GET /api/v1/emergency/site/look-up": f"number={OLA}",
    "POST /api/v1/emergency/site/transactions": "",
    "POST /api/v1/emergency/site/transactions/{transaction}/confirmation": "",
    "GET /api/v1/emergency/exclusions": "",
    "PUT /api/v1/emergency/exclusions/{msisdn}": "",
    "DELETE /api/v1/emergency/exclusions/{msisdn}": "",
    "GET /api/v1/emergency/dialogues": "limit=5",
    "GET /api/v1/helplines": "",
    "GET /api/v1/helplines/bills/{month}": "",
    "GET /api/v1/codes": "",
    "GET /api/v1/codes/subscriptions/{msisdn}": "",
    "GET /api/v1/charging": "limit=5",
    "GET /api/v1/charging/totals": "",
    "POST /api/v1/register/rest/{version}/personer": "",
    "POST /api/v1/register/notifications": "",
    "GET /api/v1/register/notifications/{order}": "",
    "GET /api/v1/register/outbox": "",
    "GET /api/v1/refusals": "limit=5",
    "GET /api/v1/register/lookups": "",
    "GET /api/v1/register/persons": "limit=5",
    "PUT /api/v1/register/persons/{identifier}": "",
    "GET /api/v1/register/persons/{identifier}": "",
    "GET /api/v1/register/persons/{identifier}/lookups": "",
    "DELETE /api/v1/register/persons/{identifier}": "",
    "GET /api/v1/tags": "",
    "PUT /api/v1/tags/{name}": "",
    "DELETE /api/v1/tags/{name}": "",
    "GET /api/v1/faults": "",
    "PUT /api/v1/faults": "",
    "GET /api/v1/scenarios": "",
    "GET /livez": "",
    "GET /readyz": "",
    "GET /metrics": "",
}

#: What is about everything by its nature, and how it holds nobody up; and what needs sockets.
OF_ALL: dict[str, str] = {
    "GET /api/v1/messages": "walks past the messages in steps of 500, and ends with the page",
    "GET /api/v1/messages/counts": "walks past the messages in steps, at most so many",
    "GET /api/v1/messages/wait": "waits; what it has to look at is what happens meanwhile",
    "GET /api/v1/events": "a stream without an end",
    "DELETE /api/v1/messages": "forgets everything",
    "POST /api/v1/reset": "puts everything back, some in each turn: control/test_resetting.py",
    "GET /api/v1/lists/subscribers": "the list of all, made in steps",
    "POST /api/v1/lists/subscribers": "the list, some rows in each turn: control/test_importing.py",
    "PUT /api/v1/zones/{name}": "asks again for everybody who waits for radio, some in each turn",
    "PATCH /api/v1/zones/{name}": "the same",
    "DELETE /api/v1/zones/{name}": "the same",
    "PUT /api/v1/outages/{kind}/{name}": "the same",
    "GET /api/v1/coverage/phones": "the phones in the frame, at most so many",
    "GET /api/v1/nodes": "the nodes, and how many binds each has",
    "GET /api/v1/outbinds": "connections that the server itself has dialled",
    "POST /api/v1/outbinds": "the same",
    "GET /api/v1/outbinds/{id}": "the same",
    "DELETE /api/v1/outbinds/{id}": "the same",
    "POST /api/v1/scenarios/runs": "plays a whole scenario on a server of its own",
}


class LabServer:
    """What the application is given: the lab's control."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.control = lab.control

    async def advance(self, **how: Any) -> dict[str, Any]:
        return {"now": self.lab.control.clock()["now"], "unsettled": []}

    async def writable(self) -> None:
        """It does."""

    async def committed(self) -> None:
        self.lab.settle()

    async def erased(self) -> None:
        self.lab.settle()


def described(lab: Lab) -> dict[str, Any]:
    """Every call that the description names, with an example of its body."""
    paths = create_app(LabServer(lab)).openapi()["paths"]
    return {
        f"{method.upper()} {path}": _example(about)
        for path, methods in paths.items()
        for method, about in methods.items()
    }


def _example(about: dict[str, Any]) -> Any:
    content = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((one["value"] for one in content.get("examples", {}).values()), content.get("example"))


def costs(backlog: Callable[[Lab, int], None], count: int) -> dict[str, int]:
    """What each call costs behind so many messages of others: lines, and rows of the store."""
    store = Rows()
    store.open(TABLES)
    lab = Lab(store)
    bodies = described(lab)
    backlog(lab, count)
    kari = lab.bind(KARI)
    token = kari.submit(PER, "own")
    lab.settle()
    ident = kari.answers[token][1]
    app = create_app(LabServer(lab))
    call(app, "GET", "/livez")
    lines = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
        return line

    def traced(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename  # the double of a store looks for rows as SQLite need not
        return line if "/smsc/" in name and not name.endswith("store/memory.py") else None

    found: dict[str, int] = {}
    for named, query in CALLS.items():
        method, _, path = named.partition(" ")
        own = str(kari.server.bind.id) if "/sessions/" in path and kari.server.bind else ident
        address = path.format(**{**NAMES, **OTHER_NAMES.get(named, {})}, id=own)
        lines, before_rows, before = 0, store.read, sys.gettrace()
        sys.settrace(traced)
        try:
            answer = call(app, method, f"{address}?{query}" if query else address, json=bodies[named])
            lab.settle()
        finally:
            sys.settrace(before)
        assert answer.status_code != 500, (named, answer.text)
        assert named not in OTHER_NAMES or answer.status_code == 200, (named, answer.text)
        found[named] = lines + 20 * (store.read - before_rows)
    return found


@pytest.mark.parametrize("backlog", [waiting, held, finished], ids=lambda one: one.__name__)
def test_a_call_costs_the_same_beside_few_and_beside_many(backlog: Callable[[Lab, int], None]) -> None:
    few, more = (costs(backlog, count) for count in (SMALL, LARGE))
    dear = {name: (few[name], cost) for name, cost in more.items() if cost > NEARLY * few[name] + 400}
    assert dear == {}


def test_every_call_is_in_the_table() -> None:
    assert sorted(described(Lab())) == sorted([*CALLS, *OF_ALL])
