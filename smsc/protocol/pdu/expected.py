"""Which TLVs a PDU may have, by the sender's version: only these have a length and a value to be wrong.

A tag that the version does not know, or that the PDU does not have, is ignored and passed on, whatever it
looks like [SMPP 3.4 §3.3].
"""

from functools import cache

from smsc.protocol import constants as c
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.layouts import PDUS


@cache
def tags(command_id: int, version: int) -> frozenset[int]:
    """The tags of what is expected in a PDU of this version."""
    layout = PDUS[command_id]
    names = layout.tlvs + layout.tlvs_50 if version >= c.V50 else layout.tlvs
    rows = (tlv.BY_NAME[name] for name in names)
    return frozenset(row.tag for row in rows if row.version <= max(version, c.V34))


def limits(command_id: int, version: int) -> bytes:
    """For the compiled parser: least length, greatest length and greatest value of each tag below
    `tlv.LIMITS_TAGS`, five octets a tag; nothing is wrong with one that is not expected.
    Raises ValueError for an expected tag above them."""
    table = bytearray(b"\x00\x00\xff\xff\xff" * tlv.LIMITS_TAGS)
    for tag in tags(command_id, version):
        if tag >= tlv.LIMITS_TAGS:
            raise ValueError(
                f"TLV {tlv.tag_name(tag)}: lengths are checked below 0x{tlv.LIMITS_TAGS:04X} only"
            )
        row = tlv.BY_TAG[tag]
        octets = row.low.to_bytes(2, "big") + row.high.to_bytes(2, "big") + bytes([row.largest])
        table[tag * tlv.LIMITS_ROW : (tag + 1) * tlv.LIMITS_ROW] = octets
    return bytes(table)


SUBMIT_34, SUBMIT_50 = limits(c.SUBMIT_SM, c.V34), limits(c.SUBMIT_SM, c.V50)
DELIVER_34, DELIVER_50 = limits(c.DELIVER_SM, c.V34), limits(c.DELIVER_SM, c.V50)
