"""`smsc scenario`: whole situations as files, run on a clock that jumps."""

from pathlib import Path
from typing import Annotated

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json
from smsc.logs import visible

app = typer.Typer(help="Scenarios: a world, movements, messages and expectations.", no_args_is_help=True)


@app.command()
def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="TOML files, or names that `scenario list` shows.")
    ],
    report: Annotated[Path | None, typer.Option(help="Write the results as JUnit XML.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run scenarios; exit status 1 when an expectation does not hold."""
    from smsc.config import ConfigError
    from smsc.scenarios.report import junit
    from smsc.scenarios.run import ScenarioError
    from smsc.scenarios.run import run as run_one

    results = []
    for file in files:
        try:
            results.append(run_one(file))
        except (ScenarioError, ConfigError) as error:
            fail(str(error), WRONG_USAGE)
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

    found = {name: str(read(name)["title"]) for name in shipped()}
    if as_json:
        print_json(found)
    else:
        for name, title in found.items():
            typer.echo(f"{name:<16} {title}")
