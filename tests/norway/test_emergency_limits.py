"""Nothing holds an emergency SMS up: not rates, not queues, not barring, not how its number was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from smsc.services import tlvs
from smsc.testing.server import SmscHandle
from tests.esme import Delivered, Esme
from tests.scenarios.binding import TUNNEL, Bind

REGISTERED, UNREGISTERED, OLA = "4790000112", "4790000003", "4790000002"
POLICE = "4759555112"
THROTTLED, QUEUE_FULL, BAD_SOURCE, BAD_TON, BAD_NPI = 0x58, 0x14, 0x0A, 0x50, 0x51
MakeSmsc = Callable[..., SmscHandle]


def vendor_tlvs(message: Delivered) -> set[int]:
    return {tag for tag in message.tlvs if tag >= 0x1400}


class Flood:
    """A handset that has reached its limit: an ordinary message is refused."""

    def __init__(self, handset: Esme, status: int) -> None:
        answers = [handset.submit(OLA, f"Hei {number}").status for number in range(8)]
        assert answers[-1] == status
        self.handset, self.status = handset, status

    def is_still_refused(self) -> bool:
        return self.handset.submit(OLA, "Hei").status == self.status


LIMITS = {
    "the handset's rate": ({"rate": 0.001}, THROTTLED),
    "the recipient's queue": ({"queue_per_recipient": 2}, QUEUE_FULL),
    "the whole queue": ({"queue": 2}, QUEUE_FULL),
}


@pytest.fixture(params=list(LIMITS.values()), ids=list(LIMITS))
def limited(request: pytest.FixtureRequest, make_smsc: MakeSmsc) -> tuple[SmscHandle, int]:
    limits, status = request.param
    return make_smsc(limits=limits), status


@pytest.mark.parametrize("number", ["112", POLICE])
def test_N23_N33_a_limit_of_the_handset_or_of_the_queues_is_none_for_an_emergency(
    limited: tuple[SmscHandle, int], bind: Bind, number: str
) -> None:
    smsc, status = limited
    user = bind(REGISTERED, at=smsc.smpp_address)
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    flood = Flood(user, status)
    for count in range(20):
        user.send(number, f"Hjelp {count}")
        assert psap.receive().text == f"Hjelp {count}"
        assert "received" in user.receive().text
    assert flood.is_still_refused()


def test_N33_a_centre_that_is_away_has_its_messages_kept_beyond_every_limit(
    limited: tuple[SmscHandle, int], bind: Bind
) -> None:
    smsc, status = limited
    user = bind(REGISTERED, at=smsc.smpp_address)
    Flood(user, status)
    texts = [f"Hjelp {count}" for count in range(20)]
    for text in texts:
        user.send("112", text)
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    assert psap.receive_all(20) == texts


def test_N33_the_centre_is_not_limited_either(limited: tuple[SmscHandle, int], bind: Bind) -> None:
    smsc, status = limited
    user, psap = (
        bind(name, word, at=smsc.smpp_address) for name, word in ((REGISTERED, "1234"), ("psap112", "nodsms"))
    )
    Flood(user, status)
    texts = [f"Hvor er du? {count}" for count in range(10)]
    for text in texts:
        psap.send(REGISTERED, text, source=POLICE)
    assert user.receive_all(10) == texts


def test_N33_a_message_from_the_tunnel_and_one_by_the_api_pass_the_limits_too(
    limited: tuple[SmscHandle, int], bind: Bind
) -> None:
    smsc, status = limited
    user = bind(REGISTERED, at=smsc.smpp_address)
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    Flood(user, status)
    handset = smsc.handset(REGISTERED).enter(TUNNEL)
    assert user.submit("112", "Fra tunnelen").status == 0
    handset.leave()
    assert psap.receive().text == "Fra tunnelen"
    body = {"source": REGISTERED, "destination": "112", "text": "Fra API-et"}
    assert httpx.post(f"{smsc.url}/api/v1/messages", json=body).is_success
    assert psap.receive().text == "Fra API-et"


def test_N32_barring_the_59_range_bars_no_emergency_number(make_smsc: MakeSmsc, bind: Bind) -> None:
    smsc = make_smsc(numbering={"receive": {"m2m_iot_8": False}}, limits={"rate": 0.001})
    user = bind(REGISTERED, at=smsc.smpp_address)
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    assert user.submit("59000001", "Hei").status == 0x0B
    for number in ("59555112", POLICE, "0047" + POLICE[2:]):
        user.send(number, "Hjelp")
        assert psap.receive().text == "Hjelp"


def test_N23_N33_barring_limits_and_the_filter_of_repeats_together(make_smsc: MakeSmsc, bind: Bind) -> None:
    smsc = make_smsc(limits={"rate": 0.001, "queue": 1}, policy={"filter_repeats": True})
    user = bind(REGISTERED, at=smsc.smpp_address)
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    smsc.handset(REGISTERED).bar("mo_sms", "content")
    for _ in range(3):
        answer = user.submit("112", "Hjelp", tlvs=[(0x0204, b"\0\7")])
        assert answer.status == 0
        assert psap.receive().text == "Hjelp"
        user.receive()
    smsc.handset(REGISTERED).set_sim("suspended")
    assert user.submit("112", "Hjelp").status == 0x45


def test_N33_N35_so_many_wait_for_one_centre_then_the_sender_is_refused_and_told_once(
    make_smsc: MakeSmsc, bind: Bind
) -> None:
    smsc = make_smsc(limits={"emergency_queue": 3})
    user = bind(REGISTERED, at=smsc.smpp_address)
    statuses = [user.submit("112", f"Hjelp {count}").status for count in range(6)]
    assert statuses == [0, 0, 0, QUEUE_FULL, QUEUE_FULL, QUEUE_FULL]
    notice = user.receive()
    assert (notice.source, "NOT passed on" in notice.text) == (POLICE, True)
    assert user.has_nothing()
    assert user.submit("113", "Hjelp").status == 0  # another centre
    psap = bind("psap112", "nodsms", at=smsc.smpp_address)
    assert psap.receive_all(3) == ["Hjelp 0", "Hjelp 1", "Hjelp 2"]
    user.receive_all(3)
    user.send("112", "Igjen")
    assert psap.receive().text == "Igjen"


# How the number is written.


@pytest.mark.parametrize("ton", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("npi", [0, 1, 3, 8, 9, 18])
def test_N33_an_emergency_number_is_recognised_in_every_type_of_number_and_plan(
    smsc_server: SmscHandle, bind: Bind, ton: int, npi: int
) -> None:
    user, psap = bind(REGISTERED), bind("psap112", "nodsms")
    for number in ("112", "59555112", POLICE, "00" + POLICE):
        answer = user.submit("0", "Hjelp", destination_addr=number, dest_addr_ton=ton, dest_addr_npi=npi)
        assert (answer.status, number) == (0, number)
        assert psap.receive().text == "Hjelp"
        user.receive()


@pytest.mark.parametrize("ton, npi, status", [(5, 0, BAD_TON), (5, 1, BAD_TON)])
def test_an_alphanumeric_112_is_none(
    smsc_server: SmscHandle, bind: Bind, ton: int, npi: int, status: int
) -> None:
    user = bind(REGISTERED)
    answer = user.submit("0", destination_addr="112", dest_addr_ton=ton, dest_addr_npi=npi)
    assert answer.status == status
    assert user.submit("0", destination_addr=OLA, dest_addr_ton=4, dest_addr_npi=1).status == BAD_TON
    assert user.submit("0", destination_addr=OLA, dest_addr_ton=1, dest_addr_npi=8).status == BAD_NPI


@pytest.mark.parametrize("dialled", ["112", "59555112", POLICE])
def test_N25_a_centre_answers_by_swapping_the_addresses_of_what_it_got(
    smsc_server: SmscHandle, bind: Bind, dialled: str
) -> None:
    user, psap = bind(REGISTERED), bind("psap112", "nodsms")
    user.send(dialled, "Hjelp")
    got = psap.receive()
    user.receive()
    answer = psap.submit(
        "0",
        "Hvor er du?",
        source_addr=got.destination,
        source_addr_ton=got.fields["dest_addr_ton"],
        source_addr_npi=got.fields["dest_addr_npi"],
        destination_addr=got.source,
        dest_addr_ton=got.fields["source_addr_ton"],
        dest_addr_npi=got.fields["source_addr_npi"],
    )
    assert answer.status == 0
    question = user.receive()
    assert (question.source, question.text) == (POLICE, "Hvor er du?")
    for other in ("110", "113"):
        assert psap.submit(REGISTERED, "Hei", source=other).status == BAD_SOURCE
    assert bind("shop", "shop").submit(REGISTERED, "Hei", source=dialled).status == BAD_SOURCE


# What the user is told.


@pytest.mark.parametrize("system_id, number", [("psap112", "112"), (None, "112"), (None, POLICE)])
def test_N35_a_centre_that_is_not_there_or_not_configured_gets_it_later_and_the_user_hears_once(
    make_smsc: MakeSmsc, bind: Bind, system_id: str | None, number: str
) -> None:
    centres = {"fire": "psap110", "police": system_id, "medical": "psap113"}
    smsc = make_smsc(emergency={"centres": {name: one for name, one in centres.items() if one}})
    user = bind(REGISTERED, at=smsc.smpp_address)
    sent = user.send(number, "Innbrudd", validity_period="000000000100000R")
    smsc.clock.advance("119s")
    assert user.has_nothing()
    smsc.clock.advance("1s")
    notice = user.receive()
    assert (notice.source, "NOT" in notice.text) == (POLICE, True)
    smsc.clock.advance("30d")
    assert user.has_nothing()
    assert smsc.message(sent).state == "enroute"
    stranger = bind(UNREGISTERED, at=smsc.smpp_address)
    stranger.send(number, "Hjelp")
    assert "not registered" in stranger.receive().text


def test_N35_what_waits_for_a_centre_that_was_not_configured_goes_to_it_when_it_is(
    make_smsc: MakeSmsc, bind: Bind, tmp_path: Any
) -> None:
    store = {"url": f"sqlite:{tmp_path}/smsc.db"}
    first = make_smsc(store=store, emergency={"centres": {"fire": "psap110"}})
    user = bind(REGISTERED, at=first.smpp_address)
    user.send("112", "Innbrudd")
    user.unbind()
    first.stop()
    second = make_smsc(store=store)
    user = bind(REGISTERED, at=second.smpp_address)
    assert bind("psap112", "nodsms", at=second.smpp_address).receive().text == "Innbrudd"
    assert "received" in user.receive().text


def test_N35_a_scheduled_message_is_not_late_before_its_time(smsc_server: SmscHandle, bind: Bind) -> None:
    user = bind(REGISTERED)
    user.send("112", "Om en time", schedule_delivery_time="000000010000000R")
    smsc_server.clock.advance("61min")
    assert user.has_nothing()
    smsc_server.clock.advance("1min")
    assert "NOT" in user.receive().text
    assert bind("psap112", "nodsms").receive().text == "Om en time"
    assert "received" in user.receive().text


def test_N09_a_foreign_sim_is_told_that_it_is_foreign(smsc_server: SmscHandle, bind: Bind) -> None:
    psap, user = bind("psap112", "nodsms"), bind(REGISTERED)
    subscriber = f"{smsc_server.url}/api/v1/subscribers/{REGISTERED}"
    assert httpx.patch(subscriber, json={"imsi": "240010000000001"}).is_success
    sent = user.send("112", "Hjelp")
    told = user.receive().text
    assert "Norwegian SIM" in told
    assert "registered" not in told
    assert smsc_server.message(sent).reason == "emergency_foreign_sim"
    assert psap.has_nothing()


# Vendor TLVs.


def test_N19_only_the_esme_that_lists_them_gets_vendor_tlvs(smsc_server: SmscHandle, bind: Bind) -> None:
    user = bind(REGISTERED)
    expected = {
        "psap110": set[int](),
        "psap112": set[int](),
        "psap113": {tlvs.NOD_DIALOGUE_ID, tlvs.NOD_LOCATION, tlvs.NOD_AML},
    }
    for system_id, tags in expected.items():
        psap = bind(system_id, "nodsms")
        sent = user.send(system_id[-3:], "Hjelp")
        assert vendor_tlvs(psap.receive()) == tags
        assert psap.has_nothing()
        told = httpx.get(f"{smsc_server.url}/api/v1/messages/{sent}").json()["events"]
        detail = next(event["detail"] for event in told if event["event"] == "emergency")
        assert detail["location"] == {"lat": 59.91, "lon": 10.75, "radius_m": 15_000}
        assert detail["dialogue"] > 0


@pytest.mark.parametrize(
    "system_id, password, number",
    [("psap112", "nodsms", "112"), ("quiz", "quiz2097", "2097"), ("alarmtlf", "116111", "116111")],
)
def test_N19_a_client_cannot_speak_for_the_network(
    smsc_server: SmscHandle, bind: Bind, system_id: str, password: str, number: str
) -> None:
    user, provider = bind(REGISTERED), bind(system_id, password)
    forged = [(tag, b"\0\0\0\1") for tag in sorted(tlvs.OURS)]
    other = (0x1480, b"own")
    assert user.submit(number, "Hei", tlvs=[*forged, other]).status == 0
    assert vendor_tlvs(provider.receive()) == {0x1480}
    source = POLICE if number == "112" else number
    provider.submit(REGISTERED, "Svar", source=source, tlvs=[(tlvs.CONTENT_PRICE, b"\0\0\0\1")])
    received = [user.receive()]
    while received[-1].text != "Svar":
        received.append(user.receive())
    assert not any(vendor_tlvs(message) for message in received)


def test_N19_the_location_follows_as_an_aml_text_by_setting(make_smsc: MakeSmsc, bind: Bind) -> None:
    smsc = make_smsc(emergency={"aml": True})
    user = bind(REGISTERED, at=smsc.smpp_address)
    police = bind("psap112", "nodsms", at=smsc.smpp_address)
    medical = bind("psap113", "nodsms", at=smsc.smpp_address)
    user.send("112", "Hjelp")
    first, second = police.receive(), police.receive()
    assert (first.text, first.source) == ("Hjelp", REGISTERED)
    assert (second.source, second.destination) == (REGISTERED, first.destination)
    for field in ("lt=+59.91000", "rd=15000", "si=24270", "mcc=242", "mnc=70", f"ml={len(second.text)}"):
        assert field in second.text.split(";") or second.text.find(field) > 0
    user.send("113", "Hjelp")
    assert medical.receive().tlvs[tlvs.NOD_AML].startswith(b'A"ML=1;')
    assert medical.has_nothing()
