"""Every rule about flags, message waiting data and alerts, by name [23.040 §3.2.7, §10].

The rules are those of the standard: what sets MNRF, MNRR, MCEF and MWD, what clears them, who is alerted,
and in which order the SC then tries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from smsc.delivery.flags import MCEF, MNRF, MNRG, MNRR_DETACHED, MWD
from smsc.delivery.recipient import Recipient
from smsc.testing import SmscHandle
from tests.esme import Esme

pytestmark = pytest.mark.loop

KARI, OLA, PER = "4790000001", "4790000002", "4790000003"
METER = "47580000000000"  # an M2M SIM
TUNNEL = "laerdal-tunnel"
Make = Callable[..., SmscHandle]


@pytest.fixture
def ola(smsc_server: SmscHandle) -> Iterator[Esme]:
    esme = Esme(smsc_server.smpp_address, OLA)
    yield esme
    esme.drop()


def recipient(smsc: SmscHandle, number: str = OLA) -> Recipient:
    found: Recipient = smsc.server.engine.queues.recipients[int(number)]
    return found


def flags(smsc: SmscHandle, number: str = OLA) -> int:
    return int(recipient(smsc, number).flags)


def events(smsc: SmscHandle, message_id: str) -> list[str]:
    return [entry["event"] for entry in smsc.message(message_id).timeline]


# --- what sets the flags --------------------------------------------------------------------------


def test_no_paging_response_sets_mnrf_and_mwd_without_detached(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message = smsc_server.send(KARI, OLA, "Hei")
    assert flags(smsc_server) == MNRF | MWD
    assert smsc_server.message(message.id).reason == "absent_no_paging_response"


def test_switched_off_sets_mnrf_with_the_reason_detached(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).power_off()
    message = smsc_server.send(KARI, OLA, "Hei")
    assert flags(smsc_server) == MNRF | MNRR_DETACHED | MWD
    assert smsc_server.message(message.id).reason == "absent_detached"


def test_no_bind_is_absent_detached(smsc_server: SmscHandle) -> None:
    message = smsc_server.send(KARI, PER, "Hei")
    assert flags(smsc_server, PER) == MNRF | MNRR_DETACHED | MWD
    assert smsc_server.message(message.id).reason == "absent_no_bind"


def test_the_reason_follows_the_latest_attempt(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).power_off()
    smsc_server.send(KARI, OLA, "Hei")
    smsc_server.handset(OLA).enter(TUNNEL).power_on()
    smsc_server.clock.advance("1m")
    assert flags(smsc_server) == MNRF | MWD


def test_memory_full_sets_mcef_and_mwd(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).fill_memory()
    message = smsc_server.send(KARI, OLA, "Hei")
    assert flags(smsc_server) == MCEF | MWD
    assert smsc_server.message(message.id).reason == "memory_capacity_exceeded"


def test_an_address_is_in_the_waiting_data_once_however_many_messages_wait(
    smsc_server: SmscHandle, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    for number in range(20):
        smsc_server.send(KARI, OLA, str(number))
    assert flags(smsc_server) == MNRF | MWD
    assert recipient(smsc_server).pagings == 1


# --- rule 1 ---------------------------------------------------------------------------------------


def test_rule_1_reachable_with_mcef_clear_alerts_and_empties_the_waiting_data(
    smsc_server: SmscHandle, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message = smsc_server.send(KARI, OLA, "Hei")
    smsc_server.handset(OLA).leave()
    assert ola.receive().text == "Hei"
    ola.ping()
    assert "alert" in events(smsc_server, message.id)
    assert int(OLA) not in smsc_server.server.engine.queues.recipients


def test_rule_1_holds_for_a_handset_that_is_switched_on(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).power_off()
    smsc_server.send(KARI, OLA, "Hei")
    smsc_server.handset(OLA).power_on()
    assert ola.receive().text == "Hei"


def test_rule_1_holds_for_a_bind(smsc_server: SmscHandle) -> None:
    message = smsc_server.send(KARI, PER, "Hei")
    per = Esme(smsc_server.smpp_address, PER)
    assert per.receive().text == "Hei"
    assert "alert" in events(smsc_server, message.id)
    per.drop()


def test_rule_1_holds_for_coverage_that_returns_as_planned(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.control("put_outages", "zone", "oslo", {"outages": [{"duration": "17m"}]})
    message = smsc_server.send("4740000001", OLA, "Hei")
    smsc_server.clock.advance("17m")
    assert ola.receive().text == "Hei"
    assert "alert" in events(smsc_server, message.id)


def test_no_contact_no_alert(smsc_server: SmscHandle, ola: Esme) -> None:
    """Switched on in the tunnel is not reachable."""
    smsc_server.handset(OLA).enter(TUNNEL).power_off()
    message = smsc_server.send(KARI, OLA, "Hei")
    smsc_server.handset(OLA).power_on()
    assert ola.has_nothing()
    assert "alert" not in events(smsc_server, message.id)


# --- rule 2 ---------------------------------------------------------------------------------------


def test_rule_2_reachable_with_memory_full_clears_mnrf_and_alerts_nobody(
    smsc_server: SmscHandle, ola: Esme
) -> None:
    handset = smsc_server.handset(OLA).fill_memory()
    message = smsc_server.send(KARI, OLA, "Hei")
    handset.enter(TUNNEL)
    smsc_server.clock.advance("6m")  # the next attempt finds nobody
    assert flags(smsc_server) == MNRF | MCEF | MWD
    handset.leave()
    assert flags(smsc_server) == MCEF | MWD
    assert "alert" not in events(smsc_server, message.id)
    assert ola.has_nothing()


def test_rule_2_keeps_the_waiting_data_for_the_memory(smsc_server: SmscHandle, ola: Esme) -> None:
    handset = smsc_server.handset(OLA).fill_memory()
    smsc_server.send(KARI, OLA, "Hei")
    handset.enter(TUNNEL)
    smsc_server.clock.advance("6m")
    handset.leave()
    handset.free_memory()
    assert ola.receive().text == "Hei"


# --- rule 3 ---------------------------------------------------------------------------------------


def test_rule_3_memory_available_clears_mcef_and_alerts(smsc_server: SmscHandle, ola: Esme) -> None:
    handset = smsc_server.handset(OLA).fill_memory()
    message = smsc_server.send(KARI, OLA, "Hei")
    handset.free_memory()
    assert ola.receive().text == "Hei"
    ola.ping()
    assert "alert" in events(smsc_server, message.id)


def test_rule_3_clears_mnrf_too(smsc_server: SmscHandle, ola: Esme) -> None:
    handset = smsc_server.handset(OLA).fill_memory()
    smsc_server.send(KARI, OLA, "Hei")
    handset.enter(TUNNEL)
    smsc_server.clock.advance("6m")
    handset.leave().free_memory()
    ola.receive()
    ola.ping()
    assert int(OLA) not in smsc_server.server.engine.queues.recipients


def test_rule_3_a_successful_delivery_clears_everything(smsc_server: SmscHandle, ola: Esme) -> None:
    """A priority message is tried although MWD is set; that it gets through ends the waiting of all."""
    ola.withhold()
    handset = smsc_server.handset(OLA).fill_memory()
    smsc_server.send(KARI, OLA, "Hei")
    engine = smsc_server.server.engine
    engine.world.registry.find(int(OLA)).memory_full = False  # unnoticed by the network
    assert flags(smsc_server) == MCEF | MWD
    smsc_server.clock.advance("6m")
    ola.catch_up()
    assert ola.receive().text == "Hei"
    ola.ping()
    assert int(OLA) not in engine.queues.recipients
    assert handset.state["memory_full"] is False


# --- what an alert makes happen -------------------------------------------------------------------


def test_an_alert_ignores_the_back_off(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"retry": ["12h"]})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.handset(OLA).enter(TUNNEL)
    smsc.send(KARI, OLA, "Hei")
    smsc.clock.advance("1h")
    smsc.handset(OLA).leave()
    assert esme.receive().text == "Hei"
    esme.drop()


def test_an_alert_starts_the_retry_schedule_anew(smsc_server: SmscHandle, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    smsc_server.send(KARI, OLA, "Hei")
    smsc_server.clock.advance("3h")
    assert recipient(smsc_server).step > 3
    ola.withhold()
    smsc_server.handset(OLA).leave()
    assert recipient(smsc_server).step == 0
    ola.catch_up()


def test_after_an_alert_all_go_oldest_first_and_in_order_per_sender(
    smsc_server: SmscHandle, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    for number in range(6):
        smsc_server.send(KARI if number % 2 else PER, OLA, str(number))
    smsc_server.handset(OLA).leave()
    assert ola.receive_all(6) == [str(number) for number in range(6)]


def test_of_many_handsets_the_one_with_the_oldest_message_is_alerted_first(
    smsc_server: SmscHandle,
) -> None:
    farm = Esme(smsc_server.smpp_address, "farm", "farm")
    smsc_server.control("patch_zone", "oslo", {"coverage": "none"})
    order = ["4790000030", "4790000010", "4790000020"]
    for number in order:
        smsc_server.send("4740000001", number, number)
    smsc_server.control("patch_zone", "oslo", {"coverage": "good"})
    assert farm.receive_all(3) == order
    farm.drop()


def test_a_whole_cell_that_returns_is_spread_over_time(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"alert_spread": "60s", "retry": ["12h"]})
    farm = Esme(smsc.smpp_address, "farm", "farm")
    smsc.control("patch_zone", "oslo", {"coverage": "none"})
    for number in range(40):
        smsc.send("4740000001", str(4790000100 + number), "Hei")
    smsc.control("patch_zone", "oslo", {"coverage": "good"})
    arrived = [0]
    for _ in range(7):
        smsc.clock.advance("10s")
        arrived.append(len(smsc.messages(state="delivered")))
    assert arrived[-1] == 40
    assert 0 < arrived[1] < 20
    assert arrived == sorted(arrived)
    assert len(set(arrived)) > 4
    farm.drop()


def test_a_planned_return_is_spread_too(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"alert_spread": "60s", "retry": ["12h"]})
    farm = Esme(smsc.smpp_address, "farm", "farm")
    smsc.control("put_outages", "zone", "oslo", {"outages": [{"duration": "1h"}]})
    for number in range(20):
        smsc.send("4740000001", str(4790000100 + number), "Hei")
    smsc.clock.advance("1h")
    assert len(smsc.messages(state="delivered")) < 5
    smsc.clock.advance("1m")
    assert len(smsc.messages(state="delivered")) == 20
    farm.drop()


def test_one_handset_that_returns_does_not_wait_for_a_spread(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"alert_spread": "10m"})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.handset(OLA).enter(TUNNEL)
    smsc.send(KARI, OLA, "Hei")
    smsc.handset(OLA).leave()
    assert esme.receive().text == "Hei"
    esme.drop()


# --- priority and the flags -----------------------------------------------------------------------


def test_a_message_without_priority_is_not_attempted_while_the_subscriber_is_flagged(
    smsc_server: SmscHandle, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    smsc_server.send(KARI, OLA, "1")
    second = smsc_server.send(KARI, OLA, "2")
    assert recipient(smsc_server).pagings == 1
    assert smsc_server.message(second.id).attempts == 0


def test_a_message_with_priority_is_attempted_although_mwd_is_set(smsc_server: SmscHandle, ola: Esme) -> None:
    kari = Esme(smsc_server.smpp_address, KARI)
    smsc_server.handset(OLA).enter(TUNNEL)
    kari.send(OLA, "1")
    urgent = kari.send(OLA, "2", priority_flag=1)
    assert recipient(smsc_server).pagings == 2
    assert smsc_server.message(urgent).attempts == 1
    kari.drop()


# --- races ----------------------------------------------------------------------------------------


def test_an_alert_and_a_retry_in_one_moment_send_once(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"retry": ["30s"], "jitter": 0})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.control("put_outages", "zone", "oslo", {"outages": [{"duration": "30s"}]})
    message = smsc.send("4740000001", OLA, "Hei")
    smsc.clock.advance("30s")
    assert esme.receive().text == "Hei"
    assert esme.has_nothing()
    assert smsc.message(message.id).attempts == 2
    esme.drop()


def test_an_expiry_and_a_return_in_one_moment_end_expired(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"retry": ["12h"], "validity_default": "1h"})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.control("put_outages", "zone", "oslo", {"outages": [{"duration": "1h"}]})
    message = smsc.send("4740000001", OLA, "Hei")
    smsc.clock.advance("1h")
    assert smsc.message(message.id).state == "expired"
    assert esme.has_nothing()
    esme.drop()


def test_a_return_a_moment_before_expiry_delivers(make_smsc: Make) -> None:
    smsc = make_smsc(delivery={"retry": ["12h"], "validity_default": "1h"})
    esme = Esme(smsc.smpp_address, OLA)
    smsc.control("put_outages", "zone", "oslo", {"outages": [{"duration": 3599.999}]})
    smsc.send("4740000001", OLA, "Hei")
    smsc.clock.advance("1h")
    assert esme.receive().text == "Hei"
    esme.drop()


# --- MNRG and MW-Status ---------------------------------------------------------------------------


@pytest.fixture
def meter(smsc_server: SmscHandle) -> Iterator[Esme]:
    esme = Esme(smsc_server.smpp_address, METER)
    yield esme
    esme.drop()


def mw_status(smsc: SmscHandle, number: str) -> list[str]:
    return list(smsc.control("subscriber", number)["mw_status"])


def test_absent_via_the_sgsn_sets_mnrg_and_not_mnrf(smsc_server: SmscHandle, meter: Esme) -> None:
    smsc_server.handset(METER).enter(TUNNEL)
    smsc_server.send(KARI, METER, "Hei")
    assert flags(smsc_server, METER) == MNRG | MWD
    smsc_server.handset(METER).power_off()
    smsc_server.clock.advance("1m")
    assert flags(smsc_server, METER) == MNRG | MNRR_DETACHED | MWD


def test_radio_contact_via_the_sgsn_clears_mnrg_and_alerts(smsc_server: SmscHandle, meter: Esme) -> None:
    smsc_server.handset(METER).enter(TUNNEL)
    message = smsc_server.send(KARI, METER, "Hei")
    smsc_server.handset(METER).leave()
    assert meter.receive().text == "Hei"
    assert events(smsc_server, message.id)[-3:] == ["alert", "sent", "delivered"]
    assert int(METER) not in smsc_server.server.engine.queues.recipients


def test_radio_contact_with_mnrg_and_mcef_clears_mnrg_without_an_alert(
    smsc_server: SmscHandle, meter: Esme
) -> None:
    smsc_server.control("patch_subscriber", METER, {"memory_full": True})
    message = smsc_server.send(KARI, METER, "Hei")
    smsc_server.handset(METER).enter(TUNNEL)
    smsc_server.clock.advance("10m")
    assert mw_status(smsc_server, METER) == ["mcef", "mnrg"]
    smsc_server.handset(METER).leave()
    assert mw_status(smsc_server, METER) == ["mcef"]
    assert "alert" not in events(smsc_server, message.id)
    smsc_server.control("patch_subscriber", METER, {"memory_full": False})
    assert meter.receive().text == "Hei"


def test_mw_status_has_the_bits_of_inform_service_centre(smsc_server: SmscHandle, ola: Esme) -> None:
    """0 SC-address-not-included, 1 MNRF, 2 MCEF, 3 MNRG [29.002 §17.7.6]."""
    assert mw_status(smsc_server, OLA) == ["sc_address_not_included"]
    smsc_server.handset(OLA).enter(TUNNEL)
    message = smsc_server.send(KARI, OLA, "Hei")
    assert mw_status(smsc_server, OLA) == ["mnrf"]
    failed = smsc_server.message(message.id).timeline[1]
    assert (failed["event"], failed["detail"]["mw_status"]) == ("attempt_failed", ["mnrf"])
    smsc_server.handset(OLA).leave()
    ola.receive()
    assert mw_status(smsc_server, OLA) == ["sc_address_not_included"]
