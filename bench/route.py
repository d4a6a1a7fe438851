"""Suite `route`: what a number is, whether a source may be used, and where a message goes."""

from typing import Any

from bench.results import Suite
from bench.timing import nanoseconds
from smsc.config import load_settings
from smsc.world.world import World

TARGET_US = 0.15
#: The engine makes these calls from C, where the call itself costs next to nothing.
CALLED = "called from Python, the call included"

#: (digits, how many): a handset of the demo world in both forms, one that nobody has, a fixed line, a short
#: code,
#: an emergency number, a helpline.
NUMBERS = (
    (4790000001, 10), (90000001, 8), (4798765432, 10), (4722000000, 10), (2097, 4), (112, 3), (116111, 6),
    (47580000000001, 14),
)  # fmt: skip


def run(options: Any) -> Suite:
    suite = Suite("route")
    repetitions = options.repetitions
    world = World(load_settings(None, {"store": {"url": "memory:"}}), 1_780_000_000_000)
    plan, router, registry = world.plan, world.router, world.registry
    numbers = [(1 if length in (10, 14) else 0, digits, length) for digits, length in NUMBERS] * 16

    def classify() -> None:
        read = plan.read
        for ton, digits, length in numbers:
            read(ton, 1, digits, length)

    def classify_codes() -> None:
        read = router.read
        for ton, digits, length in numbers:
            read(ton, 1, digits, length)

    timed = us(nanoseconds(classify, len(numbers), repetitions))
    suite.add("classify a number", "us", timed, lower=True, target=TARGET_US, note=CALLED)
    timed = us(nanoseconds(classify_codes, len(numbers), repetitions))
    suite.add("classify, dialogue codes too", "us", timed, lower=True, target=TARGET_US, note=CALLED)

    readings = [r for ton, digits, length in numbers if (r := router.read(ton, 1, digits, length)) > 0]
    keys = [(reading >> 8, reading & 255) for reading in readings]

    def decide() -> None:
        route = router.route
        for key, row in keys:
            route(key, row)

    timed = us(nanoseconds(decide, len(keys), repetitions))
    suite.add("route decision", "us", timed, lower=True, target=TARGET_US, note=CALLED)

    farm = world.accounts.by_system_id("farm")
    assert farm is not None
    sources = [4790000000 + i * 997 % 100_000 for i in range(128)]
    check = nanoseconds(
        lambda: [router.check_source(farm, 1, 1, source, 10, b"") for source in sources], 128, repetitions
    )
    suite.add("may this source be used", "us", us(check), lower=True)
    find = nanoseconds(lambda: [registry.find(source) for source in sources], 128, repetitions)
    suite.add("find a subscriber", "us", us(find), lower=True)
    text = nanoseconds(lambda: plan.read_text(0, 1, "+47 90 00 00 01"), 1, repetitions)
    suite.add("read a number from text", "us", us(text), lower=True)
    return suite


def us(ns: list[float]) -> list[float]:
    return [value / 1000 for value in ns]
