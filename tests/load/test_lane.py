"""A bind's window, octet by octet: what it sends, and what it makes of the answers."""

import pytest

from smsc.load.plan import NumberRange
from smsc.load.reconciliation import Reconciliation
from smsc.protocol.constants import (
    BIND_TRANSCEIVER,
    DATA_SM,
    DELIVER_SM,
    ENQUIRE_LINK,
    ESME_RINVDSTADR,
    GENERIC_NACK,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
)
from smsc.protocol.pdu.codec import Pdu, encode_pdu, pdu_octets

from .fake import Smsc, answer, plan, refuse


def test_sends_as_many_as_the_window_holds_and_then_waits() -> None:
    smsc = Smsc(plan(window=3))
    first = smsc.submitted()
    assert len(first) == 3
    assert smsc.submitted() == []
    smsc.accept(first[1], "1")
    assert len(smsc.submitted()) == 1


def test_numbers_sequences_one_by_one_from_after_the_bind() -> None:
    assert [pdu.sequence for pdu in Smsc(plan()).submitted()] == [2, 3, 4, 5]


def test_sequence_numbers_wrap_and_skip_those_still_unanswered() -> None:
    smsc = Smsc(plan(window=2))
    (slow,) = smsc.submitted(1)
    seen = set()
    for i in range(200):
        (pdu,) = smsc.submitted(1)
        seen.add(pdu.sequence)
        smsc.accept(pdu, str(i))
    assert slow.sequence not in seen
    assert smsc.lane.outstanding == 1


def test_addresses_go_through_the_ranges_in_pairs() -> None:
    pdus = Smsc(plan(window=6)).submitted()
    assert [pdu.fields["source_addr"][-1] for pdu in pdus] == list("012301")
    assert [pdu.fields["destination_addr"][-1] for pdu in pdus] == list("012301")
    assert pdus[0].fields["destination_addr"] == "4790000010"


def test_one_source_writes_to_all_destinations() -> None:
    pdus = Smsc(plan(source=NumberRange(4790000005, 4790000005), window=5)).submitted()
    assert {pdu.fields["source_addr"] for pdu in pdus} == {"4790000005"}
    assert [pdu.fields["destination_addr"][-1] for pdu in pdus] == list("01230")


def test_every_text_ends_in_the_run_and_its_number() -> None:
    texts = [pdu.fields["short_message"] for pdu in Smsc(plan(window=12)).submitted()]
    assert [text[-16:] for text in texts] == [b" test-%010d" % number for number in range(1, 13)]


def test_latency_counts_from_the_intended_time_of_each() -> None:
    smsc = Smsc(plan(window=3))
    pdus = smsc.submitted(sent=1000, interval=100)
    smsc.tell(b"".join(answer(pdu, str(pdu.sequence)) for pdu in pdus), now=2000)
    assert (smsc.histogram.lowest, smsc.histogram.highest) == (800, 1000)


def test_responses_in_any_order_find_their_message() -> None:
    smsc = Smsc(plan())
    for pdu in reversed(smsc.submitted()):
        smsc.accept(pdu, str(pdu.sequence))
    assert smsc.lane.outstanding == 0
    assert smsc.lane.kind_counts(0) == [4, 4, 0, 0]


def test_refusals_are_counted_by_status_and_nothing_is_due_for_them() -> None:
    smsc = Smsc(plan())
    for pdu in smsc.submitted():
        smsc.tell(refuse(pdu, ESME_RINVDSTADR))
    assert smsc.lane.status_counts() == {ESME_RINVDSTADR: 4}
    smsc.reconciliation.settle()
    assert smsc.reconciliation.lost_receipts == 0


def test_a_generic_nack_refuses_its_submit_sm() -> None:
    smsc = Smsc(plan())
    pdu = smsc.submitted()[0]
    smsc.tell(pdu_octets(GENERIC_NACK, 2, pdu.sequence))
    assert smsc.lane.kind_counts(0) == [4, 0, 1, 0]


def test_an_answer_to_nothing_is_told_and_changes_nothing() -> None:
    smsc = Smsc(plan())
    pdu = smsc.submitted()[0]
    smsc.accept(pdu, "1")
    smsc.accept(pdu, "1")
    smsc.tell(pdu_octets(RESPONSE | SUBMIT_SM, 0, 0, b"9\0"))
    assert smsc.lane.unexpected == 2
    assert smsc.lane.outstanding == 3


def test_what_is_never_answered_is_given_up() -> None:
    smsc = Smsc(plan())
    smsc.submitted(2, sent=100)
    smsc.submitted(2, sent=900)
    assert smsc.lane.expire(500) == 2
    assert smsc.lane.kind_counts(0) == [4, 0, 0, 2]
    assert len(smsc.submitted()) == 2


def test_messages_and_receipts_find_their_submission() -> None:
    smsc = Smsc(plan())
    pdus = smsc.submitted(sent=10)
    for pdu in pdus:
        smsc.accept(pdu, f"7-{pdu.sequence}")
        smsc.deliver(pdu, now=40)
        smsc.receipt(f"7-{pdu.sequence}", now=70)
    assert smsc.reconciliation.arrived == smsc.reconciliation.receipts.total == 4
    assert (smsc.reconciliation.deliveries.highest, smsc.reconciliation.receipts.highest) == (30, 60)
    assert (smsc.reconciliation.open_receipts, smsc.reconciliation.open_deliveries) == (0, 0)


@pytest.mark.parametrize(
    ("radixes", "response", "receipt"),
    [((0, 0), "ab-1", "ab-1"), ((10, 10), "0007", "7"), ((16, 10), "ff", "255"), ((10, 16), "255", "00FF")],
)
def test_ids_match_in_every_dialect(radixes: tuple[int, int], response: str, receipt: str) -> None:
    smsc = Smsc(plan(), radixes)
    smsc.accept(smsc.submitted(1)[0], response)
    smsc.receipt(receipt)
    assert smsc.reconciliation.open_receipts == 0


def test_a_receipts_tlvs_are_enough() -> None:
    smsc = Smsc(plan())
    smsc.accept(smsc.submitted(1)[0], "42")
    smsc.receipt("42", tlvs=True)
    assert smsc.reconciliation.states_reported()[2] == 1


@pytest.mark.parametrize(
    ("word", "state"),
    [("DELIVRD", 2), ("EXPIRED", 3), ("DELETED", 4), ("UNDELIV", 5), ("ACCEPTD", 6), ("UNKNOWN", 7)]
    + [("REJECTD", 8), ("delivrd", 2), ("?", 9)],
)
def test_reads_the_state_from_the_receipts_text(word: str, state: int) -> None:
    smsc = Smsc(plan())
    smsc.accept(smsc.submitted(1)[0], "42")
    smsc.receipt("42", stat=word)
    assert smsc.reconciliation.states_reported()[state] == 1


def test_an_intermediate_notification_is_no_receipt() -> None:
    smsc = Smsc(plan())
    smsc.accept(smsc.submitted(1)[0], "42")
    smsc.receipt("42", stat="ENROUTE")
    assert (smsc.reconciliation.intermediate, smsc.reconciliation.open_receipts) == (1, 1)


def test_other_peoples_messages_are_strangers() -> None:
    smsc = Smsc(plan())
    for text in (b"", b"Hei", b"Hei from an earlier run a1b2-0000000001"):
        smsc.tell(encode_pdu(Pdu(DELIVER_SM, sequence=9, fields={"short_message": text})))
    assert smsc.reconciliation.strangers == 3


def test_answers_what_the_smsc_asks() -> None:
    smsc = Smsc(plan())
    octets = encode_pdu(Pdu(ENQUIRE_LINK, sequence=7)) + encode_pdu(Pdu(DELIVER_SM, sequence=8))
    octets += encode_pdu(Pdu(DATA_SM, sequence=9)) + encode_pdu(Pdu(UNBIND, sequence=10))
    answers = smsc.tell(octets)
    asked = (ENQUIRE_LINK, DELIVER_SM, DATA_SM, UNBIND)
    assert [(pdu.command_id, pdu.sequence) for pdu in answers] == [
        (RESPONSE | command, 7 + i) for i, command in enumerate(asked)
    ]
    assert smsc.lane.unbinding


def test_notes_whether_the_bind_was_accepted() -> None:
    smsc = Smsc(plan())
    assert smsc.lane.bind_status == -1
    smsc.tell(pdu_octets(RESPONSE | BIND_TRANSCEIVER, 13, 1))
    assert smsc.lane.bind_status == 13


def test_leaves_the_part_of_a_pdu_for_the_next_chunk() -> None:
    smsc = Smsc(plan())
    octets = answer(smsc.submitted(1)[0], "1")
    for end in range(len(octets)):
        smsc.box[:end] = octets[:end]
        assert smsc.lane.take(smsc.box, end, smsc.acks, 0) == 0
    smsc.tell(octets)
    assert smsc.lane.outstanding == 0


@pytest.mark.parametrize("length", [0, 15, 65_537, 0x10000010])
def test_octets_that_are_no_smpp_break_the_connection(length: int) -> None:
    smsc = Smsc(plan())
    octets = length.to_bytes(4, "big") + bytes(12)
    smsc.box[:16] = octets
    smsc.lane.take(smsc.box, 16, smsc.acks, 0)
    assert smsc.lane.broken


def test_a_deliver_sm_cut_short_does_no_harm() -> None:
    whole = encode_pdu(
        Pdu(DELIVER_SM, sequence=1, fields={"esm_class": 4, "short_message": b"id:1 stat:DELIVRD"})
    )
    smsc = Smsc(plan())
    for end in range(16, len(whole)):
        octets = end.to_bytes(4, "big") + whole[4:end]
        smsc.box[: len(octets)] = octets
        assert smsc.lane.take(smsc.box, len(octets), smsc.acks, 0) == end


def test_only_responses_are_measured_when_nothing_is_followed() -> None:
    smsc = Smsc(plan(receipts=False, deliveries=False))
    smsc.accept(smsc.submitted(1)[0], "1", now=5)
    assert smsc.histogram.total == 1
    assert smsc.reconciliation.next_number == 1
    assert isinstance(smsc.lane.reconciliation, Reconciliation)
