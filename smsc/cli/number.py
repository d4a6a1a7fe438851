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
    from smsc.typed import compact

    reading = load_plan().explain(compact(text), ton, npi)
    if as_json:
        steps = [{"en": english, "nb": bokmaal} for english, bokmaal in reading.steps]
        print_json({"number": text, **reading._asdict(), "steps": steps})
    else:
        shown = reading.e164 or reading.national or "no number of the plan"
        typer.echo(f"{visible(text)}: {shown}, {reading.type}")
        for english, bokmaal in reading.steps:
            typer.echo(f"  {visible(bokmaal if language == 'nb' else english)}")
        words = _WORDS[language]
        facts = (
            words["yes"] if reading.can_send_sms else words["no"],
            words["yes"] if reading.can_receive_sms else words["no"],
            reading.charging or "-",
            reading.reason or "-",
        )
        for label, value in zip(words["labels"].split("|"), facts, strict=True):
            typer.echo(f"  {label + ':':<17}{value}")


_WORDS = {
    "en": {"yes": "yes", "no": "no", "labels": "can send SMS|can receive SMS|charging|reason"},
    "nb": {"yes": "ja", "no": "nei", "labels": "kan sende SMS|kan motta SMS|takst|årsak"},
}
