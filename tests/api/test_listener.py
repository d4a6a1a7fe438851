"""The listener over real sockets, on asyncio and on uvloop: ports, manners, event streams, a clean stop."""

import asyncio
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest

from smsc import eventloop
from smsc.api import events, listener
from smsc.api.app import create_app
from smsc.api.listener import HttpListener
from tests.api.fakes import FakeServer

pytestmark = pytest.mark.loop
Story = Callable[[], Awaitable[None]]
COMPLETE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
RESET = b"(reset)"


@pytest.fixture(params=["asyncio", "uvloop"])
def tell(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Runs a story on one loop, at most ten seconds."""
    if request.param == "uvloop":
        pytest.importorskip("uvloop")

    def run(story: Story) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(10):
                await story()

        eventloop.run(bounded(), request.param)

    return run


class Running:
    """A listening server and a client for it."""

    def __init__(self, server: FakeServer, http: HttpListener, client: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http
        self.client = client

    @property
    def connections(self) -> set[Any]:
        assert self.http._server is not None
        return self.http._server.server_state.connections

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():  # noqa: ASYNC110 - bounded by the story's ten seconds
            await asyncio.sleep(0)


@asynccontextmanager
async def running(host: str = "127.0.0.1", **about: Any) -> AsyncIterator[Running]:
    server = FakeServer()
    http = HttpListener(create_app(server, **about), host, 0)
    await http.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://{http.address}", verify=False) as client:
            yield Running(server, http, client)
    finally:
        await http.stop()


async def read_events(lines: AsyncIterator[str], count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for line in lines:
        if line.startswith("data: "):
            found.append(json.loads(line.removeprefix("data: ")))
            if len(found) == count:
                break
    return found


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection is closed; a reset is an end too."""
    found = b""
    with suppress(ConnectionResetError):
        while chunk := await reader.read(4096):
            found += chunk
        return found
    return found or RESET


def test_port_0_takes_a_free_port_and_tells_it(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one, running() as other:
            assert one.http.port != other.http.port
            assert one.http.address == f"127.0.0.1:{one.http.port}"
            for each in (one, other):
                assert (await each.client.get("/livez")).status_code == 200

    tell(story)


def test_a_port_that_is_taken_is_an_error_that_can_be_caught(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one:
            second = HttpListener(create_app(FakeServer()), "127.0.0.1", one.http.port)
            with pytest.raises(OSError):
                await second.start()
            await second.stop()
            assert (await one.client.get("/livez")).status_code == 200

    tell(story)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_a_listener_off_loopback_needs_a_token(host: str) -> None:
    with pytest.raises(ValueError, match=r"http\.token"):
        HttpListener(create_app(FakeServer()), host, 0)
    HttpListener(create_app(FakeServer(), token="hemmelig"), host, 0)


def test_an_address_of_ip_version_6_is_written_in_brackets(tell: Callable[[Story], None]) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")

    async def story() -> None:
        async with running("::1") as one:
            assert one.http.address == f"[::1]:{one.http.port}"
            assert (await one.client.get("/livez")).status_code == 200

    tell(story)


def test_localhost_is_served_on_every_address_it_has(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running("localhost") as one:
            answer = await one.client.get(f"http://localhost:{one.http.port}/livez")
            assert answer.status_code == 200

    tell(story)


def test_a_stopped_listener_gives_its_port_back(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        first = HttpListener(create_app(FakeServer()), "127.0.0.1", 0)
        await first.start()
        await first.stop()
        await first.stop()
        second = HttpListener(create_app(FakeServer()), "127.0.0.1", first.port)
        await second.start()
        await second.stop()

    tell(story)


def test_signals_stay_with_the_process(tell: Callable[[Story], None]) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    async def story() -> None:
        async with running():
            assert (signal.getsignal(signal.SIGTERM)) == before[1]

    tell(story)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_request_leaves_no_line_in_the_log(
    tell: Callable[[Story], None], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with running() as one:
            await one.client.get("/api/v1/subscribers/4790000001")

    with caplog.at_level(logging.INFO):
        tell(story)
    assert "4790000001" not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    )
    out, err = capfd.readouterr()
    assert out == ""
    assert "4790000001" not in err


def test_numbers_and_names_survive_the_wire(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one:
            for path, text in [
                ("+4790000001", "+4790000001"),
                ("%2B47%2090", "+47 90"),
                ("%C3%A6%2F%25", "æ/%"),
            ]:
                await one.client.get(f"/api/v1/numbers/{path}")
                assert one.server.control.calls[-1] == ("number", text, 0)

    tell(story)


def test_head_is_get_without_the_body(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one:
            for path, status in (("/livez", 200), ("/api/v1/zones/oslo", 200), ("/nothing", 404)):
                whole, head = await one.client.get(path), await one.client.head(path)
                assert (head.status_code, head.content) == (status, b"")
                assert head.headers["content-length"] == whole.headers["content-length"]

    tell(story)


def test_everything_that_happens_is_streamed_in_order(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one, one.client.stream("GET", "/api/v1/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            for number in range(500):
                one.server.control.happen({"event": "message.delivered", "number": number, "text": "a\nb: æ"})
            found = await read_events(stream.aiter_lines(), 500)
            assert [each["number"] for each in found] == list(range(500))
            assert found[0]["text"] == "a\nb: æ"

    tell(story)


def test_events_are_kept_for_a_while_when_the_last_client_has_left(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LINGER", 0.01)

    async def story() -> None:
        async with running() as one:
            async with one.client.stream("GET", "/api/v1/events"):
                assert len(one.server.control.listeners) == 1
            await one.until(lambda: not one.server.control.listeners)
            assert len(one.http._app.state.streams.ring) == 0

    tell(story)


def test_a_client_that_is_too_far_behind_is_told_what_it_missed(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running(event_queue=10) as one, one.client.stream("GET", "/api/v1/events") as stream:
            for number in range(13):
                one.server.control.happen({"number": number})
            found = await read_events(stream.aiter_lines(), 11)
            assert found[0] == {"event": "stream.gap", "missed": 3}
            assert [each["number"] for each in found[1:]] == list(range(3, 13))

    tell(story)


def test_a_client_that_reads_nothing_costs_nothing_and_is_cut_off(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "PATIENCE", 0.05)

    async def story() -> None:
        async with running(event_queue=100) as one:
            _, writer = await asyncio.open_connection("127.0.0.1", one.http.port, limit=1024)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            streams = one.http._app.state.streams
            await one.until(lambda: len(streams) == 1)
            text = "x" * 10_000
            while len(streams):
                one.server.control.happen({"text": text})
                assert len(streams.ring) <= 100
                await asyncio.sleep(0)
            assert (await one.client.get("/livez")).status_code == 200
            writer.transport.abort()

    tell(story)


def test_too_many_streams_are_refused(tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_STREAMS", 1)

    async def story() -> None:
        async with running() as one, one.client.stream("GET", "/api/v1/events"):
            assert (await one.client.get("/api/v1/events")).status_code == 503

    tell(story)


def test_a_quiet_stream_is_kept_open(tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE", 0.01)

    async def story() -> None:
        async with running() as one, one.client.stream("GET", "/api/v1/events") as stream:
            async for line in stream.aiter_lines():
                if line == ": still here":
                    break

    tell(story)


def test_stopping_ends_streams_and_idle_connections_without_waiting_for_them(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "GRACE", 3600.0)  # longer than the story may last

    async def story() -> None:
        async with running() as one:
            await one.client.get("/livez")
            reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
            writer.write(b"GET /livez HTTP/1.1\r\n")
            async with one.client.stream("GET", "/api/v1/events") as stream:
                await one.http.stop()
                found = await read_events(stream.aiter_lines(), 2)
            assert found == [{"event": "stream.ended", "detail": "the server is stopping"}]
            assert await read_to_end(reader) in (b"", RESET)
            writer.close()

    tell(story)


def test_stopping_waits_for_a_call_that_ends_and_cuts_one_that_does_not(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listener, "GRACE", 0.2)

    async def story() -> None:
        async with running() as one:
            release, entered = asyncio.Event(), asyncio.Semaphore(0)

            async def committed() -> None:
                entered.release()
                await release.wait()

            async def never() -> None:
                await asyncio.Event().wait()

            one.server.committed = committed  # type: ignore[method-assign]
            ending = asyncio.create_task(one.client.delete("/api/v1/messages"))
            await entered.acquire()
            one.server.committed = never  # type: ignore[method-assign]
            hanging = asyncio.create_task(one.client.delete("/api/v1/messages"))
            await one.until(lambda: one.server.log.count("clear_messages") == 2)
            stopping = asyncio.create_task(one.http.stop())
            await asyncio.sleep(0)
            release.set()
            assert (await ending).status_code == 204
            with pytest.raises(httpx.HTTPError):
                await hanging
            await stopping

    tell(story)
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_head_that_does_not_end_is_cut_off(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "HEAD_SECONDS", 0.02)

    async def story() -> None:
        async with running() as one:
            for first, begun in ((b"", b""), (b"", b"GET /livez HT"), (COMPLETE, b"GET /livez HT")):
                reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
                writer.write(first)
                if first:
                    await reader.readuntil(b'alive"}')
                writer.write(begun)
                assert await read_to_end(reader) in (b"", RESET)
                writer.close()

    tell(story)


def test_a_head_may_come_in_pieces_and_a_connection_be_used_again(tell: Callable[[Story], None]) -> None:
    async def story() -> None:
        async with running() as one:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
            for _ in range(3):
                for piece in (COMPLETE[:13], COMPLETE[13:30], COMPLETE[30:]):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                assert await reader.readexactly(18) == b'{"status":"alive"}'
                (connection,) = one.connections
                assert connection._deadline is None
            writer.close()

    tell(story)


def test_idle_connections_keep_nobody_out(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 3)

    async def story() -> None:
        async with running() as one:
            held = [await asyncio.open_connection("127.0.0.1", one.http.port) for _ in range(3)]
            held[1][1].write(b"GET /livez HT")
            await one.until(lambda: len(one.connections) == 3)
            for place in range(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
                writer.write(COMPLETE)
                assert (await reader.readuntil(b'alive"}')).startswith(b"HTTP/1.1 200")
                assert await read_to_end(held[place][0]) in (b"", RESET)
                held.append((reader, writer))
            await one.until(lambda: len(one.connections) == 3)
            for _, each in held:
                each.close()

    tell(story)


def test_an_open_request_is_not_cut_off_for_another(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 1)

    async def story() -> None:
        async with running() as one, one.client.stream("GET", "/api/v1/events") as stream:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
            assert await read_to_end(reader) in (b"", RESET)
            writer.close()
            one.server.control.happen({"number": 1})
            assert await read_events(stream.aiter_lines(), 1) == [{"number": 1}]

    tell(story)


def test_a_client_that_offers_another_protocol_is_answered_and_not_logged(
    tell: Callable[[Story], None], caplog: pytest.LogCaptureFixture
) -> None:
    """As Java's HttpClient does with each call, and WebSocket clients."""

    async def story() -> None:
        async with running() as one:
            for offer in (
                {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAA"},
                {"Connection": "Upgrade", "Upgrade": "websocket"},
            ):
                assert (await one.client.get("/livez", headers=offer)).status_code == 200
                answer = await one.client.post("/api/v1/messages", headers=offer, json={})
                assert answer.status_code == 422

    with caplog.at_level(logging.DEBUG):
        tell(story)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    "garbage", [b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01", b"\r\n" * 99_999]
)
def test_what_is_not_http_is_turned_away(tell: Callable[[Story], None], garbage: bytes) -> None:
    async def story() -> None:
        async with running() as one:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.http.port)
            writer.write(garbage + b"\r\n\r\n")
            assert (await read_to_end(reader)).startswith((b"HTTP/1.1 400", RESET))
            writer.close()
            assert (await one.client.get("/livez")).status_code == 200

    tell(story)
