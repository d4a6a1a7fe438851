"""Servers in this process that are stopped or crash, and start again on what they left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smsc.testing.server import SmscHandle

Make = Callable[..., SmscHandle]


class Life:
    """One SMSC over several runs."""

    def __init__(self, make: Make, folder: Path, **settings: Any) -> None:
        self.make = make
        self.folder = folder
        self.runs = 0
        self.settings = settings
        self.smsc = self._start()

    def _start(self) -> SmscHandle:
        self.runs += 1
        return self.make(**{**self.settings, "store": {"url": f"sqlite:{self._here}/smsc.db"}})

    @property
    def _here(self) -> Path:
        return self.folder / str(self.runs)

    def restart(self, **settings: Any) -> SmscHandle:
        """Stop as SIGTERM would, and start again."""
        self.smsc.stop()
        self.settings.update(settings)
        self.runs -= 1
        self.smsc = self._start()
        return self.smsc

    def crash(self) -> SmscHandle:
        """Go on from what is on the disk this moment, as if the process had been killed."""
        shutil.copytree(self._here, self.folder / str(self.runs + 1), ignore=shutil.ignore_patterns("*-lock"))
        self.smsc.stop()
        self.smsc = self._start()
        return self.smsc
