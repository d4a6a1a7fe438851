"""`smsc load`: the load generator's command line."""

import signal
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail
from smsc.cli.remote.api import Api, HttpPort, Refused, Token
from smsc.cli.smpp.peer import Host, SmppPort, port_of
from smsc.cli.smpp.tls import Ca, Cert, Insecure, Key, Tls, context_of
from smsc.logs import visible

if TYPE_CHECKING:
    from smsc.load.plan import Plan
    from smsc.load.runner import Runner, Second
    from smsc.load.verdict import Condition

Share = Annotated[float, typer.Option(min=0, max=100, metavar="PERCENT")]


def load(
    target: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[HOST:PORT]",
            help="The SMSC, in place of --host and --smpp-port.",
            show_default=False,
        ),
    ] = None,
    binds: Annotated[int, typer.Option(min=1, help="How many binds.")] = 1,
    window: Annotated[int, typer.Option(min=1, help="Unanswered submit_sm on each bind.")] = 10,
    rate: Annotated[
        float | None,
        typer.Option(help="submit_sm a second over all binds; without it each bind keeps its window full."),
    ] = None,
    duration: Annotated[float, typer.Option(help="Seconds that are measured.")] = 10.0,
    warm_up: Annotated[float, typer.Option(help="Seconds before that, not measured.")] = 1.0,
    drain: Annotated[float, typer.Option(help="Seconds to wait afterwards for what is still due.")] = 5.0,
    count: Annotated[
        int | None, typer.Option(min=1, help="End after so many submit_sm, without warm-up.")
    ] = None,
    system_id: Annotated[str, typer.Option(help="Of every bind, unless --handsets.")] = "farm",
    password: Annotated[str | None, typer.Option(help="Default farm, with --handsets 1234.")] = None,
    handsets: Annotated[
        str | None,
        typer.Option(metavar="FIRST-LAST", help="Bind as these handsets, one each; also the sources."),
    ] = None,
    bind: Annotated[
        Literal["transceiver", "transmitter", "pair"],
        typer.Option(help="pair: a transmitter and a receiver for each."),
    ] = "transceiver",
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FIRST-LAST", help="Sources; default the demo world's farm."),
    ] = None,
    destination: Annotated[
        str, typer.Option("--to", metavar="FIRST-LAST", help="Destinations.")
    ] = "4790000000-4790099999",
    text: Annotated[
        str | None, typer.Option(help="In the GSM default alphabet; a running number follows it.")
    ] = None,
    receipts: Annotated[bool, typer.Option(help="Ask for delivery receipts and account for them.")] = True,
    deliveries: Annotated[
        bool, typer.Option(help="The binds serve the destinations too: account for every message.")
    ] = False,
    in_flight: Annotated[
        int | None, typer.Option(min=1, help="At most so many messages without answer, receipt or delivery.")
    ] = None,
    refused: Share = 0,
    no_coverage: Share = 0,
    emergency: Share = 0,
    long: Share = 0,
    parts: Annotated[int, typer.Option(min=2, max=255, help="Parts of a long message.")] = 2,
    refused_to: Annotated[
        str, typer.Option(metavar="NUMBER", help="A destination that is refused.")
    ] = "4722000000",
    no_coverage_to: Annotated[
        str, typer.Option(metavar="NUMBER", help="A handset out of reach.")
    ] = "4799000020",
    emergency_to: Annotated[str, typer.Option(metavar="NUMBER", help="An emergency number.")] = "112",
    message_id: Annotated[
        Literal["text", "decimal", "hex", "hex-decimal", "decimal-hex"],
        typer.Option(help="How the SMSC writes message ids: in the response, in the receipt."),
    ] = "text",
    response_timeout: Annotated[float, typer.Option(help="Seconds until an answer is given up.")] = 30.0,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Send the rows of this file, with the columns from, to and text, over and over.",
        ),
    ] = None,
    find_rate: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help='Find the highest rate at which this holds, such as "p99<50ms", from --rate (or 1000) on.',
        ),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Compare with what --json wrote earlier.")
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION...",
            help='Exit status 1 when one holds, such as "p99>20ms" "refused>0"; with --compare "p99>120%".',
            show_default=False,
        ),
    ] = None,
    host: Host = "127.0.0.1",
    smpp_port: SmppPort = None,
    tls: Tls = False,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    http_port: HttpPort = 8775,
    token: Token = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the run as a page with charts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put load on an SMSC and measure it: any SMSC that speaks SMPP 3.4, by default the demo world on this
    machine. Ctrl-C ends the measurement, and what was measured is printed.

    Exit status 1 when nothing was accepted, answers, receipts or messages did not come, the SMSC closed a
    connection, or a condition of --fail-if holds.

    PERCENT options are shares of the messages: refused, without coverage, to an emergency number, long."""
    from smsc.load import compare as comparing
    from smsc.load.plan import SAMPLE, Plan, parse_range
    from smsc.load.report import steps, to_json
    from smsc.load.report import text as as_text
    from smsc.load.rows import rows_of
    from smsc.load.runner import LoadError
    from smsc.load.verdict import failures, read_conditions

    context = context_of(tls, ca, cert, key, insecure)
    targets, conditions = sorted_out(target or [], fail_if or [])
    try:
        wrong_if = read_conditions(conditions, compared=compare is not None)
        wanted = read_conditions([find_rate], option="--find-rate") if find_rate is not None else []
        if wanted and count is not None:
            raise ValueError(
                "--count ends a run, --find-rate makes many of --duration seconds: only one of them"
            )
        if csv is not None and (
            others := mixed(source, handsets, text, refused, no_coverage, emergency, long)
        ):
            raise ValueError(f"--csv says who writes what to whom: without {', '.join(others)}")
        rows = rows_of(csv) if csv is not None else ()
        before = comparing.earlier(compare) if compare is not None else None
        if len(targets) > 1:
            raise ValueError(f"{targets[1]!r}: expected one HOST:PORT")
        usual = port_of(smpp_port, tls=context is not None)
        host, port = split_target(targets[0], usual) if targets else (host, usual)
        if plot is not None and not plot.absolute().parent.is_dir():
            raise ValueError(f"--plot {plot}: there is no such directory")
        plan = Plan(
            host,
            port,
            binds=binds,
            window=window,
            rate=rate,
            duration=duration if count is None else max(duration, 86_400.0),
            warm_up=warm_up if count is None else 0.0,
            drain=drain,
            count=count,
            system_id=system_id,
            password=password if password is not None else "1234" if handsets else "farm",
            handsets=parse_range(handsets) if handsets else None,
            bind_type=bind,
            source=parse_range(source or "4790000000-4790099999"),
            destination=parse_range(destination),
            text=SAMPLE if text is None else text,
            receipts=receipts,
            deliveries=deliveries,
            in_flight=in_flight,
            refused=refused / 100,
            no_coverage=no_coverage / 100,
            emergency=emergency / 100,
            long=long / 100,
            parts=parts,
            refused_to=refused_to,
            no_coverage_to=no_coverage_to,
            emergency_to=emergency_to,
            message_id=message_id,
            response_timeout=response_timeout,
            rows=rows,
        )
    except ValueError as error:
        fail(str(error), WRONG_USAGE)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", WRONG_USAGE)
    try:
        result = found(plan, wanted, context) if wanted else measured(plan, context)[0]
    except LoadError as error:
        fail(str(error))
    if before is not None:
        result["compared"] = comparing.compared(before, result)
    if as_json:
        typer.echo(to_json(result))
    else:
        if wanted:
            typer.echo(steps(result))
        typer.echo(as_text(result))
        if before is not None:
            typer.echo(comparing.text(result["compared"], str(compare)))
    if plot is not None:
        from smsc.load.plot import page

        try:
            plot.write_text(page(result), encoding="utf-8")
        except OSError as error:
            fail(f"--plot {plot}: {error.strerror}")
    told = list(failures(result, wrong_if, before))
    if wanted and result["search"]["rate"] is None:
        told.append(f"{find_rate}: at no rate that was tried")
    if told and result.get("receipts", {}).get("lost"):
        told += others_bound(Api(host, http_port, token), plan.system_id)
    if told:
        fail("\n".join(told))


def measured(plan: "Plan", context: ssl.SSLContext | None) -> tuple[dict[str, Any], bool]:
    """One run: its summary, and whether Ctrl-C ended it."""
    from smsc.load.report import summary
    from smsc.load.runner import Runner

    with progress_bar(plan) as progress:
        runner = Runner(plan, progress, context)
        with ended_by_ctrl_c(runner):
            return summary(runner.run()), runner.stopped


def found(plan: "Plan", wanted: list["Condition"], context: ssl.SSLContext | None) -> dict[str, Any]:
    """The highest rate at which all of `wanted` hold, each step told on the terminal as it is over."""
    from smsc.load.report import step
    from smsc.load.search import FIRST, search

    ended = False

    def measure(rate: float) -> dict[str, Any]:
        nonlocal ended
        result, ended = measured(replace(plan, rate=rate), context)
        return result

    def told(one: dict[str, Any]) -> None:
        if sys.stderr.isatty():
            typer.echo(step(one), err=True)

    return search(measure, wanted, plan.rate or FIRST, told, lambda: ended)


def mixed(source: str | None, handsets: str | None, text: str | None, *shares: float) -> list[str]:
    """The options given that say what a file of messages says."""
    names = ("--from", "--handsets", "--text", "--refused", "--no-coverage", "--emergency", "--long")
    return [name for name, value in zip(names, (source, handsets, text, *shares), strict=True) if value]


@contextmanager
def ended_by_ctrl_c(runner: "Runner") -> Iterator[None]:
    """The first Ctrl-C ends the measurement, the second the program."""

    def ended(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        runner.stop()

    before = signal.signal(signal.SIGINT, ended)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def sorted_out(given: list[str], fail_if: list[str]) -> tuple[list[str], list[str]]:
    """Targets, and conditions: --fail-if takes several, of which all but the first look like arguments."""
    from smsc.load.verdict import is_condition

    more = [text for text in given if is_condition(text)] if fail_if else []
    return [text for text in given if text not in more], [*fail_if, *more]


def others_bound(api: Api, system_id: str) -> Iterator[str]:
    """Who else is bound under the name, and gets some of its receipts."""
    if not api.answers():
        return
    try:
        sessions = api.json("sessions")["sessions"]
    except Refused:
        return
    peers = [f"{one['id']} from {one['peer']}" for one in sessions if one["system_id"] == system_id]
    if peers:
        yield visible(f"receipts go to every bind of {system_id}; also bound is session {', '.join(peers)}")


def split_target(target: str, usual: int = 2775) -> tuple[str, int]:
    """("::1", 2775) of "[::1]:2775"; the port may be left out. ValueError says what would be right."""
    host, colon, port = target.rpartition(":")
    if not colon or target.endswith("]"):
        host, port = target, str(usual)
    if not port.isdecimal():
        raise ValueError(f"{target!r}: expected HOST:PORT, such as 127.0.0.1:2775")
    return host.strip("[]"), int(port)


@contextmanager
def progress_bar(plan: "Plan") -> Iterator["Callable[[Second, float], None] | None"]:
    """A bar on the terminal that moves once a second, outside the busy loop; nothing when nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
    except ImportError:
        yield None
        return
    columns = (BarColumn(), TextColumn("{task.percentage:3.0f} %"), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bar:
        task = bar.add_task("binding", total=1.0)

        def moved(second: "Second", share: float) -> None:
            phase = "warm-up" if second.warm_up else "measuring"
            counts = f"{second.answered:,} answered, {second.delivered:,} delivered"
            shown = f"{phase}: {counts}, p99 {second.p99 / 1e6:.2f} ms"
            bar.update(task, completed=share, description=shown)
            bar.refresh()

        yield moved
