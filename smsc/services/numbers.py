"""How the services read the mobile numbers that people type; what a mobile number is stands in the plan."""

from __future__ import annotations

from functools import cache

from smsc.routing.numbering import NumberPlan, load_plan
from smsc.routing.plan_data import is_of


@cache
def _plan() -> NumberPlan:
    return load_plan()


def mobile_key(text: str) -> int:
    """The key of a Norwegian mobile number in any dialling form (+47, 0047, 47 or nothing before it); 0 for
    anything else."""
    reading = _plan().read_text(0, 1, text)
    key = max(reading, 0) >> 8
    return key if is_of("mobile", key) else 0
