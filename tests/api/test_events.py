"""The events for who follows them: numbered, kept for who comes back, encoded once, filtered, bounded."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from smsc.api import events, ring
from smsc.api.app import ControlApi, create_app
from smsc.api.events import EventStreams
from smsc.api.ring import EventRing
from tests.api.fakes import FakeControl, FakeServer


def pushed(numbers: int, **about: int) -> EventRing:
    made = EventRing(lambda subject: 0 if subject is None else len(subject), **about)
    for number in range(numbers):
        made.push({"number": number}, None)
    return made


def test_each_event_has_a_number_and_the_last_ones_are_kept() -> None:
    kept = pushed(5000, most=100)
    first = kept.first
    assert len(kept) == 100
    assert [entry.event["number"] for entry in kept.after(first - 1, 1000)] == list(range(4900, 5000))
    assert [entry.event["number"] for entry in kept.after(first + 97, 1000)] == [4998, 4999]
    assert kept.after(kept.next - 1, 10) == []


def test_what_is_not_kept_is_counted_or_said_to_be_unknown() -> None:
    kept = pushed(150, most=100)
    assert kept.missed(kept.next - 1) == kept.missed(kept.first - 1) == 0
    assert kept.missed(kept.first - 8) == 7
    assert kept.missed(kept.next) is None, "of another life"
    assert kept.missed(5) is None
    last = kept.next - 1
    kept.forget()
    assert kept.missed(last) is None
    assert kept.missed(kept.next - 1) == 0


def test_numbers_grow_over_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    began = 1_800_000_000_000_000_000
    monkeypatch.setattr("smsc.api.ring.time.time_ns", lambda: began)
    before = pushed(1000).next
    monkeypatch.setattr("smsc.api.ring.time.time_ns", lambda: began + 1_000_000_000)
    assert EventRing(len).next > before


def test_what_events_keep_in_memory_is_bounded_in_octets() -> None:
    kept = EventRing(len, octets=100_000)
    for _ in range(1000):
        kept.push({}, "x" * 10_000)
    assert 5 <= len(kept) <= 10


# --- streams -------------------------------------------------------------------------------------


class Stream:
    """What a client of `/events` gets, without a socket."""

    def __init__(self, streams: EventStreams, number: int | None = None, search: Any = None) -> None:
        self.response = streams.response(None, number, search)
        self._chunks = self.response._stream.chunks()
        self.ids: list[int] = []

    async def read(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(5):
            while len(found) < count:
                chunk = await anext(self._chunks)
                for block in bytes(chunk).decode().split("\n\n"):
                    lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
                    if "data" in lines:
                        found.append(json.loads(lines["data"]))
                        self.ids.append(int(lines.get("id", 0)))
        return found


@pytest.fixture
def control() -> FakeControl:
    return FakeControl([])


async def test_an_event_is_encoded_once_for_all_streams(control: FakeControl) -> None:
    streams = EventStreams(control)
    clients = [Stream(streams) for _ in range(100)]
    for number in range(500):
        control.happen({"event": "x", "number": number})
    for client in clients:
        assert [each["number"] for each in await client.read(500)] == list(range(500))
    assert control.read_events == 500


async def test_who_comes_back_goes_on_where_they_were(control: FakeControl) -> None:
    streams = EventStreams(control)
    first = Stream(streams)
    for number in range(10):
        control.happen({"number": number})
    await first.read(10)
    again = Stream(streams, first.ids[3])
    assert [each["number"] for each in await again.read(6)] == [4, 5, 6, 7, 8, 9]
    assert again.ids == first.ids[4:]


@pytest.mark.parametrize("number", [1, 2**60])
async def test_who_comes_back_from_another_life_is_told_of_a_gap(control: FakeControl, number: int) -> None:
    stream = Stream(EventStreams(control), number)
    assert await stream.read(1) == [{"event": "stream.gap", "missed": None}]
    control.happen({"number": 1})
    assert await stream.read(1) == [{"number": 1}]


async def test_a_search_lets_only_some_events_pass(control: FakeControl) -> None:
    streams = EventStreams(control)
    stream = Stream(streams, None, ("odd",))
    for number in range(10):
        control.happen({"event": "odd" if number % 2 else "even", "number": number})
    assert [each["number"] for each in await stream.read(5)] == [1, 3, 5, 7, 9]


async def test_nothing_is_made_of_events_before_somebody_follows(control: FakeControl) -> None:
    streams = EventStreams(control)
    assert control.listeners == []
    stream = Stream(streams)
    assert len(control.listeners) == 1
    streams.detach(stream.response._stream.follower)
    assert len(control.listeners) == 1, "who comes back soon has missed nothing"


# --- over HTTP -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/events?since=x", {}),
        ("/api/v1/events", {"Last-Event-ID": "x"}),
        ("/api/v1/events?q=%3F", {}),
    ],
)
async def test_what_makes_no_sense_is_refused(path: str, headers: dict[str, str]) -> None:
    app = create_app(FakeServer())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get(path, headers=headers)).status_code == 422


# --- calls that wait -----------------------------------------------------------------------------


async def wait(app: ControlApi, query: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(f"/api/v1/messages/wait?{query}", timeout=5)


async def test_what_is_there_is_answered_at_once() -> None:
    answer = await wait(create_app(FakeServer()), "q=Hei&count=3&timeout=0")
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json()["messages"]] == ["1001", "1002", "1003"]


async def test_what_comes_later_ends_the_wait() -> None:
    server = FakeServer()
    app = create_app(server)
    waiting = asyncio.create_task(wait(app, "q=sen&count=1&timeout=5"))
    while not server.control.listeners:  # noqa: ASYNC110 - bounded by the test's time
        await asyncio.sleep(0)
    server.control.happen({"event": "message.accepted", "text": "for sen"}, {"id": "9", "text": "for sen"})
    server.control.happen({"event": "message.accepted", "text": "tidlig"}, {"id": "10", "text": "tidlig"})
    answer = await waiting
    assert [each["id"] for each in answer.json()["messages"]] == ["9"]


async def test_what_does_not_come_is_told_with_what_came_instead() -> None:
    answer = await wait(create_app(FakeServer()), "q=nothing&timeout=0.01")
    assert answer.status_code == 408
    told = answer.json()
    assert told["title"] == "Nothing came"
    assert "Within 0.01 s no message that 'nothing' finds came; 1 other came" in told["detail"]
    assert told["instead"][0]["why"] == ["to:1: it is to 4790000002"]
    assert told["found"] == []


async def test_too_few_are_told_as_well() -> None:
    told = (await wait(create_app(FakeServer()), "q=1003&count=2&timeout=0")).json()
    assert (told["title"], [each["id"] for each in told["found"]]) == ("Too few came", ["1003"])


@pytest.mark.parametrize("query", ["count=0", "count=1001", "timeout=-1", "timeout=601", "q=%3F", "x=1"])
async def test_a_wait_that_makes_no_sense_is_refused(query: str) -> None:
    assert (await wait(create_app(FakeServer()), query)).status_code == 422


async def test_waits_have_a_total_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsc.api.waiting.MAX_WAITS", 1)
    server = FakeServer()
    app = create_app(server)
    first = asyncio.create_task(wait(app, "q=sen&timeout=5"))
    while not server.control.listeners:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert (await wait(app, "q=sen&timeout=5")).status_code == 503
    server.control.happen({"event": "x", "text": "sen"}, {"id": "9"})
    assert (await first).status_code == 200
    assert (await wait(app, "q=Hei&timeout=0")).status_code == 200


def test_the_budgets_are_bounded() -> None:
    assert events.MAX_STREAMS <= 1000
    assert ring.OCTETS <= 64 * 1024 * 1024
