"""116 helplines end to end: open to everybody, free, and answered for when the holder has no SMS."""

from __future__ import annotations

import httpx

from smsc.testing.server import SmscHandle
from tests.scenarios.binding import KARI, OLA, Bind


def test_E05_E07_E15_a_helpline_is_open_to_everybody_and_costs_the_sender_nothing(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    helpline = bind("alarmtlf", "116111")
    barred = bind("4799000008")  # content services barred: a helpline is none
    barred.send("116111", "Er det noen der?")
    asked = helpline.receive()
    assert (asked.source, asked.text) == ("4799000008", "Er det noen der?")
    helpline.send("4799000008", "Ja, vi er her.", source="116111")
    answer = barred.receive()
    assert (answer.source, answer.text) == ("116111", "Ja, vi er her.")
    assert smsc_server.control("charging", None, 10) == []
    month = smsc_server.clock.now[:7]
    bill = httpx.get(f"{smsc_server.url}/api/v1/helplines/bills/{month}").json()["bills"]
    assert bill == [{"number": "116111", "month": month, "messages": 2, "price_ore": 0}]


def test_E02_E13_an_unassigned_number_is_refused_and_a_holder_without_sms_answered_for(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    kari = bind(KARI)
    assert kari.submit("116999", "Hei").status == 0x0B
    sent = kari.send("116117", "Jeg har feber")
    notice = kari.receive()
    assert "116 117" in notice.text
    assert smsc_server.message(sent).reason == "helpline_no_sms"
    kari.send("116117", "Hallo?")
    assert kari.has_nothing()  # one such answer a minute


def test_E15_only_the_holder_writes_from_a_helpline(smsc_server: SmscHandle, bind: Bind) -> None:
    assert bind("quiz", "quiz2097").submit(OLA, "Hei", source="116111").status == 0x0A
