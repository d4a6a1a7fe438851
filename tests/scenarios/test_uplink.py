"""The sender is in the tunnel: what becomes of its messages in each of the four uplink modes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from smsc.testing.handles import HandsetHandle
from smsc.testing.server import SmscHandle
from tests.esme import Esme, answer_of, unanswered
from tests.scenarios.binding import KARI, OLA, TUNNEL, Bind

ONE_HOUR = "000000010000000R"
RSUBMITFAIL, RINVSRCADR = 0x45, 0x0A


@pytest.fixture
def sender(smsc_server: SmscHandle) -> HandsetHandle:
    """Kari's handset, which is in the tunnel from the start."""
    return smsc_server.handset(KARI).enter(TUNNEL)


def uplink(smsc: SmscHandle, mode: str) -> None:
    """What the tunnel does with what handsets in it send."""
    smsc.control("patch_zone", TUNNEL, {"uplink": mode})


def stored(smsc: SmscHandle) -> list[tuple[str, str]]:
    """Text and state of all messages there are, once all deliveries are answered."""
    smsc.clock.advance(0)
    return [(message.text, message.state) for message in smsc.messages()]


# --- hold: committed, and kept on the handset's side ---


def test_hold_answers_at_once_and_sends_when_coverage_returns(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    answer = kari.submit(OLA, "Fra tunnelen", registered_delivery=1)
    assert answer.status == 0
    held = smsc_server.message(answer.message_id)
    assert (held.state, held.reason) == ("held", "no_coverage_hold")
    smsc_server.clock.advance("2h")
    assert ola.has_nothing()
    assert kari.has_nothing()

    sender.leave()
    assert ola.receive().text == "Fra tunnelen"
    assert kari.receive_receipt().stat == "DELIVRD"
    story = [event["event"] for event in smsc_server.message(answer.message_id).timeline]
    assert story == ["held", "left_handset", "sent", "delivered"]


def test_hold_keeps_the_order(smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme) -> None:
    texts = [f"nr. {number}" for number in range(10)]
    for text in texts:
        kari.send(OLA, text)
    sender.leave()
    assert ola.receive_all(10) == texts


def test_hold_starts_a_relative_validity_when_the_message_leaves(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, validity_period=ONE_HOUR, registered_delivery=1)
    smsc_server.clock.advance("5h")
    assert smsc_server.message(message_id).state == "held"

    left = datetime.fromisoformat(smsc_server.clock.now)
    sender.leave()
    smsc_server.clock.advance("59m")
    assert smsc_server.message(message_id).state == "enroute"
    smsc_server.clock.advance("1m")
    message = smsc_server.message(message_id)
    assert message.state == "expired"
    assert datetime.fromisoformat(message.final_at) == left + timedelta(hours=1)
    assert kari.receive_receipt().stat == "EXPIRED"


def test_hold_does_not_move_an_absolute_validity(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme
) -> None:
    """What has expired on the handset's side ends when it leaves, or before, and is never delivered."""
    end = datetime.fromisoformat(smsc_server.clock.now).replace(microsecond=0) + timedelta(minutes=30)
    message_id = kari.send(OLA, validity_period=f"{end:%y%m%d%H%M%S}000+", registered_delivery=1)
    smsc_server.clock.advance("1h")
    sender.leave()
    message = smsc_server.message(message_id)
    assert message.state == "expired"
    assert kari.receive_receipt().stat == "EXPIRED"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("suspended", "sim_suspended"),
        ("blocked", "sim_blocked"),
        ("expired", "sim_expired"),
        ("inactive", "sim_inactive"),
    ],
)
def test_hold_checks_the_sim_again(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme, state: str, reason: str
) -> None:
    message_id = kari.send(OLA, registered_delivery=1)
    sender.set_sim(state)
    sender.leave()
    message = smsc_server.message(message_id)
    assert (message.state, message.reason) == ("undeliverable", reason)
    assert ola.has_nothing()


def test_hold_tells_by_receipt_that_the_sim_was_refused(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    message_id = kari.send(OLA, registered_delivery=1)
    sender.bar("mo_sms")
    sender.leave()
    receipt = kari.receive_receipt()
    assert (receipt.id, receipt.stat) == (message_id, "UNDELIV")
    assert smsc_server.message(message_id).reason == "outgoing_sms_barred"
    assert ola.has_nothing()


def test_hold_ends_when_the_sim_is_taken_out(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    message_id = kari.send(OLA)
    sender.remove_sim()
    message = smsc_server.message(message_id)
    assert (message.state, message.reason) == ("undeliverable", "source_unknown_sim")
    assert ola.has_nothing()


def test_the_mode_at_submission_stays_with_the_message(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    kari.send(OLA, "holdt")
    uplink(smsc_server, "lose")
    lost = kari.begin_submit(OLA, "tapt")
    kari.ping()
    uplink(smsc_server, "reject")
    assert kari.submit(OLA, "avvist").status == RSUBMITFAIL
    sender.leave()
    assert ola.receive().text == "holdt"
    assert ola.has_nothing()
    assert unanswered([lost])


def test_a_held_message_survives_its_session(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    kari.send(OLA, "Fra tunnelen")
    kari.unbind()
    sender.leave()
    assert ola.receive().text == "Fra tunnelen"


def test_a_handset_that_is_switched_off_sends_when_it_is_on_again(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    sender = smsc_server.handset(KARI).power_off()
    message_id = kari.send(OLA, "Lite strøm")
    assert smsc_server.message(message_id).state == "held"
    sender.power_on()
    assert ola.receive().text == "Lite strøm"


# --- defer: no answer until coverage returns ---


def test_defer_answers_when_coverage_returns(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    uplink(smsc_server, "defer")
    waiting = [kari.begin_submit(OLA, f"nr. {number}") for number in range(3)]
    kari.ping()
    smsc_server.clock.advance("2h")
    assert unanswered(waiting)
    assert stored(smsc_server) == []

    sender.leave()
    answers = [answer_of(begun) for begun in waiting]
    assert [answer.status for answer in answers] == [0, 0, 0]
    assert ola.receive_all(3) == ["nr. 0", "nr. 1", "nr. 2"]
    assert smsc_server.message(answers[0].message_id).submitted_at == smsc_server.clock.now


def test_defer_counts_validity_from_the_answer(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme
) -> None:
    uplink(smsc_server, "defer")
    smsc_server.handset(OLA).enter(TUNNEL)
    waiting = kari.begin_submit(OLA, validity_period=ONE_HOUR)
    kari.ping()
    smsc_server.clock.advance("3h")
    sender.leave()
    message_id = answer_of(waiting).message_id
    smsc_server.clock.advance("59m")
    assert smsc_server.message(message_id).state == "enroute"
    smsc_server.clock.advance("1m")
    assert smsc_server.message(message_id).state == "expired"


def test_defer_is_gone_with_the_session(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    uplink(smsc_server, "defer")
    kari.begin_submit(OLA)
    kari.ping()
    kari.drop()
    again = bind(KARI)
    sender.leave()
    assert again.submit(OLA, "nytt forsøk").status == 0
    assert ola.receive().text == "nytt forsøk"
    assert [message.text for message in smsc_server.messages()] == ["nytt forsøk"]


@pytest.mark.parametrize("erased", [OLA, KARI])
def test_an_erased_number_is_in_nothing_that_a_gateway_deferred(
    smsc_server: SmscHandle, sender: HandsetHandle, ola: Esme, bind: Bind, erased: str
) -> None:
    uplink(smsc_server, "defer")
    other = "4790000007"
    smsc_server.handset(other).enter(TUNNEL)
    farm = bind("farm", "farm", kind="transmitter")
    to_ola, between_others = (
        farm.begin_submit(destination, "Hemmelig", source=source)
        for source, destination in ((KARI, OLA), (other, "4790000008"))
    )
    farm.ping()
    answer = httpx.delete(f"{smsc_server.url}/api/v1/subscribers/{erased}", params={"erase": True})
    assert answer.status_code == 204
    assert answer_of(to_ola).status != 0
    assert unanswered([between_others])
    sessions = httpx.get(f"{smsc_server.url}/api/v1/sessions").text
    assert erased not in sessions
    for number in (KARI, other):
        httpx.put(f"{smsc_server.url}/api/v1/subscribers/{number}", json={"zone": "oslo"})
    assert answer_of(between_others).status == 0
    assert [message.destination for message in smsc_server.messages()] == ["4790000008"]


def test_defer_refuses_when_the_sim_is_no_longer_good(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    uplink(smsc_server, "defer")
    waiting = kari.begin_submit(OLA)
    kari.ping()
    sender.set_sim("suspended")
    sender.leave()
    assert answer_of(waiting).status == RSUBMITFAIL
    assert ola.has_nothing()
    assert stored(smsc_server) == []


def test_a_deferred_message_unbinds_without_an_answer(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme
) -> None:
    uplink(smsc_server, "defer")
    waiting = kari.begin_submit(OLA)
    kari.unbind()
    assert isinstance(waiting.exception(), ConnectionError)
    sender.leave()
    assert stored(smsc_server) == []


# --- reject, lose ---


def test_reject_refuses_at_once(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme
) -> None:
    uplink(smsc_server, "reject")
    assert kari.submit(OLA).status == RSUBMITFAIL
    sender.leave()
    assert ola.has_nothing()
    assert stored(smsc_server) == []


def test_lose_never_answers(smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme, ola: Esme) -> None:
    uplink(smsc_server, "lose")
    lost = kari.begin_submit(OLA, "tapt")
    kari.ping()
    sender.leave()
    smsc_server.clock.advance("2h")
    assert kari.submit(OLA, "fram").status == 0
    assert unanswered([lost])
    assert ola.receive().text == "fram"
    assert stored(smsc_server) == [("fram", "delivered")]


# --- who is in the tunnel ---


def test_an_esme_has_no_radio(smsc_server: SmscHandle, bind: Bind, ola: Esme) -> None:
    """Companies are on the wire: zones say nothing about them."""
    uplink(smsc_server, "reject")
    shop = bind("shop", "shop")
    assert shop.submit(OLA, source="Shop", source_addr_ton=5).status == 0
    assert ola.receive().source == "Shop"


def test_a_farm_has_one_uplink_per_handset(
    smsc_server: SmscHandle, sender: HandsetHandle, bind: Bind
) -> None:
    farm = bind("farm", "farm")
    uplink(smsc_server, "reject")
    assert farm.submit(OLA, source=KARI).status == RSUBMITFAIL
    assert farm.submit(OLA, source="4790000009").status == 0


@pytest.mark.parametrize("mode", ["hold", "defer", "reject", "lose"])
def test_weak_coverage_carries_what_is_sent(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, mode: str
) -> None:
    smsc_server.handset(KARI).enter("hardangervidda")
    smsc_server.control("patch_zone", "hardangervidda", {"uplink": mode})
    assert kari.submit(OLA).status == 0
    ola.receive()


def test_the_reason_is_in_the_sessions_counters(
    smsc_server: SmscHandle, sender: HandsetHandle, kari: Esme
) -> None:
    uplink(smsc_server, "reject")
    kari.submit(OLA)
    session: dict[str, Any] = smsc_server.control("sessions")[0]
    assert session["counters"]["refused"] == 1
    assert session["events"][-1]["detail"] == "no_coverage_reject"
