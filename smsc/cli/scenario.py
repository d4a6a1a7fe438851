"""`smsc scenario`: whole situations as files, run on a clock that jumps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json
from smsc.logs import visible

if TYPE_CHECKING:
    from smsc.testing import SmscHandle

app = typer.Typer(help="Scenarios: a world, movements, messages and expectations.", no_args_is_help=True)


@app.command()
def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="TOML files, or names that `scenario list` shows.")
    ],
    report: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML.")] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="On ports, so that a client of your own takes part.")
    ] = False,
    host: Annotated[str, typer.Option(help="With --serve: where to listen.")] = "127.0.0.1",
    smpp_port: Annotated[int, typer.Option(min=0, max=65535, help="With --serve; 0 for a free one.")] = 2775,
    http_port: Annotated[int, typer.Option(min=0, max=65535, help="With --serve; 0 for a free one.")] = 8775,
    clock: Annotated[
        str | None,
        typer.Option(help="With --serve: real, manual or xN (default what the scenario says, else real)."),
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="With --serve: written when both ports accept.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run scenarios; exit status 1 when an expectation does not hold, 2 when a file is wrong.

    In memory on a clock that jumps, or with --serve on ports and a clock that may run."""
    from smsc.config import ConfigError
    from smsc.scenarios import run as scenarios
    from smsc.scenarios.report import junit

    flags: dict[str, Any] = {"host": host, "smpp": {"port": smpp_port}, "http": {"port": http_port}}
    if clock is not None:
        flags["clock"] = {"mode": clock}

    def ready(handle: SmscHandle) -> None:
        from smsc.server.app import say_ready

        say_ready(handle.server, ready_file, quiet=as_json)

    results = []
    for file in files:
        try:
            results.append(scenarios.serve(file, flags, ready) if serve else scenarios.run(file))
        except (scenarios.ScenarioError, ConfigError) as error:
            fail(str(error), WRONG_USAGE)
        except OSError as error:
            fail(str(error))
    if report is not None:
        try:
            junit(results).write(report, encoding="utf-8", xml_declaration=True)
        except OSError as error:
            fail(f"{report}: {error.strerror}")
    for result in results:
        if as_json:
            print_json(result.as_dict())
            continue
        verdict = "ok" if result.passed else "FAILED"
        size = f"{_many(len(result.checks), 'expectation')}, {_many(result.messages, 'message')}"
        took = f"{result.simulated / 3600:.1f} h in {result.seconds:.2f} s"
        typer.echo(f"{verdict}  {visible(result.title)}: {size}, {took}")
        for check in result.checks:
            if check.problem:
                typer.echo(f"  {visible(check.name)} at {check.at / 1000:g} s: {visible(check.problem)}")
                for line in check.story.splitlines():
                    typer.echo(f"    {visible(line)}")
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@app.command("list")
def listing(as_json: AsJson = False) -> None:
    """The scenarios that come with the package."""
    from smsc.scenarios.run import read, shipped

    found = {name: read(name).title for name in shipped()}
    if as_json:
        print_json(found)
    else:
        for name, title in found.items():
            typer.echo(f"{name:<16} {title}")
