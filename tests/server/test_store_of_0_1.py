"""A store that release 0.1 has written (`written-by-0.1.db.gz`, a file of it) is taken over as it is, and so
is a copy of it in PostgreSQL.

It has of Kari three messages that wait for Per, whose phone was off, and one for Ola scheduled a thousand
hours ahead, one that Ola has got, and one of his to her; a subscriber that was added, and changes of a zone.
Its clock was a manual one."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc.store import inspection
from smsc.testing.server import SmscHandle
from tests.scenarios.binding import Bind, bind

__all__ = ["bind"]

WRITTEN = Path(__file__).with_name("written-by-0.1.db.gz")
KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
LAST = 100000007  # the last message id that 0.1 gave

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "smsc.db"
    path.write_bytes(gzip.decompress(WRITTEN.read_bytes()))
    return f"sqlite:{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, file: str) -> str:
    """The file itself, and what `smsc store copy` makes of it."""
    if request.param == "sqlite":
        return file
    server = request.getfixturevalue("postgresql")
    target = str(server.url(server.database()))
    copied = subprocess.run(
        [sys.executable, "-m", "smsc", "store", "copy", file, target],
        capture_output=True,
        text=True,
        check=False,
    )
    assert copied.returncode == 0, copied.stderr
    assert sorted(map(str, inspection.export(target))) == sorted(map(str, inspection.export(file)))
    return target


@pytest.fixture
def taken_over(url: str) -> Iterator[SmscHandle]:
    handle = SmscHandle(None, {"store": {"url": url}, "clock": {"mode": "manual"}})
    yield handle
    handle.stop(grace=0)


def test_a_store_of_0_1_is_taken_over(taken_over: SmscHandle, bind: Bind) -> None:
    control, at = taken_over.control, taken_over.smpp_address
    assert control("showing", "100000005")["state"] == "delivered"
    assert control("subscriber", PER)["powered"] is False
    assert control("subscriber", "4799000077")["zone"] == "oslo"
    kari = bind(KARI, at=at)
    receipt, text = kari.receive(), kari.receive()
    assert (receipt.receipt.id, receipt.receipt.stat, text.text) == ("100000005", "DELIVRD", "venter")
    per = bind(PER, at=at)
    control("patch_subscriber", PER, {"powered": True})
    assert per.receive_all(3) == ["hei", "pa deg", "tredje"]
    assert int(kari.send(PER, "ny")) > LAST
    assert per.receive_all(1) == ["ny"]
    ola = bind(OLA, at=at)
    taken_over.clock.advance("1001h")
    assert ola.receive_all(1) == ["senere"]
