"""`smsc lists`: subscribers, assigned numbers and ported numbers as CSV, in and out of a running server."""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json
from smsc.cli.remote.api import Api, Refused, asks, refused_ends
from smsc.logs import visible
from smsc.routing.lists import Known, pieces, problems, rows_of

app = typer.Typer(
    help="Numbers as CSV: subscribers, assigned numbers (helplines, short codes, 5-digit numbers, series), "
    "ported numbers.",
    no_args_is_help=True,
)
Kind = Annotated[Literal["subscribers", "assignments", "ported"], typer.Argument(help="What is listed.")]
File = Annotated[Path, typer.Argument(help="A CSV file with a header, in UTF-8.")]

_PIECE = 500_000  # characters handed over at a time, of the million that the API takes


@app.command()
def check(
    kind: Kind,
    file: File,
    config: Annotated[
        Path | None, typer.Option(help="Check zones and accounts too, by this configuration.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is wrong with a file, line by line, without a server. Exit status 1 when something is."""
    text = _read(file)
    wrong = problems(kind, text, str(file), _known(config))
    rows = 0 if wrong else len(rows_of(text)[1])
    if as_json:
        print_json({"ok": not wrong, "rows": rows, "problems": wrong})
        raise typer.Exit(bool(wrong))
    if wrong:
        fail(visible_lines(wrong))
    typer.echo(f"{file}: ok ({rows} rows)")


@app.command("import")
@asks
def import_list(
    api: Api,
    kind: Kind,
    file: File,
    replay: Annotated[
        bool,
        typer.Option(help="Of assignments: they are all of today's; others end, new ones begin."),
    ] = False,
    *,
    as_json: bool,
) -> None:
    """Bring a file into a running server. It is checked as a whole before anything is handed over.

    A long one goes in pieces, each of which is taken whole or not at all. When one is not, it is said which
    lines stand, and a second import of the same file completes it.
    """
    if replay and kind != "assignments":
        fail(f"--replay is for assignments: {kind} are added", WRONG_USAGE)
    text = _read(file)
    if wrong := problems(kind, text, str(file)):
        fail(visible_lines(wrong))
    header, rows = rows_of(text)
    stand: list[int] = []
    more = {"how": "replay" if replay else "add"} if kind == "assignments" else {}
    bar = typer.progressbar(length=len(rows), label=f"importing {kind}", file=sys.stderr, hidden=as_json)
    with bar:
        for piece in pieces(header, rows, _PIECE, "kind" if replay else ""):
            try:
                api.json(f"lists/{kind}", {"csv": piece.text, **more})
            except Refused as refused:
                _refused(piece.locate(str(refused), str(file)), stand, as_json)
            except typer.Exit:  # nobody answers any more, which has been said
                if stand:
                    unsure = f"whether {spans(piece.lines)} do too is not known"
                    typer.echo(f"{_standing(stand)}; {unsure}: import the file again", err=True)
                raise
            stand += piece.lines
            bar.update(len(piece.lines))
    if as_json:
        print_json({"ok": True, "rows": len(stand)})
    else:
        typer.echo(f"{file}: {len(stand)} rows imported")


def _refused(problem: str, stand: list[int], as_json: bool) -> NoReturn:
    if as_json:
        print_json({"ok": False, "rows": len(stand), "lines": spans(stand), "problem": problem})
        raise typer.Exit(1)
    again = f"\n{_standing(stand)}, and no other; mend the file and import it again" if stand else ""
    fail(visible_lines([problem]) + again)


def _standing(lines: list[int]) -> str:
    return f"the {len(lines)} rows on lines {spans(lines)} stand"


def spans(lines: list[int]) -> str:
    """Line numbers, `2-51, 60`."""
    told: list[tuple[int, int]] = []
    for line in sorted(lines):
        if told and told[-1][1] == line - 1:
            told[-1] = told[-1][0], line
        else:
            told.append((line, line))
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in told)


@app.command()
@asks
def export(
    api: Api,
    kind: Kind,
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
    *,
    as_json: bool,
) -> None:
    """Write a list of a running server as a file that can be imported."""
    with refused_ends():
        text = api.text(f"lists/{kind}")
    if as_json:
        text = "".join(f"{line}\n" for line in _as_json(text))
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    typer.echo(f"{out}: {len(rows_of(text)[1])} rows" if not as_json else str(out))


def visible_lines(sentences: list[str]) -> str:
    """Sentences that quote a file, fit for a terminal."""
    return "\n".join(visible(sentence) for sentence in sentences)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        fail(f"{file}: {error.strerror}", WRONG_USAGE)
    except UnicodeDecodeError as error:
        fail(f"{file}: octet {error.start} is not UTF-8; save the file as UTF-8", WRONG_USAGE)


def _known(config: Path | None) -> Known:
    if config is None:
        return Known()
    from smsc.config import ConfigError, load_settings

    try:
        settings = load_settings(config)
    except ConfigError as error:
        fail(str(error), WRONG_USAGE)
    return Known([zone.name for zone in settings.zones], [esme.system_id for esme in settings.esmes])


def _as_json(text: str) -> list[str]:
    import json

    return [json.dumps(row, ensure_ascii=False) for row in csv.DictReader(io.StringIO(text))]
