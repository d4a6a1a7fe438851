"""Several binds of one ESME share the work, and one that does not do its part gets none while another can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.protocol.constants import GENERIC_NACK
from smsc.protocol.pdu.codec import Pdu, encode_pdu
from smsc.testing.server import SmscHandle
from tests.esme import Delivered, Esme
from tests.scenarios.binding import KARI, OLA, Bind
from tests.waiting import until

SOON = {"sick_after": "100ms"}
#: Who binds twice, with which password, and who sends what to whom: all to the same bind.
TWICE = [
    pytest.param("psap112", "nodsms", "4790000112", "112", id="an emergency centre"),
    pytest.param("shop", "shop", KARI, "59000001", id="a company"),
    pytest.param("farm", "farm", KARI, "4790077777", id="a farm"),
    pytest.param(OLA, "1234", KARI, OLA, id="a handset"),
]


def nack(esme: Esme, delivered: Delivered, status: int = 0) -> None:
    """Answer a deliver_sm with generic_nack."""
    esme._socket.sendall(encode_pdu(Pdu(GENERIC_NACK, status, delivered.sequence), esme.version))


def sessions(smsc: SmscHandle, system_id: str) -> list[dict[str, Any]]:
    """The session documents of one system_id, in the order of their binds."""
    return [found for found in smsc.control("sessions") if found["system_id"] == system_id]


class Pair:
    """Two binds of one system_id, and a number that sends to it. ``ill`` is the bind that was given that."""

    def __init__(self, smsc: SmscHandle, bind: Bind, system_id: str, password: str, sender: str) -> None:
        self.smsc = smsc
        self.system_id = system_id
        self.binds = [bind(system_id, password, at=smsc.smpp_address) for _ in range(2)]
        self.sender = bind(sender, at=smsc.smpp_address)
        self.ill, self.well = self.binds

    def withhold(self) -> None:
        for esme in self.binds:
            esme.withhold()

    def first_delivery(self) -> Delivered:
        """Wait for what either gets, and call that one ill."""
        until(lambda: any(not esme.inbox.empty() for esme in self.binds))
        if self.ill.inbox.empty():
            self.ill, self.well = self.well, self.ill
        return self.ill.receive()

    def shown(self, esme: Esme) -> dict[str, Any]:
        return sessions(self.smsc, self.system_id)[0 if esme is self.first else 1]

    @property
    def first(self) -> Esme:
        return self.binds[0]


@pytest.fixture
def twice(make_smsc: Callable[..., SmscHandle], bind: Bind) -> Callable[..., Pair]:
    def make(system_id: str, password: str, sender: str, **limits: Any) -> Pair:
        return Pair(make_smsc(limits={**SOON, **limits}), bind, system_id, password, sender)

    return make


@pytest.mark.parametrize(("system_id", "password", "sender", "destination"), TWICE)
def test_what_a_bind_leaves_unanswered_moves_to_another(
    twice: Callable[..., Pair], system_id: str, password: str, sender: str, destination: str
) -> None:
    pair = twice(system_id, password, sender)
    pair.withhold()
    message_id = pair.sender.send(destination, "en")
    assert pair.first_delivery().text == "en"
    pair.well.catch_up()
    assert pair.well.receive().text == "en"
    assert pair.shown(pair.ill)["sick"]["because"] == ["unanswered"]
    assert pair.shown(pair.well)["sick"] is None
    # the same user's next one does not wait, and goes where it is answered
    pair.sender.send(destination, "to")
    assert pair.well.receive().text == "to"
    # a late answer counts for nothing but the bind's recovery
    pair.ill.catch_up(0x65)
    pair.ill.ping()
    assert pair.shown(pair.ill)["sick"] is None
    assert pair.shown(pair.ill)["window"]["in_use"] == 0
    message = pair.smsc.message(message_id)
    assert (message.state, message.attempts) == ("delivered", 2)
    assert [event["event"] for event in message.timeline][-4:] == ["sent", "moved", "sent", "delivered"]


def test_a_bind_that_comes_later_takes_over(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc(limits=SOON)
    first, user = (
        bind(name, word, at=smsc.smpp_address) for name, word in (("shop", "shop"), (KARI, "1234"))
    )
    first.withhold()
    user.send("59000001", "en")
    assert first.receive().text == "en"
    until(lambda: sessions(smsc, "shop")[0]["sick"])
    user.send("59000001", "to")  # it waits for the answer to the one before
    second = bind("shop", "shop", at=smsc.smpp_address)
    assert second.receive_all(2) == ["en", "to"]


def test_a_sick_bind_is_better_than_none(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc(limits=SOON)
    shop, kari, ola = (
        bind(name, word, at=smsc.smpp_address)
        for name, word in (("shop", "shop"), (KARI, "1234"), (OLA, "1234"))
    )
    shop.withhold()
    kari.send("59000001", "en")
    assert shop.receive().text == "en"
    until(lambda: sessions(smsc, "shop")[0]["sick"])
    ola.send("59000001", "to")
    assert shop.receive().text == "to"
    shop.catch_up()
    shop.ping()
    assert sessions(smsc, "shop")[0]["sick"] is None


def test_healthy_binds_of_a_company_share_by_sender(smsc_server: SmscHandle, bind: Bind) -> None:
    binds = [bind("shop", "shop") for _ in range(2)]
    farm = bind("farm", "farm")
    senders = [f"47900000{number:02}" for number in range(12)]
    for text in ("en", "to", "tre"):
        for sender in senders:
            farm.send("59000001", text, source=sender)
    heard = [{}, {}]  # type: list[dict[str, list[str]]]
    until(lambda: sum(esme.inbox.qsize() for esme in binds) == 36)
    for esme, by_sender in zip(binds, heard, strict=True):
        while not esme.inbox.empty():
            delivered = esme.receive()
            by_sender.setdefault(delivered.source, []).append(delivered.text)
    assert min(map(len, heard)) >= 3
    assert not heard[0].keys() & heard[1].keys()
    assert {**heard[0], **heard[1]} == {sender: ["en", "to", "tre"] for sender in senders}


def test_a_dialogue_with_a_centre_is_one_pair(smsc_server: SmscHandle, bind: Bind) -> None:
    binds = [bind("psap112", "nodsms") for _ in range(2)]
    user = bind("4790000112")
    user.send("112", "hjelp")
    until(lambda: any(not esme.inbox.empty() for esme in binds))
    centre = next(esme for esme in binds if not esme.inbox.empty())
    asked = centre.receive()
    assert asked.text == "hjelp"
    user.receive()  # the confirmation
    for number in range(5):
        centre.send("4790000112", f"hvor? {number}", source="112")
        question = user.receive()
        user.send(question.source, f"her {number}")
        assert centre.receive().text == f"her {number}"
        user.receive()


def test_generic_nack_without_an_error_is_no_delivery(twice: Callable[..., Pair]) -> None:
    """It is tried again, elsewhere when there is another bind."""
    pair = twice("shop", "shop", KARI, sick_after="1h")
    pair.withhold()
    message_id = pair.sender.send("59000001")
    delivered = pair.first_delivery()
    nack(pair.ill, delivered)
    until(lambda: pair.shown(pair.ill)["sick"])
    assert pair.shown(pair.ill)["sick"]["because"] == ["generic_nack"]
    message = pair.smsc.message(message_id)
    assert (message.state, message.reason) == ("enroute", "ms_temporary")
    pair.well.catch_up()
    pair.smsc.clock.advance("1m")
    assert pair.well.receive().text == "Hei"
    assert pair.smsc.message(message_id).state == "delivered"


def test_a_bind_that_turns_away_the_same_again_gets_less(twice: Callable[..., Pair]) -> None:
    pair = twice("shop", "shop", KARI, sick_after="1h")
    pair.withhold()
    pair.sender.send("59000001")
    delivered = pair.first_delivery()
    pair.ill.acknowledge(delivered, 0x64)
    pair.ill.ping()
    assert pair.shown(pair.ill)["sick"] is None  # once may happen
    pair.smsc.clock.advance("35s")
    pair.ill.acknowledge(pair.ill.receive(), 0x64)
    pair.ill.ping()
    assert pair.shown(pair.ill)["sick"]["because"] == ["refused_again"]
    pair.well.catch_up()
    pair.smsc.clock.advance("3m")
    assert pair.well.receive().text == "Hei"


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_a_full_queue_of_an_esme_is_flow_control(
    make_smsc: Callable[..., SmscHandle], bind: Bind, status: int
) -> None:
    """Again after about a second of real time, though the clock stands still; not the message's failure."""
    smsc = make_smsc(extends="demo", esmes=[{"system_id": "shop", "window_out": 4}])
    shop, kari = bind("shop", "shop", at=smsc.smpp_address), bind(KARI, at=smsc.smpp_address)
    answers = iter([status, status])
    shop.answer = lambda _: next(answers, 0)
    first = kari.send("59000001", "en")
    assert shop.receive().text == "en"
    until(lambda: sessions(smsc, "shop")[0]["window"]["size"] == 2)
    assert sessions(smsc, "shop")[0]["resting"]
    kari.send("59000001", "to")
    assert shop.receive_all(3) == ["en", "en", "to"]
    message = smsc.message(first)
    assert (message.state, message.attempts) == ("delivered", 1)
    (put_off,) = [event for event in message.timeline if event["event"] == "put_off"]
    assert put_off["detail"] == {"command_status": f"0x{status:02X}", "times": 2}
    assert [event["event"] for event in message.timeline] == ["submitted", "put_off", "sent", "delivered"]


def test_a_window_that_shrank_grows_back(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc(extends="demo", esmes=[{"system_id": "shop", "window_out": 4}])
    shop, farm = bind("shop", "shop", at=smsc.smpp_address), bind("farm", "farm", at=smsc.smpp_address)
    answers = iter([0x58])
    shop.answer = lambda _: next(answers, 0)
    for number in range(20):
        farm.send("59000001", f"nr. {number}", source=f"47900000{number:02}")
    assert len(shop.receive_all(21)) == 21
    assert sessions(smsc, "shop")[0]["window"]["size"] == 4


def test_advance_counts_what_was_put_off_as_in_flight(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    smsc = make_smsc()
    shop, kari = bind("shop", "shop", at=smsc.smpp_address), bind(KARI, at=smsc.smpp_address)
    answers = iter([0x58])
    shop.answer = lambda _: next(answers, 0)
    message_id = kari.send("59000001")
    assert shop.receive().text == "Hei"
    smsc.clock.advance("100h")
    assert smsc.message(message_id).state == "delivered"


def test_until_idle_does_not_hang_on_a_full_queue(make_smsc: Callable[..., SmscHandle], bind: Bind) -> None:
    smsc = make_smsc()
    shop, kari = bind("shop", "shop", at=smsc.smpp_address), bind(KARI, at=smsc.smpp_address)
    shop.answer = lambda _: 0x14
    message_id = kari.send("59000001")
    smsc.clock.advance_until_idle()
    assert smsc.message(message_id).state == "expired"


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_a_handset_whose_queue_is_full_has_failed_for_now(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, status: int
) -> None:
    ola.answer = lambda _: status
    message_id = kari.send(OLA)
    assert ola.receive().text == "Hei"
    ola.ping()
    message = smsc_server.message(message_id)
    assert (message.state, message.reason, message.attempts) == ("enroute", "ms_temporary", 1)
    assert message.timeline[-1]["detail"]["command_status"] == f"0x{status:02X}"
    ola.answer = lambda _: 0
    smsc_server.clock.advance("1m")
    assert ola.receive().text == "Hei"


def test_a_timeline_is_in_the_order_in_which_it_happened(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    """Though the clock stands still: absent, alerted, sent, turned away, sent again."""
    handset = smsc_server.handset(OLA).enter("laerdal-tunnel")
    answers = iter([0x64])
    ola.answer = lambda _: next(answers, 0)
    message_id = kari.send(OLA)
    handset.leave()
    assert ola.receive().text == "Hei"
    ola.ping()
    happened = [event["event"] for event in smsc_server.message(message_id).timeline]
    assert happened == ["submitted", "attempt_failed", "alert", "sent", "attempt_failed"]
    smsc_server.clock.advance("1m")
    happened = [event["event"] for event in smsc_server.message(message_id).timeline]
    assert happened[5:] == ["sent", "delivered"]
