"""Starts a server with every subscriber of the country and prints what that took, as JSON.

python -m tests.norway.whole_country
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
from pathlib import Path

RANGES = [
    *((4740000000 + block * 1_000_000, 4740499999 + block * 1_000_000) for block in range(5)),
    *((4790000000 + block * 1_000_000, 4790599999 + block * 1_000_000) for block in range(5)),
]
TOUCHED = 100_000


def resident() -> int:
    """Bytes of this process in memory now; its peak where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def measure() -> dict[str, float]:
    """Start, touch every 55th subscriber, stop."""
    from smsc.config.settings import Settings
    from smsc.server.app import Server

    settings = Settings.model_validate(
        {
            "smpp": {"port": 0},
            "http": {"port": 0},
            "store": {"url": "memory:"},
            "zones": [{"name": "norge"}],
            "subscribers": [
                {"first": str(first), "last": str(last), "zone": "norge", "password": "1234"}
                for first, last in RANGES
            ],
        }
    )
    server = Server(settings)
    await server.start()
    gc.collect()
    before = resident()
    registry = server.engine.world.registry
    step = registry.count() // TOUCHED
    touched = 0
    for first, last in RANGES:
        for key in range(first, last + 1, step):
            registry.touch(key).powered = False
            touched += 1
    gc.collect()
    per_touched = (resident() - before) / touched
    told = {
        "subscribers": registry.count(),
        "resident_mb": round(before / 1e6, 1),
        "touched": touched,
        "bytes_per_touched": round(per_touched, 1),
    }
    await server.stop()
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
