"""`smsc version`: what is running, and whether it is compiled."""

import platform

import typer

from smsc.cli.output import AsJson, print_json


def version(as_json: AsJson = False) -> None:
    """Print the version, the build (compiled or interpreted), Python and the event loop."""
    from smsc import COMPILED, __version__, _compiled
    from smsc.eventloop import loop_factory

    facts = {
        "version": __version__,
        "build": _compiled.describe(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "loop": loop_factory().__module__.split(".")[0],
    }
    if as_json:
        print_json({**facts, "compiled": COMPILED})
    else:
        typer.echo("smsc {version}: {build}, {python}, {loop}".format(**facts))
