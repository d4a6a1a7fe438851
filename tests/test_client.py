"""The client behind `smsc send` and `smsc listen`, against a fake SMSC over TCP."""

import asyncio

import pytest

from smsc.client import Client, ClientError, Refused, address
from smsc.protocol.pdu.submit import LATER, NEVER
from smsc.protocol.text.data_coding import encode_text
from tests.fake_smsc import PASSWORD, FakeSmsc, fake_smsc

pytestmark = pytest.mark.loop

UDHI = 0x40


async def bound(fake: FakeSmsc, kind: str = "transceiver") -> Client:
    client = await Client.connect(fake.host, fake.port)
    assert await client.bind("4790000002", PASSWORD, kind=kind) == "fake"
    return client


async def test_a_text_is_submitted_and_gets_its_message_id() -> None:
    async with fake_smsc() as fake, await bound(fake) as client:
        assert await client.submit("4790000001", "Blåbærsyltetøy", source="4790000002") == ["101"]
        assert fake.submitted == [(4790000002, 4790000001, b"Bl\x0fb\x1drsyltet\x0cy")]


async def test_a_long_text_goes_in_three_parts() -> None:
    async with fake_smsc() as fake, await bound(fake) as client:
        assert await client.submit("90000001", "x" * 400) == ["101", "102", "103"]
        headers = [body[:6] for _, _, body in fake.submitted]
        assert headers == [bytes((5, 0, 3, 1, 3, part)) for part in (1, 2, 3)]


async def test_a_refusal_names_the_status() -> None:
    async with fake_smsc(status=0x0B) as fake, await bound(fake) as client:
        with pytest.raises(Refused, match=r"ESME_RINVDSTADR \(0x0B\)") as caught:
            await client.submit("+46701234567", "Hej")
        assert caught.value.status == 0x0B


async def test_a_wrong_password_is_refused() -> None:
    async with fake_smsc() as fake, await Client.connect(fake.host, fake.port) as client:
        with pytest.raises(Refused, match="bind was refused: ESME_RBINDFAIL"):
            await client.bind("4790000002", "wrong")


async def test_a_password_that_fits_no_bind_is_told_at_once() -> None:
    async with fake_smsc() as fake, await Client.connect(fake.host, fake.port) as client:
        with pytest.raises(ClientError, match="password"):
            await client.bind("4790000002", "much too long")


async def test_nobody_listens() -> None:
    async with fake_smsc() as fake:
        port = fake.port
    with pytest.raises(ClientError, match=f"cannot connect to 127.0.0.1:{port}"):
        await Client.connect("127.0.0.1", port)


@pytest.mark.parametrize("answer", [LATER, NEVER])
async def test_an_answer_that_does_not_come(answer: int) -> None:
    async with fake_smsc(answer=answer) as fake, await bound(fake) as client:
        with pytest.raises(ClientError, match=r"no answer to the submission within 0\.05 s"):
            await client.submit("4790000001", "Hei", timeout=0.05)


async def test_a_connection_that_breaks_while_an_answer_is_awaited() -> None:
    async with fake_smsc(answer=NEVER + 1) as fake, await bound(fake) as client:
        with pytest.raises(ClientError, match="connection was closed"):
            await client.submit("4790000001", "Hei")
        with pytest.raises(ClientError, match="connection is closed"):
            await client.submit("4790000001", "Hei")
        with pytest.raises(ClientError, match="connection was closed"):
            await client.receive(1)


async def test_a_message_is_received_and_acknowledged() -> None:
    async with fake_smsc() as fake, await bound(fake, "receiver") as client:
        fake.deliver(b"Hei \x00 \x1b\x65")
        received = await client.receive(5)
        assert (received.source, received.destination, received.text) == (
            "4790000001",
            "4790000002",
            "Hei @ €",
        )
        assert received.receipt is None
        await client.close()
        assert fake.acknowledged == [0]


async def test_an_alphanumeric_sender() -> None:
    async with fake_smsc() as fake, await bound(fake) as client:
        fake.deliver(b"Svar", source=b"Skatteetaten")
        assert (await client.receive(5)).source == "Skatteetaten"


async def test_a_receipt_is_read() -> None:
    async with fake_smsc() as fake, await bound(fake) as client:
        fake.receipt(101)
        receipt = (await client.receive(5)).receipt
        assert receipt is not None
        assert (receipt.id, receipt.stat, receipt.text) == ("101", "DELIVRD", "Hei")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
async def test_a_long_message_is_put_together_in_any_order(order: tuple[int, ...]) -> None:
    text = "😀 snø " * 30
    data_coding, bodies = encode_text(text, 7)
    assert len(bodies) == 4
    async with fake_smsc() as fake, await bound(fake) as client:
        for index in (*order, 3):
            fake.deliver(bodies[index], data_coding=data_coding, esm_class=UDHI)
        received = await client.receive(5)
        assert (received.text, received.parts) == (text, 4)


async def test_nothing_arrives_in_time() -> None:
    async with fake_smsc() as fake, await bound(fake) as client:
        with pytest.raises(TimeoutError):
            await client.receive(0.01)


async def test_close_unbinds_and_can_be_repeated() -> None:
    async with fake_smsc() as fake:
        client = await bound(fake)
        await client.close()
        await client.close()
        assert fake.transport.is_closing()


async def test_a_server_that_does_not_speak_smpp() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    async with server, await Client.connect("127.0.0.1", server.sockets[0].getsockname()[1]) as client:
        with pytest.raises(ClientError, match="closed"):
            await client.bind("4790000002", PASSWORD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+47 900 00 001", (1, 1, "4790000001")),
        ("4790000001", (0, 1, "4790000001")),
        ("004759555112", (0, 1, "004759555112")),
        ("02000", (0, 1, "02000")),
        ("Shop", (5, 0, "Shop")),
        ("", (0, 0, "")),
    ],
)
def test_an_address_is_read(text: str, expected: tuple[int, int, str]) -> None:
    assert address(text) == expected
