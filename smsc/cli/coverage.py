"""`smsc coverage`: the signal at a position of the synthetic map, and its picture."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from smsc.cli.output import WRONG_USAGE, AsJson, fail, print_json

app = typer.Typer(help="The synthetic coverage map of Norway.", no_args_is_help=True)
Seed = Annotated[int, typer.Option(min=0, help="Of the shadowing, as in the configuration.")]


@app.command()
def at(
    position: Annotated[str, typer.Argument(metavar="LAT,LON", help="Degrees, such as 59.91,10.75.")],
    inside: Annotated[
        Literal["outdoor", "car", "indoor"], typer.Option(help="Where the handset is.")
    ] = "outdoor",
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Explain the signal at a position: the cells that are heard, how strong, and what that means."""
    from smsc.coverage.drawing.commands import describe, signal_at
    from smsc.coverage.errors import CoverageError

    try:
        signal = signal_at(position, seed=seed, inside=inside)
    except CoverageError as error:
        fail(str(error), WRONG_USAGE)
    if as_json:
        print_json(signal.as_dict())
    else:
        typer.echo("\n".join(describe(signal)))


# The help is printed with markup, in which [map] would be a style.
@app.command("map", help="Draw the map. Needs the extra `map`: pip install 'smsc-emulator\\[map]'.")
def draw_map(
    out: Annotated[Path, typer.Option(help="The picture to write, such as map.png.")],
    seed: Seed = 1,
    pixels_per_km: Annotated[float, typer.Option(min=0.1, max=10, help="The scale.")] = 1.0,
) -> None:
    from smsc.coverage.drawing.commands import draw
    from smsc.coverage.errors import CoverageError

    try:
        draw(out, seed=seed, pixels_per_km=pixels_per_km)
    except (CoverageError, OSError, ValueError) as error:
        fail(str(error))
    typer.echo(str(out))
