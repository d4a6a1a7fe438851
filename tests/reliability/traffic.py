"""Load with a ledger of its own: what was acknowledged must arrive at least once, whatever happens."""

import contextlib
import select
import struct
from collections import Counter

from smsc.protocol.constants import DELIVER_SM, ENQUIRE_LINK, RESPONSE, SUBMIT_SM
from smsc.protocol.pdu.codec import decode_pdu, encode_pdu, response
from tests.peer import Peer
from tests.waiting import Quiet, lasting

_SUBMIT_RESP = RESPONSE | SUBMIT_SM
FIRST = 4790000000


class Ledger:
    """What one side of many connections knows: survives every crash of the server."""

    def __init__(self, handsets: int = 100) -> None:
        self.handsets = handsets
        self.submitted = 0
        self.acknowledged: set[int] = set()
        self.ids: list[bytes] = []
        self.refused: Counter[int] = Counter()
        self.delivered: Counter[int] = Counter()
        self.order: dict[int, list[int]] = {}

    def lost(self) -> set[int]:
        """Acknowledged and never delivered."""
        return {number for number in self.acknowledged if number not in self.delivered}

    def duplicates(self) -> int:
        """Deliveries beyond the first of each message."""
        return sum(count - 1 for count in self.delivered.values())


class Count:
    """Stands where a ledger keeps entries, and only counts them: in a long run they would be what grows."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, _: object) -> None:
        self.count += 1

    append = add

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, _: object) -> int:
        return 0

    def __setitem__(self, _: object, __: object) -> None:
        self.count += 1


class Tally(Ledger):
    """How many were acknowledged and delivered, not which."""

    def __init__(self, handsets: int = 100) -> None:
        super().__init__(handsets)
        self.acknowledged, self.ids, self.delivered = Count(), Count(), Count()  # type: ignore[assignment]


class Traffic:
    """One bind of the farm that submits with a full window and answers what is delivered to it."""

    def __init__(self, peer: Peer, ledger: Ledger, window: int = 100, registered: int = 0) -> None:
        self.peer = peer
        self.ledger = ledger
        self.window = window
        self.registered = registered
        self.pending: dict[int, int] = {}
        self.sequence = 1000
        self.octets = bytes(peer.octets)
        self.out = b""
        self.alive = True
        self.quiet = Quiet(0.0)
        peer.sock.setblocking(False)

    def run(self, seconds: float, submit: bool = True, until_quiet: float = 0.0) -> None:
        """Go on for so long, or until nothing has come for ``until_quiet`` seconds."""
        self.quiet = Quiet(until_quiet)
        self.out += self.digest(self.octets)
        for _ in lasting(seconds):
            if not self.alive:
                return
            if submit and len(self.pending) < self.window:
                self.out += b"".join(self.next_submit() for _ in range(self.window - len(self.pending)))
            wishes = [self.peer.sock] if self.out else []
            readable, writable, _ = select.select([self.peer.sock], wishes, [], min(0.05, seconds))
            if writable:
                try:
                    self.out = self.out[self.peer.sock.send(self.out) :]
                except OSError:
                    self.alive = False
            if readable:
                self.out += self.read()
            elif until_quiet and not self.out and self.quiet.is_over():
                return

    def next_submit(self) -> bytes:
        ledger = self.ledger
        number = ledger.submitted
        ledger.submitted += 1
        self.sequence += 1
        self.pending[self.sequence] = number
        text = b"n%d" % number
        source = b"%d" % (FIRST + number % ledger.handsets)
        destination = b"%d" % (FIRST + (number * 7 + 1) % ledger.handsets)
        body = b"\0\1\1%s\0\1\1%s\0\0\0\0\0\0%c\0\0\0%c%s" % (
            source,
            destination,
            self.registered,
            len(text),
            text,
        )
        return struct.pack(">IIII", 16 + len(body), SUBMIT_SM, 0, self.sequence) + body

    def read(self) -> bytes:
        try:
            chunk = self.peer.sock.recv(1 << 18)
        except BlockingIOError:
            return b""
        except OSError:
            chunk = b""
        if not chunk:
            self.alive = False
            return b""
        self.quiet.broken()
        return self.digest(self.octets + chunk)

    def digest(self, octets: bytes) -> bytes:
        """Take every whole PDU; returns what there is to answer."""
        answers = []
        at = 0
        while len(octets) - at >= 16:
            length, command, status, sequence = struct.unpack_from(">IIII", octets, at)
            if len(octets) - at < length:
                break
            answers.append(self.take(octets[at : at + length], command, status, sequence))
            at += length
        self.octets = octets[at:]
        return b"".join(answers)

    def take(self, frame: bytes, command: int, status: int, sequence: int) -> bytes:
        ledger = self.ledger
        if command == _SUBMIT_RESP:
            number = self.pending.pop(sequence)
            if status == 0:
                ledger.acknowledged.add(number)
                ledger.ids.append(frame[16:-1])
            else:
                ledger.refused[status] += 1
        elif command == DELIVER_SM:
            pdu = decode_pdu(frame)
            if pdu.fields["esm_class"] & 0x3C == 0:
                ledger.delivered[int(pdu.fields["short_message"][1:])] += 1
            return struct.pack(">IIII", 17, RESPONSE | DELIVER_SM, 0, sequence) + b"\0"
        elif command == ENQUIRE_LINK:
            return encode_pdu(response(decode_pdu(frame), 0, {}))
        return b""


def farm(host: str, port: int, ledger: Ledger, window: int = 100, registered: int = 0) -> Traffic:
    """Bind as the demo world's farm."""
    peer = Peer(host, port)
    assert peer.bind("farm", "farm") == 0
    return Traffic(peer, ledger, window, registered)


def hang_up(traffic: Traffic) -> None:
    with contextlib.suppress(OSError):
        traffic.peer.close()
