"""Suite `peers`: the smallest honest server that each library's documentation suggests, under the same
generator.

None of them checks, routes, stores or delivers anything; `smsc` does all of it and stands in the same
table. Each peer's dependencies come from its own registry into bench/.cache/ the first time; what cannot be
had is reported as absent.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import children
from bench.children import CACHE, Child, ChildError
from bench.measure import SHARED, Row, Shape, in_turn, load, submit_options
from bench.results import Suite

HERE = Path(__file__).resolve().parent
SHAPES = (Shape(1, 10), Shape(4, 100))

#: A compiler at run time needs some time to get going; what was compiled before needs none.
WARM_UP = 3.0
SHORT_WARM_UP = 0.5
INSTALL_TIME = 600

#: What the documentation of the wanted peer leads to and what was found; shown with the results.
NOTES = ["Go SMPP modules: the module proxy serves none of those found; `go` is plain Go without a library"]


class Peer(NamedTuple):
    """`tools` must be on PATH; `install` are commands run in a copy of bench/peers/NAME; `serve` starts it,
    with the port as the last argument. `{dir}` stands for the copy, `{python}` for this interpreter."""

    name: str
    what: str
    tools: tuple[str, ...]
    install: tuple[tuple[str, ...], ...]
    serve: tuple[str, ...]


PEERS = (
    Peer(
        "smpp34",
        "smpp34 1.5.0 (PyPI), Rust under asyncio",
        (),
        (
            ("{python}", "-m", "venv", "{dir}/venv"),
            ("{dir}/venv/bin/python", "-m", "pip", "install", "--quiet", "-r", "{dir}/requirements.txt"),
        ),
        ("{dir}/venv/bin/python", "{dir}/server.py"),
    ),
    Peer(
        "node",
        "smpp 0.5.1 (npm), node",
        ("node", "npm"),
        (("npm", "install", "--silent", "--no-audit", "--no-fund"),),
        ("node", "{dir}/server.js"),
    ),
    Peer(
        "jsmpp",
        "jSMPP 3.0.1 (Maven), Java",
        ("java", "javac", "mvn"),
        (
            ("mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory={dir}/lib"),
            ("javac", "-cp", "{dir}/lib/*", "-d", "{dir}", "{dir}/Server.java"),
        ),
        ("java", "-cp", "{dir}/lib/*:{dir}", "Server"),
    ),
    Peer(
        "go",
        "plain Go, goroutine a session",
        ("go",),
        (("go", "build", "-o", "server", "."),),
        ("{dir}/server",),
    ),
    Peer(
        "rusmpp",
        "rusmpp 0.4.0, tokio",
        ("cargo",),
        (("cargo", "build", "--release", "--quiet"),),
        ("{dir}/target/release/peer",),
    ),
)


def run(options: Any) -> Suite:
    suite = Suite("peers", absent=list(NOTES))
    ready = {peer.name: peer for peer in PEERS if wanted(peer, options) and prepared(peer, suite)}
    for shape in SHAPES:
        subjects: dict[str, Callable[[], Row]] = {
            "limit": lambda shape=shape: measured(children.limit, shape, options),  # type: ignore[misc]
            "smsc": lambda shape=shape: measured(smsc, shape, options),  # type: ignore[misc]
        }
        for name, peer in ready.items():
            subjects[name] = lambda shape=shape, peer=peer: measured(  # type: ignore[misc]
                lambda cpus: start(peer, cpus), shape, options
            )
        rows = in_turn(subjects, options.repetitions)
        limit = [row.per_second for row in rows["limit"]]
        for name in subjects:
            rates = [row.per_second for row in rows[name]]
            what = (
                ready[name].what if name in ready else "bench/limit.c" if name == "limit" else "all checks on"
            )
            suite.add(f"{shape} {name}", "/s", rates, note=what)
        for name in ("smsc", *ready):
            share = [a.per_second / b for a, b in zip(rows[name], limit, strict=True)]
            suite.add(f"{shape} {name}, share of limit", "x", share)
            by_cpu = [a.potential / b.potential for a, b in zip(rows[name], rows["limit"], strict=True)]
            suite.add(f"{shape} {name}, share by CPU time", "x", by_cpu, note="warm-up included")
        if "jsmpp" in ready and shape == Shape(4, 100):
            pairs = zip(rows["smsc"], rows["jsmpp"], strict=True)
            times = [a.per_second / b.per_second for a, b in pairs]
            suite.add(f"{shape} smsc over jsmpp", "x", times, target=2.0)
    return suite


def wanted(peer: Peer, options: Any) -> bool:
    return not options.only or peer.name in options.only.split(",")


def prepared(peer: Peer, suite: Suite) -> bool:
    """Whether the peer can run; installs it the first time, and says in `suite` why it cannot."""
    missing = [tool for tool in peer.tools if shutil.which(tool) is None]
    if missing:
        suite.absent.append(f"{peer.name}: no {', '.join(missing)} on PATH")
        return False
    try:
        install(peer)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        suite.absent.append(f"{peer.name}: {said.strip().splitlines()[-1] if said.strip() else error}")
        return False
    return True


def install(peer: Peer) -> None:
    """Copy the peer's sources to the cache and fetch what they need, once for each state of the sources."""
    sources = sorted(path for path in (HERE / peer.name).rglob("*") if path.is_file())
    state = "".join(f"{path.relative_to(HERE)}\n{path.read_text(encoding='utf-8')}\n" for path in sources)
    directory = CACHE / peer.name
    stamp = directory / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == state:
        return
    shutil.copytree(HERE / peer.name, directory, dirs_exist_ok=True)
    for command in peer.install:
        print(f"peers: {peer.name}: {' '.join(command[:3])} ...", file=sys.stderr, flush=True)
        subprocess.run(
            filled(command, peer),
            cwd=directory,
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIME,
        )
    stamp.write_text(state, encoding="utf-8")


def filled(command: Sequence[str], peer: Peer) -> list[str]:
    return [part.format(dir=CACHE / peer.name, python=sys.executable) for part in command]


def start(peer: Peer, cpus: Sequence[int] | None) -> Child:
    return Child(peer.name, [*filled(peer.serve, peer), str(children.free_port())], cpus)


def smsc(cpus: Sequence[int] | None) -> Child:
    child = children.Smsc(cpus=cpus)
    children.settle(child)
    return child


def measured(begin: Callable[[Sequence[int] | None], Child], shape: Shape, options: Any) -> Row:
    """One load on a fresh server; all figures 0 when it dies under it."""
    server_cpus, own_cpus = SHARED if options.pin else (None, None)
    with begin(server_cpus) as child:
        try:
            warm_up = SHORT_WARM_UP if child.name in ("limit", "smsc") else WARM_UP
            return load(child, own_cpus, **submit_options(shape, options.seconds, warm_up))
        except Exception as error:
            raise ChildError(f"{child.name} at {shape}: {error}; {child.said()}") from error
