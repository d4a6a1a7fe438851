"""`python -m bench profile`: where a message's microsecond goes in a serving `smsc`, by layers (as a Markdown
table), by functions and as a flame graph.

Needs Linux's perf. Samples are attributed to the innermost function of smsc on the stack, so that what the
interpreter does on its behalf counts as its own; what the kernel does is told apart in the table of layers.
"""

import argparse
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from bench import children, machine
from bench.children import ROOT
from bench.endtoend import complete_options
from bench.measure import SHARED, Shape, load, submit_options

FREQUENCY = 999
STACK = 16_384
OUTPUT = ROOT / "profile"

#: What a sample without a function of smsc on its stack is, by what is on it. The kernel's by any frame;
#: else by
#: the innermost frame that fits.
KERNEL = (
    ("kernel: sockets", ("tcp_", "sock_", "inet_")),
    ("kernel: waiting and switching", ("epoll", "schedule", "futex")),
    ("kernel: other", ("entry_SYSCALL", "asm_")),
)
USER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("event loop", ("uv_", "uvloop")),
    ("Python between event loop and engine", ("_PyEval",)),
)

#: The layers of a message's path, each with its functions: the longest name that fits decides.
LAYERS = (
    ("connection, listener and turn of the loop", ("smsc.server.", "smsc.engine.tick.", "smsc.clock.")),
    ("framing and decoding", ("smsc.protocol.",)),
    (
        "answers and deliver_sm written",
        (
            "smsc.protocol.sessions.answers.",
            "smsc.protocol.sessions.flight.",
            "smsc.protocol.pdu.submit.put_",
        ),
    ),
    (
        "checks: source, number, route, SIM, radio",
        ("smsc.routing.", "smsc.coverage.", "smsc.engine.mo.submission.", "smsc.engine.mo.options."),
    ),
    (
        "the message's record",
        ("smsc.delivery.message.", "smsc.engine.journal.ids.", "smsc.engine.journal.message_index."),
    ),
    ("queue, attempt, delivery", ("smsc.delivery.", "smsc.engine.")),
    ("receipts", ("smsc.engine.mt.receipts.", "smsc.delivery.receipt.")),
    ("commit and store", ("smsc.engine.journal.commit.", "smsc.engine.journal.records.", "smsc.store.")),
)
#: What is no function of smsc, by marks on the stack, the first that fits.
AROUND = (
    ("disk (kernel)", ("kernel:ext4", "kernel:jbd2", "kernel:xfs", "kernel:btrfs", "kernel:blk_")),
    ("sockets (kernel)", ("kernel:tcp_", "kernel:sock_", "kernel:inet_")),
    (
        "waiting and switching (kernel)",
        ("kernel:epoll", "kernel:do_epoll", "kernel:schedule", "kernel:__schedule", "kernel:futex"),
    ),
    ("other kernel", ("kernel:",)),
    ("commit and store", ("sqlite3", "pager", "wal", "apsw", "APSW")),
)

COLOURS = {"smsc": "#e0a458", "python": "#9bb8d3", "kernel": "#c9b7d8", "other": "#cfcfcf"}


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(prog="python -m bench profile", description=__doc__)
    made.add_argument("path", nargs="?", choices=("submit", "complete"), default="complete")
    made.add_argument("--store", default="memory:", help="memory: or sqlite: (a fresh one)")
    made.add_argument(
        "--shape", type=shape, default=Shape(4, 100), metavar="BINDSxWINDOW", help="default 4x100"
    )
    made.add_argument("--seconds", type=float, default=4.0)
    made.add_argument("--output", type=Path, default=OUTPUT, help="folder for flame graph and folded stacks")
    options = made.parse_args(argv)
    machine.require_compiled(allow_interpreted=False)
    perf = shutil.which("perf")
    if perf is None:
        print("bench: perf is needed for a profile (Debian: apt-get install linux-perf)")
        return 1
    print(machine.text(machine.describe()))
    stacks, ns = record(perf, options)
    total = sum(stacks.values())
    if not total:
        print("bench: perf recorded no sample; is kernel.perf_event_paranoid above 2?")
        return 1
    kind = "durable" if options.store.startswith("sqlite") else "memory"
    print(layers(stacks, ns, f"{options.path}, {options.shape}, {kind}"))
    print(table(stacks, ns, f"{options.path}, {options.shape}"))
    options.output.mkdir(parents=True, exist_ok=True)
    name = f"{options.path}-{kind}-{options.shape.binds}x{options.shape.window}"
    folded = "".join(f"{';'.join(stack)} {count}\n" for stack, count in sorted(stacks.items()))
    (options.output / f"{name}.folded").write_text(folded, encoding="utf-8")
    page = options.output / f"{name}.html"
    page.write_text(
        flame_graph(stacks, f"smsc, {options.path} path, {options.shape}, {ns / 1000:.2f} us a message"),
        encoding="utf-8",
    )
    print(f"flame graph: {page}")
    return 0


def shape(text: str) -> Shape:
    """`4x100`; argparse tells a ValueError as wrong usage."""
    binds, _, window = text.partition("x")
    return Shape(int(binds), int(window))


def record(perf: str, options: argparse.Namespace) -> tuple[Counter[tuple[str, ...]], float]:
    """Stacks, outermost first, with their samples; and the server's CPU time a message in ns."""
    pin = SHARED if options.store == "memory:" else (None, None)
    wanted = submit_options(options.shape, options.seconds + 1.0, 0.5)
    if options.path == "complete":
        wanted = complete_options(options.seconds + 1.0) | options.shape._asdict()
    with tempfile.TemporaryDirectory(prefix="smsc-bench-") as directory:
        data = f"{directory}/perf.data"
        with children.Smsc(options.store, pin[0]) as server:
            children.settle(server)
            command = [perf, "record", "--quiet", "--freq", str(FREQUENCY), "--call-graph", f"dwarf,{STACK}"]
            command += ["--output", data, "--pid", str(server.pid), "--", "sleep", str(options.seconds)]
            recorder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            row = load(server, pin[1], **wanted)
            recorder.wait(timeout=options.seconds + 30)
            time.sleep(0.1)
        script = [perf, "script", "--input", data, "--fields", "comm,ip,sym,dso", "--no-inline"]
        said = subprocess.run(script, capture_output=True, text=True, errors="replace", check=False)
    return Counter(read_stacks(said.stdout)), row.server_ns


def read_stacks(text: str) -> Iterator[tuple[str, ...]]:
    """The stacks of `perf script`, outermost frame first, symbols made readable, what leads to the event
    loop's step left out."""
    for block in text.split("\n\n"):
        frames = re.findall(r"^\s+[0-9a-f]+ (.+?) \((.+?)\)$", block, re.MULTILINE)
        names = [readable(symbol, library) for symbol, library in reversed(frames)]
        names = names[next((i for i, name in enumerate(names) if name.startswith("uv__")), 0) :]
        if names:
            yield tuple(name for i, name in enumerate(names) if i == 0 or name != names[i - 1])


def readable(symbol: str, library: str) -> str:
    """`__pyx_f_4smsc_6engine_6commit_6Commit_flush` is smsc.engine.journal.commit.Commit.flush."""
    symbol = symbol.partition("+0x")[0]
    made = re.match(r"__pyx_(?:f|fuse|pw|pf|tp_[a-z]+|getprop|setprop)_(\d.*)", symbol)
    if made:
        rest, parts = made[1], []
        while found := re.match(r"(\d+)", rest):
            end = found.end() + int(found[1])
            if end >= len(rest) or rest[end] != "_" or rest[found.end()] == "_":
                break
            parts.append(rest[found.end() : end])
            rest = rest[end + 1 :]
        return ".".join([*parts, re.sub(r"^\d+", "", rest)] if rest else parts)
    if "kernel" in library or library == "[unknown]":
        return f"kernel:{symbol}" if symbol != "[unknown]" else "unknown"
    return symbol if symbol != "[unknown]" else Path(library).name


def place(stack: tuple[str, ...]) -> str:
    """Whose time the sample is."""
    for name in reversed(stack):
        if name.startswith("smsc."):
            return name
    for label, marks in KERNEL:
        if any(mark in name for mark in marks for name in stack if name.startswith("kernel:")):
            return label
    for name in reversed(stack):
        for whose, signs in USER:
            if name.startswith(signs):
                return whose
    return "other"


def layer(stack: tuple[str, ...]) -> str:
    """On which part of a message's path the sample was taken."""
    own = next((name for name in reversed(stack) if name.startswith("smsc.")), None)
    if own is not None and not any(name.startswith("kernel:") for name in stack):
        fits = [(len(mark), label) for label, marks in LAYERS for mark in marks if f"{own}.".startswith(mark)]
        return max(fits)[1] if fits else "other of smsc"
    for label, marks in AROUND:
        if any(name.startswith(marks) for name in stack):
            return label
    return "event loop" if any(name.startswith(("uv_", "uvloop")) for name in stack) else "the rest"


def layers(stacks: Counter[tuple[str, ...]], ns: float, path: str) -> str:
    """ns a message by layer, as a table for docs/benchmarks.md."""
    total = sum(stacks.values())
    counts: Counter[str] = Counter()
    for stack, count in stacks.items():
        counts[layer(stack)] += count
    lines = [f"| {path} | ns a message | share |", "|---|---|---|"]
    for label, count in counts.most_common():
        lines.append(f"| {label} | {ns * count / total:,.0f} | {count / total:.1%} |")
    return "\n".join([*lines, f"| server's CPU time in all | {ns:,.0f} | {total:,} samples |", ""])


def table(stacks: Counter[tuple[str, ...]], ns: float, path: str, rows: int = 30) -> str:
    """ns a message by function, and by package."""
    total = sum(stacks.values())
    functions: Counter[str] = Counter()
    packages: Counter[str] = Counter()
    for stack, count in stacks.items():
        name = place(stack)
        functions[name] += count
        packages[".".join(name.split(".")[:2]) if name.startswith("smsc.") else name] += count
    lines = [f"{path}: {ns:,.0f} ns of the server's CPU time a message, {total:,} samples", ""]
    for title, counts in (("package", packages), ("function", functions)):
        lines.append(f"{'ns':>8}  {'share':>6}  {title}")
        shown = counts.most_common(rows)
        lines += [f"{ns * count / total:>8,.0f}  {count / total:>6.1%}  {name}" for name, count in shown]
        lines.append("")
    return "\n".join(lines)


def flame_graph(stacks: Counter[tuple[str, ...]], title: str, width: int = 1200, height: int = 17) -> str:
    """The stacks as nested bars, outermost on top, as wide as their samples; one page, nothing fetched."""
    total = sum(stacks.values())
    boxes: list[str] = []
    deepest = draw(stacks, 0, 0, total, width / total, height, boxes)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        "<style>body{font:14px system-ui,sans-serif}svg text{font:11px monospace;pointer-events:none}"
        "rect{stroke:#fff;stroke-width:.5}rect:hover{stroke:#000}</style>"
        f"<h1>{escape(title)}</h1><p>{total} samples; point at a bar for its name and share.</p>"
        f'<svg width="{width}" height="{(deepest + 1) * height}">{"".join(boxes)}</svg></html>\n'
    )


def draw(
    stacks: Counter[tuple[str, ...]],
    depth: int,
    begin: float,
    total: int,
    scale: float,
    height: int,
    boxes: list[str],
) -> int:
    """Draw the frames at `depth` of stacks that share all outer ones; returns the deepest level drawn."""
    children_of: dict[str, Counter[tuple[str, ...]]] = {}
    for stack, count in stacks.items():
        if len(stack) > depth:
            children_of.setdefault(stack[depth], Counter())[stack] += count
    deepest = depth
    for name in sorted(children_of):
        below = children_of[name]
        count = sum(below.values())
        if count * scale >= 0.5:
            boxes.append(box(name, begin * scale, depth * height, count * scale, height, count / total))
            deepest = max(deepest, draw(below, depth + 1, begin, total, scale, height, boxes))
        begin += count
    return deepest


def box(name: str, x: float, y: int, width: float, height: int, share: float) -> str:
    kind = "smsc" if name.startswith("smsc.") else "kernel" if name.startswith("kernel:") else "other"
    kind = "python" if re.match(r"_?Py|[a-z]+_(?:new|dealloc|call)", name) else kind
    label = escape(name[: int(width / 6.7)]) if width > 20 else ""
    return (
        f'<g><title>{escape(name)} {share:.2%}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
        f'height="{height}" fill="{COLOURS[kind]}"/><text x="{x + 2:.1f}" y="{y + 12}">{label}</text></g>'
    )
