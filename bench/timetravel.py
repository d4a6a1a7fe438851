"""How fast simulated time goes: 72 hours of retries, and the return of ten thousand handsets.

    python -m bench.timetravel

In one process with clients wired in memory (`smsc.scenarios.wired`): real PDUs, no socket, manual clock.
"""

import resource
import time

from smsc._compiled import describe
from smsc.config import load_settings
from smsc.scenarios.wired import Wired

_HOUR = 3_600_000


def wired(**config: object) -> Wired:
    base = {"store": {"url": "memory:"}, "clock": {"mode": "manual", "start": "2026-01-15T12:00:00Z"}}
    return Wired(load_settings(None, {**base, **config}))


def three_days(messages: int = 10_000) -> None:
    """Every message for a handset of its own that never answers: all steps of the schedule, then expiry."""
    smsc = wired()
    farm = smsc.connect("farm", "farm")
    smsc.control.patch_zone("oslo", {"coverage": "none", "uplink": "hold"})
    sender = smsc.connect("4740000001")
    for number in range(messages):
        sender.submit(4740000001, 4790000000 + number, b"Hei", registered_delivery=1)
    smsc.settle()
    begun, cpu = time.perf_counter(), time.process_time()
    smsc.advance(73 * _HOUR)
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    attempts = smsc.control.counters()['attempts_failed_total{reason="absent_no_paging_response"}']
    assert sender.receipts == messages, sender.receipts
    assert farm.delivered == 0
    print(f"72 h, {messages} messages: {wall:.2f} s wall, {used:.2f} s CPU; {attempts:.0f} failed attempts,")
    print(f"  {smsc.fired} due moments, {sender.receipts} receipts EXPIRED (target < 5 s)")


def return_of_many(handsets: int = 10_000, each: int = 10) -> None:
    """All leave the tunnel at once; every message arrives, in order per pair."""
    smsc = wired()
    farm = smsc.connect("farm", "farm")
    sender = smsc.connect("4740000001")
    smsc.control.patch_zone("oslo", {"coverage": "none"})
    for number in range(each):
        for handset in range(handsets):
            sender.submit(4740000001, 4790000000 + handset, b"%d" % number)
        smsc.settle()
    last: dict[int, int] = {}

    def in_order(row: object) -> int:
        number, key = int(row.body), row.dest  # type: ignore[attr-defined]
        assert last.get(key, -1) == number - 1, (key, number)
        last[key] = number
        return 0

    farm.got = in_order
    begun, cpu = time.perf_counter(), time.process_time()
    smsc.control.patch_zone("oslo", {"coverage": "good"})
    smsc.settle()
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    total = handsets * each
    assert farm.delivered == total, farm.delivered
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"return of {handsets} handsets, {total} messages in order: {wall:.2f} s wall, {used:.2f} s CPU,")
    print(f"  {total / wall:,.0f}/s wall, {total / used:,.0f}/s CPU, peak {peak} MB (target 50 000/s)")


if __name__ == "__main__":
    print(describe())
    three_days()
    return_of_many()
