"""Who may import whom: the table of docs/architecture.md, read from the sources."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "smsc"

EVERYTHING = {
    path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").is_file() or path.suffix == ".py"
}
#: Package or module under smsc/ -> what else of smsc it may import; docs/architecture.md has the same table.
MAY_IMPORT: dict[str, set[str]] = {
    "reasons": set(),
    "by_number": set(),
    "durations": set(),
    "moments": set(),
    "typed": set(),
    "subscriber_fields": {"typed"},
    "protocol": {"reasons", "by_number"},
    "routing": {"subscriber_fields", "typed", "reasons"},
    "coverage": {"durations", "moments"},
    "delivery": {"routing"},
    "store": set(),
    "nodes": {"store"},
    "services": {"typed", "reasons", "routing", "delivery"},
    "engine": {
        "by_number",
        "subscriber_fields",
        "reasons",
        "protocol",
        "routing",
        "coverage",
        "delivery",
        "store",
        "nodes",
        "services",
        "config",
        "clock",
        "world",
    },
    "world": {
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
    "api": {"subscriber_fields", "exposure", "durations", "moments", "addresses"},
    "web": set(),
    "load": {"protocol", "routing", "client", "tls", "_compiled"},
    "client": {"typed", "protocol", "tls"},
    "testing": {
        "subscriber_fields",
        *("reasons", "durations", "delivery", "config", "control", "world", "server", "client"),
        "eventloop",
    },
    "scenarios": {
        "typed",
        "moments",
        *("reasons", "durations", "protocol", "delivery", "store", "config", "world", "engine", "control"),
        *("clock", "api", "client", "testing"),
    },
    "server": {
        *(
            "moments",
            "reasons",
            "addresses",
            "protocol",
            "routing",
            "delivery",
            "store",
            "config",
            "clock",
            "world",
        ),
        *("engine", "control", "api", "client", "eventloop", "__init__"),
    },
    "cli": EVERYTHING,
    "__main__": {"cli"},
    "__init__": {"_compiled"},
    "tls": set(),
    "logs": {"routing"},
    "clock": {"moments"},
    "eventloop": set(),
    "_compiled": set(),
}

#: How many modules a folder may have, its `__init__.py` among them.
MOST_FILES = 20

#: Time is an argument, chance is a hash, bytes come and go through calls: no clock, no dice, no I/O.
PURE = (
    "reasons",
    "by_number",
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


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The absolute names that a file imports, also inside functions."""
    return tuple(names_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).parent.parts))


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


@cache
def parts_imported(path: Path) -> frozenset[str]:
    names = [*imports(path), *cimports(path)]
    named = {name.split(".")[1] for name in names if name.startswith("smsc.")}
    # `from smsc import __version__`
    return frozenset(part if part in EVERYTHING else "__init__" for part in named)


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_package_imports_only_what_the_table_allows(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    wrong = {str(path.relative_to(ROOT)): parts_imported(path) - allowed for path in sources(part)}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("part", [part for part in MAY_IMPORT if part != "cli"])
def test_what_the_table_allows_is_used(part: str) -> None:
    """An allowance that nobody uses hides the import that would need a second look."""
    used = set[str]().union(*(parts_imported(path) for path in sources(part)))
    assert MAY_IMPORT[part] - used == set()


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


def room_of(name: str) -> str:
    """The room of a module of the engine, by which its order is told."""
    parts = name.split(".")
    return parts[2] if parts[1] == "engine" and len(parts) > 2 else parts[1]


@cache
def files_and_their_imports() -> dict[str, set[str]]:
    """Every module of smsc -> the modules of smsc that it imports, for types too."""
    modules = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        modules[name.removesuffix(".__init__")] = path
    found: dict[str, set[str]] = {}
    for name, path in modules.items():
        named = {known for full in imports(path) for known in (full, full.rpartition(".")[0])}
        found[name] = {other for other in named if other in modules and other != name}
    return found


def test_no_files_import_each_other_in_a_circle() -> None:
    rest = files_and_their_imports()
    packages = {name for name in rest if (PACKAGE.parent / name.replace(".", "/")).is_dir()}
    rest = {name: others - packages for name, others in rest.items() if name not in packages}
    while free := [name for name, others in rest.items() if not others & rest.keys()]:
        for name in free:
            del rest[name]
    assert rest == {}, "what is left imports itself in the end"


#: The rooms of the engine, from the bottom up: each imports only those before it.
ENGINE_ROOMS = ("journal", "watchers", "reading", "binds", "mt", "mo")


def test_the_rooms_of_the_engine_stand_on_one_another_in_order() -> None:
    wrong = [
        (name, other)
        for name, others in files_and_their_imports().items()
        for other in others
        if name.startswith("smsc.engine.") and other.startswith("smsc.engine.")
        if (room := room_of(name)) in ENGINE_ROOMS and (below := room_of(other)) in ENGINE_ROOMS
        if ENGINE_ROOMS.index(below) > ENGINE_ROOMS.index(room)
    ]
    assert wrong == []


def test_every_room_says_in_its_first_line_what_it_is_for() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        first = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert len((first or "").partition("\n")[0]) > 20, path


def test_no_room_has_more_files_than_one_looks_through() -> None:
    """A room that grows past it is split by subject, as `smsc/protocol/` and `smsc/control/` are."""
    files = Counter(str(path.parent.relative_to(ROOT)) for path in PACKAGE.rglob("*.py"))
    assert {room: count for room, count in files.items() if count > MOST_FILES} == {}


def test_the_path_of_a_message_goes_forward_through_files_that_are_there() -> None:
    """docs/architecture.md walks from the socket to the receipt."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = text[text.index("## The path of one message") : text.index("## Rooms")]
    files = re.findall(r"^\W*((?:[a-z_]+/)+[a-z_0-9]+\.py)", walk, re.MULTILINE)
    assert len(files) > 20
    assert [file for file in files if not (PACKAGE / file).is_file()] == []


def test_where_to_look_names_functions_that_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("## Where to look") : text.index("## Rooms")]
    answers = re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.py)`(?: \(([^)]*)\))?", table)
    assert len(answers) > 8
    for file, functions in answers:
        defined = re.findall(r"^ *def (\w+)", (PACKAGE / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", functions)) <= set(defined), file


def test_the_table_has_every_package_and_module() -> None:
    assert MAY_IMPORT.keys() == EVERYTHING


def test_the_page_has_the_same_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("## Rooms") : text.index("## Decisions")]
    said: dict[str, set[str]] = {}
    for names, allowed in re.findall(r"^\| (`.*?`) \|.*\| ([^|]+) \|$", table, re.MULTILINE):
        for name in re.findall(r"`(?:smsc/)?(\w+)(?:/|\.py)`", names):
            words = set() if allowed == "nothing" else set(allowed.split(", "))
            said[name] = EVERYTHING if allowed == "everything" else words
    assert said == MAY_IMPORT


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
        if PACKAGE / "cli" not in path.parents and path.name != "__main__.py"
        if "cli" in parts_imported(path)
    ]
    assert wrong == []
