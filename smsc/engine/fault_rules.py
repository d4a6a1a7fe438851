"""Faults on purpose: the rules, and when each fires; `server.faults` acts on the octets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from smsc.config.wire import Fault
from smsc.coverage.draw import draw
from smsc.engine.binds.bindings import Bucket

_PURPOSE = 0x66_61_75_6C_74  # what draws for faults are for
_ON_REQUESTS = ("status", "throttle")  # these look at requests, all others at what the server sends


class Rule:
    """One configured fault, with what it has seen."""

    __slots__ = ("buckets", "fault", "fired", "number", "seen")

    def __init__(self, number: int, fault: Fault) -> None:
        self.number = number
        self.fault = fault
        self.seen = 0
        self.fired = 0
        self.buckets: dict[str, Bucket] = {}

    def fires(self, seed: int, command: int, system_id: str, now: float) -> bool:
        """Whether it happens to this PDU; every call with a match counts."""
        fault = self.fault
        if fault.command_id not in (0, command) or fault.system_id not in ("", system_id):
            return False
        if fault.action == "throttle" and self._bucket(system_id, now).spend(now):
            return False
        self.seen += 1
        past = self.seen - fault.after
        if past <= 0 or past % fault.every or (fault.count and self.fired >= fault.count):
            return False
        if fault.probability < 1 and draw(seed, _PURPOSE, self.number, self.seen) >= fault.probability:
            return False
        self.fired += 1
        return True

    def _bucket(self, system_id: str, now: float) -> Bucket:
        bucket = self.buckets.get(system_id)
        if bucket is None:
            bucket = self.buckets[system_id] = Bucket(self.fault.rate, now)
        return bucket


class FaultRules:
    """All rules in force, shared by all connections; ``watchers`` hear when they are replaced."""

    def __init__(self, seed: int, faults: Iterable[Fault]) -> None:
        self.watchers: list[Callable[[], None]] = []
        self.replace(seed, faults)

    def replace(self, seed: int, faults: Iterable[Fault]) -> None:
        """Other things go wrong from now on; all counters begin anew."""
        self.become(seed, [Rule(number, fault) for number, fault in enumerate(faults)])

    def become(self, seed: int, rules: list[Rule]) -> None:
        """Let the rules be these, with what each has seen."""
        self.seed = seed
        self.rules = rules
        for watcher in self.watchers:
            watcher()

    def __bool__(self) -> bool:
        return bool(self.rules)

    def find(self, request: bool, command: int, system_id: str, now: float) -> Fault | None:
        """The first rule that fires for a PDU; `request` tells that it came from the peer."""
        for rule in self.rules:
            on_request = rule.fault.action in _ON_REQUESTS
            if on_request == request and rule.fires(self.seed, command, system_id, now):
                return rule.fault
        return None
