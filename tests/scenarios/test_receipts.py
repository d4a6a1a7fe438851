"""Receipts go to whoever sent the message, wait for it like messages, and end on their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc.testing.server import SmscHandle
from tests.esme import INTERMEDIATE, Esme
from tests.scenarios.binding import KARI, OLA, TUNNEL, Bind

UNKNOWN = "4798765432"
ON_FAILURE, ON_SUCCESS = 2, 3
USER_MESSAGE_REFERENCE = 0x0204


def test_a_receipt_says_it_in_text_and_in_tlvs(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    message_id = kari.send(OLA, "Blåbærsyltetøy på brødskive", registered_delivery=1)
    ola.receive()
    arrived = kari.receive()
    assert (arrived.source, arrived.destination) == (OLA, KARI)
    assert (arrived.source_type, arrived.fields["esm_class"], arrived.fields["data_coding"]) == (
        (1, 1),
        0x04,
        0,
    )
    # 12:00 UTC in January is 13:00 in Oslo
    minute = f"{smsc_server.clock.now[2:4]}{smsc_server.clock.now[5:7]}{smsc_server.clock.now[8:10]}"
    receipt = arrived.receipt
    assert receipt is not None
    assert arrived.text.startswith(f"id:{message_id} sub:001 dlvrd:001 submit date:{minute}")
    assert arrived.text.endswith(" stat:DELIVRD err:000 text:Blåbærsyltetøy på br")
    assert arrived.tlv("receipted_message_id") == message_id
    assert arrived.tlv("message_state") == 2
    assert arrived.tlv("network_error_code") is None


@pytest.mark.parametrize(("month", "offset"), [("2026-01-15", 1), ("2026-07-15", 2)])
def test_dates_are_norwegian_time(
    make_smsc: Callable[..., SmscHandle], bind: Bind, month: str, offset: int
) -> None:
    smsc = make_smsc(clock={"start": f"{month}T21:59:30Z"})
    kari, ola = bind(KARI, at=smsc.smpp_address), bind(OLA, at=smsc.smpp_address)
    smsc.handset(OLA).enter(TUNNEL)
    kari.send(OLA, registered_delivery=1)
    smsc.clock.advance("2h")
    smsc.handset(OLA).leave()
    ola.receive()
    receipt = kari.receive_receipt()
    day = month[2:].replace("-", "")
    assert receipt.submitted == f"{day}{21 + offset}59"
    assert receipt.done == f"{int(day) + 1}{23 + offset - 24:02}59"


@pytest.mark.parametrize("registered", [0, ON_FAILURE])
def test_no_receipt_of_a_delivery_that_was_not_asked_for(kari: Esme, ola: Esme, registered: int) -> None:
    kari.send(OLA, registered_delivery=registered)
    ola.receive()
    ola.ping()
    assert kari.has_nothing()


def test_a_receipt_of_failure_only(kari: Esme) -> None:
    kari.send(UNKNOWN, registered_delivery=ON_FAILURE)
    assert kari.receive_receipt().stat == "UNDELIV"


def test_a_receipt_of_success_only_is_for_smpp_5(ola: Esme, bind: Bind) -> None:
    kari = bind(KARI, version=0x50)
    kari.send(UNKNOWN, registered_delivery=ON_SUCCESS)
    assert kari.has_nothing()
    kari.send(OLA, registered_delivery=ON_SUCCESS)
    assert kari.receive_receipt().stat == "DELIVRD"
    assert bind(KARI).submit(OLA, registered_delivery=ON_SUCCESS).status == 0x07


def test_the_reference_of_the_sender_is_in_the_receipt(kari: Esme, ola: Esme) -> None:
    kari.send(OLA, registered_delivery=1, tlvs=[(USER_MESSAGE_REFERENCE, b"\x12\x34")])
    ola.receive()
    assert kari.receive().tlv("user_message_reference") == 0x1234


def test_an_intermediate_notification(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, registered_delivery=0x11)
    notified = kari.receive()
    assert notified.esm_class & 0x3C == INTERMEDIATE
    assert notified.tlv("receipted_message_id") == message_id
    assert notified.tlv("message_state") == 1
    assert "stat:ENROUTE err:006" in notified.text
    smsc_server.clock.advance("1h")
    assert kari.has_nothing()  # once
    smsc_server.handset(OLA).leave()
    assert kari.receive_receipt().stat == "DELIVRD"


# --- the sender is away ---


def test_a_receipt_waits_while_the_sender_is_unbound(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    message_id = kari.send(OLA, registered_delivery=1)
    ola.receive()
    kari.receive_receipt()
    smsc_server.handset(OLA).enter(TUNNEL)
    message_id = kari.send(OLA, registered_delivery=1)
    kari.unbind()
    smsc_server.handset(OLA).leave()
    ola.receive()
    smsc_server.clock.advance("5h")
    assert smsc_server.message(message_id).state == "delivered"
    assert bind(KARI).receive_receipt().id == message_id


def test_a_receipt_waits_while_the_sender_is_out_of_coverage(
    smsc_server: SmscHandle, kari: Esme, ola: Esme
) -> None:
    ola.withhold()
    message_id = kari.send(OLA, registered_delivery=1)
    ola.receive()
    smsc_server.handset(KARI).enter(TUNNEL)
    ola.catch_up()
    smsc_server.clock.advance("2h")
    assert smsc_server.message(message_id).state == "delivered"
    assert kari.has_nothing()
    smsc_server.handset(KARI).leave()
    assert kari.receive_receipt().id == message_id


def test_a_receipt_expires_on_its_own_after_a_day(
    smsc_server: SmscHandle, kari: Esme, ola: Esme, bind: Bind
) -> None:
    ola.withhold()
    kari.send(OLA, registered_delivery=1)
    ola.receive()
    kari.unbind()
    ola.catch_up()
    smsc_server.clock.advance("23h")
    assert smsc_server.control("counters")["queue_messages"] == 1
    smsc_server.clock.advance("1h")
    assert smsc_server.control("counters")["queue_messages"] == 0
    assert bind(KARI).has_nothing()


def test_a_receipt_that_is_refused_makes_no_receipt(smsc_server: SmscHandle, kari: Esme, ola: Esme) -> None:
    kari.answer = lambda _: 0x66
    kari.send(OLA, registered_delivery=1)
    ola.receive()
    kari.receive_receipt()
    smsc_server.clock.advance_until_idle()
    assert kari.has_nothing()
    assert ola.has_nothing()


# --- ESMEs ---


def test_a_receipt_for_a_transmitter_goes_to_a_receiver_of_the_same_system_id(ola: Esme, bind: Bind) -> None:
    transmitter = bind("shop", "shop", kind="transmitter")
    receiver = bind("shop", "shop", kind="receiver")
    message_id = transmitter.send(OLA, "Tilbud", source="Shop", registered_delivery=1)
    arrived = ola.receive()
    assert (arrived.source, arrived.source_type) == ("Shop", (5, 0))
    assert receiver.receive_receipt().id == message_id
    assert transmitter.has_nothing()


def test_a_receipt_for_a_transmitter_waits_for_a_receiver(
    smsc_server: SmscHandle, ola: Esme, bind: Bind
) -> None:
    transmitter = bind("shop", "shop", kind="transmitter")
    message_id = transmitter.send(OLA, "Tilbud", source="Shop", registered_delivery=1)
    ola.receive()
    smsc_server.clock.advance("1h")
    assert bind("shop", "shop", kind="receiver").receive_receipt().id == message_id
    assert transmitter.has_nothing()


def test_a_receipt_for_a_handset_that_transmits_goes_to_its_receiver(ola: Esme, bind: Bind) -> None:
    transmitter, receiver = bind(KARI, kind="transmitter"), bind(KARI, kind="receiver")
    message_id = transmitter.send(OLA, registered_delivery=1)
    ola.receive()
    assert receiver.receive_receipt().id == message_id


@pytest.mark.parametrize(
    ("system_id", "source", "shown", "kind"),
    [
        ("shop", "Shop", "Shop", (5, 0)),
        ("shop", "59000001", "4759000001", (1, 1)),
        ("shop", "+4759000001", "4759000001", (1, 1)),
        ("skatt", "Skatteetaten", "Skatteetaten", (5, 0)),
    ],
)
def test_what_a_receipt_says_of_the_addresses(
    ola: Esme, bind: Bind, system_id: str, source: str, shown: str, kind: tuple[int, int]
) -> None:
    esme = bind(system_id, system_id)
    esme.send(OLA, source=source, registered_delivery=1)
    arrived = ola.receive()
    on_the_air = shown[:11] if kind[0] == 5 else shown
    assert (arrived.source, arrived.source_type) == (on_the_air, kind)
    receipt = esme.receive()
    assert (receipt.source, receipt.source_type, receipt.destination) == (OLA, (1, 1), shown)
    assert receipt.fields["dest_addr_ton"] == kind[0]


def test_receipts_of_a_long_message_come_one_a_part(kari: Esme, ola: Esme) -> None:
    kari.send(OLA, "Snø " * 100, registered_delivery=1)
    assert "".join(ola.receive_all(3)) == "Snø " * 100
    receipts = [kari.receive_receipt() for _ in range(3)]
    assert len({receipt.id for receipt in receipts}) == 3
    assert {receipt.stat for receipt in receipts} == {"DELIVRD"}
