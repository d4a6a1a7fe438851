"""`python -m bench SUITE...`: see bench/README.md for the method."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import machine, results

#: Suites in the order of `all`, each with its module and what it measures.
SUITES = {
    "codec": ("bench.codec", "PDUs to rows and back"),
    "route": ("bench.route", "numbers, sources, routes"),
    "coverage": ("bench.coverage", "reachability look-ups"),
    "submit": ("bench.submit", "submit_sm to response, memory store, against the C limit"),
    "endtoend": ("bench.endtoend", "complete messages, memory store"),
    "durable": ("bench.durable", "the same with fsync before each response"),
    "postgresql": ("bench.postgresql", "the same over PostgreSQL, as shares of the plain COPY rate"),
    "memory": ("bench.memory", "what a waiting message takes, by parts"),
    "scale": ("bench.scale", "idle binds; growth with subscribers, binds, queue"),
    "pages": ("bench.pages", "the pages: weight, first list, events, searching under load"),
    "peers": ("bench.peers", "other libraries' servers, the same generator"),
}


OTHERS = """others, each with --help:
  compare       two kept runs side by side
  instructions  instruction counts against the committed baseline
  profile       where a message's microsecond goes"""


def parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<14}{what}" for name, (_, what) in SUITES.items())
    made = argparse.ArgumentParser(
        prog="python -m bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Benchmarks; the method is in bench/README.md.",
        epilog=f"suites:\n{listed}\n  all           all of them\n\n{OTHERS}",
    )
    made.add_argument("suites", nargs="+", metavar="SUITE", choices=[*SUITES, "all"])
    made.add_argument("--repetitions", type=int, default=5, help="of each figure (default 5)")
    made.add_argument("--seconds", type=float, default=2.0, help="that each load is measured (default 2)")
    made.add_argument("--no-pin", dest="pin", action="store_false", help="let the kernel place all processes")
    made.add_argument("--no-apart", dest="apart", action="store_false", help="leave out the two-core figures")
    made.add_argument("--only", help="peers: comma separated names")
    made.add_argument("--output", type=Path, help="JSON file (default bench/results/SUITES-TIME.json)")
    made.add_argument("--allow-interpreted", action="store_true", help="measure plain Python all the same")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["compare"]:
        return compare(arguments[1:])
    if arguments[:1] in (["instructions"], ["profile"]):
        module = importlib.import_module(f"bench.{arguments[0]}")
        return int(module.main(arguments[1:]))
    options = parser().parse_args(arguments)
    machine.require_compiled(options.allow_interpreted)
    print(machine.text(machine.describe()), flush=True)
    print(f"each figure is the median of {options.repetitions}; +- is half the range\n", flush=True)
    everything = [name for name in SUITES if name != "postgresql"]  # which needs a database
    names = everything if "all" in options.suites else list(dict.fromkeys(options.suites))
    done: list[results.Suite] = []
    for name in names:
        suite = importlib.import_module(SUITES[name][0]).run(options)
        print(suite.text() + "\n", flush=True)
        done.append(suite)
    print(f"kept in {results.keep(done, options.output)}")
    return 0


def compare(arguments: Sequence[str]) -> int:
    """Two kept runs side by side; exit status 1 when a figure became worse by more than a tenth and its
    spread."""
    made = argparse.ArgumentParser(prog="python -m bench compare", description=compare.__doc__)
    made.add_argument("old", type=Path)
    made.add_argument("new", type=Path)
    made.add_argument("--tolerance", type=float, default=0.1)
    options = made.parse_args(arguments)
    try:
        text, worse = results.compare(options.old, options.new, options.tolerance)
    except (OSError, ValueError, KeyError) as error:
        made.error(f"not two kept runs: {error}")
    print(text)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
