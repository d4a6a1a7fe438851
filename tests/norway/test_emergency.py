"""Nød-SMS end to end: users and the police centre over TCP, with radio, location and dialogue."""

from __future__ import annotations

import pytest

from smsc.services import tlvs
from smsc.testing.server import SmscHandle
from tests.scenarios.binding import TUNNEL, Bind
from tests.scenarios.esme import Delivered

pytestmark = pytest.mark.loop

REGISTERED, UNREGISTERED = "4790000112", "4790000002"
POLICE = "4759555112"


def area(message: Delivered) -> bytes:
    """The vendor TLVs of a deliver_sm as one area."""
    return b"".join(tlvs.tlv(tag, value) for tag, value in message.tlvs.items() if tag >= 0x1400)


def test_N15_N16_N19_the_centre_gets_text_location_and_dialogue_and_then_the_user_hears(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap112", "nodsms", kind="receiver")
    user = bind(REGISTERED)
    psap.withhold()
    user.send("112", "Innbrudd i Storgata 1, de er her ennå")
    message = psap.receive()
    assert (message.source, message.destination) == (REGISTERED, "112")
    assert message.text == "Innbrudd i Storgata 1, de er her ennå"
    lat, lon, accuracy = tlvs.read_location(area(message)) or (0.0, 0.0, 0.0)
    assert (lat, lon, accuracy) == pytest.approx((59.91, 10.75, 15_000.0))
    assert (tlvs.find_uint32(area(message), tlvs.NOD_DIALOGUE_ID) or 0) > 0

    assert user.has_nothing()  # not before the centre has really taken it
    psap.catch_up()
    confirmation = user.receive()
    assert confirmation.source == POLICE
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


def test_N21_N25_a_dialogue_with_the_police_goes_on_through_a_tunnel(
    smsc_server: SmscHandle, bind: Bind
) -> None:
    psap = bind("psap112", "nodsms")
    user = bind(REGISTERED)
    handset = smsc_server.handset(REGISTERED)
    user.send(POLICE, "Ulykke ved tunnelen")
    first = psap.receive()
    assert user.receive().source == POLICE

    handset.enter(TUNNEL)
    psap.send(REGISTERED, "Er noen skadet?", source=POLICE)
    smsc_server.clock.advance("5min")
    assert user.has_nothing()
    held = user.submit(POLICE, "Ja, to personer")  # on the handset until there is coverage
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
