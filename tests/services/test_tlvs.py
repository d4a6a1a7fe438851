"""The vendor TLVs of the services on the wire."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.config.world import Esme
from smsc.services import tlvs


def test_every_tag_lies_in_the_vendor_range() -> None:
    tags = [value for name, value in vars(tlvs).items() if name.startswith(("NOD_", "CONTENT_"))]
    assert len(tags) == len(set(tags)) == 5
    assert all(0x1400 <= tag <= 0x3FFF for tag in tags)


def test_an_esme_can_list_every_one_of_them() -> None:
    (names,) = get_args(get_type_hints(Esme)["tlvs"])
    assert set(get_args(names)) == set(tlvs.NAMES)


def test_location_in_octets() -> None:
    area = tlvs.location_tlv((59.91273, -10.5, 850.4))
    assert area.hex() == "1502000c" + "0392321a" + "ff5fc860" + "00000352"
    assert tlvs.read_location(area) == (59.91273, -10.5, 850.0)


def test_find_skips_other_tags_and_stands_cut_off_areas() -> None:
    area = tlvs.tlv(0x0204, b"\0\1") + tlvs.tlv(tlvs.CONTENT_PRICE, tlvs.uint32(500))
    assert tlvs.find_uint32(area, tlvs.CONTENT_PRICE) == 500
    assert tlvs.find_uint32(area, tlvs.NOD_DIALOGUE_ID) is None
    assert tlvs.find_uint32(area[:-1], tlvs.CONTENT_PRICE) is None
    assert tlvs.read_location(b"\x15\x02\x00\x0c\x00") is None


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 1e9))
def test_location_round_trip(lat: float, lon: float, accuracy: float) -> None:
    assert tlvs.read_location(tlvs.location_tlv((lat, lon, accuracy))) == pytest.approx(
        (lat, lon, accuracy), abs=0.5
    )


@given(st.binary(max_size=60))
def test_find_never_crashes(area: bytes) -> None:
    tlvs.find(area, tlvs.NOD_LOCATION)
    tlvs.read_location(area)


def test_what_only_the_smsc_says_is_taken_out_of_what_a_client_wrote() -> None:
    theirs = [tlvs.tlv(0x0204, b"\0\1"), tlvs.tlv(0x1400, b""), tlvs.tlv(0x3FFF, b"abc")]
    ours = [tlvs.tlv(tag, b"12345") for tag in sorted(tlvs.OURS)]
    area = theirs[0] + ours[0] + theirs[1] + b"".join(ours[1:]) + theirs[2]
    assert tlvs.without_ours(area) == b"".join(theirs)
    assert tlvs.without_ours(b"".join(ours)) == b""
    assert tlvs.without_ours(b"") == b""
