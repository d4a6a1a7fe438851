"""kill -9 at random moments in the middle of writing: every acknowledged batch is there afterwards."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.keeper import MESSAGE, RECORD, sqlite_keeper
from tests.store.kill_writer import ROWS

ROUNDS = [5, pytest.param(int(os.environ.get("SMSC_TORTURE_ROUNDS", "100")), marks=pytest.mark.torture)]
ROOT = Path(__file__).resolve().parents[2]


def killed_run(path: Path, after: int) -> tuple[list[int], list[int]]:
    """Kill a writer after so many acknowledged batches. What it reserved, and which batches are safe."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.kill_writer", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    said: dict[str, list[int]] = {"reserved": [], "safe": []}
    with writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            word, _, number = line.partition(" ")
            said[word].append(int(number))
            if len(said["safe"]) == after:
                # What it still says before it dies counts too.
                writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    return said["reserved"], said["safe"]


@pytest.mark.parametrize("count", ROUNDS)
@pytest.mark.long
def test_acknowledged_batches_survive_a_kill(tmp_path: Path, count: int) -> None:
    path = tmp_path / "smsc.db"
    chance = random.Random(1)
    reserved: list[int] = []
    safe = [0]
    for _ in range(count):
        firsts, acknowledged = killed_run(path, chance.randrange(1, 60))
        reserved += firsts
        safe += acknowledged
        last = check(path)
        # One batch may have become safe without its answer getting out.
        assert safe[-1] <= last <= safe[-1] + 1
        safe.append(last)
    assert reserved == list(range(1, count * 1_000_000, 1_000_000))
    print(f"{count} kills, {len(safe)} acknowledged batches, 0 lost")


def check(path: Path) -> int:
    """Every batch up to the last is there entirely, and all but the last are finished."""
    keeper = sqlite_keeper(path).open()
    record = keeper.store.get(RECORD, "last")
    last = int(record[1]) if record else 0
    rows = keeper.store.select(MESSAGE)
    assert [row[0] for row in rows] == list(range(ROWS, (last + 1) * ROWS))
    assert keeper.store.count(MESSAGE, {"state": 1}) == ROWS
    assert all(row[6] == str(row[0] // ROWS) for row in rows)
    keeper.close()
    return last
