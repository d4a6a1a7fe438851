"""ESMEs, faults, dropped sessions, long messages and configuration files in a test's hands."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from smsc.client import Client, ClientError, Refused
from smsc.config import ConfigError
from smsc.control import ControlError
from smsc.testing import SmscHandle, start_smsc

LONG = "Blåbærsyltetøy, " * 30
EMOJI = "🫐" * 100
MYGW = {"system_id": "mygw", "password": "secret", "numbers": ["59000100"], "senders": ["Mygw"]}


async def submit(
    smsc: SmscHandle, system_id: str, password: str, to: str, text: str, **fields: object
) -> list[str]:
    async with await Client.connect(smsc.host, smsc.port) as client:
        await client.bind(system_id, password)
        return await client.submit(to, text, **fields)  # type: ignore[arg-type]


# --- Long messages ---


@pytest.mark.parametrize("text", [LONG, EMOJI, "kort"], ids=["gsm", "ucs2", "short"])
async def test_a_message_is_expected_as_a_whole(smsc: SmscHandle, text: str) -> None:
    ola = smsc.handset("4790000002").listen()
    ids = await submit(smsc, "4790000001", "1234", "4790000002", text)
    found = await smsc.aio.handset("4790000002").expect_message(text)
    assert (found.text, found.id) == (text, ids[0])
    assert [message.text for message in ola.received()] == [text]
    assert [message.text for message in smsc.handset("4790000001").sent()] == [text]
    assert smsc.wait_for_message(text=text, state="delivered").id == ids[0]


async def test_a_long_message_is_there_when_its_last_part_is(smsc: SmscHandle) -> None:
    ola = smsc.handset("4790000002").power_off()
    await submit(smsc, "4790000001", "1234", "4790000002", LONG)
    assert ola.received() == []
    with pytest.raises(TimeoutError, match="4790000002 has received no message with text='Bl"):
        ola.expect_message(LONG, timeout=0)


# --- ESMEs ---


@pytest.fixture
def mine(make_smsc: Callable[..., SmscHandle]) -> SmscHandle:
    return make_smsc(esmes=[MYGW])


async def test_an_esme_s_receipts_and_messages(mine: SmscHandle) -> None:
    mine.handset("4790000002").listen()
    await submit(mine, "mygw", "secret", "4790000002", "Hei", source="Mygw", registered_delivery=1)
    gateway = mine.esme("mygw")
    assert (await mine.aio.esme("mygw").expect_receipt("DELIVRD")).text == "Hei"
    assert [message.source for message in gateway.sent()] == ["Mygw"]
    gateway.listen()
    mine.send("4790000002", "59000100", LONG)
    assert gateway.expect_message(LONG).text == LONG
    assert [message.text for message in gateway.received()] == [LONG]
    gateway.hang_up()


def test_an_esme_that_speaks_for_a_range(smsc: SmscHandle) -> None:
    farm = smsc.esme("farm").listen()
    smsc.send("4740000001", "4790000002", "Hei")
    farm.expect_message("Hei")


async def test_a_receipt_that_does_not_come_in_time(mine: SmscHandle) -> None:
    mine.handset("4790000002").enter("laerdal-tunnel")
    await submit(mine, "mygw", "secret", "4790000002", "Hei", source="Mygw", registered_delivery=1)
    with pytest.raises(AssertionError, match="expected DELIVRD, but the message is enroute"):
        mine.esme("mygw").expect_receipt("DELIVRD", within="1h")
    mine.esme("mygw").expect_receipt("EXPIRED", within="72h")


def test_an_esme_that_is_none_is_told(smsc: SmscHandle) -> None:
    with pytest.raises(ValueError, match="'mygw' is no ESME; there are psap110, "):
        smsc.esme("mygw")
    with pytest.raises(AssertionError, match="shop has sent nothing that was accepted"):
        smsc.esme("shop").expect_receipt("DELIVRD")


# --- Faults and dropped sessions ---


async def test_a_fault_for_the_length_of_a_block(smsc: SmscHandle) -> None:
    with smsc.faults("status", status="ESME_RSYSERR", system_id="4790000001") as faults:
        with pytest.raises(Refused, match="ESME_RSYSERR"):
            await submit(smsc, "4790000001", "1234", "4790000002", "Hei")
        assert faults.fired == 1
    assert await submit(smsc, "4790000001", "1234", "4790000002", "Hei")


def test_several_faults_and_none(smsc: SmscHandle) -> None:
    faults = smsc.faults({"action": "delay", "seconds": 2}, {"action": "twice", "every": 3}, seed=7)
    assert [rule["action"] for rule in faults.rules] == ["delay", "twice"]
    assert smsc.faults().rules == []


@pytest.mark.parametrize("rule", [{"action": "explode"}, {"action": "delay", "second": 1}])
def test_a_fault_that_is_none_is_refused(smsc: SmscHandle, rule: dict[str, object]) -> None:
    with pytest.raises(ControlError):
        smsc.faults(rule)


async def test_a_peer_s_sessions_are_dropped(smsc: SmscHandle) -> None:
    async with await Client.connect(smsc.host, smsc.port) as client:
        await client.bind("shop", "shop")
        assert await smsc.aio.drop("shop") == 1
        assert smsc.control("sessions") == []
        with pytest.raises(ClientError, match="the connection was closed"):
            await client.receive(5)


def test_who_is_not_bound_cannot_be_dropped(smsc: SmscHandle) -> None:
    smsc.handset("4790000002").listen()
    with pytest.raises(ValueError, match="'shop' is not bound; bound is 4790000002"):
        smsc.drop("shop")
    assert smsc.drop() == 1
    assert smsc.drop() == 0


# --- Configuration files ---


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_extends_the_demo_world(tmp_path: Path, as_text: bool) -> None:
    path = tmp_path / "x.toml"
    path.write_text('[[esmes]]\nsystem_id = "mygw"\npassword = "secret"', encoding="utf-8")
    with start_smsc(str(path) if as_text else path, zones=[{"name": "cellar", "coverage": "none"}]) as smsc:
        smsc.esme("mygw").listen()
        smsc.handset("4790000002").enter("cellar")
        assert smsc.port != 2775


def test_a_file_can_stand_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('extends = "none"\n[[zones]]\nname = "a"', encoding="utf-8")
    with start_smsc(path) as smsc:
        assert [zone["name"] for zone in smsc.control("zones")] == ["a"]


def test_a_setting_that_is_wrong_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^setting codes\[0\].code: got '1412', expected a short code"):
        start_smsc(codes=[{"code": "1412", "account": "quiz"}])


# --- Teardown ---


def test_a_client_that_was_left_open_does_not_hold_up_the_end(make_smsc: Callable[..., SmscHandle]) -> None:
    """Nobody is there to answer unbind, for which a server in service would wait."""
    smsc = make_smsc(limits={"shutdown": "60s"})
    with socket.create_connection((smsc.host, smsc.port)) as client:
        fields = b"4790000001\x001234\x00\x00\x34\x00\x00\x00"
        bind = bytes.fromhex("00000025 00000009 00000000 00000001") + fields
        client.sendall(bind)
        assert client.recv(16)[4:8] == bytes.fromhex("80000009")
        smsc.stop(grace=0)
        assert not smsc.is_running
