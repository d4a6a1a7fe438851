"""Coverage-guided fuzzing of the SMSC's session: inputs that reach new branches of plain Python are kept in
corpus.txt, one in hexadecimal a line. The ordinary suite plays the corpus; `make fuzz` goes on from it for
SMSC_FUZZ_SECONDS.

What is checked is that nothing raises, that plain Python would not read out of bounds where C would, and that
both builds agree. With SMSC_FUZZ_KEEP=1 what was found is written back.
"""

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, encode_pdu
from smsc.protocol.pdu.fields import Destination, DistributionList
from smsc.protocol.pdu.layouts import PDUS
from tests.protocol import twins
from tests.protocol.helpers import submit_fields
from tests.waiting import lasting

CORPUS = Path(__file__).with_name("corpus.txt")
INSTALLED, INTERPRETED = twins.installed(), twins.interpreted()
KINDS = (0, c.BIND_TRANSCEIVER, c.BIND_TRANSMITTER, c.BIND_RECEIVER)
VERSIONS = (c.V33, c.V34, c.V50)
INTERESTING = (0, 1, 2, 15, 16, 17, 127, 128, 254, 255)

Arcs = set[tuple[str, int, int]]


def saved() -> list[bytes]:
    return [bytes.fromhex(line) for line in CORPUS.read_text(encoding="ascii").split()]


def agree(octets: bytes, chunk: int) -> None:
    """The first two octets choose how the session is bound, the rest is what the peer says."""
    kind, version = KINDS[octets[0] % 4], VERSIONS[octets[1] % 3]
    expected = twins.play(INTERPRETED, octets[2:], kind, version, chunk)
    assert twins.play(INSTALLED, octets[2:], kind, version, chunk) == expected


@pytest.mark.parametrize("chunk", [7, 100_000])
def test_the_corpus_plays_alike_on_both_builds(chunk: int) -> None:
    inputs = saved()
    assert len(inputs) > 50
    for octets in inputs:
        agree(octets, chunk)


@pytest.mark.fuzz
def test_fuzz() -> None:
    seconds = float(os.environ.get("SMSC_FUZZ_SECONDS", "60"))
    dice = random.Random(int(os.environ.get("SMSC_FUZZ_SEED", "1")))
    inputs = saved() + seeds()
    known: Arcs = set()
    for octets in inputs:
        known |= arcs(octets)
    rounds = 0
    for _ in lasting(seconds):
        octets = mutated(dice, inputs)
        fresh = arcs(octets) - known
        agree(octets, dice.choice((1, 3, 50, 100_000)))
        rounds += 1
        if fresh:
            known |= fresh
            inputs.append(octets)
    print(f"{rounds} inputs, {len(inputs)} in the corpus, {len(known)} arcs")
    if os.environ.get("SMSC_FUZZ_KEEP"):
        CORPUS.write_text("".join(f"{octets.hex()}\n" for octets in distilled(inputs)), encoding="ascii")


def arcs(octets: bytes) -> Arcs:
    """The steps from line to line in plain Python that an input takes."""
    taken: Arcs = set()
    folder = str(twins.FOLDER)

    def local(name: str) -> Callable[[FrameType, str, Any], Any]:
        last = 0

        def step(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                taken.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return step

        return step

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        return local(name) if name.startswith(folder) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        twins.play(INTERPRETED, octets[2:], KINDS[octets[0] % 4], VERSIONS[octets[1] % 3], 100_000)
    finally:
        sys.settrace(before)
    return taken


def seeds() -> list[bytes]:
    """One PDU of each kind on each kind of session."""
    made = []
    for command in PDUS:
        fields = submit_fields() if command in (c.SUBMIT_SM, c.DELIVER_SM) else {}
        if command == c.SUBMIT_MULTI:
            fields = {"dest_address": [Destination(1, 1, "47"), DistributionList("venner")]}
        octets = encode_pdu(Pdu(command, 0, 1, fields, [(0x0424, b"x")] if command == c.DATA_SM else []))
        made += [bytes((kind, version)) + octets for kind in (0, 1) for version in (1, 2)]
    return made


def mutated(dice: random.Random, inputs: list[bytes]) -> bytes:
    octets = bytearray(dice.choice(inputs))
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(octets))
        what = dice.randrange(7)
        if what == 0:
            octets[at] = dice.choice(INTERESTING)
        elif what == 1:
            octets[at] ^= 1 << dice.randrange(8)
        elif what == 2 and len(octets) > 3:
            del octets[at : at + dice.randrange(1, 9)]
        elif what == 3:
            octets[at:at] = dice.randbytes(dice.randrange(1, 9))
        elif what == 4:
            octets += dice.choice(inputs)[2:]
        elif what == 5:
            octets[at:at] = bytes((dice.randrange(20), dice.randrange(40), 0, dice.randrange(5))) + bytes(
                dice.randrange(4)
            )
        else:
            octets[6:10] = dice.choice(list(PDUS)).to_bytes(4, "big")
        octets = octets or bytearray(3)
    if dice.random() < 0.7:
        reframed(octets)
    return bytes(octets[:2000]).ljust(3, b"\0")


def reframed(octets: bytearray) -> None:
    """Give the last PDU a command_length that fits, so that mutations reach its body."""
    at = 2
    while len(octets) - at >= 16:
        length = int.from_bytes(octets[at : at + 4], "big")
        if not 16 <= length < len(octets) - at:
            octets[at : at + 4] = (len(octets) - at).to_bytes(4, "big")
            return
        at += length


def distilled(inputs: list[bytes]) -> list[bytes]:
    """The shortest inputs that together take every step."""
    kept: list[bytes] = []
    known: Arcs = set()
    for octets in sorted(inputs, key=len):
        fresh = arcs(octets) - known
        if fresh:
            known |= fresh
            kept.append(octets)
    return kept
