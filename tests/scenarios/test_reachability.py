"""Reachable means: powered, in coverage, and a receiving bind that serves the number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme, answer_of
from tests.scenarios.binding import KARI, OLA, PER, TUNNEL, Bind

RX_T, RX_P, RX_R, RSYSERR, RTHROTTLED = 0x64, 0x65, 0x66, 0x08, 0x58
MEMORY_FULL, SWITCHED_OFF = "4799000006", "4799000007"


def waiting_for(smsc: SmscHandle, message_id: str) -> str:
    """Why the message waits."""
    message = smsc.message(message_id)
    assert message.state == "enroute"
    return str(message.reason)


# --- no bind, no power, no memory ---


def test_no_bind_is_an_absent_subscriber(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    message_id = kari.send(PER, "Er du våken?")
    smsc_server.clock.advance("1h")
    assert waiting_for(smsc_server, message_id) == "absent_no_bind"
    per = bind(PER)
    assert per.receive().text == "Er du våken?"


def test_a_transmitter_receives_nothing(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    bind(PER, kind="transmitter")
    message_id = kari.send(PER)
    assert waiting_for(smsc_server, message_id) == "absent_no_bind"
    assert bind(PER, kind="receiver").receive().text == "Hei"


def test_switched_off(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    receiver = bind(SWITCHED_OFF)
    message_id = kari.send(SWITCHED_OFF)
    assert waiting_for(smsc_server, message_id) == "absent_detached"
    smsc_server.clock.advance("3h")
    assert receiver.has_nothing()
    smsc_server.handset(SWITCHED_OFF).power_on()
    assert receiver.receive().text == "Hei"


def test_memory_full(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    receiver = bind(MEMORY_FULL)
    message_id = kari.send(MEMORY_FULL, registered_delivery=1)
    assert waiting_for(smsc_server, message_id) == "memory_capacity_exceeded"
    smsc_server.clock.advance("1h")
    assert receiver.has_nothing()
    smsc_server.handset(MEMORY_FULL).free_memory()
    assert receiver.receive().text == "Hei"
    assert kari.receive_receipt().stat == "DELIVRD"


def test_memory_full_has_a_schedule_of_its_own(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    bind(MEMORY_FULL)
    message_id = kari.send(MEMORY_FULL)
    first = smsc_server.message(message_id).timeline[-1]
    wait = datetime.fromisoformat(first["detail"]["next_attempt"]) - datetime.fromisoformat(first["at"])
    assert timedelta(minutes=4.5) <= wait <= timedelta(minutes=5.5)


def test_memory_full_expires_with_its_own_error(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    bind(MEMORY_FULL)
    kari.send(MEMORY_FULL, registered_delivery=1, validity_period="000000010000000R")
    smsc_server.clock.advance("1h")
    expired = kari.receive()
    assert expired.receipt is not None
    assert (expired.receipt.stat, expired.receipt.err) == ("EXPIRED", "032")
    assert expired.tlv("network_error_code") == b"\x03\x00\x20"


def test_contact_with_a_full_memory_is_no_alert(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    """Rule 2 of 23.040 §10: MNRF is cleared, there is no alert while MCEF stands."""
    receiver = bind(MEMORY_FULL)
    handset = smsc_server.handset(MEMORY_FULL)
    message_id = kari.send(MEMORY_FULL)
    handset.enter(TUNNEL)
    smsc_server.clock.advance("10min")
    assert waiting_for(smsc_server, message_id) == "absent_no_paging_response"
    handset.leave()
    assert receiver.has_nothing()
    story = [event["event"] for event in smsc_server.message(message_id).timeline]
    assert story[-1] == "contact"
    handset.free_memory()
    assert receiver.receive().text == "Hei"


# --- weak coverage ---


def test_weak_coverage_loses_as_many_attempts_as_it_says(
    smsc_server: SmscHandle, kari: Esme, bind: Bind
) -> None:
    """0.3 by default: of many first attempts about a third are lost, and every message arrives in the end."""
    numbers = [f"47900005{number:02}" for number in range(100)]
    for number in numbers:
        smsc_server.handset(number).enter("hardangervidda")
    farm = bind("farm", "farm", kind="receiver")
    ids = [kari.send(number, number) for number in numbers]
    smsc_server.clock.advance(0)
    lost = [ident for ident in ids if smsc_server.message(ident).state == "enroute"]
    assert 18 <= len(lost) <= 42
    assert {smsc_server.message(ident).reason for ident in lost} == {"radio_loss"}

    smsc_server.clock.advance_until_idle()
    assert {message.state for message in smsc_server.messages()} == {"delivered"}
    assert sorted(farm.receive_all(100)) == numbers


def test_the_same_attempts_are_lost_in_every_run(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    stories = []
    for _ in range(2):
        smsc = make_smsc()
        sender, receiver = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
        smsc.handset(OLA).enter("hardangervidda")
        for number in range(10):
            sender.send(OLA, f"nr. {number}")
        smsc.clock.advance_until_idle()
        assert receiver.receive_all(10) == [f"nr. {number}" for number in range(10)]
        stories.append([message.story() for message in smsc.messages()])
    assert stories[0] == stories[1]


def test_the_loss_of_a_zone_can_be_set(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.control("patch_zone", "hardangervidda", {"loss": 1.0})
    smsc_server.handset(OLA).enter("hardangervidda")
    message_id = kari.send(OLA)
    smsc_server.clock.advance("1h")
    assert waiting_for(smsc_server, message_id) == "radio_loss"
    smsc_server.control("patch_zone", "hardangervidda", {"loss": 0.0})
    smsc_server.clock.advance("2h")
    assert ola.receive().text == "Hei"


# --- SIM states of the receiver ---


@pytest.mark.parametrize(
    ("receiver", "reason", "err"),
    [
        ("4799000002", "illegal_subscriber", "009"),
        ("4799000003", "unknown_subscriber", "001"),
        ("4799000004", "teleservice_not_provisioned", "011"),
    ],
)
def test_a_receiver_whose_sim_is_not_active(
    smsc_server: SmscHandle, kari: Esme, receiver: str, reason: str, err: str
) -> None:
    message_id = kari.send(receiver, registered_delivery=1)
    message = smsc_server.message(message_id)
    assert (message.state, message.reason) == ("undeliverable", reason)
    receipt = kari.receive_receipt()
    assert (receipt.stat, receipt.err) == ("UNDELIV", err)


def test_a_suspended_receiver_is_a_temporary_error(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    receiver = bind("4799000001")
    message_id = kari.send("4799000001")
    assert waiting_for(smsc_server, message_id) == "call_barred"
    smsc_server.handset("4799000001").set_sim("active")
    assert receiver.receive().text == "Hei"


def test_a_number_that_is_taken_from_the_network_while_a_message_waits(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, registered_delivery=1)
    smsc_server.handset(OLA).remove_sim()
    smsc_server.clock.advance("1h")
    message = smsc_server.message(message_id)
    assert (message.state, message.reason) == ("undeliverable", "unknown_subscriber")
    assert kari.receive_receipt().stat == "UNDELIV"


# --- what the receiver answers ---


@pytest.mark.parametrize("status", [RX_T, RTHROTTLED, RSYSERR])
def test_a_temporary_answer_is_tried_again(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, status: int
) -> None:
    ola.answer = lambda _: status
    message_id = kari.send(OLA, registered_delivery=1)
    assert ola.receive().text == "Hei"
    smsc_server.clock.advance(0)
    assert waiting_for(smsc_server, message_id) == "ms_temporary"
    assert ola.has_nothing()
    ola.answer = lambda _: 0
    smsc_server.clock.advance("1min")
    assert ola.receive().text == "Hei"
    assert kari.receive_receipt().stat == "DELIVRD"
    assert smsc_server.message(message_id).attempts == 2


def test_a_rejected_message_ends_alone(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    ola.answer = lambda delivered: RX_R if delivered.text == "to" else 0
    ids = [kari.send(OLA, text, registered_delivery=1) for text in ("en", "to", "tre")]
    assert ola.receive_all(3) == ["en", "to", "tre"]
    assert [kari.receive_receipt().stat for _ in ids] == ["DELIVRD", "UNDELIV", "DELIVRD"]
    assert smsc_server.message(ids[1]).reason == "ms_rejected"


def test_a_permanent_answer_fails_all_that_waits(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    """ESME_RX_P_APPN: this message and all others that are queued for the destination [SMPP 3.4 §5.1.3]."""
    ola.withhold()
    ids = [kari.send(OLA, text) for text in ("en", "to", "tre")]
    first = ola.receive()
    ola.answer = lambda _: 0
    ola.acknowledge(first, RX_P)
    smsc_server.clock.advance(0)
    told = [(smsc_server.message(ident).state, smsc_server.message(ident).reason) for ident in ids]
    assert told == [("undeliverable", "ms_permanent")] * 3
    assert ola.has_nothing()


def test_a_receiver_that_never_answers_is_tried_again(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    """The response timer is the link's: real seconds."""
    smsc = make_smsc(limits={"response_timeout": 0.05}, clock={"settle": 0.01})
    sender, receiver = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    receiver.withhold()
    message_id = sender.send(OLA)
    assert receiver.receive().text == "Hei"
    while smsc.message(message_id).reason != "no_response":  # bounded by the test's timeout
        receiver.ping()
    receiver.answer = lambda _: 0
    smsc.clock.advance("1min")
    assert receiver.receive().text == "Hei"
    smsc.clock.advance(0)
    assert smsc.message(message_id).state == "delivered"


def test_a_receiver_that_is_gone_while_it_has_a_message(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    """Delivery is at least once: what was not answered comes again, first of all."""
    ola.withhold()
    ids = [kari.send(OLA, text) for text in ("en", "to")]
    assert ola.receive().text == "en"
    ola.drop()
    again = bind(OLA)
    assert again.receive_all(2) == ["en", "to"]
    smsc_server.clock.advance(0)
    assert [smsc_server.message(ident).state for ident in ids] == ["delivered"] * 2


def test_a_handset_in_flight_mode_gets_what_waits_when_that_ends(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    receiver = smsc_server.handset(OLA).flight_mode()
    message_id = kari.send(OLA, "Til lands")
    waiting = smsc_server.message(message_id)
    assert (waiting.state, waiting.reason) == ("enroute", "flight_mode")
    assert "flight mode" in smsc_server.control("message", message_id)["explanation"]
    assert ola.has_nothing()
    state = receiver.state
    assert (state["flight_mode"], state["powered"], state["mw_status"]) == (True, True, ["mnrf"])
    receiver.flight_mode(False)
    assert ola.receive().text == "Til lands"


@pytest.mark.parametrize(
    "state, why", [({"flight_mode": True}, "flight_mode"), ({"powered": False}, "powered_off")]
)
def test_what_a_handset_without_radio_sends_is_held_or_refused_for_that(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, state: dict[str, bool], why: str
) -> None:
    smsc_server.control("patch_subscriber", KARI, state)
    held = smsc_server.message(kari.send(OLA, "Fra flyet"))
    assert (held.state, held.reason) == ("held", why)
    smsc_server.control("patch_zone", "oslo", {"uplink": "reject"})
    assert kari.submit(OLA).status == 0x45
    smsc_server.control("patch_zone", "oslo", {"uplink": "defer"})
    deferred = kari.begin_submit(OLA, "Straks")
    kari.ping()
    events = smsc_server.control("session", smsc_server.control("sessions")[0]["id"])["events"]
    assert [event["detail"] for event in events if event["event"] == "submit_deferred"] == [why]
    smsc_server.control("patch_subscriber", KARI, {"flight_mode": False, "powered": True})
    assert answer_of(deferred).status == 0
    assert sorted(ola.receive_all(2)) == ["Fra flyet", "Straks"]


def test_a_busy_subscriber_is_tried_again_by_a_schedule_of_its_own(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    smsc = make_smsc(delivery={"retry_busy": ["7min"], "jitter": 0})
    kari, ola = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    smsc.control("patch_subscriber", OLA, {"network_error": "busy"})
    message_id = kari.send(OLA, "Hei")
    assert waiting_for(smsc, message_id) == "busy"
    smsc.clock.advance("6min 59s")
    assert smsc.message(message_id).attempts == 1
    smsc.clock.advance("1s")
    assert smsc.message(message_id).attempts == 2
    smsc.control("patch_subscriber", OLA, {"network_error": "none"})
    smsc.clock.advance("7min")
    assert ola.receive().text == "Hei"


@pytest.mark.parametrize(
    "error, state",
    [
        ("facility_not_supported", "enroute"),
        ("system_failure", "enroute"),
        ("illegal_equipment", "undeliverable"),
        ("unidentified_subscriber", "undeliverable"),
    ],
)
def test_what_the_network_answers_is_the_reason(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, error: str, state: str
) -> None:
    smsc_server.control("patch_subscriber", OLA, {"network_error": error})
    message = smsc_server.message(kari.send(OLA, "Hei", registered_delivery=1))
    assert (message.state, message.reason) == (state, error)
    assert ola.has_nothing()
    if state == "undeliverable":
        assert kari.receive_receipt().stat == "UNDELIV"
