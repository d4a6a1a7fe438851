"""Who may import whom: the table of docs/architecture.md, read from the sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "smsc"

#: Package or module under smsc/ -> what else of smsc it may import. What is not listed may import everything.
MAY_IMPORT: dict[str, set[str]] = {
    "reasons": set(),
    "durations": set(),
    "moments": set(),
    "typed": set(),
    "subscriber_fields": {"typed"},
    "protocol": {"reasons"},
    "routing": {"subscriber_fields", "typed", "reasons"},
    "coverage": {"durations", "moments"},
    "delivery": {"reasons", "routing"},
    "store": set(),
    "services": {"typed", "reasons", "routing", "delivery"},
    "engine": {
        "subscriber_fields",
        "reasons",
        "protocol",
        "routing",
        "coverage",
        "delivery",
        "store",
        "services",
        "config",
        "clock",
        "world",
    },
    "world": {
        "subscriber_fields",
        "moments",
        "reasons",
        "routing",
        "coverage",
        "delivery",
        "services",
        "config",
    },
    "control": {
        "subscriber_fields",
        "reasons",
        "durations",
        "moments",
        "typed",
        "protocol",
        "routing",
        "coverage",
        "delivery",
        "store",
        "services",
        "config",
        "clock",
        "world",
        "engine",
    },
    "exposure": set(),
    "addresses": set(),
    "config": {
        "subscriber_fields",
        "reasons",
        "durations",
        "moments",
        "typed",
        "exposure",
        "protocol",
        "routing",
        "coverage",
        "store",
        "services",
    },
    "api": {"subscriber_fields", "exposure", "moments", "addresses"},
    "web": set(),
    "load": {"protocol", "tls", "_compiled"},
    "client": {"typed", "protocol", "tls"},
    "testing": {
        "subscriber_fields",
        *("reasons", "durations", "routing", "delivery", "config", "control", "world", "server", "client"),
        "eventloop",
    },
    "scenarios": {
        "typed",
        "moments",
        *("reasons", "durations", "protocol", "delivery", "store", "config", "world", "engine", "control"),
        *("clock", "api", "client", "testing"),
    },
    "tls": set(),
    "logs": {"routing"},
    "clock": {"moments"},
    "eventloop": set(),
    "_compiled": set(),
}

#: Time is an argument, chance is a hash, bytes come and go through calls: no clock, no dice, no I/O.
PURE = (
    "reasons",
    "durations",
    "moments",
    "typed",
    "subscriber_fields",
    "protocol",
    "routing",
    "coverage",
    "delivery",
    "services",
)
WITHOUT_IO = (*PURE, "world", "engine", "control")
IO = {
    "asyncio",
    "concurrent",
    "ctypes",
    "fcntl",
    "http",
    "mmap",
    "multiprocessing",
    "queue",
    "sched",
    "select",
}
IO |= {"selectors", "signal", "smtplib", "socket", "socketserver", "ssl", "subprocess", "threading", "urllib"}
CLOCK_AND_DICE = {"random", "secrets", "time", "uuid"}
#: Calls that read the machine's clock though their module may be imported.
READS_THE_CLOCK = {"now", "utcnow", "today"}


def sources(part: str) -> list[Path]:
    """The Python files of a package or module of smsc."""
    module = PACKAGE / f"{part}.py"
    return [module] if module.is_file() else sorted((PACKAGE / part).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The absolute names that a file imports, also inside functions."""
    return names_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).parent.parts)


def names_in(text: str, package: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*parents, *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def cimports(path: Path) -> Iterator[str]:
    """The same for the `.pxd` beside it, whose cimports also need the other module."""
    types = path.with_suffix(".pxd")
    if types.is_file():
        for match in re.finditer(
            r"^\s*(?:from\s+([\w.]+)\s+cimport|cimport\s+([\w.]+))", types.read_text(), re.MULTILINE
        ):
            yield match[1] or match[2]


def parts_imported(path: Path) -> set[str]:
    names = [*imports(path), *cimports(path)]
    return {name.split(".")[1] for name in names if name.startswith("smsc.")}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_package_imports_only_what_the_table_allows(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    wrong = {str(path.relative_to(ROOT)): parts_imported(path) - allowed for path in sources(part)}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("part", WITHOUT_IO)
def test_a_package_without_io_imports_none(part: str) -> None:
    forbidden = IO | (CLOCK_AND_DICE if part in PURE else {"random", "time"})
    wrong = {
        str(path.relative_to(ROOT)): {name.split(".")[0] for name in imports(path)} & forbidden
        for path in sources(part)
    }
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("part", WITHOUT_IO)
def test_time_is_an_argument(part: str) -> None:
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(part)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READS_THE_CLOCK
        and isinstance(node.func.value, (ast.Name, ast.Attribute))
        and ast.unparse(node.func.value).split(".")[-1] in ("datetime", "date")
    ]
    assert calls == []


def test_every_package_of_the_table_exists() -> None:
    assert [part for part in MAY_IMPORT if not sources(part)] == []


def test_no_part_of_the_product_imports_the_tests_or_the_benchmarks() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if {name.split(".")[0] for name in imports(path)} & {"tests", "bench"}
    ]
    assert wrong == []


def test_the_reader_of_imports_sees_what_it_must() -> None:
    text = (
        "import socket\ndef f():\n    from smsc.routing.router import Router\n    from ..store import base\n"
    )
    found = set(names_in(text, ("smsc", "protocol")))
    assert found == {"socket", "smsc.routing.router.Router", "smsc.store.base"}


def test_nothing_imports_the_commands() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "cli" and path.name != "__main__.py" and "cli" in parts_imported(path)
    ]
    assert wrong == []
