"""Mutation testing of the pure rooms: which small wrong change would no test notice?

    python tools/mutate.py services --seconds 600 --survivors build/survivors-services.txt

The tests of a room run once, noting which lines each of them passes. Then each mutant gets a process of its
own, forked from this one with everything imported; the function's code is replaced there, and the tests that
pass its line run until one fails: first those that noticed another mutant of the function, then the quick
ones, for `--each` seconds at most. A mutant that fails none survives: kill it with a test, or explain it in
`tests/mutation.md`. Needs plain Python (`SMSC_CYTHON=skip` and no extensions in place); `make mutation`
sees to that.
"""

from __future__ import annotations
import __future__

import argparse
import ast
import gc
import importlib
import os
import random
import select
import signal
import sys
import time
import types
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
#: Room -> what is changed, and the tests that have to notice.
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "routing": (("smsc/routing",), ("tests/routing", "tests/norway/test_operators.py")),
    "delivery": (("smsc/delivery",), ("tests/delivery", "tests/engine")),
    "services": (("smsc/services",), ("tests/services",)),
    "protocol": (("smsc/protocol",), ("tests/protocol",)),
    "mt": (("smsc/engine/mt",), ("tests/engine",)),
}
LONGEST_TEST = 3.0  # processor seconds: a slower one would run for each of the function's mutants
PATIENCE = 1.0  # processor seconds that a test may take beyond four times what it took unchanged

settings.register_profile(
    "mutation",
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Run:
    """The pytest plugin: runs the tests once, then the mutants."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.rooms = tuple(str(ROOT / place) for place in ROOMS[options.room][0])
        self.of_line: dict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
        self.of_function: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)
        self.of_file: dict[str, list[pytest.Item]] = defaultdict(list)
        self.possible: set[tuple[str, int]] = set()  # lines that a test could pass
        self.noticed: dict[tuple[str, str], Counter[pytest.Item]] = defaultdict(Counter)  # by function
        self.took: dict[pytest.Item, float] = {}
        self.results: Counter[str] = Counter()
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        settings.load_profile("mutation")
        for item in session.items:
            self._note(item)
        print(f"{len(self.took)} tests, {len(self.of_function)} functions called", flush=True)
        self._all(_listed(self.options))
        return True

    def _note(self, item: pytest.Item) -> None:
        """Run a test and note which lines it passes."""
        passed: dict[types.CodeType, set[int]] = defaultdict(set)

        def line(frame: types.FrameType, event: str, _: Any) -> Any:
            if event == "line":
                passed[frame.f_code].add(frame.f_lineno)
            return line

        def call(frame: types.FrameType, event: str, _: Any) -> Any:
            return line if frame.f_code.co_filename.startswith(self.rooms) else None

        began = time.process_time()
        sys.settrace(call)
        try:
            reports = runtestprotocol(item, nextitem=None, log=False)
        finally:
            sys.settrace(None)
        took = time.process_time() - began
        if any(report.failed for report in reports):
            print(f"left out, it fails without any change: {item.nodeid}", flush=True)
            return
        if took > LONGEST_TEST or any(report.skipped for report in reports):
            return
        self.took[item] = took
        for code, lines in passed.items():
            name = code.co_filename
            self.of_function[name, code.co_qualname].append(item)
            self.possible.update((name, line) for _, _, line in code.co_lines() if line)
            for each in lines:
                self.of_line[name, each].append(item)
        for name in {code.co_filename for code in passed}:
            self.of_file[name].append(item)

    def _tests(self, mutant: Mutant) -> list[pytest.Item]:
        """Who may notice: the likeliest first."""
        name = str(mutant.path)
        if mutant.is_table:
            found = self.of_file[name]
        else:
            found = self.of_line[name, mutant.line]
            if not found and (name, mutant.line) not in self.possible:  # the line of an operand
                found = self.of_function[name, mutant.function]
        noticed = self.noticed[name, mutant.function]
        return sorted(dict.fromkeys(found), key=lambda test: (-noticed[test], self.took[test]))

    def _all(self, chosen: list[Mutant]) -> None:
        deadline = time.monotonic() + self.options.seconds
        self.live = Live()
        gc.collect()
        gc.freeze()
        for number, mutant in enumerate(chosen):
            if time.monotonic() > deadline:
                self.results["not tried"] = len(chosen) - number
                break
            result = self._one(mutant)
            self.results[result] += 1
            if result in ("survived", "not called"):
                self.survivors.append(mutant)
                print(f"{result}: {mutant.path.relative_to(ROOT)}:{mutant.line} ", end="")
                print(f"{mutant.function}: {mutant.what}", flush=True)

    def _one(self, mutant: Mutant) -> str:
        tests = self._tests(mutant)
        if not tests:
            return "not called"
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _child(self.live, mutant, [(test, self.took[test]) for test in tests], self.options.each, writing)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], 30 * self.options.each)  # asleep for ever, perhaps
        told = os.read(reading, 16) if ready else b""
        os.close(reading)
        if not ready:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if told.isdigit():
            self.noticed[str(mutant.path), mutant.function][tests[int(told)]] += 1
            return "killed"
        return {b"s": "survived", b"i": "impossible"}.get(told, "killed by time or crash")


def _listed(options: argparse.Namespace) -> list[Mutant]:
    found: list[Mutant] = []
    for place in ROOMS[options.room][0]:
        for path in sorted((ROOT / place).rglob("*.py")):
            if options.only in str(path):
                found += mutants(path)
    random.Random(options.seed).shuffle(found)
    print(f"{len(found)} mutants", flush=True)
    return found


def _child(
    live: Live, mutant: Mutant, tests: list[tuple[pytest.Item, float]], seconds: float, told: int
) -> NoReturn:
    """Tell which test noticed, by its place; "s" for none, "i" when there was nothing to change.

    A test that takes much longer than it should ends the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    result = b""
    try:
        result = b"s" if live.put_in(mutant) else b"i"
        until = time.process_time() + seconds
        for place, (test, took) in enumerate(tests if result == b"s" else ()):
            if time.process_time() > until:
                break
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE + 4 * took)
            if _fails(test):
                result = b"%d" % place
                break
    except BaseException:
        result = b"k"
    finally:
        os.write(told, result)
        os._exit(0)


def _fails(item: pytest.Item) -> bool:
    item._initrequest()  # type: ignore[attr-defined]
    return any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


class Live:
    """The running program, and how a mutant gets into it."""

    def __init__(self) -> None:
        self.functions: dict[tuple[str, str], list[types.FunctionType]] = defaultdict(list)
        self.caches: list[Any] = []
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType) and thing.__code__.co_filename.startswith(str(ROOT)):
                self.functions[thing.__code__.co_filename, thing.__code__.co_qualname].append(thing)
            elif type(thing).__name__ == "_lru_cache_wrapper":
                self.caches.append(thing)

    def put_in(self, mutant: Mutant) -> bool:
        """Change the program; whether there was something to change."""
        for cache in self.caches:  # what it remembers was worked out by the unchanged code
            cache.cache_clear()
        if mutant.is_table:
            return _bind(mutant)
        whole = compile(
            ast.Module([mutant.changed()], []),
            str(mutant.path),
            "exec",
            __future__.annotations.compiler_flag,
            True,
        )
        done = False
        for code in _codes(whole):
            if code.co_qualname == mutant.function:
                for function in self.functions[str(mutant.path), mutant.function]:
                    if function.__code__.co_firstlineno == code.co_firstlineno:
                        function.__code__ = code
                        done = True
        return done


def _bind(mutant: Mutant) -> bool:
    """Bind a table's changed value wherever the old one is bound."""
    module = importlib.import_module(str(mutant.path.relative_to(ROOT).with_suffix("")).replace("/", "."))
    statement = next(
        node
        for node in ast.walk(mutant.changed())
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target) == mutant.function
    )
    assert statement.value is not None
    holder: Any = module
    for name in mutant.owner.split(".") if mutant.owner else ():
        holder = getattr(holder, name)
    scope = {**vars(module), **(dict(vars(holder)) if mutant.owner else {})}
    old = getattr(holder, mutant.function)
    new = eval(compile(ast.Expression(statement.value), str(mutant.path), "eval"), scope)
    setattr(holder, mutant.function, new)
    for name, other in list(sys.modules.items()):
        if name.startswith(("smsc.", "tests.")) and vars(other).get(mutant.function) is old:
            setattr(other, mutant.function, new)
    return True


def _codes(code: types.CodeType) -> list[types.CodeType]:
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return [code, *(deeper for each in inner for deeper in _codes(each))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--seconds", type=float, default=600.0, help="end after so long, tried or not")
    parser.add_argument("--each", type=float, default=4.0, help="processor seconds of tests for a mutant")
    parser.add_argument("--seed", type=int, default=1, help="in which order they are tried")
    parser.add_argument("--only", default="", help="files whose path has this")
    parser.add_argument("--survivors", type=Path, help="write the survivors to this file")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    run = Run(options)
    quiet = ["-q", "-s", "--timeout=0", "-p", "no:cacheprovider", "-p", "no:terminalreporter"]
    quiet += [
        "-m",
        "not loop and not torture and not fuzz",
        f"--ignore={ROOT}/tests/engine/test_determinism.py",
    ]
    status = pytest.main([*quiet, *(str(ROOT / test) for test in ROOMS[options.room][1])], plugins=[run])
    lines = [
        f"{each.path.relative_to(ROOT)}:{each.line} {each.function}: {each.what}" for each in run.survivors
    ]
    if options.survivors:
        options.survivors.parent.mkdir(parents=True, exist_ok=True)
        options.survivors.write_text("\n".join(sorted(lines)) + "\n")
    print(f"{options.room}: {dict(run.results)}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
