"""A phone is held without a client: it gets what waits, until it is let go."""

import httpx
import pytest

from smsc.testing.server import SmscHandle

KARI, OLA = "4790000001", "4790000002"


def hold(smsc: SmscHandle, number: str) -> httpx.Response:
    return httpx.put(f"{smsc.url}/api/v1/subscribers/{number}/hold")


def test_a_held_phone_gets_what_waits_for_it_and_more(smsc: SmscHandle) -> None:
    waits = smsc.send(KARI, OLA, "en")
    assert smsc.message(waits.id).state == "enroute"
    assert hold(smsc, "900 00 002").json() == {"msisdn": OLA, "held": True}
    smsc.wait_for_message(text="en", state="delivered")
    smsc.send(KARI, OLA, "to")
    smsc.wait_for_message(text="to", state="delivered")
    assert hold(smsc, OLA).status_code == 200
    assert len(smsc.control("sessions")) == 1


def test_a_phone_that_was_let_go_gets_nothing(smsc: SmscHandle) -> None:
    hold(smsc, OLA)
    url = f"{smsc.url}/api/v1/subscribers/{OLA}/hold"
    assert httpx.get(url).json()["held"]
    assert httpx.delete(url).status_code == 204
    assert not httpx.get(url).json()["held"]
    sent = smsc.send(KARI, OLA, "hei")
    assert smsc.message(sent.id).state == "enroute"


def test_a_session_that_is_dropped_ends_the_hold(smsc: SmscHandle) -> None:
    hold(smsc, OLA)
    (session,) = smsc.control("sessions")
    smsc.control("drop_session", session["id"], "drop")
    smsc.send(KARI, OLA, "hei")
    url = f"{smsc.url}/api/v1/subscribers/{OLA}/hold"
    for _ in range(200):
        if not httpx.get(url).json()["held"]:
            break
    assert not httpx.get(url).json()["held"]


@pytest.mark.parametrize(("number", "status"), [("4790500000", 404), ("22334455", 404), ("nei", 422)])
def test_what_is_no_phone_cannot_be_held(smsc: SmscHandle, number: str, status: int) -> None:
    assert hold(smsc, number).status_code == status


def test_a_phone_whose_password_is_hashed_is_refused_with_the_reason(smsc: SmscHandle) -> None:
    from argon2 import PasswordHasher

    smsc.server.engine.world.registry.touch(int(OLA)).password = "argon2:" + PasswordHasher().hash("1234")
    answer = hold(smsc, OLA)
    assert answer.status_code == 409
    assert "password" in answer.json()["detail"]
