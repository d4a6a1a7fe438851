"""The installed build and plain Python, octet for octet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smsc import _compiled
from smsc.protocol import constants as c
from tests.protocol import twins
from tests.protocol.helpers import hostile_stream

COMPILED = _compiled.extension("smsc.protocol.sessions.link") is not None
INSTALLED, INTERPRETED = twins.installed(), twins.interpreted()

pytestmark = pytest.mark.skipif(
    not COMPILED, reason="this build is plain Python: there is nothing to compare"
)

KINDS = st.sampled_from((0, c.BIND_TRANSCEIVER, c.BIND_TRANSMITTER, c.BIND_RECEIVER))
VERSIONS = st.sampled_from((c.V33, c.V34, c.V50))


def test_the_twins_are_different_builds_of_one_source() -> None:
    assert INSTALLED.link.__file__ != INTERPRETED.link.__file__
    assert INTERPRETED.link.__file__.endswith("link.py")
    assert INSTALLED.session.Session is not INTERPRETED.session.Session


@given(hostile_stream(), KINDS, VERSIONS, st.integers(1, 400))
@settings(max_examples=150)
def test_both_builds_see_and_say_the_same(octets: bytes, kind: int, version: int, chunk: int) -> None:
    assert twins.play(INSTALLED, octets, kind, version, chunk) == twins.play(
        INTERPRETED, octets, kind, version, chunk
    )
