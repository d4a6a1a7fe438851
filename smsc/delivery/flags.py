"""Flags of the HLR, kept for a subscriber who was not reached [23.040 §3.2.7]."""

from __future__ import annotations

from typing import Final

from smsc.routing.plan_data import bounds

MNRF: Final = 1  # mobile not reachable
MCEF: Final = 2  # memory capacity exceeded
MNRR_DETACHED: Final = 4  # reason for MNRF: IMSI detached rather than no paging response
MWD: Final = 8  # message waiting data: this SC asked to be alerted
MNRG: Final = 16  # mobile not reachable for GPRS: MNRF of a subscriber whom the SGSN serves
ABSENT: Final = MNRF | MNRG

# 12-digit numbers are of M2M SIMs: data only, so it is the SGSN that pages them, and not an MSC.
_FIRST_BY_SGSN: Final = bounds("m2m_iot")[0][0]


def absent_flag(key: int) -> int:
    """Which flag says that a handset is not reachable: MNRF set by its MSC, or MNRG by its SGSN."""
    return MNRG if key >= _FIRST_BY_SGSN else MNRF


def mw_status(flags: int) -> list[str]:
    """The bits that are set in the MW-Status of informServiceCentre [29.002 §17.7.6]."""
    bits = (
        ("sc_address_not_included", not flags & MWD),
        ("mnrf", flags & MNRF),
        ("mcef", flags & MCEF),
        ("mnrg", flags & MNRG),
    )
    return [name for name, is_set in bits if is_set]
