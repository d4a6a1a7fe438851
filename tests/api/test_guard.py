"""What stands before every call: the token, and the limits on bodies."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message

from smsc.api import guard
from smsc.api.app import create_app
from tests.api.client import call
from tests.api.fakes import FakeServer, FullControl

TOKEN = "lærdal-hemmelig"


def ask(path: str, **headers: str) -> httpx.Response:
    app = create_app(FakeServer(FullControl), token=TOKEN)
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
        await asyncio.sleep(3600)

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
