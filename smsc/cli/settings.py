"""What commands share that read a configuration: `--extend`, and settings that can be served."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from smsc.config import Settings

Extend = Annotated[
    str | None,
    typer.Option(
        metavar="demo|none|FILE",
        help="What the configuration lies over, whatever it says itself.",
        show_default=False,
    ),
]


def checked_settings(file: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings from all sources, from which all can be built that is served. Raises ConfigError."""
    from smsc.server.tls import tls_problems
    from smsc.world.checks import load_checked

    return load_checked(file, flags, now=time.time_ns() // 1_000_000, check=tls_problems)
