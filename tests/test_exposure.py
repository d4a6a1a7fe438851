"""The API does not start off-loopback without a token."""

import pytest

from smsc.exposure import check_exposure, is_loopback

LOOPBACK = ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]
OUTSIDE = [
    "0.0.0.0",
    "::",
    "",
    "192.168.1.4",
    "10.0.0.1",
    "smsc.example.no",
    "::ffff:10.0.0.1",
    "localhost.evil.no",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    check_exposure(host, None)


@pytest.mark.parametrize("host", OUTSIDE)
@pytest.mark.parametrize("token", [None, "", "  "])
def test_anything_else_does(host: str, token: str | None) -> None:
    assert not is_loopback(host)
    with pytest.raises(ValueError, match=r"http\.token"):
        check_exposure(host, token)
    check_exposure(host, "hemmelig")
