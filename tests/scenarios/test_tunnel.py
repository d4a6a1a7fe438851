"""The receiver is in the Lærdal tunnel: its messages wait, and end as their validity says."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import KARI, OLA, TUNNEL, Bind

pytestmark = pytest.mark.loop

ONE_HOUR = "000000010000000R"


def local_minute(moment: str) -> str:
    """An RFC 3339 moment as the ten digits of a receipt, in Norwegian time."""
    at = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Oslo"))
    return f"{at:%y%m%d%H%M}"


def test_a_message_waits_for_the_receiver_to_leave_the_tunnel(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    receiver = smsc_server.handset(OLA)
    receiver.enter(TUNNEL)
    message_id = kari.send(OLA, "Når kommer du?", registered_delivery=1)
    assert ola.has_nothing()

    smsc_server.clock.advance("2h")
    assert ola.has_nothing()
    assert kari.has_nothing()
    waiting = smsc_server.message(message_id)
    assert (waiting.state, waiting.reason) == ("enroute", "absent_no_paging_response")

    receiver.leave()
    arrived = ola.receive()
    assert (arrived.source, arrived.destination, arrived.text) == (KARI, OLA, "Når kommer du?")
    receipt = kari.receive_receipt()
    assert (receipt.id, receipt.stat, receipt.err) == (message_id, "DELIVRD", "000")
    assert ola.has_nothing()


def test_the_timeline_tells_the_story(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    receiver = smsc_server.handset(OLA).enter(TUNNEL)
    start = datetime.fromisoformat(smsc_server.clock.now)
    message_id = kari.send(OLA)
    smsc_server.clock.advance("10m")
    receiver.leave()
    ola.receive()
    message = receiver.expect_message()

    assert message.id == message_id
    told = [(event["event"], event["reason"]) for event in message.timeline]
    missed = ("attempt_failed", "absent_no_paging_response")
    # at once, then after 30 s, 2 min and 5 min, each 10 % more or less
    assert told == [
        ("submitted", None),
        *[missed] * 4,
        ("alert", None),
        ("sent", None),
        ("delivered", None),
    ]
    assert message.attempts == 5
    minutes = [
        (datetime.fromisoformat(event["at"]) - start) / timedelta(minutes=1) for event in message.timeline
    ]
    assert minutes[:2] == [0, 0]
    assert 0.45 <= minutes[2] <= 0.55
    assert 1.8 <= minutes[3] - minutes[2] <= 2.2
    assert 4.5 <= minutes[4] - minutes[3] <= 5.5
    assert minutes[5:] == [10, 10, 10]
    assert message.timeline[1]["detail"]["zone"] == TUNNEL
    assert message.timeline[1]["detail"]["next_attempt"] == message.timeline[2]["at"]


def test_a_validity_of_an_hour_ends_expired(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    receiver = smsc_server.handset(OLA).enter(TUNNEL)
    submitted = smsc_server.clock.now
    message_id = kari.send(OLA, "Er du der?", registered_delivery=1, validity_period=ONE_HOUR)
    smsc_server.clock.advance("59m")
    assert smsc_server.message(message_id).state == "enroute"
    assert kari.has_nothing()

    smsc_server.clock.advance("2m")
    arrived = kari.receive()
    receipt = arrived.receipt
    assert receipt is not None
    assert (receipt.id, receipt.stat, receipt.err) == (message_id, "EXPIRED", "006")
    assert (receipt.sub, receipt.dlvrd, receipt.text) == (1, 0, "Er du der?")
    message = smsc_server.message(message_id)
    assert receipt.submitted == local_minute(submitted)
    assert receipt.done == local_minute(message.final_at)
    assert (arrived.source, arrived.destination) == (OLA, KARI)
    assert arrived.tlv("receipted_message_id") == message_id
    assert arrived.tlv("message_state") == 3
    assert arrived.tlv("network_error_code") == b"\x03\x00\x06"
    assert datetime.fromisoformat(message.final_at) - datetime.fromisoformat(submitted) == timedelta(hours=1)
    assert (message.state, message.reason) == ("expired", "absent_no_paging_response")

    receiver.leave()
    assert ola.has_nothing()
    assert kari.has_nothing()


def test_an_absolute_validity_ends_at_its_moment(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    end = datetime.fromisoformat(smsc_server.clock.now).replace(microsecond=0) + timedelta(minutes=30)
    message_id = kari.send(OLA, registered_delivery=1, validity_period=f"{end:%y%m%d%H%M%S}000+")
    smsc_server.clock.advance("29m")
    assert kari.has_nothing()
    smsc_server.clock.advance("1m")
    assert kari.receive_receipt().stat == "EXPIRED"
    assert smsc_server.message(message_id).final_at == smsc_server.message(message_id).expires_at


def test_the_last_attempt_comes_shortly_before_the_end(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, validity_period=ONE_HOUR)
    smsc_server.clock.advance("1h")
    *_, last, end = smsc_server.message(message_id).timeline
    assert (last["event"], end["event"]) == ("attempt_failed", "expired")
    before = datetime.fromisoformat(end["at"]) - datetime.fromisoformat(last["at"])
    assert before == timedelta(seconds=10)


def test_a_bound_handset_stays_bound_in_the_tunnel(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    """TCP is not the radio: the session lives on, and gets nothing."""
    smsc_server.handset(OLA).enter(TUNNEL)
    kari.send(OLA)
    ola.ping()
    assert [session["system_id"] for session in smsc_server.control("sessions")] == [KARI, OLA]
    assert ola.has_nothing()


def test_many_messages_come_in_their_order(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    receiver = smsc_server.handset(OLA).enter(TUNNEL)
    texts = [f"nr. {number}" for number in range(20)]
    for text in texts:
        kari.send(OLA, text)
    smsc_server.clock.advance("30m")
    receiver.leave()
    assert ola.receive_all(20) == texts


def test_a_new_message_for_somebody_in_the_tunnel_costs_no_attempt(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    """The subscriber is flagged absent: what has no priority waits for the alert or the next step."""
    smsc_server.handset(OLA).enter(TUNNEL)
    first = kari.send(OLA, "en")
    second = kari.send(OLA, "to")
    urgent = kari.send(OLA, "tre", priority_flag=1)
    assert smsc_server.message(first).attempts == 2  # its own, and the one for the urgent message
    assert smsc_server.message(second).attempts == 1
    assert smsc_server.message(urgent).attempts == 1


def test_coverage_that_comes_back_as_planned_wakes_the_queue(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    """An outage of the cell of an hour: delivery is at its end, not at the next retry."""
    now = datetime.fromisoformat(smsc_server.clock.now)
    start = int(now.timestamp() * 1000)
    smsc_server.control("patch_zone", "oslo", {"outages": [{"from": start, "duration": "1h"}]})
    kari_abroad = smsc_server.handset(KARI).enter("bergen")
    message_id = kari.send(OLA)
    smsc_server.clock.advance("59m")
    assert ola.has_nothing()
    smsc_server.clock.advance("2m")
    ola.receive()
    sent = smsc_server.message(message_id)
    assert datetime.fromisoformat(sent.final_at) == now + timedelta(hours=1)
    assert kari_abroad.state["zone"] == "bergen"


def test_a_zone_that_gets_coverage_wakes_all_in_it(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    numbers = ["4790000051", "4790000052", "4790000053"]
    handsets = [bind(number) for number in numbers]
    for number in numbers:
        smsc_server.handset(number).enter(TUNNEL)
        kari.send(number, f"til {number}")
    assert all(handset.has_nothing() for handset in handsets)
    smsc_server.control("patch_zone", TUNNEL, {"coverage": "good"})
    assert [handset.receive().text for handset in handsets] == [f"til {number}" for number in numbers]


def test_a_datagram_has_one_attempt_and_no_receipt(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, esm_class=1, registered_delivery=1)
    message = smsc_server.message(message_id)
    assert (message.state, message.attempts) == ("undeliverable", 1)
    assert kari.has_nothing()
