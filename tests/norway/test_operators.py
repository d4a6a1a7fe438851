"""SIM cards, lists and other operators' networks, through the API and over SMPP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from smsc.testing.server import SmscHandle
from tests.scenarios.binding import KARI, OLA, Bind

Make = Callable[..., SmscHandle]


def post(smsc: SmscHandle, path: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{smsc.url}/api/v1/{path}", json=body)


def test_a_swapped_sim_goes_on_and_a_lost_one_is_blocked(smsc_server: SmscHandle, bind: Bind) -> None:
    kari, ola = bind(KARI), bind(OLA)
    before = smsc_server.handset(OLA).state
    assert post(smsc_server, f"subscribers/{OLA}/lost").json()["sim"] == "blocked"
    assert ola.submit(KARI, "Funnet").status == 0x45
    assert post(smsc_server, f"subscribers/{OLA}/sim-swap", iccid="8947" + "0" * 15).status_code == 422
    after = post(smsc_server, f"subscribers/{OLA}/sim-swap").json()
    assert after["sim"] == "active"
    assert after["imsi"] != before["imsi"]
    assert after["iccid"] != before["iccid"]
    kari.send(OLA, "Ny telefon?")
    assert ola.receive().text == "Ny telefon?"


def test_a_number_change_takes_the_card_along_and_ends_the_registration(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    kari = bind(KARI)
    card = smsc_server.handset("4790000112").state
    changed = post(smsc_server, "subscribers/4790000112/number", to="901 23 456").json()
    assert (changed["msisdn"], changed["imsi"]) == ("4790123456", card["imsi"])
    assert not changed["nod_sms"]
    assert httpx.get(f"{smsc_server.url}/api/v1/emergency/registrations/4790000112").status_code == 404
    lost = kari.send("4790000112", "Gammelt nummer")
    assert smsc_server.message(lost).reason == "unknown_subscriber"
    new = bind("4790123456")
    kari.send("90123456", "Nytt nummer")
    assert new.receive().text == "Nytt nummer"
    taken = post(smsc_server, "subscribers/4790123456/number", to=OLA)
    assert (taken.status_code, taken.json()["title"]) == (409, "In use")


def test_a_twin_shares_the_subscription(smsc_server: SmscHandle, bind: Bind) -> None:
    twin = post(smsc_server, f"subscribers/{KARI}/twin", twin="580000000001").json()
    assert (twin["msisdn"], twin["main"]) == ("47580000000001", KARI)
    watch = bind("47580000000001")
    assert watch.submit(OLA, "Fra klokka").status == 0
    smsc_server.handset(KARI).set_sim("suspended")
    assert watch.submit(OLA, "Fra klokka").status != 0


def test_subscribers_go_out_and_in_as_csv(smsc_server: SmscHandle, bind: Bind) -> None:
    url = f"{smsc_server.url}/api/v1/lists/subscribers"
    exported = httpx.get(url).text
    again = post(smsc_server, "lists/subscribers", csv=exported)
    assert again.status_code == 200, again.text
    assert again.json()["subscribers"] == again.json()["before"]
    assert httpx.get(url).text == exported
    csv = "msisdn,last,sim,zone,nod_sms\n4792000001,,active,oslo,yes\n4793000000,4793000999,active,bergen,\n"
    assert (
        post(smsc_server, "lists/subscribers", csv=csv).json()["subscribers"] == again.json()["before"] + 1001
    )
    assert smsc_server.handset("4793000500").state["zone"] == "bergen"
    assert smsc_server.handset("4792000001").state["nod_sms"]
    bind("4793000500").send(KARI, "Fra lista")
    wrong = csv.replace("bergen", "atlantis")
    refused = post(smsc_server, "lists/subscribers", csv=wrong.replace("47920", "47921"))
    assert refused.status_code == 422
    assert "line 3" in refused.json()["detail"]
    assert httpx.get(f"{smsc_server.url}/api/v1/subscribers/4792100001").status_code == 404


def test_daily_lists_of_assigned_numbers_are_replayed(smsc: SmscHandle, bind: Bind) -> None:
    kari = bind(KARI, at=smsc.smpp_address)
    assert kari.submit("116117", "Hei").status == 0  # assigned by default, without SMS
    held = "kind,first,holder,service,account,sms\nhelpline,116000,Savnet,missing children,alarmtlf,yes\n"
    assert post(smsc, "lists/assignments", csv=held, how="replay").json() == {"rows": 1}
    helpline = bind("alarmtlf", "116111", at=smsc.smpp_address)
    kari.receive()  # that the holder took no SMS
    kari.send("116000", "Har sett henne")
    assert helpline.receive().text == "Har sett henne"
    assert kari.submit("116117", "Hei").status != 0  # not on today's list
    assert "116000" in httpx.get(f"{smsc.url}/api/v1/lists/assignments").text
    numbers = [row["number"] for row in httpx.get(f"{smsc.url}/api/v1/helplines").json()["helplines"]]
    assert numbers == ["116000"]
    twice = held.replace("Savnet", "En annen")
    assert post(smsc, "lists/assignments", csv=twice).status_code == 422


def test_an_imported_code_has_its_keywords_prices_and_time(smsc: SmscHandle, bind: Bind) -> None:
    kari = bind(KARI, at=smsc.smpp_address)
    quiz, giver = (
        bind(name, word, at=smsc.smpp_address) for name, word in (("quiz", "quiz2097"), ("giver",) * 2)
    )
    header = "kind,first,holder,account,price_nok,keywords,from,to\n"
    shared = "short_code,2090,Quiz,quiz,3,SPILL,,\nshort_code,2090,Gave,giver,50,=GAVE;GI,,2026-01-16\n"
    assert post(smsc, "lists/assignments", csv=header + shared).json() == {"rows": 2}

    kari.send("2090", "Spill 7")
    assert quiz.receive().text == "Spill 7"
    kari.send("2090", "gave")
    assert giver.receive().text == "gave"
    assert smsc.message(kari.send("2090", "gaver")).reason == "code_no_keyword"
    assert "HJELP" in kari.receive().text
    giver.send(KARI, "Takk", source="2090")
    thanks = kari.receive()
    assert (thanks.source, thanks.text) == ("2090", "Takk")
    charged = httpx.get(f"{smsc.url}/api/v1/charging").json()["charging"]
    assert [(row["provider"], row["price_ore"]) for row in charged] == [("quiz", 300), ("giver", 5000)]
    exported = httpx.get(f"{smsc.url}/api/v1/lists/assignments").text
    assert "short_code,2090,2090,Gave,,giver,no,50.0,=GAVE;GI,no,,2026-01-16" in exported

    smsc.clock.advance("24h")
    assert smsc.message(kari.send("2090", "gave")).reason == "code_no_keyword"  # the giver's time is over
    kari.send("2090", "SPILL")
    assert quiz.receive().text == "SPILL"
    assert giver.submit(KARI, "Takk", source="2090").status != 0


def test_another_operators_network_takes_its_time_and_fails_at_its_rate(make_smsc: Make, bind: Bind) -> None:
    smsc = make_smsc(
        operators=[
            {"name": "fjordnett", "latency": "3s"},
            {"name": "vinternett", "congestion_rate": 1.0},
        ]
    )
    kari, ola = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    per = bind("4740000003", at=smsc.smpp_address)
    ported = "number,operator,from\n90000002,fjordnett,2026-01-01\n40000003,vinternett,2026-01-01\n"
    assert post(smsc, "lists/ported", csv=ported).json() == {"rows": 2}
    whose = httpx.get(f"{smsc.url}/api/v1/subscribers/{OLA}/operator").json()
    assert whose == {"msisdn": OLA, "operator": "fjordnett", "ported": True}

    first, second = kari.send(OLA, "en"), kari.send(OLA, "to")
    smsc.clock.advance("2s")
    assert ola.has_nothing()
    assert smsc.message(first).state == "enroute"
    smsc.clock.advance("1s")
    assert ola.receive_all(2) == ["en", "to"]
    assert smsc.message(second).state == "delivered"

    stuck = kari.send("4740000003", "Hallo", validity_period="000000020000000R")
    smsc.clock.advance("3h")
    assert per.has_nothing()
    assert smsc.message(stuck).state == "expired"
    assert smsc.message(stuck).reason == "interconnect_congestion"


def test_lists_and_cards_survive_a_restart(make_smsc: Make, tmp_path: Any) -> None:
    store = {"url": f"sqlite:{tmp_path}/smsc.db"}
    first = make_smsc(store=store)
    csv = "msisdn,last,sim,zone,operator\n4793000000,4793000999,suspended,bergen,fjordnett\n"
    assert post(first, "lists/subscribers", csv=csv).status_code == 200
    assert post(first, "lists/ported", csv="number,operator,from\n90000002,fjordnett,2026-01-01\n").is_success
    line = "kind,first,holder,service\nfive_digit,02999,Brøyting,\n"
    assert post(first, "lists/assignments", csv=line).is_success
    swapped = post(first, f"subscribers/{KARI}/sim-swap").json()
    first.stop()
    second = make_smsc(store=store)
    assert second.handset("4793000500").state["sim"] == "suspended"
    assert second.control("operator", OLA)["operator"] == "fjordnett"
    assert "02999" in second.control("assignments_csv")
    assert second.handset(KARI).state["imsi"] == swapped["imsi"]
