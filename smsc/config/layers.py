"""The layers of a configuration: the demo world or files, the environment, flags; and where a value was set.

flags > environment (`SMSC_SMPP__PORT`) > TOML file > what the file extends > defaults."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smsc.config.extending import Loc, Origin, Row, WrongRemoval, pile_up
from smsc.config.locate import find_line

DEMO = Path(__file__).resolve().parent.parent / "demo.toml"
EXAMPLE = DEMO.with_name("example.toml")

PREFIX = "SMSC_"
EXTENDS = "extends"
_FLAGS = {"store.url": "--store", "clock.mode": "--clock", EXTENDS: "--extend"}


class ConfigError(Exception):
    """The configuration cannot be used; `str()` names every problem with its place, value and expectation."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class File:
    """A TOML file."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError when it cannot be read."""
        self.path = path
        self.name = "demo.toml" if path == DEMO else str(path)
        self.text, self.data = self._read()

    def _read(self) -> tuple[str, dict[str, Any]]:
        name = self.name
        try:
            text = self.path.read_text(encoding="utf-8-sig")  # editors on Windows write a byte order mark
            return text, tomllib.loads(text)
        except OSError as error:
            raise ConfigError([f"{name}: cannot be read: {error.strerror}; expected a TOML file"]) from None
        except UnicodeDecodeError as error:
            raise ConfigError(
                [f"{name}: byte {error.start} is not UTF-8; expected a TOML file in UTF-8"]
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([_toml_problem(name, str(error))]) from None

    def place(self, loc: Loc) -> str:
        """File, line and path of a key."""
        line = find_line(self.text, loc)
        return f"{self.name}:{line}: {dotted(loc)}" if line else f"{self.name}: {dotted(loc)}"


class Environment:
    """Variables whose names begin with `SMSC_`."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def place(self, loc: Loc) -> str:
        """The variable that set a key."""
        return f"environment variable {variable(loc)}: {dotted(loc)}"


class Flags:
    """Options of the command line, or settings that a test or a scenario gives."""

    def __init__(self, data: dict[str, Any], given_as: str) -> None:
        self.data = data
        self.given_as = given_as

    def place(self, loc: Loc) -> str:
        """The option, or the setting by its path."""
        if self.given_as != "option":
            return f"{self.given_as} {dotted(loc)}"
        path = dotted(loc)
        flag = _FLAGS.get(path, "--" + "-".join(str(step) for step in loc).replace("_", "-"))
        return f"option {flag}: {path}"


class Layers:
    """All layers, and the configuration that they make together."""

    def __init__(
        self, path: Path | None, environment: dict[str, Any], flags: Flags, extends: str | None
    ) -> None:
        """`extends` holds for a file that does not say itself. Raises ConfigError."""
        file = None if path is None else File(path)
        upper: list[File | Environment | Flags] = [Environment(environment), flags]
        chosen, base = self._extended(file, upper, extends)
        self.extends = chosen
        self.layers = [*_files(chosen, base, file), *upper]
        try:
            self.merged = pile_up([layer.data for layer in self.layers], extending=chosen != "none")
        except WrongRemoval as wrong:
            place = self._at(wrong.origin)
            raise ConfigError([f"{place}: got a row to remove, expected {wrong.expected}"]) from None
        self.merged.pop(EXTENDS, None)

    @staticmethod
    def _extended(
        file: File | None, upper: list[File | Environment | Flags], default: str | None
    ) -> tuple[str, Path]:
        """What is extended, and the folder that a relative path begins in. The uppermost layer decides."""
        for layer in (*reversed(upper), file):
            if layer is not None and EXTENDS in layer.data:
                given = layer.data[EXTENDS]
                if not isinstance(given, str) or not given:
                    expected = 'expected "demo", "none" or the path of a TOML file'
                    raise ConfigError([f"{layer.place((EXTENDS,))}: got {given!r}, {expected}"])
                return given, layer.path.parent if isinstance(layer, File) else Path()
        return default or ("demo" if file is None else "none"), Path()

    def place(self, loc: Loc) -> str:
        """Where the value at `loc` of the whole was set: a flag, a variable, a line of a file."""
        origins, rest = self._origins(loc)
        if origins:
            chosen = next((one for one in origins if _holds(self._data(one), rest)), origins[0])
            return self._at(chosen, rest)
        holding = [layer for layer in reversed(self.layers) if _holds(layer.data, loc)]
        if isinstance(_value(self.merged, loc), Mapping):
            # Of a table that several layers fill, the file is where it can be read as a whole.
            holding.sort(key=lambda layer: not isinstance(layer, File))
        if holding:
            return holding[0].place(loc)
        files = [layer for layer in self.layers if isinstance(layer, File)]
        return files[-1].place(loc) if files else dotted(loc)

    def _origins(self, loc: Loc) -> tuple[tuple[Origin, ...], Loc]:
        """Where the innermost row around `loc` was written, and what is left of the path in it."""
        found: tuple[tuple[Origin, ...], Loc] = ((), loc)
        data: Any = self.merged
        for depth, step in enumerate(loc):
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):
                break
            if isinstance(data, Row):
                found = (data.origins, loc[depth + 1 :])
        return found

    def _data(self, origin: Origin) -> Any:
        data: Any = self.layers[origin.layer].data
        for step in origin.loc:
            data = data[step]
        return data

    def _at(self, origin: Origin, rest: Loc = ()) -> str:
        return self.layers[origin.layer].place((*origin.loc, *rest))


def _files(extends: str, folder: Path, file: File | None) -> list[File]:
    """The file and all that it is built upon, the lowest first."""
    found = [] if file is None else [file]
    seen = {file.path.resolve()} if file is not None else set()
    while extends != "none":
        path = DEMO if extends == "demo" else folder / extends
        if path.resolve() in seen:
            raise ConfigError([f"{found[0].place((EXTENDS,))}: got {extends!r}, which extends itself"])
        seen.add(path.resolve())
        below = File(path)
        found.insert(0, below)
        extends, folder = below.data.get(EXTENDS, "none"), path.parent
    return found


def _toml_problem(name: str, message: str) -> str:
    at = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if at is None:
        return f"{name}: not TOML: {message}"
    return f"{name}:{at[1]}: column {at[2]}: not TOML: {message[: at.start()]}"


def _value(data: Any, loc: Loc) -> Any:
    for step in loc:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _holds(data: object, loc: Loc) -> bool:
    for step in loc:
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        else:
            # A list without keys comes from one layer as a whole.
            return isinstance(data, (list, tuple))
    return True


def dotted(loc: Loc) -> str:
    """("zones", 1, "loss") -> "zones[1].loss"."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the whole configuration"


def variable(loc: Loc) -> str:
    """The variable that set the value: the longest one whose name is a beginning of the path."""
    names = [str(step).upper() for step in loc if isinstance(step, str)]
    candidates = [PREFIX + "__".join(names[:end]) for end in range(len(names), 0, -1)]
    set_here = {name.upper() for name in os.environ}
    return next((name for name in candidates if name in set_here), candidates[0])
