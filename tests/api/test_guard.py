"""What stands before every call: the token, and the limits on bodies."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import httpx
import pytest
from starlette.types import Message

from smsc.api import guard, turns
from smsc.api.app import ControlApi, create_app
from smsc.api.turns import Turns
from tests.api.client import call
from tests.api.fakes import FakeServer, FullControl

TOKEN = "lærdal-hemmelig"


@cache
def served(token: str | None = TOKEN) -> ControlApi:
    return create_app(FakeServer(FullControl), token=token)


def ask(path: str, **headers: str) -> httpx.Response:
    app = served()
    raw = {name: value.encode() for name, value in headers.items()}
    return call(app, "GET", path, headers=raw)


def test_without_a_token_nobody_is_asked_for_one() -> None:
    for token in (None, ""):
        assert call(create_app(FakeServer(), token=token), "GET", "/api/v1/zones").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/zones", "/metrics", "/api/v1/events", "/nothing", "/livez/", "/docs/x"]
)
def test_with_a_token_everything_needs_it(path: str) -> None:
    answer = ask(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/docs", "/openapi.json"])
def test_probes_and_the_description_are_open(path: str) -> None:
    assert ask(path).status_code == 200


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_the_right_token_lets_in(given: str) -> None:
    assert ask("/api/v1/zones", Authorization=given).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer \xff"]
)
def test_anything_else_does_not(given: str) -> None:
    answer = ask("/api/v1/zones", Authorization=given)
    assert answer.status_code == 401
    assert TOKEN not in answer.text


def test_the_contact_register_checks_its_own_tokens() -> None:
    server = FakeServer(FullControl)
    app = create_app(server, token=TOKEN)
    answer = call(
        app,
        "POST",
        "/api/v1/register/rest/v1/personer",
        json={"personidentifikatorer": []},
        headers={"Authorization": "Bearer agency"},
    )
    assert answer.status_code == 200
    assert server.control.calls[-1][1] == "agency"


def post(**about: Any) -> httpx.Response:
    return call(create_app(FakeServer()), "POST", "/api/v1/messages", **about)


def test_a_body_above_the_limit_is_refused_by_its_length() -> None:
    text = "x" * guard.MAX_BODY
    answer = post(json={"text": text})
    assert (answer.status_code, answer.json()["title"]) == (413, "Body too large")


def test_a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_long() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65_536

    answer = post(content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert sent == guard.MAX_BODY // 65_536 + 1


def test_a_body_of_just_the_limit_is_read() -> None:
    filler = b" " * (guard.MAX_BODY - 2)
    answer = post(content=b"{" + filler + b"}", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "", "application/jsonp"])
def test_a_body_that_is_not_declared_as_json_is_refused_with_advice(kind: str) -> None:
    answer = post(content=b"{}", headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["title"]) == (415, "Unsupported media type")
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_a_body_that_never_comes_ends_in_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.01)

    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = post(content=stalled(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")


async def test_a_client_that_leaves_while_it_sends_is_forgotten() -> None:
    sent: list[Message] = []
    app = create_app(FakeServer())
    scope = {"type": "http", "method": "POST", "path": "/api/v1/messages", "headers": [], "query_string": b""}
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent == []


# --- browsers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8775"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "10.0.0.1"},
        {"Host": ""},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/zones"), ("DELETE", "/api/v1/messages")])
def test_without_a_token_no_page_from_elsewhere_gets_in(
    method: str, path: str, headers: dict[str, str]
) -> None:
    answer = call(create_app(FakeServer(FullControl)), method, path, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8775", "localhost", "[::1]:8775", "LOCALHOST:1"])
@pytest.mark.parametrize("own_page", [False, True])
def test_what_is_local_gets_in(host: str, own_page: bool) -> None:
    headers = {"Host": host} | ({"Origin": f"http://{host}"} if own_page else {})
    assert call(served(None), "GET", "/api/v1/zones", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://localhost:8775"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_without_a_token_no_other_page_of_this_machine_gets_in(headers: dict[str, str]) -> None:
    headers = {"Host": "127.0.0.1:8775", **headers}
    assert call(served(None), "GET", "/api/v1/zones", headers=headers).status_code == 403


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_what_another_sites_form_can_send_changes_nothing(kind: str) -> None:
    server = FakeServer(FullControl)
    headers = {"Content-Type": kind, "Origin": "http://localhost"}
    answer = call(
        create_app(server), "PUT", "/api/v1/zones/oslo", content=b'{"coverage":"none"}', headers=headers
    )
    assert answer.status_code == 415
    assert server.control.calls == []


def test_a_name_of_the_configuration_gets_in() -> None:
    app = create_app(FakeServer(), hosts=["smsc.test.example"])
    for headers in (
        {"Host": "SMSC.test.example"},
        {"Host": "smsc.test.example:443", "Origin": "https://smsc.test.example:443"},
        {"Host": "127.0.0.1:8775", "Origin": "https://smsc.test.example"},
    ):
        assert call(app, "GET", "/api/v1/zones", headers=headers).status_code == 200


def test_who_has_the_token_may_come_by_any_name() -> None:
    assert ask("/api/v1/zones", Authorization=f"Bearer {TOKEN}", Host="smsc.example").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/zones"),
        ("GET", "/metrics"),
        ("GET", "/livez"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/nothing"),
        ("POST", "/api/v1/zones"),
        ("PUT", "/api/v1/zones/x"),
        ("GET", "/api/v1/zones/none"),
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_every_answer_is_data_and_no_page(method: str, path: str, token: str | None) -> None:
    answer = call(served(token), method, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_description_loads_nothing_from_elsewhere() -> None:
    """The only page there is: no script, nothing that the browser would fetch by itself."""
    page = call(create_app(FakeServer()), "GET", "/docs").text
    assert not re.search(r"<(script|img|iframe|object|embed|link|video|audio)\b", page)
    assert not re.search(r"@import|url\(|\bsrc\s*=", page)
    assert not re.search(r"\son[a-z]+\s*=", page)


# --- how much goes on ----------------------------------------------------------------------------


async def test_few_calls_begin_in_one_turn_of_the_loop_and_probes_pass_by() -> None:
    limit = Turns()
    begun = 0

    async def begin() -> None:
        nonlocal begun
        await limit.turn()
        begun += 1

    calls = [asyncio.create_task(begin()) for _ in range(100)]
    most = before = 0
    while begun < 100:
        await asyncio.sleep(0)
        most, before = max(most, begun - before), begun
    assert most <= 2 * turns.A_TURN
    await asyncio.gather(*calls)
    assert "/livez" in guard.PROBES


async def test_whose_client_has_left_keeps_nobody_waiting() -> None:
    limit = Turns()
    calls = [asyncio.create_task(limit.turn()) for _ in range(50)]
    await asyncio.sleep(0)
    for call_ in calls[20:40]:
        call_.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await limit.turn()


async def test_open_calls_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_CALLS", 2)
    server = FakeServer(FullControl)
    release = asyncio.Event()
    server.committed = release.wait  # type: ignore[method-assign, assignment]
    app = create_app(server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        held = [asyncio.create_task(client.delete("/api/v1/messages")) for _ in range(2)]
        while len(server.control.calls) < 2:  # noqa: ASYNC110 - bounded by the test's time
            await asyncio.sleep(0)
        refused = await client.get("/api/v1/zones")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/api/v1/messages/wait?timeout=0")).status_code == 408
        release.set()
        assert {(await each).status_code for each in held} == {204}
        assert (await client.get("/api/v1/zones")).status_code == 200


def test_all_bodies_together_are_bounded_in_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_OCTETS", 1000)
    app = create_app(FakeServer())
    for _ in range(5):
        assert call(app, "POST", "/api/v1/messages", json={"text": "x" * 900}).status_code == 422
        assert call(app, "POST", "/api/v1/messages", json={"text": "x" * 1001}).status_code == 503
