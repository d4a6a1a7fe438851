"""What a restart keeps: messages in every state, receipts, changes of the world, the clock, the ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from smsc.control import ControlError
from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import Bind
from tests.server.restarts import Life

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
TUNNEL = "laerdal-tunnel"
TEN_MINUTES = "000000001000000R"


@pytest.fixture(params=["crash", "restart"])
def again(request: pytest.FixtureRequest, life: Life) -> Callable[[], SmscHandle]:
    """The next run, after a crash or a clean stop."""
    begin: Callable[[], SmscHandle] = getattr(life, request.param)
    return begin


@pytest.fixture
def handset(bind: Bind, life: Life) -> Callable[[str], Esme]:
    """A handset, bound to the run of the moment."""
    return lambda number: bind(number, at=life.smsc.smpp_address)


Handset = Callable[[str], Esme]
Again = Callable[[], SmscHandle]


# --- messages ---


def test_waiting_messages(life: Life, handset: Handset, again: Again) -> None:
    kari = handset(KARI)
    ids = [kari.send(PER, f"nr. {number}", registered_delivery=1) for number in range(200)]
    life.smsc.clock.advance("1h")
    smsc = again()
    assert smsc.control("counters")["queue_messages"] == 200
    per = handset(PER)
    assert per.receive_all(200) == [f"nr. {number}" for number in range(200)]
    kari = handset(KARI)
    assert [kari.receive_receipt().id for _ in ids] == ids


def test_delivered_messages_are_not_delivered_again(life: Life, handset: Handset, again: Again) -> None:
    kari, ola = handset(KARI), handset(OLA)
    message_id = kari.send(OLA)
    ola.receive()
    life.smsc.control("clock")  # everything so far is in the store
    smsc = again()
    assert handset(OLA).has_nothing()
    assert smsc.message(message_id).state == "delivered"


def test_what_was_in_flight_comes_again(life: Life, handset: Handset) -> None:
    kari, ola = handset(KARI), handset(OLA)
    ola.withhold()
    kari.send(OLA, "på vei")
    kari.send(OLA, "etterpå")
    assert ola.receive().text == "på vei"
    life.crash()
    assert handset(OLA).receive_all(2) == ["på vei", "etterpå"]


def test_a_receipt_that_waits(life: Life, handset: Handset, again: Again) -> None:
    kari, ola = handset(KARI), handset(OLA)
    ola.withhold()
    message_id = kari.send(OLA, "Æ, ø og å", registered_delivery=1)
    ola.receive()
    kari.unbind()
    ola.catch_up()
    life.smsc.clock.advance("1h")
    again()
    receipt = handset(KARI).receive_receipt()
    assert (receipt.id, receipt.stat, receipt.text) == (message_id, "DELIVRD", "Æ, ø og å")


def test_a_held_message(life: Life, handset: Handset, again: Again) -> None:
    life.smsc.handset(KARI).enter(TUNNEL)
    message_id = handset(KARI).send(OLA, "Fra tunnelen", validity_period=TEN_MINUTES)
    life.smsc.clock.advance("2h")
    smsc = again()
    assert smsc.message(message_id).state == "held"
    ola = handset(OLA)
    assert ola.has_nothing()
    smsc.control("patch_subscriber", KARI, {"zone": "oslo"})
    assert ola.receive().text == "Fra tunnelen"
    story = [event["event"] for event in smsc.message(message_id).timeline]
    assert story[:2] == ["held", "left_handset"]


def test_a_held_message_with_an_absolute_validity(life: Life, handset: Handset, again: Again) -> None:
    life.smsc.handset(KARI).enter(TUNNEL)
    end = datetime.fromisoformat(life.smsc.clock.now) + timedelta(minutes=30)
    message_id = handset(KARI).send(OLA, validity_period=f"{end:%y%m%d%H%M%S}000+")
    smsc = again()
    smsc.clock.advance("1h")
    message = smsc.message(message_id)
    assert (message.state, message.final_at) == ("expired", message.expires_at)


def test_a_scheduled_message(life: Life, handset: Handset, again: Again) -> None:
    handset(KARI).send(OLA, "senere", schedule_delivery_time="000000010000000R")
    smsc = again()
    ola = handset(OLA)
    assert ola.has_nothing()
    smsc.clock.advance("1h")
    assert ola.receive().text == "senere"


def test_validity_goes_on(life: Life, handset: Handset, again: Again) -> None:
    kari = handset(KARI)
    message_id = kari.send(PER, validity_period=TEN_MINUTES, registered_delivery=1)
    submitted = datetime.fromisoformat(life.smsc.clock.now)
    life.smsc.clock.advance("5min")
    smsc = again()
    kari = handset(KARI)
    smsc.clock.advance("6min")
    assert datetime.fromisoformat(smsc.message(message_id).final_at) == submitted + timedelta(minutes=10)
    assert kari.receive_receipt().stat == "EXPIRED"


def test_what_expired_while_the_server_was_down(life: Life, handset: Handset) -> None:
    """The clock may have been set ahead in between: it ends at once, with its receipt."""
    message_id = handset(KARI).send(PER, validity_period=TEN_MINUTES, registered_delivery=1)
    smsc = life.restart(clock={"start": "2027-01-01T00:00:00Z"})
    assert handset(KARI).receive_receipt().stat == "EXPIRED"
    assert smsc.message(message_id).state == "expired"


def test_priorities_and_order(life: Life, handset: Handset, again: Again) -> None:
    kari, ola = handset(KARI), handset(OLA)
    for text, priority in (("en", 0), ("to", 2), ("tre", 0), ("fire", 3)):
        kari.send(PER, text, priority_flag=priority)
    ola.send(PER, "fem", priority_flag=1)
    again()
    assert handset(PER).receive_all(5) == ["fire", "to", "fem", "en", "tre"]


def test_an_emergency_message(life: Life, bind: Bind, again: Again) -> None:
    """Its location, its dialogue and its confirmation survive too."""
    bind("4790000112", at=life.smsc.smpp_address).send("112", "Hjelp")
    smsc = again()
    user = bind("4790000112", at=smsc.smpp_address)
    assert user.has_nothing()
    centre = bind("psap112", "nodsms", at=smsc.smpp_address)
    assert centre.receive().text == "Hjelp"
    assert user.receive().source == "4759555112"


def test_a_message_for_an_esme(life: Life, bind: Bind, again: Again) -> None:
    bind(KARI, at=life.smsc.smpp_address).send("59000001", "JA")
    smsc = again()
    assert bind("shop", "shop", at=smsc.smpp_address).receive().text == "JA"


def test_the_fields_of_a_message(life: Life, handset: Handset, again: Again) -> None:
    """What the wire said is what the wire says after the restart."""
    fields: dict[str, Any] = {
        "service_type": "CMT",
        "protocol_id": 0x41,
        "data_coding": 0xF1,
        "esm_class": 0x80,
    }
    tlvs = [(0x020A, b"\x15\xb3"), (0x1400, b"ukjent")]
    handset(KARI).send(PER, "felter", tlvs=tlvs, **fields)
    again()
    arrived = handset(PER).receive()
    assert {name: arrived.fields[name] for name in fields} == fields
    assert [(tag, arrived.tlvs.get(tag)) for tag, _ in tlvs] == tlvs


def test_long_text_as_payload(life: Life, handset: Handset, again: Again) -> None:
    """A handset gets it in parts, of 153 septets each behind their header [23.040 §9.2.3.24.1]."""
    text = b"Lang tekst. " * 100
    handset(KARI).send(PER, "", tlvs=[(0x0424, text)])
    again()
    per = handset(PER)
    parts = [per.receive().fields["short_message"] for _ in range(-(-len(text) // 153))]
    assert [part[4:6] for part in parts] == [
        bytes((len(parts), number)) for number in range(1, len(parts) + 1)
    ]
    assert b"".join(part[6:] for part in parts) == text


# --- ids and time ---


def test_ids_are_never_given_twice(life: Life, handset: Handset, again: Again) -> None:
    given = [int(handset(KARI).submit(PER).message_id)]
    for _ in range(3):
        again()
        given.append(int(handset(KARI).submit(PER).message_id))
    assert given == sorted(set(given))


def test_short_ids_are_never_given_twice(life: Life, bind: Bind, again: Again) -> None:
    given = []
    for _ in range(3):
        old = bind(KARI, at=life.smsc.smpp_address, version=0x33, kind="transmitter")
        given.append(int(old.submit(PER).message_id))
        again()
    assert given == sorted(set(given))
    assert max(given) < 100_000_000


def test_the_clock_goes_on_where_it_was(life: Life, again: Again) -> None:
    now = life.smsc.clock.advance("3h")["now"]
    life.smsc.control("clock")
    assert again().clock.now >= now


def test_an_accelerated_clock_never_goes_back(live: Callable[..., Life], bind: Bind) -> None:
    life = live(clock={"mode": "x3600"})
    message_id = bind(KARI, at=life.smsc.smpp_address).send(PER)
    submitted = life.smsc.message(message_id).submitted_at
    smsc = life.crash()
    assert smsc.clock.now >= submitted


def test_a_start_in_the_configuration_does_not_turn_the_clock_back(life: Life) -> None:
    now = life.smsc.clock.advance("48h")["now"]
    assert life.restart().clock.now == now


# --- changes of the world ---


def test_a_subscriber_that_was_changed(life: Life, again: Again) -> None:
    changes: dict[str, Any] = {
        "sim": "suspended",
        "powered": False,
        "memory_full": True,
        "barred": ["content"],
        "zone": "bergen",
        "imsi": "242700000000042",
        "password": "4321",
    }
    told = life.smsc.control("patch_subscriber", KARI, changes)
    assert again().control("subscriber", KARI) == told


def test_a_position(life: Life, again: Again) -> None:
    life.smsc.handset(KARI).move_to(59.91, 10.75)
    state = again().handset(KARI).state
    assert (state["zone"], state["position"]) == (None, {"lat": 59.91, "lon": 10.75})


def test_a_zone_that_was_left(life: Life, again: Again) -> None:
    """Good coverage everywhere is a zone too, though no configuration has it."""
    life.smsc.control("patch_subscriber", KARI, {"zone": "bergen"})
    told = life.smsc.control("patch_subscriber", KARI, {"zone": None})
    assert again().control("subscriber", KARI) == told


def test_a_subscriber_that_was_added(life: Life, handset: Handset, again: Again) -> None:
    life.smsc.control("put_subscriber", "4798765432", {"zone": "oslo", "password": "hemmelig"})
    smsc = again()
    Esme(smsc.smpp_address, "4798765432", "hemmelig").unbind()


def test_a_subscriber_that_was_removed(life: Life, again: Again) -> None:
    life.smsc.handset(KARI).remove_sim()
    with pytest.raises(ControlError) as error:
        again().control("subscriber", KARI)
    assert error.value.status == 404


def test_a_zone_that_was_changed(life: Life, again: Again) -> None:
    told = life.smsc.control("patch_zone", TUNNEL, {"coverage": "weak", "loss": 0.5, "uplink": "reject"})
    assert again().control("zone", TUNNEL) == told


def test_a_zone_that_was_added_and_entered(life: Life, again: Again) -> None:
    told = life.smsc.control("put_zone", "svalbard", {"coverage": "none", "uplink": "lose"})
    life.smsc.handset(KARI).enter("svalbard")
    smsc = again()
    assert smsc.control("zone", "svalbard") == told
    assert smsc.handset(KARI).state["zone"] == "svalbard"


def test_a_zone_that_was_removed(life: Life, again: Again) -> None:
    life.smsc.control("delete_zone", "hardangervidda")
    assert "hardangervidda" not in [zone["name"] for zone in again().control("zones")]


def test_a_planned_outage(life: Life, handset: Handset, again: Again) -> None:
    now = int(datetime.fromisoformat(life.smsc.clock.now).timestamp() * 1000)
    life.smsc.control("patch_zone", "oslo", {"outages": [{"from": now, "duration": "1h"}]})
    life.smsc.handset(KARI).enter("bergen")
    handset(KARI).send(OLA)
    smsc = again()
    ola = handset(OLA)
    smsc.clock.advance("59min")
    assert ola.has_nothing()
    smsc.clock.advance("1min")
    assert ola.receive().text == "Hei"


def test_a_registration_that_was_added(life: Life, again: Again) -> None:
    told = life.smsc.control("put_registration", KARI, {"name": "Kari Nordmann", "postcode": "0150"})
    assert again().control("registration", KARI) == told


def test_a_registration_of_the_configuration_that_was_removed(life: Life, again: Again) -> None:
    life.smsc.control("delete_registration", "4790000112")
    smsc = again()
    assert [row["msisdn"] for row in smsc.control("registrations")] == ["4790000113"]
    assert smsc.handset("4790000112").state["nod_sms"] is False


def test_emptied_is_empty(life: Life, handset: Handset, again: Again) -> None:
    kari = handset(KARI)
    for _ in range(10):
        kari.send(PER)
    life.smsc.control("clear_messages")
    smsc = again()
    assert smsc.messages() == []
    assert handset(PER).has_nothing()
