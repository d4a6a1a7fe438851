"""The examples of the API's description have the shape of what a running server answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import httpx

from smsc.api.examples import ANSWERS
from smsc.services.contact_register import fnr
from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import KARI, Bind

ONE, OTHER = islice(fnr.synthetic(), 500, 502)
SNOBY = {"Authorization": "Bearer snoby"}
OPEN = {"counts"}  # objects whose keys are what was counted


def shape(document: Any, name: str = "") -> Any:
    """Names and nesting of a document; a list is what its first item is."""
    if isinstance(document, dict) and name not in OPEN:
        return {key: shape(value, key) for key, value in document.items()}
    if isinstance(document, list):
        return [shape(document[0])] if document else []
    return None


class Caller:
    """Calls a server, and remembers which calls of the table were compared."""

    def __init__(self, smsc: SmscHandle) -> None:
        self.http = httpx.Client(base_url=f"{smsc.url}/api/v1", trust_env=False)
        self.compared: set[str] = set()

    def __call__(self, call: str, **body: Any) -> Any:
        headers = SNOBY if "/register/" in call else {}
        verb, path = call.split(" ")
        answer = self.http.request(verb, path, json=body or None, headers=headers)
        assert answer.is_success, (call, answer.text)
        if answer.headers.get("Content-Type") != "application/json":
            return None
        document = answer.json()
        known = path.partition("?")[0]
        for entry in ANSWERS:
            pattern = re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(entry.split(" ")[1]))
            if entry.split(" ")[0] == verb and entry not in self.compared and re.fullmatch(pattern, known):
                assert shape(document) == shape(ANSWERS[entry]), call
                self.compared.add(entry)
                break
        return document


def emergency(ask: Caller, smsc: SmscHandle, kari: Esme) -> None:
    ask("GET /emergency/registrations")
    ask("PUT /emergency/site", open=True)
    ask("GET /emergency/site")
    ask("GET /emergency/site/look-up?number=90000001")
    begun = ask("POST /emergency/site/transactions", number="90000001", action="register", terms=True)
    code = re.findall(r"\b\d{6}\b", kari.receive().text)[0]
    ask(f"POST /emergency/site/transactions/{begun['transaction']}/confirmation", code=code)
    ask("PUT /emergency/exclusions/4790000112")
    ask("GET /emergency/exclusions")
    smsc.send("4790000113", "113", "Hjelp")
    ask("GET /emergency/dialogues")


def numbers(ask: Caller, smsc: SmscHandle, kari: Esme, bind: Callable[[str, str], Esme]) -> None:
    header = "kind,first,holder,account,keywords,subscription\n"
    ask("POST /lists/assignments", csv=header + "short_code,2090,Nytt,quiz,NYTT,yes\n")
    ask("POST /lists/subscribers", csv="msisdn,sim\n4792000001,active\n")
    ask("POST /lists/ported", csv="number,operator,from\n90000009,fjordnett,2026-01-01\n")
    ask("GET /subscribers/4790000009/operator")
    quiz, helpline = bind("quiz", "quiz2097"), bind("alarmtlf", "116111")
    kari.send("2097", "QUIZ 7")
    kari.send("2090", "NYTT")
    kari.send("2090", "JA")
    kari.send("116111", "Hei")
    quiz.receive()
    helpline.receive()
    smsc.clock.advance("1s")
    ask("GET /helplines")
    ask("GET /helplines/bills/2026-01")
    ask("GET /codes")
    ask("GET /codes/subscriptions/4790000001")
    ask("GET /charging")
    ask("GET /charging/totals")


def register(ask: Caller, smsc: SmscHandle) -> None:
    ask(f"PUT /register/persons/{ONE}", mobile="90000001", email="kari@example.no")
    ask(f"PUT /register/persons/{OTHER}", email="ola@example.no")
    ask(f"GET /register/persons/{ONE}")
    ask("GET /register/persons")
    ask("POST /register/rest/v2/personer", personidentifikatorer=[ONE])
    order = ask("POST /register/notifications", personidentifikatorer=[ONE, OTHER], texts={"nb": "Snø"})
    smsc.clock.advance("1min")
    ask(f"GET /register/notifications/{order['id']}")
    ask("GET /register/outbox")
    ask("GET /register/lookups")


def test_every_example_has_the_shape_of_an_answer(smsc: SmscHandle, bind: Bind) -> None:
    def at_smsc(name: str, password: str = "1234") -> Esme:
        return bind(name, password, at=smsc.smpp_address)

    ask, kari = Caller(smsc), at_smsc(KARI)
    emergency(ask, smsc, kari)
    numbers(ask, smsc, kari, at_smsc)
    register(ask, smsc)
    assert ask.compared == set(ANSWERS)
    described = httpx.get(f"{smsc.url}/openapi.json", trust_env=False).json()["paths"]
    told = described["/api/v1/codes"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert told == ANSWERS["GET /codes"]
