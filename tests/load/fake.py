"""A tiny SMSC without sockets for the generator's lanes: reads submit_sm, writes what a real one would."""

from smsc.load.histogram import Histogram
from smsc.load.lane import BOX, Lane
from smsc.load.plan import NumberRange, Plan
from smsc.load.reconciliation import Reconciliation
from smsc.load.templates import build_ring, pair_count
from smsc.protocol.constants import DELIVER_SM, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import Pdu, decode_pdu, encode_pdu, pdu_octets

RUN = b" test-"


def plan(**changes: object) -> Plan:
    """Two pairs of farm handsets, receipts and deliveries followed, unless the test says otherwise."""
    wanted: dict[str, object] = {
        "source": NumberRange(4790000000, 4790000003),
        "destination": NumberRange(4790000010, 4790000013),
        "window": 4,
        "deliveries": True,
        "capacity": 64,
    }
    return Plan("127.0.0.1", 2775, **(wanted | changes))  # type: ignore[arg-type]


class Smsc:
    """One lane and what it has sent. `tell` hands it octets, `submitted` takes what it has filled."""

    def __init__(self, of: Plan, radixes: tuple[int, int] = (0, 0)) -> None:
        ring = build_ring(of, 0, RUN)
        self.histogram = Histogram()
        self.reconciliation = Reconciliation(of.capacity, pair_count(ring))
        self.lane = Lane(of.window, ring, self.histogram, self.reconciliation, of.tracking, 0, *radixes)
        self.box = bytearray(BOX)
        self.acks = bytearray(BOX + 17)

    def submitted(self, count: int = 1000, sent: int = 0, interval: int = 0) -> list[Pdu]:
        """Let the lane fill, and read it back."""
        pdus = []
        while filled := self.lane.fill(count, sent, interval):
            octets = bytes(self.lane.octets[self.lane.begin : self.lane.end])
            pdus += split(octets)
            count -= filled
        return pdus

    def tell(self, octets: bytes, now: int = 0) -> list[Pdu]:
        """Octets arrive at the lane; what it answers."""
        self.box[: len(octets)] = octets
        used = self.lane.take(self.box, len(octets), self.acks, now)
        assert used == len(octets)
        answers = split(bytes(self.acks[: self.lane.acked]))
        self.lane.acked = 0
        return answers

    def accept(self, pdu: Pdu, message_id: str, now: int = 0) -> None:
        self.tell(answer(pdu, message_id), now)

    def deliver(self, pdu: Pdu, now: int = 0) -> None:
        self.tell(encode_pdu(Pdu(DELIVER_SM, sequence=1, fields=pdu.fields)), now)

    def receipt(self, message_id: str, stat: str = "DELIVRD", now: int = 0, tlvs: bool = False) -> None:
        dates = "submit date:2601010000 done date:2601010000"
        text = f"id:{message_id} sub:001 dlvrd:001 {dates} stat:{stat} err:000"
        shown = "" if tlvs else text
        extra = [(0x001E, message_id.encode() + b"\0"), (0x0427, b"\x02")] if tlvs else []
        fields = {"esm_class": 4, "short_message": shown.encode()}
        self.tell(encode_pdu(Pdu(DELIVER_SM, sequence=1, fields=fields, tlvs=extra)), now)


def answer(pdu: Pdu, message_id: str) -> bytes:
    """A submit_sm_resp with ESME_ROK."""
    return pdu_octets(RESPONSE | SUBMIT_SM, 0, pdu.sequence, message_id.encode() + b"\0")


def refuse(pdu: Pdu, status: int) -> bytes:
    return pdu_octets(RESPONSE | SUBMIT_SM, status, pdu.sequence)


def split(octets: bytes) -> list[Pdu]:
    pdus = []
    while octets:
        length = int.from_bytes(octets[:4], "big")
        pdus.append(decode_pdu(octets[:length]))
        octets = octets[length:]
    return pdus
