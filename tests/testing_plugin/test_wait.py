"""`smsc.wait`: the message that a search finds, or why there is none."""

from __future__ import annotations

import threading

import pytest

from smsc.testing.server import SmscHandle

KARI, OLA = "4790000001", "4790000002"


def test_a_one_time_code_is_read(smsc: SmscHandle) -> None:
    threading.Timer(0, smsc.send, (OLA, KARI, "Koden din er 482913")).start()
    assert smsc.wait(f"to:{KARI} koden").code == "482913"


def test_several(smsc: SmscHandle) -> None:
    for text in ("en", "to", "tre"):
        smsc.send(OLA, KARI, text)
    assert [message.text for message in smsc.wait(f"to:{KARI}", count=2)] == ["en", "to"]


def test_what_came_instead(smsc: SmscHandle) -> None:
    smsc.send(KARI, OLA, "hei")
    with pytest.raises(TimeoutError) as error:
        smsc.wait(f"to:{KARI}", timeout=0)
    assert f"to:{KARI}: it is to {OLA}" in str(error.value)
    assert "'hei'" in str(error.value)


def test_a_wrong_search(smsc: SmscHandle) -> None:
    with pytest.raises(ValueError, match="character 1"):
        smsc.wait("too:4790000001")


def test_a_message_without_a_code(smsc: SmscHandle) -> None:
    with pytest.raises(AssertionError, match="no one-time code in 'hei'"):
        _ = smsc.send(KARI, OLA, "hei").code


def test_with_a_token(make_smsc) -> None:  # type: ignore[no-untyped-def]
    smsc = make_smsc(http={"token": "hemmelig"})
    smsc.send(KARI, OLA, "hei")
    assert smsc.wait("hei").text == "hei"


async def test_to_await(smsc: SmscHandle) -> None:
    smsc.send(OLA, KARI, "kode 1234")
    assert (await smsc.aio.wait("kode")).code == "1234"
