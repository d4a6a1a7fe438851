"""Suite `memory`: what a waiting message takes in `memory:`, and of which parts that is made.

Measured in a process of its own, engine and sessions without sockets: resident memory before and after
MESSAGES messages of 20 octets to handsets that nobody serves, and the sizes that Python tells.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.children import ROOT
from bench.results import Suite

MESSAGES = 200_000
HANDSETS = 2_000
WINDOW = 100
#: With the mark of the run and a running number the text has 20 octets.
TEXT = "abcd"


def count() -> dict[str, float]:
    """Octets a message, in all and by part; called in a fresh process."""
    from bench.rig import Rig

    rig = Rig(WINDOW, complete=False, numbers=HANDSETS, text=TEXT)
    for _ in range(MESSAGES // WINDOW // 4):  # so that what is made once is there
        rig.window()
    before = resident()
    for _ in range(MESSAGES // WINDOW):
        rig.window()
    every = (resident() - before) / MESSAGES
    recipients = rig.engine.delivery.queues.recipients.values()
    messages = sum(recipient.count for recipient in recipients)
    lists = sum(sys.getsizeof(lane.items) for recipient in recipients for lane in recipient.all_lanes())
    message = next(iter(recipients)).waiting()[0]
    body = message.body
    assert len(body) == 20, body
    return {
        "in all, resident": every,
        "the record itself": sys.getsizeof(message),
        "its text": -(-sys.getsizeof(body) // 16) * 16,
        "its place in its queue": lists / messages,
        "its place in the index": 8.0,
    }


def resident() -> int:
    """Resident octets of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(options: Any) -> Suite:
    suite = Suite("memory")
    rows = []
    for _ in range(options.repetitions):
        done = subprocess.run(
            [sys.executable, "-m", "bench.memory"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        rows.append(json.loads(done.stdout))
    for name in rows[0]:
        target = 240 if name.startswith("in all") else None
        label = f"a waiting message of 20 octets: {name}"
        suite.add(label, "octets", [row[name] for row in rows], lower=True, target=target)
    return suite


if __name__ == "__main__":
    print(json.dumps(count()))
