"""AML text messages against the example of the specification and against themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.services.nod_sms import aml
from smsc.services.nod_sms.aml import Aml, AmlError

EXAMPLE = (
    'A"ML=1;lt=+59.91273;lg=+010.74609;rd=12;top=20250102030405;lc=68;pm=G;'
    "si=242011234567890;ei=490154203237518;mcc=242;mnc=01;ml=129"
)
POSITION = Aml(
    59.91273, 10.74609, 12, 1_735_787_045_000, 68, "G", "242011234567890", "490154203237518", "242", "01"
)


def test_an_example_with_all_fields_is_built_and_parsed() -> None:
    assert len(EXAMPLE) == 129
    assert aml.build(POSITION) == EXAMPLE
    assert aml.parse(EXAMPLE) == POSITION


def test_wrong_length_field_is_forgiven() -> None:
    position = aml.parse(EXAMPLE.replace("ml=129", "ml=126"))
    assert not position.length_ok
    assert position.lat == 59.91273


@pytest.mark.parametrize(
    "text, position, length_ok",
    [
        (
            'A"ML=1;lt=+00.00000;lg=+000.00000;rd=N;top=20220131173734;lc=0;pm=N;'
            "si=234159000000000;ei=123456789012345;mcc=234;mnc=15;ml=127",
            (None, None, None),
            True,
        ),
        (
            'A"ML=1;lt=+51.53321;lg=-0.12601;rd=14;top=20220131171748;lc=68;pm=W;'
            "si=234159000000000;ei=123456789012345;mcc=234;mnc=15;ml=126",
            (51.53321, -0.12601, 14),
            False,  # the source's own example is off by one
        ),
        (
            'A"ML=1;lt=+59.91270;lg=+010.74610;rd=12;top=20260301080000;lc=90;pm=G;'
            "si=242010000000000;ei=123456789012345;mcc=242;mnc=01;ml=129",
            (59.9127, 10.7461, 12),
            True,
        ),
        ('A"ML=1;lt=+1.0;lg=+2.0;rd=20.0;top=20260301080000;lc=90;pm=G', (1.0, 2.0, 20), False),
    ],
)
def test_published_messages_are_read(text: str, position: Any, length_ok: bool) -> None:
    read = aml.parse(text)
    assert ((read.lat, read.lon, read.radius), read.length_ok) == (position, length_ok)
    if length_ok:
        assert aml.build(read) == text


@pytest.mark.parametrize("length", range(95, 105))
def test_length_field_counts_itself_also_where_it_gains_a_digit(length: int) -> None:
    text = aml.build(Aml(1.0, 2.0, 3, 0, 4, "C", imsi="1" * (length - 80)))
    assert aml.parse(text).length_ok


@pytest.mark.parametrize(
    "text, fault",
    [
        ("hello", "does not start"),
        ('A"ML=2;lt=+1;lg=+1', "version"),
        ('A"ML=1;lg=+1', "lt"),
        ('A"ML=1;lt=x;lg=+1', "lt"),
        ('A"ML=1;lt=+91;lg=+1', "lt=91"),
        ('A"ML=1;lt=nan;lg=+1', "lt"),
        ('A"ML=1;lt=+1;lg=+181', "lg"),
        ('A"ML=1;lt=+1;lg=+1;rd=-5', "rd"),
        ('A"ML=1;lt=+1;lg=+1;rd=5;top=2025', "top"),
        ('A"ML=1;lt=+1;lg=+1;rd=5;top=20250102030405;pm=X', "pm"),
    ],
)
def test_other_texts_are_refused_with_the_reason(text: str, fault: str) -> None:
    with pytest.raises(AmlError, match=fault):
        aml.parse(text)


def test_repr_tells_no_place_and_no_identity() -> None:
    assert repr(POSITION) == "Aml(method='G', radius=12)"


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 10**6), st.integers(0, 4 * 10**9))
def test_what_is_built_is_parsed(lat: float, lon: float, radius: int, seconds: int) -> None:
    position = aml.parse(aml.build(Aml(lat, lon, radius, seconds * 1000, 68, "W")))
    assert position.length_ok
    assert (position.lat, position.lon) == pytest.approx((lat, lon), abs=1e-5)
    assert (position.radius, position.time) == (radius, seconds * 1000)


@given(st.text())
def test_garbage_is_refused_and_never_crashes(text: str) -> None:
    with pytest.raises(AmlError):
        aml.parse('A"ML=' + text.replace("lt", ""))


@pytest.mark.parametrize("count", ["٦٨", "x", "-1", "6.8", " 68"])
def test_a_confidence_is_written_in_plain_digits(count: str) -> None:
    line = aml.build(Aml(59.9, 10.7, 12, 1_000_000, 68, "G"))
    assert aml.parse(line).confidence == 68
    with pytest.raises(aml.AmlError, match="lc="):
        aml.parse(line.replace("lc=68", f"lc={count}"))


@pytest.mark.parametrize(("method", "radius"), [("N", "12"), ("G", "N"), ("N", "N")])
def test_no_method_or_no_radius_is_no_position(method: str, radius: str) -> None:
    line = aml.build(Aml(59.9, 10.7, 12, 1_000_000, 68, "G"))
    read = aml.parse(line.replace("pm=G", f"pm={method}").replace("rd=12", f"rd={radius}"))
    assert (read.lat, read.lon, read.radius) == (None, None, None)
