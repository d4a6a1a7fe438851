"""query_sm, cancel_sm, replace_sm, data_sm, submit_multi over TCP, and the alert after a failed data_sm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smsc.protocol.codec import Pdu, request
from smsc.protocol.constants import (
    ALERT_NOTIFICATION,
    CANCEL_SM,
    DATA_SM,
    QUERY_SM,
    REPLACE_SM,
    RESPONSE,
    SUBMIT_MULTI,
)
from smsc.protocol.fields import Destination, DistributionList, Unsuccess
from smsc.testing.server import SmscHandle
from tests.server.test_semantics import AWAY, KARI, OLA, Phone

pytestmark = pytest.mark.loop
PAYLOAD = 0x0424


@pytest.fixture
def kari(smsc_server: SmscHandle) -> Iterator[Phone]:
    phone = Phone(smsc_server, KARI)
    yield phone
    phone.close()


def ident(answer: Pdu) -> str:
    assert answer.status == 0
    return str(answer.fields["message_id"])


def ask(phone: Phone, command: int, message_id: str, source: str = KARI, **fields: Any) -> Pdu:
    return phone.ask(request(command, message_id=message_id, source_addr=source, **fields))


def test_a_message_is_queried_by_its_id_and_source(kari: Phone) -> None:
    waiting, failed = ident(kari.submit(AWAY)), ident(kari.submit("4798765432"))
    told = ask(kari, QUERY_SM, waiting)
    assert (told.fields["message_state"], told.fields["final_date"]) == (1, "")
    told = ask(kari, QUERY_SM, failed)
    assert (told.fields["message_state"], told.fields["error_code"]) == (5, 1)
    assert told.fields["final_date"]
    assert ask(kari, QUERY_SM, "999999").status == 0x0C
    assert ask(kari, QUERY_SM, waiting, OLA).status == 0x67


def test_one_message_or_all_of_a_pair_are_cancelled(smsc_server: SmscHandle, kari: Phone) -> None:
    first, second, third = (ident(kari.submit(AWAY, registered_delivery=wanted)) for wanted in (1, 0, 0))
    assert ask(kari, CANCEL_SM, first).status == 0
    assert b"stat:DELETED" in kari.receive().fields["short_message"]
    assert ask(kari, CANCEL_SM, first).status == 0x11
    assert ask(kari, CANCEL_SM, "", destination_addr=AWAY, dest_addr_ton=1, dest_addr_npi=1).status == 0
    assert [smsc_server.message(each).state for each in (first, second, third)] == ["deleted"] * 3
    assert ask(kari, CANCEL_SM, "", destination_addr=AWAY, dest_addr_ton=1, dest_addr_npi=1).status == 0x11


def test_a_waiting_message_gets_another_text(smsc_server: SmscHandle, kari: Phone) -> None:
    waiting, failed = ident(kari.submit(AWAY)), ident(kari.submit("4798765432"))
    assert ask(kari, REPLACE_SM, waiting, short_message=b"Hopp").status == 0
    assert smsc_server.message(waiting).text == "Hopp"
    assert ask(kari, REPLACE_SM, failed, short_message=b"Hopp").status == 0x13


def test_several_destinations_have_one_id_and_a_list_of_the_refused(
    make_smsc: Callable[..., SmscHandle],
) -> None:
    smsc = make_smsc(lists=[{"name": "crew", "members": [OLA, "4790000003"]}])
    phone = Phone(smsc, KARI)
    to = [Destination(1, 1, "4722334455"), DistributionList("crew"), Destination(1, 1, OLA)]
    answer = phone.ask(request(SUBMIT_MULTI, dest_address=to, short_message=b"Hei"))
    assert answer.fields["unsuccess_sme"] == [Unsuccess(1, 1, "4722334455", 0x0B)]
    assert ident(answer)
    assert sorted(row.destination for row in smsc.messages(source=KARI)) == [OLA, "4790000003"]
    nobody = request(SUBMIT_MULTI, dest_address=[DistributionList("nobody")], short_message=b"Hei")
    assert phone.ask(nobody).status == 0x34
    phone.close()


def test_data_sm_in_transaction_mode_and_the_alert_that_follows(smsc_server: SmscHandle, kari: Phone) -> None:
    ola = Phone(smsc_server, OLA)
    fields = {"dest_addr_ton": 1, "dest_addr_npi": 1, "esm_class": 2}
    kari.sequence += 1
    pdu = request(DATA_SM, [(PAYLOAD, b"Hei")], destination_addr=AWAY, **fields)
    answer = kari.ask(pdu)
    assert answer.status == 0xFE
    assert (answer.tlv("delivery_failure_reason"), answer.tlv("dpf_result")) == (0, 1)

    away = Phone(smsc_server, AWAY)
    smsc_server.handset(AWAY).power_on()
    told = kari.peer.pdu()
    assert told is not None
    assert (told.command_id, told.fields["source_addr"]) == (ALERT_NOTIFICATION, AWAY)
    assert told.fields["esme_addr"] == KARI
    assert told.tlv("ms_availability_status") == 0

    stored = kari.ask(
        request(DATA_SM, [(PAYLOAD, b"Hei igjen")], destination_addr=OLA, **{**fields, "esm_class": 0})
    )
    assert (stored.command_id, stored.status) == (RESPONSE | DATA_SM, 0)
    assert ola.receive().fields["destination_addr"] == OLA
    for phone in (ola, away):
        phone.close()
