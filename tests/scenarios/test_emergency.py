"""Nød-SMS over TCP: what reaches the centre, and who is told what, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from smsc.services import tlvs
from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import KARI, OLA, TUNNEL, Bind

REGISTERED, NOT_REGISTERED = "4790000112", KARI
FORMS = ["{short}", "59555{short}", "004759555{short}", "+4759555{short}", "4759555{short}"]


@pytest.fixture
def user(bind: Bind) -> Esme:
    """A handset that is registered for Nød-SMS."""
    return bind(REGISTERED)


@pytest.fixture
def police(bind: Bind) -> Esme:
    """The centre of the police."""
    return bind("psap112", "nodsms")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("short", ["110", "112", "113"])
def test_a_registered_user_reaches_the_centre_in_every_dialling_form(
    user: Esme, bind: Bind, short: str, form: str
) -> None:
    centre = bind(f"psap{short}", "nodsms")
    others = [bind(f"psap{other}", "nodsms") for other in ("110", "112", "113") if other != short]
    user.send(form.format(short=short), "Hjelp, brann på Grünerløkka!")
    arrived = centre.receive()
    assert (arrived.source, arrived.text) == (REGISTERED, "Hjelp, brann på Grünerløkka!")
    assert all(other.has_nothing() for other in others)
    confirmed = user.receive()
    assert confirmed.source == f"4759555{short}"
    assert "registered" not in confirmed.text


@pytest.mark.parametrize("spelling", ["00 47 59 555 112", "59 555 112", "+47 59555112"])
def test_spaces_in_the_number_do_no_harm(user: Esme, police: Esme, spelling: str) -> None:
    """As it stands in the printed advice."""
    user.send(
        "59555112", "Hjelp", destination_addr=spelling.removeprefix("+"), dest_addr_ton=int("+" in spelling)
    )
    assert police.receive().text == "Hjelp"


def test_a_message_in_the_ton_of_an_international_number(user: Esme, police: Esme) -> None:
    user.send("4759555112", "Hjelp", dest_addr_ton=1)
    assert police.receive().text == "Hjelp"


def test_no_confirmation_before_the_centre_has_answered(
    smsc_server: SmscHandle, user: Esme, police: Esme
) -> None:
    police.withhold()
    message_id = user.send("112", "Hjelp")
    police.receive()
    assert user.has_nothing()
    police.catch_up()
    confirmed = user.receive()
    assert (confirmed.source, confirmed.source_type) == ("4759555112", (1, 1))
    smsc_server.clock.advance(0)
    assert smsc_server.message(message_id).state == "delivered"


def test_no_confirmation_when_the_centre_is_not_bound(
    smsc_server: SmscHandle, user: Esme, bind: Bind
) -> None:
    """The user is told after two minutes that it has not been received yet, and confirmed when it has."""
    user.send("113", "Hjelp")
    smsc_server.clock.advance(119)
    assert user.has_nothing()
    smsc_server.clock.advance(1)
    notice = user.receive()
    assert notice.source == "4759555113"
    medical = bind("psap113", "nodsms")
    assert medical.receive().text == "Hjelp"
    assert user.receive().text != notice.text


def test_no_confirmation_when_the_centre_refuses_for_now(
    smsc_server: SmscHandle, user: Esme, police: Esme
) -> None:
    police.answer = lambda _: 0x64
    user.send("112", "Hjelp")
    police.receive()
    smsc_server.clock.advance(1)
    assert user.has_nothing()
    police.answer = lambda _: 0
    smsc_server.clock.advance("1min")
    assert police.receive().text == "Hjelp"
    assert user.receive().source == "4759555112"


def test_each_message_of_a_dialogue_is_confirmed(user: Esme, police: Esme) -> None:
    for number in range(3):
        user.send("112", f"Melding {number}")
        assert police.receive().text == f"Melding {number}"
        assert user.receive().source == "4759555112"
    police.send(REGISTERED, "Hvor er du?", source="59555112")
    assert user.receive().text == "Hvor er du?"
    user.send("112", "På Lindesnes")
    assert police.receive().text == "På Lindesnes"
    assert user.receive().source == "4759555112"


def test_location_and_dialogue_travel_in_tlvs(smsc_server: SmscHandle, user: Esme, bind: Bind) -> None:
    medical = bind("psap113", "nodsms")
    smsc_server.handset(REGISTERED).move_to(59.9127, 10.7461)
    user.send("113", "Første")
    user.send("113", "Andre")
    first, second = medical.receive(), medical.receive()
    areas = [_area(first.tlvs), _area(second.tlvs)]
    dialogues = [tlvs.find_uint32(area, tlvs.NOD_DIALOGUE_ID) for area in areas]
    assert dialogues[0] == dialogues[1] is not None
    location = tlvs.read_location(areas[0])
    assert location is not None
    assert (round(location[0], 3), round(location[1], 3)) == (59.913, 10.746)
    assert first.text == "Første"


def _area(found: dict[int, bytes]) -> bytes:
    return b"".join(
        tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value for tag, value in found.items()
    )


def test_a_user_who_is_not_registered_is_told_and_nothing_passes(
    smsc_server: SmscHandle, kari: Esme, police: Esme
) -> None:
    answer = kari.submit("112", "Hjelp", registered_delivery=0)
    assert answer.status == 0
    told = kari.receive()
    assert (told.source, told.fields["data_coding"]) == ("4759555112", 0)
    assert "registered" in told.text
    assert len(told.fields["short_message"]) <= 160
    assert police.has_nothing()
    message = smsc_server.message(answer.message_id)
    assert (message.state, message.reason) == ("rejected", "emergency_not_registered")


def test_registration_takes_effect_at_once(smsc_server: SmscHandle, kari: Esme, police: Esme) -> None:
    smsc_server.control("put_registration", KARI, {})
    assert smsc_server.handset(KARI).state["nod_sms"] is True
    kari.send("112", "Hjelp")
    assert police.receive().text == "Hjelp"
    kari.receive()
    smsc_server.control("delete_registration", KARI)
    kari.send("112", "Hjelp igjen")
    assert "registered" in kari.receive().text
    assert police.has_nothing()


def test_registration_through_the_subscriber(smsc_server: SmscHandle, kari: Esme, police: Esme) -> None:
    smsc_server.control("patch_subscriber", KARI, {"nod_sms": True})
    assert smsc_server.control("registration", KARI)["msisdn"] == KARI
    kari.send("112", "Hjelp")
    assert police.receive().text == "Hjelp"


def test_a_user_without_coverage_reaches_nobody_until_it_is_back(
    smsc_server: SmscHandle, user: Esme, police: Esme
) -> None:
    handset = smsc_server.handset(REGISTERED).enter(TUNNEL)
    user.send("112", "Hjelp")
    smsc_server.clock.advance("10min")
    assert police.has_nothing()
    handset.leave()
    assert police.receive().text == "Hjelp"
    assert user.receive().source == "4759555112"


def test_barred_outgoing_sms_do_not_bar_emergencies(
    smsc_server: SmscHandle, user: Esme, police: Esme
) -> None:
    smsc_server.handset(REGISTERED).bar("mo_sms", "content")
    assert user.submit(OLA).status == 0x45
    user.send("112", "Hjelp")
    assert police.receive().text == "Hjelp"


def test_a_long_message_is_confirmed_once(user: Esme, police: Esme) -> None:
    text = "Det brenner i skogen ved Maridalsvannet. " * 10
    user.send("112", text)
    assert "".join(police.receive_all(3)) == text
    assert user.receive().source == "4759555112"
    assert user.has_nothing()


def test_an_emergency_message_does_not_expire_by_the_senders_wish(
    smsc_server: SmscHandle, user: Esme, bind: Bind
) -> None:
    message_id = user.send("113", "Hjelp", validity_period="000000000100000R")
    smsc_server.clock.advance("1h")
    assert smsc_server.message(message_id).state == "enroute"
    assert bind("psap113", "nodsms").receive().text == "Hjelp"


def test_the_text_telephone_takes_no_sms(user: Esme) -> None:
    assert user.submit("1412").status == 0x0B


def test_a_stranger_cannot_write_as_the_centre(kari: Esme, bind: Bind) -> None:
    for source in ("112", "59555112", "+4759555112"):
        assert kari.submit(OLA, source=source).status == 0x0A
        assert bind("shop", "shop").submit(OLA, source=source).status == 0x0A
        assert bind("psap110", "nodsms").submit(OLA, source=source).status == 0x0A


def test_the_timeline_shows_the_centre_and_the_dialogue(
    smsc_server: SmscHandle, user: Esme, police: Esme
) -> None:
    message_id = user.send("112", "Hjelp")
    police.receive()
    user.receive()
    (told,) = [event for event in smsc_server.message(message_id).timeline if event["event"] == "emergency"]
    assert told["detail"]["centre"] == "police"
    assert told["detail"]["dialogue"] > 0


def test_the_notice_comes_two_minutes_after_the_submission(smsc_server: SmscHandle, user: Esme) -> None:
    submitted = datetime.fromisoformat(smsc_server.clock.now)
    user.send("110", "Hjelp")
    smsc_server.clock.advance("1h")
    user.receive()
    notices = smsc_server.messages(source="59555110", destination=REGISTERED)
    assert len(notices) == 1
    assert datetime.fromisoformat(notices[0].submitted_at) - submitted == timedelta(minutes=2)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_user_is_told_in_norwegian_when_the_configuration_says_so(
    make_smsc: Callable[..., SmscHandle], bind: Bind, language: str
) -> None:
    smsc = make_smsc(emergency={"language": language})
    kari = bind(KARI, at=smsc.smpp_address)
    kari.send("112", "Hjelp")
    told = kari.receive()
    assert "registrert" in told.text
    assert told.fields["data_coding"] == 0
    assert len(told.fields["short_message"]) <= 160
