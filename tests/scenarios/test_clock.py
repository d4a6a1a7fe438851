"""The SMSC clock: what is due now happens at once, and what is due later when the clock says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from smsc.control import ControlError
from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.scenarios.binding import KARI, OLA, PER, TUNNEL, Bind

ONE_MINUTE = "000000000100000R"


def test_a_client_that_advances_first_and_reads_afterwards(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    """With one thread nobody answers during the advance: it gives up waiting, and says for what."""
    smsc = make_smsc(clock={"settle": 0.05})
    kari, ola = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    ola.withhold()
    smsc.handset(OLA).enter("hardangervidda")
    smsc.control("patch_zone", "hardangervidda", {"loss": 1.0})
    message_id = kari.send(OLA)
    smsc.control("patch_zone", "hardangervidda", {"loss": 0.0})
    told = smsc.clock.advance("2h")
    assert told["unsettled"] == [message_id]
    assert ola.receive().text == "Hei"
    ola.catch_up()
    assert smsc.clock.advance(0)["unsettled"] == []
    assert smsc.message(message_id).state == "delivered"


def test_the_wait_for_answers_is_one_for_the_whole_advance(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    smsc = make_smsc(clock={"settle": 0.05})
    kari = bind(KARI, at=smsc.smpp_address)
    farm = bind("farm", "farm", at=smsc.smpp_address)
    farm.withhold()
    numbers = [f"47900006{number:02}" for number in range(50)]
    for minute, number in enumerate(numbers):
        kari.send(number, schedule_delivery_time=f"00000000{minute + 1:02}00000R")
    began = datetime.now()
    told = smsc.clock.advance("2h")
    assert datetime.now() - began < timedelta(seconds=20)  # and not 50 times the settling time
    assert len(told["unsettled"]) == 50
    assert len(farm.receive_all(50)) == 50


def test_what_happens_is_told_in_due_order(smsc_server: SmscHandle, kari: Esme) -> None:
    late = kari.send("4740000006", validity_period="000000000900000R")
    ids = [
        kari.send(f"474000000{minute}", validity_period=f"000000000{minute}00000R") for minute in (3, 1, 2)
    ]
    ids = [ids[1], ids[2], ids[0]]
    start = smsc_server.clock.now
    told = smsc_server.clock.advance("5min")
    ended = [event for event in told["happened"] if event["event"] == "message.final"]
    assert [event["id"] for event in ended] == ids
    moments = [event["at"] for event in told["happened"]]
    assert moments == sorted(moments)
    assert told["from"] == start
    told = smsc_server.clock.advance("5min")
    assert [event["id"] for event in told["happened"] if event["event"] == "message.final"] == [late]


def test_until_idle_ends_when_nothing_is_unfinished(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    start = datetime.fromisoformat(smsc_server.clock.now)
    message_id = kari.send(PER, registered_delivery=1)
    kari.unbind()
    told = smsc_server.clock.advance_until_idle()
    assert smsc_server.message(message_id).state == "expired"
    # three days of validity, and a day for the receipt
    assert datetime.fromisoformat(told["now"]) - start == timedelta(days=4)


def test_outages_alone_do_not_keep_the_clock_going(smsc_server: SmscHandle) -> None:
    now = smsc_server.clock.now
    start = int(datetime.fromisoformat(now).timestamp() * 1000) + 3_600_000
    outage = {"from": start, "duration": "10m", "every": "1d"}
    smsc_server.control("patch_zone", "oslo", {"outages": [outage]})
    assert smsc_server.clock.advance_until_idle()["now"] == now


def test_advance_to_a_moment(smsc_server: SmscHandle) -> None:
    now = int(datetime.fromisoformat(smsc_server.clock.now).timestamp() * 1000)
    told = smsc_server.run(smsc_server.server.advance(to=now + 86_400_000))
    assert datetime.fromisoformat(told["now"]) - datetime.fromisoformat(told["from"]) == timedelta(days=1)


def refused(smsc: SmscHandle, **how: Any) -> int:
    """The HTTP status that refuses an advance."""
    with pytest.raises(ControlError) as error:
        smsc.run(smsc.server.advance(**how))
    return error.value.status


def test_the_clock_never_goes_back(smsc_server: SmscHandle) -> None:
    now = int(datetime.fromisoformat(smsc_server.clock.now).timestamp() * 1000)
    assert refused(smsc_server, to=now - 1) == 409
    with pytest.raises(ControlError) as error:
        smsc_server.control("set_clock", {"now": now - 1})
    assert error.value.status == 409


@pytest.mark.parametrize("mode", ["real", "x60"])
def test_only_a_manual_clock_can_be_advanced(make_smsc: Callable[..., SmscHandle], mode: str) -> None:
    assert refused(make_smsc(clock={"mode": mode}), seconds=1) == 409


def test_a_real_clock_tries_again_by_itself(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc(clock={"mode": "real"}, delivery={"retry": ["20ms"]})
    kari, ola = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    smsc.handset(OLA).enter("hardangervidda")
    smsc.control("patch_zone", "hardangervidda", {"loss": 0.9})
    kari.send(OLA, registered_delivery=1)
    assert ola.receive().text == "Hei"
    assert kari.receive_receipt().stat == "DELIVRD"


def test_an_accelerated_clock_lets_an_hour_pass_in_a_second(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    smsc = make_smsc(clock={"mode": "x3600"})
    kari = bind(KARI, at=smsc.smpp_address)
    began = datetime.fromisoformat(smsc.clock.now)
    message_id = kari.send(PER, registered_delivery=1, validity_period="000000001000000R")
    assert kari.receive_receipt().stat == "EXPIRED"
    message = smsc.message(message_id)
    lived = datetime.fromisoformat(message.final_at) - datetime.fromisoformat(message.submitted_at)
    assert timedelta(minutes=10) <= lived < timedelta(hours=10)
    assert datetime.fromisoformat(smsc.clock.now) >= began + timedelta(minutes=10)


def test_the_mode_can_be_changed_while_messages_wait(smsc_server: SmscHandle, kari: Esme) -> None:
    kari.send(PER, registered_delivery=1, validity_period=ONE_MINUTE)
    smsc_server.control("set_clock", {"mode": "x3600"})
    try:
        assert kari.receive_receipt().stat == "EXPIRED"
    finally:
        smsc_server.control("set_clock", {"mode": "manual"})


def test_a_retry_that_is_due_now_needs_no_advance(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    """Setting the clock past a due moment does what is due."""
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, validity_period=ONE_MINUTE)
    now = int(datetime.fromisoformat(smsc_server.clock.now).timestamp() * 1000)
    smsc_server.control("set_clock", {"now": now + 3_600_000})
    smsc_server.clock.advance(0)
    assert smsc_server.message(message_id).state == "expired"
