"""The desk of an emergency centre: it binds with the centre's password, takes, answers and lets go."""

from typing import Any

import httpx
import pytest

from smsc.testing.server import SmscHandle

USER = "4790000112"


class DeskAt:
    """One desk over HTTP."""

    def __init__(self, smsc: SmscHandle, centre: str = "112", password: str = "nodsms") -> None:
        self.url = f"{smsc.url}/api/v1/desks"
        self.login = httpx.post(self.url, json={"centre": centre, "password": password})
        self.headers = {"X-Desk": self.login.json().get("token", "")}

    def dialogues(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/dialogues", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["dialogues"])

    def dialogue(self, entries: int = 1) -> dict[str, Any]:
        for _ in range(500):
            found = [each for each in self.dialogues() if len(each["entries"]) >= entries]
            if found:
                return found[0]
        raise AssertionError(f"no dialogue with {entries} entries: {self.dialogues()}")

    def do(self, action: str) -> httpx.Response:
        return httpx.put(f"{self.url}/dialogues/{USER}/{action}", headers=self.headers)

    def answer(self, text: str) -> httpx.Response:
        return httpx.post(f"{self.url}/dialogues/{USER}/answers", json={"text": text}, headers=self.headers)


def test_a_message_to_112_reaches_the_desk_with_its_position_and_is_answered(smsc: SmscHandle) -> None:
    desk = DeskAt(smsc)
    user = smsc.handset(USER).listen()
    smsc.send(USER, "112", "Innbrudd i Storgata 1")
    dialogue = desk.dialogue()
    assert dialogue["number"] == USER
    assert dialogue["entries"][0]["text"] == "Innbrudd i Storgata 1"
    assert (dialogue["position"]["source"], dialogue["position"]["accuracy_m"]) == ("oslo", 15000.0)
    assert desk.answer("Politiet er på vei.").status_code == 201
    user.expect_message("Politiet er på vei.")
    assert desk.dialogue(2)["entries"][1]["stage"] == "delivered"


def test_the_first_desk_that_takes_a_dialogue_keeps_it_until_it_goes(smsc: SmscHandle) -> None:
    first, second = DeskAt(smsc), DeskAt(smsc)
    smsc.send(USER, "112", "hjelp")
    first.dialogue()
    assert first.do("take").json()["desk"] == 1
    refused = second.answer("hei")
    assert (refused.status_code, refused.json()["title"]) == (409, "Taken")
    assert httpx.delete(first.url, headers=first.headers).status_code == 204
    assert second.do("take").json()["desk"] == 2
    assert second.do("close").json()["closed"]


def test_a_wrong_password_is_no_desk_and_without_login_nothing_is_seen(smsc: SmscHandle) -> None:
    assert DeskAt(smsc, password="feil").login.status_code == 403
    for headers in ({}, {"X-Desk": "nei"}):
        assert httpx.get(f"{smsc.url}/api/v1/desks/dialogues", headers=headers).status_code == 403


@pytest.mark.parametrize("centre", ["110", "113"])
def test_each_centre_sees_its_own_dialogues_only(smsc: SmscHandle, centre: str) -> None:
    police, other = DeskAt(smsc), DeskAt(smsc, centre)
    smsc.send(USER, "112", "hjelp")
    police.dialogue()
    assert other.dialogues() == []
