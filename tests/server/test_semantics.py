"""The rarer fields of submit_sm, from the wire to the answer and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from smsc.control import ControlError
from smsc.protocol.constants import BIND_TRANSCEIVER, SUBMIT_SM
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, request
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]

KARI, OLA, AWAY = "4790000001", "4790000002", "4799000007"  # the last is switched off


def bound(smsc: SmscHandle, name: str, password: str = "1234", version: int = 0x34) -> Peer:
    peer = Peer(smsc.host, smsc.port)
    assert peer.bind(name, password, version=version) == 0
    return peer


@pytest.fixture
def phone() -> Iterator[Callable[..., Peer]]:
    made: list[Peer] = []

    def make(*given: Any, **named: Any) -> Peer:
        made.append(bound(*given, **named))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_replace_if_present_takes_the_place_of_what_waits(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    kari = phone(smsc, KARI)
    ids = [
        kari.submit(AWAY, b"first", registered_delivery=1, service_type="WAP"),
        kari.submit(AWAY, b"other service"),
        kari.submit(AWAY, b"second", replace_if_present_flag=1, service_type="WAP"),
        kari.submit(OLA, b"nothing there", replace_if_present_flag=1),
    ]
    states = [smsc.message(answer.fields["message_id"]) for answer in ids]
    assert [(state.state, state.text) for state in states] == [
        ("deleted", "first"),
        ("enroute", "other service"),
        ("enroute", "second"),
        ("enroute", "nothing there"),
    ]
    assert b"stat:DELETED" in kari.receive().fields["short_message"]


def test_a_canned_message_is_sent_for_its_number(make_smsc: Make, phone: Callable[..., Peer]) -> None:
    smsc = make_smsc(default_messages=[{"id": 7, "text": "Ring oss på 02000 @ kvelden"}])
    kari, ola = phone(smsc, KARI), phone(smsc, OLA)
    assert kari.submit(OLA, b"", sm_default_msg_id=8).status == 0x63
    answer = kari.submit(OLA, b"", sm_default_msg_id=7)
    assert answer.status == 0
    assert ola.receive().fields["short_message"] == b"Ring oss p\x0f 02000 \x00 kvelden"
    assert smsc.message(answer.fields["message_id"]).text == "Ring oss på 02000 @ kvelden"


def test_a_50_bind_is_told_the_congestion_and_the_reason_of_a_refusal(
    make_smsc: Make, phone: Callable[..., Peer]
) -> None:
    smsc = make_smsc(limits={"queue": 10, "queue_per_recipient": 10})
    new, old = phone(smsc, KARI, version=0x50), phone(smsc, OLA)
    assert new.submit(AWAY).tlv("congestion_state") == 0
    for _ in range(4):
        new.submit(AWAY)
    smsc.control("maintain", 0)
    assert new.submit(AWAY).tlv("congestion_state") == 50
    assert old.submit(AWAY).tlvs == []

    refused = new.submit("4722334455")
    assert refused.status == 0x0B
    assert "fixed" in str(refused.tlv("additional_status_info_text"))
    assert old.submit("4722334455").tlvs == []


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({"priority_flag": 9}, 0x06, "priority_flag"),
        ({"replace_if_present_flag": 2}, 0x54, "replace_if_present_flag"),
        ({"validity_period": "991332250000000+"}, 0x62, "validity_period"),
    ],
)
def test_a_50_bind_is_told_which_field_is_wrong(
    smsc_server: SmscHandle, phone: Callable[..., Peer], fields: dict[str, Any], status: int, word: str
) -> None:
    refused = phone(smsc_server, KARI, version=0x50).submit(OLA, **fields)
    assert refused.status == status
    assert word in str(refused.tlv("additional_status_info_text"))


def test_data_coding_0_is_what_the_account_says(make_smsc: Make, phone: Callable[..., Peer]) -> None:
    accounts = [
        {"system_id": name, "password": "secret", "senders": ["Shop"], "default_alphabet": name}
        for name in ("gsm0338", "latin-1", "utf-8")
    ]
    nobody = {"centres": {"fire": None, "police": None, "medical": None}}
    smsc = make_smsc(esmes=accounts, emergency=nobody, helplines=[], codes=[])
    for name, octets in (
        ("gsm0338", b"Bl\x0fb\x1dr"),
        ("latin-1", b"Bl\xe5b\xe6r"),
        ("utf-8", "Blåbær".encode()),
    ):
        shop = phone(smsc, name, "secret")
        answer = shop.submit(OLA, octets, source_addr="Shop", source_addr_ton=5, dest_addr_ton=1)
        assert answer.status == 0
        assert smsc.message(answer.fields["message_id"]).text == "Blåbær"


def test_the_whole_text_of_a_long_message_is_shown_once_all_parts_are_there(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    kari = phone(smsc, KARI)

    def shown(answer: Pdu) -> Any:
        return httpx.get(f"{smsc.url}/api/v1/messages/{answer.fields['message_id']}").json()["concatenation"]

    second = kari.submit(OLA, b"\x05\x00\x03\x07\x02\x02verden", esm_class=0x40)
    assert shown(second) == {"reference": 7, "parts": 2, "part": 2, "text": None}
    first = kari.submit(OLA, b"\x05\x00\x03\x07\x02\x01Hei, ", esm_class=0x40)
    assert shown(second)["text"] == shown(first)["text"] == "Hei, verden"
    sar = [(0x020C, b"\0\7"), (0x020E, b"\2")]
    parts = [
        kari.submit(OLA, body, tlvs=[*sar, (0x020F, number)])
        for number, body in ((b"\1", b"A"), (b"\2", b"B"))
    ]
    assert [shown(part)["part"] for part in parts] == [1, 2]
    assert shown(kari.submit(OLA)) is None


def _header(part: int) -> bytes:
    return b"\x05\x00\x03\x07\x02" + bytes([part])


def _wide_header(part: int) -> bytes:
    return b"\x06\x08\x04\x00\x07\x02" + bytes([part])


#: What is sent under one reference, in this order: (header, part, text, the whole that is shown with it).
SAME_REFERENCE = {
    "one after the other": [
        (_header, 1, "a1", "a1a2"),
        (_header, 2, "a2", "a1a2"),
        (_header, 1, "b1", "b1b2"),
        (_header, 2, "b2", "b1b2"),
    ],
    "last part first": [
        (_header, 2, "a2", "a1a2"),
        (_header, 1, "a1", "a1a2"),
        (_header, 2, "b2", "b1b2"),
        (_header, 1, "b1", "b1b2"),
        (_header, 2, "c2", None),
    ],
    "the first one never whole": [
        (_header, 1, "a1", None),
        (_header, 1, "b1", "b1b2"),
        (_header, 2, "b2", "b1b2"),
    ],
    "a part sent again": [
        (_header, 1, "a1", "a1a2"),
        (_header, 1, "a1", "a1a2"),
        (_header, 2, "a2", "a1a2"),
    ],
    "the same text twice": [
        (_header, 1, "a1", "a1a2"),
        (_header, 2, "a2", "a1a2"),
        (_header, 1, "a1", "a1c2"),
        (_header, 2, "c2", "a1c2"),
    ],
    "references of 8 and of 16 bits": [
        (_header, 1, "a1", "a1a2"),
        (_wide_header, 2, "b2", "b1b2"),
        (_header, 2, "a2", "a1a2"),
        (_wide_header, 1, "b1", "b1b2"),
    ],
}


@pytest.mark.parametrize("case", SAME_REFERENCE)
def test_a_reference_that_comes_round_begins_another_message(
    smsc: SmscHandle, phone: Callable[..., Peer], case: str
) -> None:
    kari = phone(smsc, KARI)
    sent = SAME_REFERENCE[case]
    answers = [
        kari.submit(OLA, header(part) + text.encode(), esm_class=0x40) for header, part, text, _ in sent
    ]
    told = [smsc.message(answer.fields["message_id"]).concatenation for answer in answers]
    assert [place and place["text"] for place in told] == [whole for *_, whole in sent]


@pytest.mark.parametrize("wanted", range(32))
def test_every_combination_of_registered_delivery(
    smsc_server: SmscHandle, phone: Callable[..., Peer], wanted: int
) -> None:
    """A failed first attempt, then delivery: who hears of what, on a 5.0 bind [5.0 §4.7.21]."""
    kari = phone(smsc_server, KARI, version=0x50)
    answer = kari.submit(AWAY, registered_delivery=wanted)
    assert answer.status == 0
    if wanted & 0x10:
        told = kari.receive()
        assert told.fields["esm_class"] & 0x3C == 0x20
        assert told.tlv("message_state") == 1
    away = phone(smsc_server, AWAY)
    smsc_server.handset(AWAY).power_on()
    delivered = away.receive()
    assert delivered.fields["registered_delivery"] == wanted & 0x0C  # SME acknowledgements are the peer's
    smsc_server.clock.advance_until_idle()
    if wanted & 3 in (1, 3):
        receipt = kari.receive()
        assert receipt.fields["esm_class"] & 0x3C == 0x04
        assert receipt.tlv("message_state") == 2
    assert kari.submit(KARI, b"last").status == 0
    assert kari.receive().fields["short_message"] == b"last"


def test_an_sme_acknowledgement_and_other_tlvs_reach_the_sender_of_the_message(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    kari, ola = phone(smsc, KARI), phone(smsc, OLA)
    given = [(0x0426, b"\1"), (0x0204, b"\0\7"), (0x020A, b"\x0b\x84"), (0x1500, b"vendor")]
    for kind in (0x08, 0x10):
        assert ola.submit(KARI, b"seen", tlvs=given, esm_class=kind).status == 0
        got = kari.receive()
        assert got.fields["esm_class"] & 0x3C == kind
        assert dict(got.tlvs) == dict(given)


def test_a_session_that_has_ended_still_tells_why_it_was_refused(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    kari = phone(smsc, KARI)
    assert kari.submit("4722334455").status == 0x0B
    (bound,) = httpx.get(f"{smsc.url}/api/v1/sessions").json()["sessions"]
    assert bound["ended_at"] is None
    kari.close()
    while httpx.get(f"{smsc.url}/api/v1/sessions").json()["sessions"]:
        pass
    found = httpx.get(f"{smsc.url}/api/v1/sessions/{bound['id']}").json()
    assert [(event["event"], event["detail"]) for event in found["events"]] == [
        ("submit_refused", "destination_fixed_line")
    ]
    assert found["ended_at"] is not None
    assert found["ended_because"]
    assert httpx.get(f"{smsc.url}/api/v1/sessions?ended=true").json()["sessions"] == [found]


@pytest.mark.parametrize(
    "name, password, why",
    [
        (KARI, "wrong", "wrong_password"),
        ("nobody", "1234", "unknown_system_id"),
        (AWAY, "1", "wrong_password"),
    ],
)
def test_whoever_watches_learns_why_a_bind_was_refused(
    smsc: SmscHandle, name: str, password: str, why: str
) -> None:
    peer = Peer(smsc.host, smsc.port)
    pdu = request(BIND_TRANSCEIVER, system_id=name, password=password, interface_version=0x34)
    pdu.sequence = 1
    peer.send(encode_pdu(pdu))
    assert decode_pdu(peer.frame()).status == 0x0D
    peer.close()
    assert f"{name}: bind refused: {why}" in smsc.refusals()
    assert f'smsc_binds_refused_total{{reason="{why}"}} 1.0' in httpx.get(f"{smsc.url}/metrics").text


def test_a_null_takes_away_only_what_holds(smsc: SmscHandle) -> None:
    """A merge patch: zone and position clear one another, and a null for the other one changes nothing."""

    def patch(**body: Any) -> dict[str, Any]:
        found: dict[str, Any] = smsc.control("patch_subscriber", "4790000001", body)
        return found

    here = {"lat": 60.0, "lon": 10.0}
    assert patch(position=None)["zone"] == "oslo"
    assert patch(position=here, zone=None)["zone"] is None
    assert patch(zone=None)["position"] == here
    assert patch(zone="bergen", position=None)["zone"] == "bergen"
    assert patch(zone=None)["zone"] == "everywhere"
    with pytest.raises(ControlError, match="zone and position clear one another: give one of them"):
        patch(zone="oslo", position=here)
    assert patch()["zone"] == "everywhere"


def test_transaction_mode_on_a_50_bind_withholds_the_answer(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    """esm_class 2 on submit_sm: the response tells the outcome [5.0 §4.7.12]; 3.4 has it on data_sm only."""
    kari, ola = phone(smsc, KARI, version=0x50), phone(smsc, OLA)
    failed = kari.submit(AWAY, b"borte", esm_class=2)
    assert failed.status == 0xFE
    assert smsc.messages()[0].state == "undeliverable"
    pdu = request(SUBMIT_SM, destination_addr=OLA, short_message=b"hei", esm_class=2)
    pdu.sequence = kari.sequence = kari.sequence + 1
    kari.send(encode_pdu(pdu, 0x50))
    assert ola.receive().fields["short_message"] == b"hei"  # and answered: only now the response comes
    answer = decode_pdu(kari.frame(), 0x50)
    assert (answer.status, answer.sequence) == (0, kari.sequence)
    assert smsc.message(answer.fields["message_id"]).state == "delivered"
    assert phone(smsc, KARI).submit(OLA, b"hei", esm_class=2).status == 0x43


def test_every_injected_long_message_has_a_reference_of_its_own(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    ola = phone(smsc, OLA)
    for _ in range(2):
        smsc.send(KARI, OLA, "lang " * 40)
    references = [ola.receive().fields["short_message"][3] for _ in range(4)]
    assert references[0] == references[1] != references[2] == references[3]


def test_whoever_watches_learns_why_a_submission_was_refused(
    smsc: SmscHandle, phone: Callable[..., Peer]
) -> None:
    kari = phone(smsc, KARI)
    assert kari.submit("4722334455").status == 0x0B
    assert kari.submit(OLA, priority_flag=9).status == 0x06
    told = [event for event in smsc.events if event["event"] == "submit.refused"]
    assert [(event["system_id"], event["reason"]) for event in told] == [
        (KARI, "destination_fixed_line"),
        (KARI, "invalid_priority"),
    ]
    kari.close()
