"""Who serves a number: the handset's own bind, otherwise the farm; one session while it lasts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import BindRefused, Esme
from tests.scenarios.binding import KARI, OLA, PER, Bind

RBINDFAIL = 0x0D


def test_the_farm_receives_for_handsets_without_a_bind(kari: Esme, bind: Bind) -> None:
    farm = bind("farm", "farm")
    kari.send("4790077777", "til farmen")
    arrived = farm.receive()
    assert (arrived.destination, arrived.text) == ("4790077777", "til farmen")


def test_the_farm_receives_only_for_its_range(smsc_server: SmscHandle, kari: Esme, bind: Bind) -> None:
    farm = bind("farm", "farm")
    message_id = kari.send(PER)
    assert farm.has_nothing()
    assert smsc_server.message(message_id).reason == "absent_no_bind"


def test_the_handsets_own_bind_comes_before_the_farm(kari: Esme, ola: Esme, bind: Bind) -> None:
    farm = bind("farm", "farm")
    kari.send(OLA)
    assert ola.receive().text == "Hei"
    assert farm.has_nothing()


def test_the_farm_takes_over_when_the_handset_is_gone(kari: Esme, ola: Esme, bind: Bind) -> None:
    farm = bind("farm", "farm")
    kari.send(OLA, "en")
    assert ola.receive().text == "en"
    ola.unbind()
    kari.send(OLA, "to")
    assert farm.receive().text == "to"


def test_the_farm_gets_what_waits_for_its_handsets_when_it_binds(
    smsc_server: SmscHandle, kari: Esme, bind: Bind
) -> None:
    kari.send("4790077777", "en")
    kari.send("4790088888", "to")
    kari.send(PER, "ikke farmen")
    smsc_server.clock.advance("1h")
    farm = bind("farm", "farm")
    assert sorted(farm.receive_all(2)) == ["en", "to"]
    assert farm.has_nothing()


def test_the_farm_speaks_for_its_handsets_and_gets_their_receipts(
    smsc_server: SmscHandle, ola: Esme, bind: Bind
) -> None:
    farm = bind("farm", "farm")
    message_id = farm.send(OLA, source="4790077777", registered_delivery=1)
    assert ola.receive().source == "4790077777"
    arrived = farm.receive()
    assert arrived.receipt is not None
    assert (arrived.destination, arrived.receipt.id) == ("4790077777", message_id)


def test_a_receipt_goes_to_the_handset_that_has_a_bind_of_its_own(kari: Esme, ola: Esme, bind: Bind) -> None:
    farm = bind("farm", "farm")
    farm.send(OLA, source=KARI, registered_delivery=1)
    ola.receive()
    assert kari.receive_receipt().stat == "DELIVRD"
    assert farm.has_nothing()


def test_several_binds_of_one_handset(smsc_server: SmscHandle, ola: Esme, bind: Bind) -> None:
    kari = [bind(KARI), bind(KARI)]
    assert len(smsc_server.control("sessions")) == 3
    for number, sender in enumerate(kari):
        sender.send(OLA, f"nr. {number}")
    assert ola.receive_all(2) == ["nr. 0", "nr. 1"]


def test_a_recipient_sticks_to_one_session_while_it_lasts(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    """A second bind that comes while messages are in flight gets none of them out of order."""
    ola.withhold()
    for number in range(5):
        kari.send(OLA, f"nr. {number}")
    assert ola.receive().text == "nr. 0"
    second = bind(OLA)
    ola.catch_up()
    assert ola.receive_all(4) == [f"nr. {number}" for number in range(1, 5)]
    assert second.has_nothing()


def test_the_second_bind_takes_over_when_the_first_is_gone(kari: Esme, ola: Esme, bind: Bind) -> None:
    ola.withhold()
    for number in range(3):
        kari.send(OLA, f"nr. {number}")
    assert ola.receive().text == "nr. 0"
    second = bind(OLA)
    ola.drop()
    assert second.receive_all(3) == ["nr. 0", "nr. 1", "nr. 2"]


def test_a_receiver_bind_is_used_and_not_the_transmitter_beside_it(kari: Esme, bind: Bind) -> None:
    transmitter = bind(OLA, kind="transmitter")
    receiver = bind(OLA, kind="receiver")
    kari.send(OLA)
    assert receiver.receive().text == "Hei"
    assert transmitter.has_nothing()


@pytest.mark.parametrize(
    ("system_id", "password"),
    [(KARI, "4321"), ("4798765432", "1234"), ("nobody", "1234"), ("shop", ""), ("90000001", "1234")],
)
def test_a_bind_that_is_refused(smsc_server: SmscHandle, bind: Bind, system_id: str, password: str) -> None:
    with pytest.raises(BindRefused) as refused:
        bind(system_id, password)
    assert refused.value.status == RBINDFAIL
    assert smsc_server.control("sessions") == []


@pytest.mark.parametrize("number", ["4799000001", "4799000002", "4799000003", "4799000004"])
def test_a_sim_that_is_not_active_may_bind(bind: Bind, number: str) -> None:
    assert bind(number).bind_resp.fields["system_id"] == "smsc"


def test_unless_the_configuration_says_otherwise(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc(bind_requires_active_sim=True)
    for number in ("4799000001", "4799000002", "4799000003", "4799000004"):
        with pytest.raises(BindRefused):
            bind(number, at=smsc.smpp_address)
    bind(KARI, at=smsc.smpp_address)


def test_a_session_is_shown_and_unbound_by_the_operator(smsc_server: SmscHandle, kari: Esme) -> None:
    (session,) = smsc_server.control("sessions")
    assert (session["system_id"], session["type"], session["peer"].split(":")[0]) == (
        KARI,
        "transceiver",
        "127.0.0.1",
    )
    smsc_server.control("drop_session", session["id"], "unbind")
    assert kari.closed.wait(10)
    assert [pdu.name for pdu in kari.requests] == ["unbind"]


def test_a_session_is_dropped_by_the_operator(smsc_server: SmscHandle, kari: Esme) -> None:
    (session,) = smsc_server.control("sessions")
    smsc_server.control("drop_session", session["id"], "drop")
    assert kari.closed.wait(10)
    assert kari.requests == []


def test_a_bind_below_3_4_has_short_message_ids(smsc_server: SmscHandle, ola: Esme, bind: Bind) -> None:
    old = bind(KARI, version=0x33, kind="transmitter")
    answers = [old.submit(OLA, f"nr. {number}") for number in range(3)]
    assert all(0 < len(answer.message_id) <= 8 for answer in answers)
    assert len({answer.message_id for answer in answers}) == 3
    assert ola.receive_all(3) == ["nr. 0", "nr. 1", "nr. 2"]
    assert smsc_server.message(answers[0].message_id).text == "nr. 0"
