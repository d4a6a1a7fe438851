"""query_sm, cancel_sm, replace_sm, data_sm, submit_multi over TCP, and the alert after a failed data_sm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smsc.protocol.constants import (
    ALERT_NOTIFICATION,
    CANCEL_SM,
    DATA_SM,
    QUERY_SM,
    REPLACE_SM,
    RESPONSE,
    SUBMIT_MULTI,
    SUBMIT_SM,
    V34,
    V50,
)
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.fields import Destination, DistributionList, Unsuccess
from smsc.testing.server import SmscHandle
from tests.peer import Peer
from tests.server.test_semantics import AWAY, KARI, OLA, bound

pytestmark = pytest.mark.loop
PAYLOAD = 0x0424


@pytest.fixture
def kari(smsc_server: SmscHandle) -> Iterator[Peer]:
    phone = bound(smsc_server, KARI)
    yield phone
    phone.close()


def ident(answer: Pdu) -> str:
    assert answer.status == 0
    return str(answer.fields["message_id"])


def ask(phone: Peer, command: int, message_id: str, source: str = KARI, **fields: Any) -> Pdu:
    return phone.exchange(request(command, message_id=message_id, source_addr=source, **fields))


def test_a_message_is_queried_by_its_id_and_source(kari: Peer) -> None:
    waiting, failed = ident(kari.submit(AWAY)), ident(kari.submit("4798765432"))
    told = ask(kari, QUERY_SM, waiting)
    assert (told.fields["message_state"], told.fields["final_date"]) == (1, "")
    told = ask(kari, QUERY_SM, failed)
    assert (told.fields["message_state"], told.fields["error_code"]) == (5, 1)
    assert told.fields["final_date"]
    assert ask(kari, QUERY_SM, "999999").status == 0x0C
    assert ask(kari, QUERY_SM, waiting, OLA).status == 0x67


def test_one_message_or_all_of_a_pair_are_cancelled(smsc_server: SmscHandle, kari: Peer) -> None:
    first, second, third = (ident(kari.submit(AWAY, registered_delivery=wanted)) for wanted in (1, 0, 0))
    assert ask(kari, CANCEL_SM, first).status == 0
    assert b"stat:DELETED" in kari.receive().fields["short_message"]
    assert ask(kari, CANCEL_SM, first).status == 0x11
    assert ask(kari, CANCEL_SM, "", destination_addr=AWAY, dest_addr_ton=1, dest_addr_npi=1).status == 0
    assert [smsc_server.message(each).state for each in (first, second, third)] == ["deleted"] * 3
    assert ask(kari, CANCEL_SM, "", destination_addr=AWAY, dest_addr_ton=1, dest_addr_npi=1).status == 0x11


def test_a_waiting_message_gets_another_text(smsc_server: SmscHandle, kari: Peer) -> None:
    waiting, failed = ident(kari.submit(AWAY)), ident(kari.submit("4798765432"))
    assert ask(kari, REPLACE_SM, waiting, short_message=b"Hopp").status == 0
    assert smsc_server.message(waiting).text == "Hopp"
    assert ask(kari, REPLACE_SM, failed, short_message=b"Hopp").status == 0x13


def test_several_destinations_have_one_id_and_a_list_of_the_refused(
    make_smsc: Callable[..., SmscHandle],
) -> None:
    smsc = make_smsc(lists=[{"name": "crew", "members": [OLA, "4790000003"]}])
    phone = bound(smsc, KARI)
    to = [Destination(1, 1, "4722334455"), DistributionList("crew"), Destination(1, 1, OLA)]
    answer = phone.exchange(request(SUBMIT_MULTI, dest_address=to, short_message=b"Hei"))
    assert answer.fields["unsuccess_sme"] == [Unsuccess(1, 1, "4722334455", 0x0B)]
    assert ident(answer)
    assert sorted(row.destination for row in smsc.messages(source=KARI)) == [OLA, "4790000003"]
    nobody = request(SUBMIT_MULTI, dest_address=[DistributionList("nobody")], short_message=b"Hei")
    assert phone.exchange(nobody).status == 0x34
    phone.close()


@pytest.mark.parametrize(
    ("to", "told"),
    [
        (["4722334455"], "1 of 1: "),
        (["4722334455", "4722334456"], "2 of 2: "),
        (["4722334455", "9999", "4722334456"], "2 of 3: "),
    ],
)
def test_a_50_peer_is_told_why_none_of_the_recipients_was_accepted(
    smsc_server: SmscHandle, to: list[str], told: str
) -> None:
    with Peer(smsc_server.host, smsc_server.port) as phone:
        assert phone.bind(KARI, "1234", version=0x50) == 0
        alone = phone.submit(to[0]).tlv("additional_status_info_text")
        targets = [Destination(1 if len(number) > 5 else 0, 1, number) for number in to]
        answer = phone.exchange(request(SUBMIT_MULTI, dest_address=targets, short_message=b"Hei"))
    assert answer.status == 0x45
    why = answer.tlv("additional_status_info_text")
    assert why == f"None of the recipients was accepted. {told}" + str(alone)


def test_data_sm_in_transaction_mode_and_the_alert_that_follows(smsc_server: SmscHandle, kari: Peer) -> None:
    ola = bound(smsc_server, OLA)
    fields = {"dest_addr_ton": 1, "dest_addr_npi": 1, "esm_class": 2}
    kari.sequence += 1
    pdu = request(DATA_SM, [(PAYLOAD, b"Hei")], destination_addr=AWAY, **fields)
    answer = kari.exchange(pdu)
    assert answer.status == 0xFE
    assert (answer.tlv("delivery_failure_reason"), answer.tlv("dpf_result")) == (0, 1)

    away = bound(smsc_server, AWAY)
    smsc_server.handset(AWAY).power_on()
    told = kari.pdu()
    assert told is not None
    assert (told.command_id, told.fields["source_addr"]) == (ALERT_NOTIFICATION, AWAY)
    assert told.fields["esme_addr"] == KARI
    assert told.tlv("ms_availability_status") == 0

    stored = kari.exchange(
        request(DATA_SM, [(PAYLOAD, b"Hei igjen")], destination_addr=OLA, **{**fields, "esm_class": 0})
    )
    assert (stored.command_id, stored.status) == (RESPONSE | DATA_SM, 0)
    assert ola.receive().fields["destination_addr"] == OLA
    for phone in (ola, away):
        phone.close()


@pytest.mark.parametrize("members", [200, 254, 255, 600, 1_000])
def test_a_long_list_of_refused_members_harms_nobody(
    make_smsc: Callable[..., SmscHandle], tmp_path: Path, members: int
) -> None:
    crew = [str(4790010000 + number) for number in range(members)]
    lists = [{"name": "crew", "members": crew}]
    store = {"url": f"sqlite:{tmp_path / 'smsc.db'}"}
    smsc = make_smsc(lists=lists, limits={"queue_per_recipient": 1}, store=store)
    kari, ola = bound(smsc, KARI), bound(smsc, OLA)
    for number in crew[1:]:
        smsc.send(OLA, number, "First")  # the only one that may wait
    kari.ask(request(SUBMIT_MULTI, dest_address=[DistributionList("crew")], short_message=b"Hei"))
    own = [kari.ask(kari.submit_pdu(AWAY)) for _ in range(40)][:1]
    others = ola.submit(AWAY)
    assert others.status in (0, 0x14)
    answers = [kari.pdu() for _ in range(41)]
    told = next(pdu for pdu in answers if pdu is not None and pdu.command_id == RESPONSE | SUBMIT_MULTI)
    assert ident(told)
    refused = told.fields["unsuccess_sme"]
    assert [one.address for one in refused] == crew[1:256]
    assert own[0] in {pdu.sequence for pdu in answers if pdu is not None}
    (session,) = (row for row in smsc.control("sessions") if row["system_id"] == KARI)
    notes = [event for event in session["events"] if event["event"] == "recipients_refused"]
    assert [note["detail"] for note in notes] == [f"submit_multi: 1 taken, {members - 1} refused"]
    for phone in (kari, ola):
        phone.close()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"validity_period": "200101000000000+"}, 0x62),
        ({"schedule_delivery_time": "990101000000000R"}, 0x61),
        ({"schedule_delivery_time": "no time at all.."}, 0x61),
        ({"source_addr": "4790000007", "source_addr_ton": 1}, 0x0A),
        ({"source_addr": "Shop", "source_addr_ton": 5}, 0x0A),
        ({"esm_class": 4}, 0x43),
        ({"sm_default_msg_id": 9}, 0x63),
        ({"priority_flag": 9}, 0x06),
        ({"short_message": b"x" * 161}, 0x01),
        ({"replace_if_present_flag": 2}, 0x54),
    ],
)
@pytest.mark.parametrize("to", [[OLA], [OLA, "4790000003"], ["4722334455"], ["4722334455", OLA]])
def test_what_is_wrong_for_all_recipients_is_wrong_with_the_pdu(
    smsc_server: SmscHandle, kari: Peer, fields: dict[str, Any], status: int, to: list[str]
) -> None:
    before = len(smsc_server.messages(source=KARI))
    targets = [Destination(1, 1, number) for number in to]
    answer = kari.exchange(request(SUBMIT_MULTI, dest_address=targets, **{"short_message": b"Hei", **fields}))
    assert (answer.status, answer.fields) == (status, {})
    assert len(smsc_server.messages(source=KARI)) == before


SAR = [(0x020C, b"\0\1"), (0x020E, b"\2"), (0x020F, b"\1")]
#: (esm_class, short_message, TLVs, status in 3.4, status in 5.0); data_sm has the text as payload.
WRONG_TEXTS = {
    "header longer than the text": (0x40, b"\xffHei", [], 0x43, 0x43),
    "header of as many octets as the text": (0x40, b"\3He", [], 0x43, 0x43),
    "header in no text": (0x40, b"", [], 0x43, 0x43),
    "header in the payload longer than that": (0x40, b"", [(PAYLOAD, b"\xffHei")], 0x43, 0x43),
    "header and reply path": (0xC0, b"\xffHei", [], 0x43, 0x43),
    "header beside SAR": (0x40, b"\5\0\3\1\2\1Hei", SAR, 0x43, 0x43),
    "header beside a port": (0x40, b"\5\0\3\1\2\1Hei", [(0x020B, b"\0\1")], 0x43, 0x43),
    "two texts": (0, b"Hei", [(PAYLOAD, b"Hallo")], 0x01, 0),
    "two texts, one empty": (0, b"Hei", [(PAYLOAD, b"")], 0, 0),
    "a sound header": (0x40, b"\5\0\3\1\2\1Hei", [], 0, 0),
}


@pytest.mark.parametrize("case", WRONG_TEXTS)
@pytest.mark.parametrize("version", [V34, V50])
@pytest.mark.parametrize("command", [SUBMIT_SM, SUBMIT_MULTI, DATA_SM])
def test_a_text_is_judged_alike_in_every_request_that_submits_one(
    smsc_server: SmscHandle, command: int, version: int, case: str
) -> None:
    esm_class, text, tlvs, *statuses = WRONG_TEXTS[case]
    status = statuses[version == V50]
    with Peer(smsc_server.host, smsc_server.port) as phone:
        assert phone.bind(KARI, version=version) == 0
        before = len(smsc_server.messages(source=KARI))
        if command == SUBMIT_SM:
            pdu = phone.submit_pdu(OLA, text, esm_class=esm_class, tlvs=tlvs)
        elif command == SUBMIT_MULTI:
            to = [Destination(1, 1, OLA), Destination(1, 1, "4790000003")]
            pdu = request(SUBMIT_MULTI, tlvs, dest_address=to, short_message=text, esm_class=esm_class)
        else:
            if not dict(tlvs).get(PAYLOAD):
                tlvs = [*(one for one in tlvs if one[0] != PAYLOAD), (PAYLOAD, text)]
            status = 0 if case.startswith("two texts") else status
            fields = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": OLA}
            pdu = request(DATA_SM, tlvs, esm_class=esm_class, **fields)
        assert phone.exchange(pdu).status == status
        taken = 0 if status else 2 if command == SUBMIT_MULTI else 1
        assert len(smsc_server.messages(source=KARI)) == before + taken


def test_submit_multi_takes_the_place_of_what_waits_for_each_recipient(smsc: SmscHandle) -> None:
    with Peer(smsc.host, smsc.port) as phone:
        assert phone.bind(KARI) == 0
        earlier = [phone.submit(number, b"first") for number in (AWAY, OLA, "4790000003")]
        to = [Destination(1, 1, number) for number in (AWAY, OLA)]
        pdu = request(SUBMIT_MULTI, dest_address=to, short_message=b"second", replace_if_present_flag=1)
        assert phone.exchange(pdu).status == 0
        states = [smsc.message(ident(answer)).state for answer in earlier]
        assert states == ["deleted", "deleted", "enroute"]
        assert [row.text for row in smsc.messages(state="enroute")] == ["first", "second", "second"]


def test_one_failure_is_its_own(
    make_smsc: Callable[..., SmscHandle], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path / 'smsc.db'}"})
    kari, ola = bound(smsc, KARI), bound(smsc, OLA)

    def broken(*_: object) -> bytes:
        raise OverflowError("no such id")

    monkeypatch.setattr("smsc.engine.mo.submit_multi.shown_id", broken)
    for phone in (kari, ola):
        phone.ask(request(SUBMIT_MULTI, dest_address=[Destination(1, 1, AWAY)], short_message=b"Hei"))
        phone.ask(phone.submit_pdu(AWAY))
    for phone in (kari, ola):
        answers = {pdu.command_id: pdu.status for _ in range(2) if (pdu := phone.pdu()) is not None}
        assert answers == {RESPONSE | SUBMIT_MULTI: 0x08, RESPONSE | SUBMIT_SM: 0}
        phone.close()
