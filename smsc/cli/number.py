"""`smsc number`: how the Norwegian number plan reads a number, step by step."""

from typing import Annotated, Literal

import typer

from smsc.cli.output import AsJson, print_json
from smsc.logs import visible


def number(
    text: Annotated[
        str, typer.Argument(metavar="NUMBER", help="In any dialling form, such as 004759555112.")
    ],
    ton: Annotated[int, typer.Option(min=0, max=255, help="Type of number, as in SMPP.")] = 0,
    npi: Annotated[int, typer.Option(min=0, max=255, help="Numbering plan, as in SMPP.")] = 1,
    language: Annotated[Literal["en", "nb"], typer.Option(help="Of the explanation.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Explain how the number plan reads a number, and why no SMS can be sent to it where none can."""
    from smsc.routing.numbering import load_plan

    reading = load_plan().explain(text, ton, npi)
    if as_json:
        steps = [{"en": english, "nb": bokmaal} for english, bokmaal in reading.steps]
        print_json({"number": text, **reading._asdict(), "steps": steps})
    else:
        shown = reading.e164 or reading.national or "no number of the plan"
        typer.echo(f"{visible(text)}: {shown}, {reading.type}")
        for english, bokmaal in reading.steps:
            typer.echo(f"  {visible(bokmaal if language == 'nb' else english)}")
        facts = {
            "can send SMS": "yes" if reading.can_send_sms else "no",
            "can receive SMS": "yes" if reading.can_receive_sms else "no",
            "charging": reading.charging or "-",
            "reason": reading.reason or "-",
        }
        for name, value in facts.items():
            typer.echo(f"  {name + ':':<17}{value}")
