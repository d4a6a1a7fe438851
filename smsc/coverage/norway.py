"""The data behind the synthetic Norway: counties, towns, kinds of cells, tunnels (see docs/coverage.md)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from smsc.coverage.errors import CoverageError


class County(NamedTuple):
    """`id` is the two-digit number of 2024, `population` that of 1 January 2024."""

    id: str
    name: str
    population: int


@cache
def data() -> dict[str, Any]:
    """Return norway.toml, read once."""
    return tomllib.loads(Path(__file__).with_name("norway.toml").read_text("utf-8"))


@cache
def counties() -> dict[str, County]:
    """Return the fifteen counties by id."""
    return {row[0]: County(*row) for row in data()["counties"]}


def county_id(text: str, field: str) -> str:
    """Return the id of a county given by id or name in any case; CoverageError when there is none."""
    wanted = text.strip().casefold()
    for county in counties().values():
        if wanted in (county.id, county.name.casefold()):
            return county.id
    raise CoverageError(field, text, "one of " + ", ".join(f"{c.id} {c.name}" for c in counties().values()))
