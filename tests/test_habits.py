"""How tests may not be written: what depends on how busy the machine is comes back unnoticed otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
FILES = sorted(TESTS.rglob("*.py"))
#: The one place that may: what it offers cannot be used to assert that something was quick.
WAITING = TESTS / "waiting.py"
CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time"}
CLOCKS |= {f"{clock}_ns" for clock in CLOCKS}
DATES = {"time.time", "time.time_ns"}  # what a store or a configuration is given; not to be compared


def violations(text: str) -> Iterator[str]:
    """The lines of a test that sleep or look at the machine's clock."""
    tree = ast.parse(text)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "time.sleep(" in node.value:
            yield f"line {node.lineno} sleeps in another process: let it wait for its input, or for a signal"
        if isinstance(node, ast.Compare) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
            calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
            if any(ast.unparse(each.func) in DATES for each in calls):
                yield f"line {node.lineno} compares moments: {ast.unparse(node)}"
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        if name == "sleep" and not (called == "asyncio.sleep" and _is_zero(node)):
            yield f"line {node.lineno} sleeps: {ast.unparse(node)}"
        elif name in CLOCKS and (called == f"time.{name}" or called in imported):
            yield f"line {node.lineno} looks at the clock: {ast.unparse(node)}"


def _is_zero(call: ast.Call) -> bool:
    """asyncio.sleep(0) lets others have a turn, and takes no time."""
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_test_neither_sleeps_nor_asks_how_late_it_is(path: Path) -> None:
    if path in (WAITING, Path(__file__)):
        return
    assert list(violations(path.read_text(encoding="utf-8"))) == [], "tests/waiting.py has what to do instead"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("time.sleep(1)", True),
        ("from time import sleep as nap\nasyncio.sleep(0.1)", True),
        ("await asyncio.sleep(0)", False),
        ("from time import perf_counter\nbegan = perf_counter()", True),
        ("assert time.monotonic() - began < 5", True),
        ("loop.time()", False),
        ("assert time.time() < began + 5", True),
        ("took = time.time() - began", True),
        ("open(now=time.time_ns() // 1_000_000)", False),
        ("run('import time; time.sleep(60)')", True),
        ("smsc.clock.advance('2h')", False),
    ],
)
def test_the_reader_of_habits_sees_what_it_must(text: str, is_one: bool) -> None:
    assert bool(list(violations(text))) is is_one
