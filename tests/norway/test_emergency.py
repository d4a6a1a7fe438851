"""Nød-SMS end to end: users and the police centre over TCP, with radio, location and dialogue."""

from __future__ import annotations

import re

import httpx
import pytest

from smsc.services import tlvs
from smsc.testing.server import SmscHandle
from tests.esme import Delivered
from tests.scenarios.binding import TUNNEL, Bind

REGISTERED, UNREGISTERED = "4790000112", "4790000002"
POLICE, MEDICAL = "4759555112", "4759555113"


def area(message: Delivered) -> bytes:
    """The vendor TLVs of a deliver_sm as one area."""
    return b"".join(tlvs.tlv(tag, value) for tag, value in message.tlvs.items() if tag >= 0x1400)


def test_N15_N16_N19_the_centre_gets_text_location_and_dialogue_and_then_the_user_hears(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap113", "nodsms", kind="receiver")
    user = bind(REGISTERED)
    psap.withhold()
    user.send("113", "Innbrudd i Storgata 1, de er her ennå")
    message = psap.receive()
    assert (message.source, message.destination) == (REGISTERED, "113")
    assert message.text == "Innbrudd i Storgata 1, de er her ennå"
    lat, lon, accuracy = tlvs.read_location(area(message)) or (0.0, 0.0, 0.0)
    assert (lat, lon, accuracy) == pytest.approx((59.91, 10.75, 15_000.0))
    assert (tlvs.find_uint32(area(message), tlvs.NOD_DIALOGUE_ID) or 0) > 0

    assert user.has_nothing()  # not before the centre has really taken it
    psap.catch_up()
    confirmation = user.receive()
    assert confirmation.source == MEDICAL
    assert "received" in confirmation.text


def test_N17_N18_N34_a_message_from_another_number_is_not_passed_on_and_one_sms_says_so(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap112", "nodsms", kind="receiver")
    user = bind(UNREGISTERED)
    ids = [user.send("0047 59 555 112".replace(" ", ""), "Hjelp") for _ in range(3)]
    refusal = user.receive()
    assert refusal.source == POLICE
    assert "not registered" in refusal.text
    assert user.has_nothing()
    assert psap.has_nothing()
    assert {smsc_server.message(one).reason for one in ids} == {"emergency_not_registered"}
    assert {smsc_server.message(one).state for one in ids} == {"rejected"}


def test_N21_N25_a_dialogue_with_a_centre_goes_on_through_a_tunnel(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap113", "nodsms")
    user = bind(REGISTERED)
    handset = smsc_server.handset(REGISTERED)
    user.send(MEDICAL, "Ulykke ved tunnelen")
    first = psap.receive()
    assert user.receive().source == MEDICAL

    handset.enter(TUNNEL)
    psap.send(REGISTERED, "Er noen skadet?", source=MEDICAL)
    smsc_server.clock.advance("5min")
    assert user.has_nothing()
    held = user.submit(MEDICAL, "Ja, to personer")  # on the handset until there is coverage
    assert held.status == 0
    assert psap.has_nothing()
    assert smsc_server.message(held.message_id).state == "held"

    handset.leave()
    texts = sorted(user.receive().text[:15] for _ in range(2))
    answer = psap.receive()
    assert "Er noen skadet?" in texts
    assert answer.text == "Ja, to personer"
    number = tlvs.find_uint32(area(first), tlvs.NOD_DIALOGUE_ID)
    assert number == tlvs.find_uint32(area(answer), tlvs.NOD_DIALOGUE_ID)
    assert tlvs.read_location(area(answer)) == tlvs.read_location(area(first))


def test_N35_the_user_is_told_after_two_minutes_and_the_centre_gets_it_when_it_binds(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    user = bind(REGISTERED)
    sent = user.send("112", "Brannalarm", validity_period="000000000100000R")  # one minute does not end it
    smsc_server.clock.advance("119s")
    assert user.has_nothing()
    smsc_server.clock.advance("1s")
    notice = user.receive()
    assert notice.source == POLICE
    assert "not" in notice.text
    smsc_server.clock.advance("3h")
    assert smsc_server.message(sent).state == "enroute"

    psap = bind("psap112", "nodsms", kind="receiver")
    assert psap.receive().text == "Brannalarm"
    assert "received" in user.receive().text


def test_N23_N33_barring_does_not_stop_an_emergency_but_an_invalid_sim_does(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap112", "nodsms", kind="receiver")
    user = bind(REGISTERED)
    handset = smsc_server.handset(REGISTERED)
    handset.bar("mo_sms")
    user.send("112", "Sperret, men i nød")
    assert psap.receive().text == "Sperret, men i nød"
    handset.set_sim("blocked")
    assert user.submit("112", "Stjålet").status == 0x45
    assert psap.has_nothing()


def test_N13_N30_a_citizen_registers_at_the_site_with_the_code_of_an_sms(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    site = f"{smsc_server.url}/api/v1/emergency/site"
    psap = bind("psap112", "nodsms", kind="receiver")
    user = bind(UNREGISTERED)
    offered = httpx.get(f"{site}/look-up", params={"number": "0047 900 00 002"}).json()
    assert offered == {"number": UNREGISTERED, "registered": False, "choices": ["register"]}
    wish = {"number": "90000002", "action": "register", "person": {"name": "Ola"}}
    assert httpx.post(f"{site}/transactions", json=wish).status_code == 400  # the terms
    begun = httpx.post(f"{site}/transactions", json={**wish, "terms": True})
    assert begun.status_code == 201
    confirmation = f"{site}/transactions/{begun.json()['transaction']}/confirmation"
    sms = user.receive()
    assert sms.source == "Nod-SMS"
    code = re.findall(r"\d{6}", sms.text)[0]
    assert httpx.post(confirmation, json={"code": "x" + code}).status_code == 400
    registration = httpx.post(confirmation, json={"code": code}).json()["registration"]
    assert (registration["msisdn"], registration["name"]) == (UNREGISTERED, "Ola")
    user.receive()  # that it is registered
    user.send("112", "Nå virker det")
    assert psap.receive().text == "Nå virker det"
    dialogues = httpx.get(f"{smsc_server.url}/api/v1/emergency/dialogues").json()["dialogues"]
    assert [(row["user"], row["centre"]) for row in dialogues] == [(UNREGISTERED, "police")]


def test_N26_an_excluded_number_is_told_until_when_and_registers_anew_after(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    exclusions = f"{smsc_server.url}/api/v1/emergency/exclusions"
    psap = bind("psap112", "nodsms", kind="receiver")
    user = bind(REGISTERED)
    assert httpx.put(f"{exclusions}/{REGISTERED}").json()["in_force"]
    user.send("112", "Bare tull")
    assert "excluded" in user.receive().text
    assert psap.has_nothing()
    registration = f"{smsc_server.url}/api/v1/emergency/registrations/{REGISTERED}"
    assert httpx.get(registration).status_code == 404
    assert httpx.put(registration, json={}).status_code == 409
    smsc_server.clock.advance("48h")
    user.send("112", "På alvor")
    assert "not registered" in user.receive().text
    assert psap.has_nothing()
    assert httpx.put(registration, json={}).status_code == 201
    user.send("112", "På alvor")
    assert psap.receive().text == "På alvor"
    assert [row["in_force"] for row in httpx.get(exclusions).json()["exclusions"]] == [False]
    assert httpx.delete(f"{exclusions}/{REGISTERED}").status_code == 204
    assert httpx.delete(f"{exclusions}/{REGISTERED}").status_code == 404


def test_N37_a_closed_site_stops_no_registered_user(smsc_server: SmscHandle, bind: Bind) -> None:
    site = f"{smsc_server.url}/api/v1/emergency/site"
    assert httpx.put(site, json={"open": False}).json() == {"open": False}
    assert httpx.get(f"{site}/look-up", params={"number": "90000002"}).status_code == 503
    psap = bind("psap112", "nodsms", kind="receiver")
    bind(REGISTERED).send("112", "Hjelp")
    assert psap.receive().text == "Hjelp"


@pytest.mark.parametrize("number", ["4722334455", "4759000001", "47580000000001", "2097", "116111", "112"])
def test_N09_the_operator_too_registers_mobile_numbers_only(smsc_server: SmscHandle, number: str) -> None:
    registrations = f"{smsc_server.url}/api/v1/emergency/registrations"
    refused = httpx.put(f"{registrations}/{number}", json={})
    assert refused.status_code == 422
    assert "only mobile numbers" in refused.json()["detail"]
    assert httpx.get(f"{registrations}/{number}").status_code == 404


def test_N09_a_things_sim_is_registered_neither_by_the_subscriber_nor_by_a_list(
    smsc_server: SmscHandle,
) -> None:
    thing = "47580000000001"
    subscribers = f"{smsc_server.url}/api/v1/subscribers"
    assert httpx.patch(f"{subscribers}/{thing}", json={"nod_sms": True}).status_code == 422
    assert httpx.put(f"{subscribers}/{thing}", json={"nod_sms": True}).status_code == 422
    rows = f"msisdn,nod_sms\n4790000005,true\n{thing},true\n"
    lists = f"{smsc_server.url}/api/v1/lists/subscribers"
    assert httpx.post(lists, json={"csv": rows}).status_code == 422
    registered = httpx.get(f"{smsc_server.url}/api/v1/emergency/registrations").json()["registrations"]
    assert {row["msisdn"] for row in registered} == {"4790000112", "4790000113"}


def test_N14_N30_a_code_from_before_a_change_changes_nothing_and_codes_are_few(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    site = f"{smsc_server.url}/api/v1/emergency/site"
    user = bind(REGISTERED)

    def start(action: str) -> tuple[str, str]:
        wish = {"number": REGISTERED, "action": action, "terms": True}
        transaction = httpx.post(f"{site}/transactions", json=wish).json()["transaction"]
        return f"{site}/transactions/{transaction}/confirmation", re.findall(r"\d{6}", user.receive().text)[0]

    delete, update = start("delete"), start("update")
    assert httpx.post(delete[0], json={"code": delete[1]}).status_code == 200
    user.receive()
    assert httpx.post(update[0], json={"code": update[1]}).status_code == 404
    registration = f"{smsc_server.url}/api/v1/emergency/registrations/{REGISTERED}"
    assert httpx.get(registration).status_code == 404
    for _ in range(3):
        start("register")
    wish = {"number": REGISTERED, "action": "register", "terms": True}
    refused = httpx.post(f"{site}/transactions", json=wish)
    assert refused.status_code == 429
    assert "the next one from 20" in refused.json()["detail"]
    assert user.has_nothing()
    smsc_server.clock.advance("1h")
    assert httpx.post(f"{site}/transactions", json=wish).status_code == 201
