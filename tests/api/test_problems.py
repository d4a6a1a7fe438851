"""Errors: problem details that name the field, what was given and what is expected, and leak nothing."""

import logging
from typing import Any

import httpx
import pytest

from smsc.api.app import create_app
from tests.api.client import call
from tests.api.fakes import FakeServer, Refusal

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def ask(server: FakeServer, method: str, path: str, **about: Any) -> httpx.Response:
    return call(create_app(server), method, path, **about)


def check(answer: httpx.Response, status: int, title: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["status"], found["title"]) == (status, status, title)
    return found


def test_a_refusal_of_the_engine_is_told_as_it_is(server: FakeServer) -> None:
    found = check(ask(server, "GET", "/api/v1/zones/atlantis"), 404, "Unknown zone")
    assert found == {
        "type": "urn:smsc:problem:unknown-zone",
        "title": "Unknown zone",
        "status": 404,
        "detail": "There is no zone 'atlantis'.",
        "instance": "/api/v1/zones/atlantis",
    }


def test_a_refused_advance_is_told_too(server: FakeServer) -> None:
    async def refuse(**_: Any) -> dict[str, Any]:
        raise Refusal(409, "Clock is not manual", "The clock runs by itself (real).")

    server.advance = refuse  # type: ignore[method-assign]
    check(ask(server, "POST", "/api/v1/clock/advance", json={"seconds": 1}), 409, "Clock is not manual")


def test_an_unknown_path_points_to_the_page(server: FakeServer) -> None:
    found = check(ask(server, "GET", "/api/v1/nothing"), 404, "Unknown path")
    assert "/docs" in found["detail"]
    check(ask(server, "GET", "/api/v1/zones/"), 422, "Invalid request")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/v1/zones/oslo", "GET, HEAD, PUT, PATCH, DELETE"),
        ("PATCH", "/api/v1/messages", "GET, HEAD, POST, DELETE"),
        ("GET", "/api/v1/clock/advance", "POST"),
        ("DELETE", "/livez", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    server: FakeServer, method: str, path: str, allowed: str
) -> None:
    answer = ask(server, method, path)
    assert allowed in check(answer, 405, "Method not allowed")["detail"]
    assert answer.headers["allow"] == allowed


def test_each_wrong_field_is_named_with_what_was_given_and_expected(server: FakeServer) -> None:
    body = {"sim": "lost", "position": {"lat": 91, "lon": "5"}, "barred": ["sms"], "colour": "red"}
    found = check(ask(server, "PUT", "/api/v1/subscribers/1", json=body), 422, "Invalid request")
    wrong = {each["field"]: each for each in found["errors"]}
    assert wrong["sim"]["given"] == "lost"
    assert "'active'" in wrong["sim"]["expected"]
    assert wrong["position.lat"] == {
        "field": "position.lat",
        "in": "body",
        "expected": "less than or equal to 90",
        "given": 91,
    }
    assert wrong["position.lon"]["expected"] == "a valid number"
    assert wrong["barred.0"]["given"] == "sms"
    assert wrong["colour"]["expected"].startswith("no field of this name; there are: ")
    assert "powered" in wrong["colour"]["expected"]
    assert found["detail"].startswith("body sim was given 'lost'; expected 'active'")
    assert "(4 more in errors)" in found["detail"]


def test_a_missing_field_was_not_given(server: FakeServer) -> None:
    found = check(ask(server, "POST", "/api/v1/messages", json={"source": "1"}), 422, "Invalid request")
    assert "given" not in found["errors"][0]
    assert found["errors"][0]["expected"] == "a value: the field is required"


def test_a_body_that_is_no_object_or_missing(server: FakeServer) -> None:
    found = check(ask(server, "PUT", "/api/v1/zones/oslo", json=[1]), 422, "Invalid request")
    assert found["errors"] == [{"field": "", "in": "body", "expected": "a JSON object", "given": "a list"}]
    check(ask(server, "PUT", "/api/v1/zones/oslo"), 422, "Invalid request")


@pytest.mark.parametrize("body", [b"{", b"", b'{"sim": }', b"\xff\xfe", b"[" * 100_000, b"9" * 10_000])
def test_malformed_bodies_are_client_errors(server: FakeServer, body: bytes) -> None:
    answer = ask(server, "PUT", "/api/v1/zones/oslo", content=body, headers=JSON)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_malformed_json_says_where(server: FakeServer) -> None:
    answer = ask(server, "PUT", "/api/v1/zones/oslo", content=b'{"loss": 1,}', headers=JSON)
    assert "character" in check(answer, 400, "Malformed JSON")["detail"]


@pytest.mark.parametrize(
    "body", [b'{"loss": NaN}', b'{"loss": Infinity}', b'{"latency": NaN}', b'{"loss": 1e999}']
)
def test_numbers_that_json_does_not_know_are_refused(server: FakeServer, body: bytes) -> None:
    answer = ask(server, "PUT", "/api/v1/zones/oslo", content=body, headers=JSON)
    check(answer, 422, "Invalid request")


def test_a_password_is_not_echoed(server: FakeServer) -> None:
    answer = ask(server, "PUT", "/api/v1/subscribers/1", json={"password": 987654321})
    check(answer, 422, "Invalid request")
    assert "987654321" not in answer.text


def test_a_password_in_a_body_of_the_wrong_kind_is_not_echoed(server: FakeServer) -> None:
    answer = ask(server, "PUT", "/api/v1/subscribers/1", json=[{"password": "hemmelig"}])
    check(answer, 422, "Invalid request")
    assert "hemmelig" not in answer.text


def test_what_is_echoed_is_short_and_can_be_sent(server: FakeServer) -> None:
    answer = ask(server, "PUT", "/api/v1/subscribers/1", content=b'{"sim": "\\ud83d"}', headers=JSON)
    check(answer, 422, "Invalid request")
    answer = ask(server, "PUT", "/api/v1/subscribers/1", json={"sim": "x" * 10_000})
    assert len(answer.content) < 2000


def test_our_own_fault_leaks_nothing_and_is_logged_without_secrets(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    text = "what Kari wrote"

    def fail(msisdn: str) -> dict[str, Any]:
        raise KeyError(text, msisdn)

    server.control.subscriber = fail  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR, "smsc.api"):
        answer = ask(server, "GET", "/api/v1/subscribers/4790000001")
    found = check(answer, 500, "Internal error")
    assert text not in answer.text
    assert found["reference"] in caplog.text
    assert "KeyError" in caplog.text
    assert "/subscribers/{msisdn}" in caplog.text
    assert "4790000001" not in caplog.text
    assert text not in caplog.text


def test_an_exception_is_no_refusal_by_accident(server: FakeServer) -> None:
    class Odd(Exception):
        status = 200
        title = "Fine"
        detail = "not at all"

    def fail() -> list[dict[str, Any]]:
        raise Odd

    server.control.zones = fail  # type: ignore[method-assign]
    check(ask(server, "GET", "/api/v1/zones"), 500, "Internal error")


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "said"),
    [
        ("POST", "/clock/advance", {"hours": 5}, "hours", "there are: seconds, to, until"),
        ("POST", "/clock/advance", {"second": 5}, "second", "'seconds': there is no field of this name"),
        ("PUT", "/subscribers/1", {"Sim": "active"}, "Sim", "'sim': there is"),
        ("PUT", "/subscribers/1", {"position": {"lat": 1, "lng": 2}}, "position.lng", "lat, lon"),
        ("PUT", "/zones/z", {"outages": [{"form": "x"}]}, "outages.0.form", "'from': there is"),
        ("GET", "/messages?sourc=1", None, "sourc", "'source': there is"),
        ("POST", "/messages", {"text": "x", "from": "1"}, "from", "source, destination, text"),
    ],
)
def test_a_field_that_there_is_not_names_those_that_there_are(
    server: FakeServer, method: str, path: str, body: Any, field: str, said: str
) -> None:
    found = check(ask(server, method, f"/api/v1{path}", json=body), 422, "Invalid request")
    wrong = {each["field"]: each for each in found["errors"]}
    assert said in wrong[field]["expected"], wrong[field]


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (90, 90.0),
        (1.5, 1.5),
        ("90", 90.0),
        ("1h30m", 5400.0),
        ("2 min", 120.0),
        ("500ms", 0.5),
        ("7d", 604_800.0),
    ],
)
def test_advance_takes_durations_as_people_write_them(server: FakeServer, given: Any, seconds: float) -> None:
    assert ask(server, "POST", "/api/v1/clock/advance", json={"seconds": given}).status_code == 200
    assert server.advanced[-1]["seconds"] == seconds


@pytest.mark.parametrize("given", ["", "soon", "1h 30", "-5s", -5, True, None, [], "1e400s", "9" * 400])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/clock/advance", lambda given: {"seconds": given}),
        ("PUT", "/zones/z", lambda given: {"latency": given}),
        ("PUT", "/zones/z", lambda given: {"outages": [{"duration": given}]}),
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(
    server: FakeServer, method: str, path: str, body: Any, given: Any
) -> None:
    answer = ask(server, method, f"/api/v1{path}", json=body(given))
    if given is None and path == "/zones/z":
        return  # null is none
    found = check(answer, 422, "Invalid request")
    assert any("duration such as" in each["expected"] for each in found["errors"]), found
