"""The modules that Cython compiles, and what can be told about the build that is loaded.

setup.py runs this file on its own, so it imports only the standard library.
"""

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

#: In the order of a message's path. Each has a `.pxd` beside its `.py` that says what it buys.
MODULES: tuple[str, ...] = (
    "smsc.clock",
    "smsc.by_number",
    "smsc.protocol.pdu.submit",
    "smsc.protocol.sessions.framing",
    "smsc.protocol.sessions.answers",
    "smsc.protocol.sessions.flight",
    "smsc.protocol.sessions.link",
    "smsc.protocol.sessions.session",
    "smsc.protocol.sessions.esme",
    "smsc.coverage.draw",
    "smsc.coverage.place",
    "smsc.coverage.movement",
    "smsc.coverage.radio",
    "smsc.routing.accounts",
    "smsc.routing.numbering",
    "smsc.routing.subscribers",
    "smsc.routing.router",
    "smsc.delivery.message",
    "smsc.delivery.flags",
    "smsc.delivery.receipt",
    "smsc.delivery.recipient",
    "smsc.delivery.retry_schedule",
    "smsc.delivery.timers",
    "smsc.engine.binds.bindings",
    "smsc.engine.journal.ids",
    "smsc.engine.journal.message_index",
    "smsc.engine.journal.records",
    "smsc.engine.journal.commit",
    "smsc.store.sqlite_rows",
    "smsc.engine.watchers",
    "smsc.engine.mt.spill",
    "smsc.engine.mt.reach",
    "smsc.engine.mt.retry",
    "smsc.engine.mt.queues",
    "smsc.engine.mt.endings",
    "smsc.engine.mt.wire",
    "smsc.engine.mt.delivery",
    "smsc.engine.mt.responses",
    "smsc.engine.after_commit",
    "smsc.engine.mt.alerts",
    "smsc.engine.scheduler",
    "smsc.engine.mo.submission",
    "smsc.engine.mt.receipts",
    "smsc.engine.tick",
    "smsc.server.connection",
    "smsc.server.listener",
    "smsc.load.histogram",
    "smsc.load.reconciliation",
    "smsc.load.lane",
    "smsc.load.wire",
)

#: Not compiled: their `.pxd` has the same in C for the modules above, constants or functions of one line.
IN_C_ELSEWHERE: tuple[str, ...] = ("smsc.reasons", "smsc.protocol.pdu.copying")

#: How they are compiled: C types come from the `.pxd` only, Python annotations stay annotations.
DIRECTIVES: dict[str, bool | int] = {
    "language_level": 3,
    "annotation_typing": False,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "embedsignature": False,
    # No compiled object is pickled; the methods for it are a tenth of the C.
    "auto_pickle": False,
    # Each constructor sets its arrays; C that asks before each access costs a tenth of a pass over them.
    "initializedcheck": False,
}

#: Modules whose classes the cyclic collector never looks at, for no ring of them is left behind, and how
#: many freed objects of each are kept for the next. Cython reads this in a `.py` only, not in its `.pxd`.
UNCOLLECTED: dict[str, int] = {"smsc.delivery.message": 1024, "smsc.delivery.recipient": 1024}

#: Modules that a message's path does not pass, or hardly: the C compiler may hurry over them (-O1).
#: `make bench ARGS=instructions` tells whether one of them has become hot.
COLD: frozenset[str] = frozenset(
    {
        "smsc.clock",
        "smsc.protocol.sessions.session",
        "smsc.protocol.sessions.esme",
        "smsc.coverage.draw",
        "smsc.coverage.movement",
        "smsc.coverage.radio",
        "smsc.routing.accounts",
        "smsc.delivery.flags",
        "smsc.delivery.receipt",
        "smsc.delivery.retry_schedule",
        "smsc.delivery.timers",
        "smsc.engine.watchers",
        "smsc.engine.mt.spill",
        "smsc.engine.mt.retry",
        "smsc.engine.mt.alerts",
        "smsc.engine.scheduler",
        "smsc.engine.tick",
        "smsc.server.connection",
        "smsc.server.listener",
        "smsc.load.histogram",
        "smsc.load.reconciliation",
        "smsc.load.wire",
    }
)

_ROOT = Path(__file__).resolve().parent.parent


def source(module: str) -> Path:
    """The `.py` of a module in MODULES."""
    return _ROOT.joinpath(*module.split(".")).with_suffix(".py")


def extension(module: str) -> Path | None:
    """The extension file that hides the module's `.py`, or None when the interpreter runs the `.py`.

    The suffixes are tried in the import system's own order."""
    stem = source(module).with_suffix("")
    candidates = (stem.with_name(stem.name + suffix) for suffix in EXTENSION_SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def interpreted() -> list[str]:
    """The modules of the list that would be loaded as plain Python."""
    return [module for module in MODULES if extension(module) is None]


def stale() -> list[str]:
    """Modules whose `.py` or `.pxd` was edited after the extension that hides it was built.

    Only a source checkout can be stale; installers do not keep the order of file times."""
    if not (_ROOT / "setup.py").is_file():
        return []
    return [module for module in MODULES if _is_stale(module)]


def _is_stale(module: str) -> bool:
    built = extension(module)
    if built is None:
        return False
    sources = (source(module), source(module).with_suffix(".pxd"))
    return any(path.stat().st_mtime > built.stat().st_mtime for path in sources if path.is_file())


def describe() -> str:
    """One line for `smsc version`, benchmarks and the header of a test run."""
    missing, old = interpreted(), stale()
    if old:
        return f"STALE: {', '.join(old)} edited after being compiled; run `make build`"
    if not missing:
        return f"compiled ({len(MODULES)} modules)"
    if len(missing) == len(MODULES):
        return "interpreted (plain Python)"
    return f"mixed: interpreted {', '.join(missing)}"
