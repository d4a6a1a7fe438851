"""First in, first out per sender and recipient; what overtakes, and what holds up whom."""

from __future__ import annotations

from smsc.testing.server import SmscHandle
from tests.esme import Delivered, Esme
from tests.scenarios.binding import KARI, OLA, PER, TUNNEL, Bind

RX_T = 0x64
REGISTERED = "4790000112"


def test_first_in_first_out(kari: Esme, ola: Esme) -> None:
    begun = kari.begin(*(kari.submit_pdu(OLA, f"nr. {number}") for number in range(200)))
    begun.result(10)
    assert ola.receive_all(200) == [f"nr. {number}" for number in range(200)]


def test_first_in_first_out_while_the_receiver_is_slow(kari: Esme, ola: Esme) -> None:
    ola.withhold()
    for number in range(30):
        kari.send(OLA, f"nr. {number}")
    first = ola.receive()
    assert (first.text, ola.has_nothing()) == ("nr. 0", True)  # one message of a pair at a time
    ola.catch_up()
    assert ola.receive_all(29) == [f"nr. {number}" for number in range(1, 30)]


def test_a_higher_priority_overtakes(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    for priority in (0, 1, 0, 3, 2, 3):
        kari.send(OLA, str(priority), priority_flag=priority)
    smsc_server.handset(OLA).leave()
    assert ola.receive_all(6) == ["3", "3", "2", "1", "0", "0"]


def test_priority_overtakes_what_others_have_sent(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    per = bind(PER)
    smsc_server.handset(OLA).enter(TUNNEL)
    kari.send(OLA, "vanlig")
    per.send(OLA, "viktig", priority_flag=2)
    smsc_server.handset(OLA).leave()
    assert ola.receive_all(2) == ["viktig", "vanlig"]


def test_emergency_overtakes_all(smsc_server: SmscHandle, bind: Bind) -> None:
    """The centre writes to a user in the tunnel: before everything else that waits."""
    user, centre, kari = bind(REGISTERED), bind("psap112", "nodsms"), bind(KARI)
    handset = smsc_server.handset(REGISTERED).enter(TUNNEL)
    kari.send(REGISTERED, "vanlig")
    kari.send(REGISTERED, "viktig", priority_flag=3)
    centre.send(REGISTERED, "Hvor er du?", source="59555112")
    handset.leave()
    assert user.receive_all(3) == ["Hvor er du?", "viktig", "vanlig"]


def test_a_temporary_failure_holds_back_its_pair_only(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    def later_for_kari(delivered: Delivered) -> int:
        return RX_T if delivered.source == KARI else 0

    per = bind(PER)
    ola.answer = later_for_kari
    kari.send(OLA, "K1")
    assert ola.receive().text == "K1"
    smsc_server.clock.advance(0)
    kari.send(OLA, "K2")
    per.send(OLA, "P1")
    assert ola.receive().text == "P1"
    assert ola.has_nothing()
    ola.answer = lambda _: 0
    smsc_server.clock.advance("1min")
    assert ola.receive_all(2) == ["K1", "K2"]


def test_absence_holds_back_the_whole_recipient(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    per = bind(PER)
    smsc_server.handset(OLA).enter(TUNNEL)
    kari.send(OLA, "K1")
    per.send(OLA, "P1")
    kari.send(OLA, "K2")
    smsc_server.clock.advance("1h")
    assert ola.has_nothing()
    smsc_server.handset(OLA).leave()
    texts = ola.receive_all(3)
    assert sorted(texts) == ["K1", "K2", "P1"]
    assert texts.index("K1") < texts.index("K2")


def test_a_message_that_expires_lets_the_next_one_go(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    kari.send(OLA, "kort", validity_period="000000001000000R")
    kari.send(OLA, "lang")
    smsc_server.clock.advance("1h")
    smsc_server.handset(OLA).leave()
    assert ola.receive().text == "lang"
    assert ola.has_nothing()


def test_a_later_message_may_expire_before_an_earlier_one(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    long = kari.send(OLA, "lang", registered_delivery=1)
    short = kari.send(OLA, "kort", registered_delivery=1, validity_period="000000001000000R")
    smsc_server.clock.advance("11min")
    assert (kari.receive_receipt().id, kari.has_nothing()) == (short, True)
    smsc_server.handset(OLA).leave()
    assert ola.receive().text == "lang"
    assert kari.receive_receipt().id == long


def test_a_scheduled_message_waits_for_its_time(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    kari.send(OLA, "i morgen", schedule_delivery_time="000001000000000R")
    kari.send(OLA, "i dag")
    assert ola.receive().text == "i dag"
    smsc_server.clock.advance("23h")
    assert ola.has_nothing()
    smsc_server.clock.advance("1h")
    assert ola.receive().text == "i morgen"
