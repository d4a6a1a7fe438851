"""`python -m bench instructions`: how many instructions a message takes, which no noisy clock can blur.

Valgrind's callgrind counts them while the operations below run in one process; the result is compared with
the committed baseline. The counts depend on compiler, Python and Cython, so the baseline names them, and
another set of these is measured but not judged.
"""

import argparse
import ctypes
import gc
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import machine
from bench.children import CACHE, ROOT

BASELINE = ROOT / "bench" / "instructions.json"
TOLERANCE = 0.10

#: Counted are so many windows of WINDOW messages, after as many that warm tables and caches.
ROUNDS = 8
WINDOW = 100
SMALL_WINDOW = 10


def count() -> None:
    """In the child under valgrind: run each operation, and let callgrind dump what it counted."""
    from bench.codec import bound, decode_chunk, submits
    from bench.rig import ConnectionRig, Rig
    from smsc.protocol.sessions.limits import SessionLimits

    library = ctypes.CDLL(str(CACHE / "libcallgrind-requests.so"))
    if not library.under_valgrind():
        sys.exit("bench: not under valgrind")

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        """The call, counted; what happens around it is not."""

        def counting(*arguments: object) -> object:
            library.toggle()
            result = call(*arguments)
            library.toggle()
            return result

        return counting

    chunk, session = submits(WINDOW), bound(SessionLimits(window_in=10_000))
    submit, complete = (Rig(WINDOW, complete=both, numbers=WINDOW) for both in (False, True))
    behind_connection = ConnectionRig(SMALL_WINDOW, complete=False, numbers=WINDOW)
    first = Rig(WINDOW, complete=False, numbers=2 * ROUNDS * WINDOW)
    sends, follows = (Rig(WINDOW, complete=both, numbers=WINDOW) for both in (False, True))
    decode = counted(decode_chunk)

    def small_windows() -> None:
        for _ in range(WINDOW // SMALL_WINDOW):
            behind_connection.window()

    operations: dict[str, Callable[[], object]] = {
        "frame, decode and answer submit_sm": lambda: decode(session, chunk),
        "submit_sm to submit_sm_resp, all checks": submit.window,
        "the same in windows of 10, server's rim": small_windows,
        "complete message, the server's part": complete.complete,
        "the first to a handset that nobody serves": first.window,
        "a submission, the generator's part": sends.window,
        "complete message, the generator's part": follows.complete,
    }
    for rig in (submit, behind_connection, complete, first):
        rig.turn = counted(rig.turn)  # type: ignore[method-assign, assignment]
    for rig in (sends, follows):
        rig.submits, rig.answer = counted(rig.submits), counted(rig.answer)  # type: ignore[method-assign, assignment]
    gc.disable()  # when a collection comes depends on all that was made before
    for name, operation in operations.items():
        for _ in range(ROUNDS):
            operation()
        library.begin()
        for _ in range(ROUNDS):
            operation()
        library.end(name.encode())


def measure() -> dict[str, float]:
    """Instructions a message of each operation. RuntimeError when it cannot be counted here."""
    valgrind, compiler = shutil.which("valgrind"), shutil.which("cc") or shutil.which("gcc")
    if valgrind is None or compiler is None:
        raise RuntimeError("valgrind and a C compiler are needed to count instructions")
    CACHE.mkdir(parents=True, exist_ok=True)
    built = CACHE / "libcallgrind-requests.so"
    made = subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", "-o", str(built), str(ROOT / "bench" / "callgrind.c")],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise RuntimeError(f"bench/callgrind.c does not compile: {made.stderr.strip().splitlines()[0]}")
    with tempfile.TemporaryDirectory(prefix="smsc-bench-") as directory:
        command = [valgrind, "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=no"]
        command.append(f"--callgrind-out-file={directory}/out")
        subprocess.run(
            [*command, sys.executable, "-m", "bench.instructions"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), "PYTHONMALLOC": "pymalloc"},
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        return read_dumps(Path(directory))


def read_dumps(directory: Path) -> dict[str, float]:
    """Instructions a message, from callgrind's dumps: `desc: Trigger: Client Request: NAME` and `summary:
    N`."""
    counts = {}
    for path in sorted(directory.glob("out.*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
        total = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
        if name and total:
            counts[name[1]] = int(total[1]) / ROUNDS / WINDOW
    return counts


def toolchain() -> dict[str, str | None]:
    """What the counts depend on besides the source."""
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
        "cython": machine.version("Cython"),
    }


def compare(counts: dict[str, float], baseline: dict[str, float]) -> tuple[list[str], int]:
    """A line for each operation, and how many exceed the baseline by more than TOLERANCE."""
    lines, worse = [], 0
    for name, value in counts.items():
        line = f"  {name:<42} {value:>9,.0f} instructions a message"
        if before := baseline.get(name):
            change = value / before - 1
            worse += change > TOLERANCE
            line += f"  {change:+6.1%}" + (f"  MORE THAN {TOLERANCE:.0%} OVER" if change > TOLERANCE else "")
        lines.append(line)
    return lines, worse


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(prog="python -m bench instructions", description=__doc__)
    made.add_argument("--update", action="store_true", help="make the result the baseline")
    made.add_argument("--strict", action="store_true", help="exit 1 on a regression")
    options = made.parse_args(argv)
    machine.require_compiled(allow_interpreted=False)
    try:
        counts = measure()
    except RuntimeError as error:
        print(f"bench: instructions were not counted: {error}")
        return 0
    except subprocess.SubprocessError as error:
        print(f"bench: instructions were not counted: {error}; {(error.stderr or '')[-1000:]}")  # type: ignore[attr-defined]
        return 1
    kept = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    comparable = kept.get("toolchain") == toolchain()
    print(
        "instructions"
        + ("" if comparable or not kept else ", not judged: the baseline is of another toolchain")
    )
    lines, worse = compare(counts, kept.get("counts", {}) if comparable else {})
    print("\n".join(lines))
    if options.update:
        rounded = {name: round(value, 1) for name, value in counts.items()}
        document = {"toolchain": toolchain(), "counts": rounded}
        BASELINE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(f"kept in {BASELINE.relative_to(ROOT)}")
    return 1 if worse and options.strict else 0


if __name__ == "__main__":
    count()
