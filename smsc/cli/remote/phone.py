"""`smsc phone`: one handset and its SIM, looked at or changed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from smsc.cli.output import WRONG_USAGE, fail, print_json
from smsc.cli.remote.api import Api, asks, quoted
from smsc.logs import visible


@asks
def phone(
    api: Api,
    number: Annotated[str, typer.Argument(help="The handset, in any dialling form.")],
    zone: Annotated[str | None, typer.Option(help="Move into this zone.")] = None,
    position: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="Stand there, such as 59.91,10.75.")
    ] = None,
    gpx: Annotated[Path | None, typer.Option(help="Follow this track, from now on.")] = None,
    inside: Annotated[str | None, typer.Option(help="outdoor, car or indoor.")] = None,
    powered: Annotated[bool | None, typer.Option("--on/--off", help="Switch it on or off.")] = None,
    memory_full: Annotated[
        bool | None, typer.Option("--full/--free", help="Fill its memory, or make room.")
    ] = None,
    sim: Annotated[str | None, typer.Option(help="active, suspended, blocked, expired or inactive.")] = None,
    bar: Annotated[
        list[str] | None, typer.Option(help="Bar mo_sms or content; none ends it.", show_default=False)
    ] = None,
    nod_sms: Annotated[
        bool | None, typer.Option("--nod-sms/--no-nod-sms", help="Registered for emergency SMS.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Make the number unknown.")] = False,
    *,
    as_json: bool,
) -> None:
    """Show a handset, or change what the options say."""
    given: dict[str, Any] = {
        "zone": zone,
        "position": None if position is None else _position(position),
        "gpx": None if gpx is None else _text(gpx),
        "starts_now": True if gpx is not None else None,
        "inside": inside,
        "powered": powered,
        "memory_full": memory_full,
        "sim": sim,
        "barred": None if not bar else [name for name in bar if name != "none"],
        "nod_sms": nod_sms,
    }
    body = {key: value for key, value in given.items() if value is not None}
    if remove and body:
        fail("--remove: expected without other changes", WRONG_USAGE)
    path = f"subscribers/{quoted(number)}"
    if remove:
        api.remove(path, number, as_json=as_json)
        return
    found = api.ask(path, body or None, "PATCH" if body else None)
    if as_json:
        print_json(found)
        return
    wide = 2 + max(map(len, found))
    for key, value in found.items():
        typer.echo(visible(f"{key + ':':<{wide}}{_shown(value)}"))


def _position(text: str) -> dict[str, float]:
    parts = text.split(",")
    try:
        lat, lon = map(float, parts)
    except ValueError:
        fail(f"--position {text!r}: expected LAT,LON such as 59.91,10.75", WRONG_USAGE)
    return {"lat": lat, "lon": lon}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(
            f"--gpx {path}: {getattr(error, 'strerror', None) or 'expected a GPX file in UTF-8'}", WRONG_USAGE
        )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if one is not None)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if value is None:
        return "-"
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
