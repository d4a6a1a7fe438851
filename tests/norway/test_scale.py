"""All subscribers of the country by ranges: what starting with them takes, and each one that is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import smsc


def test_the_whole_country_starts_in_little_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.norway.whole_country"],
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    told = json.loads(done.stdout)
    assert told["subscribers"] == 5_500_000
    assert told["resident_mb"] < 150
    if not smsc.COMPILED:
        pytest.skip(f"the size is the compiled build's: {told}")
    assert told["bytes_per_touched"] <= 200
