"""Finds the line of a TOML file on which a key stands; the standard parser does not keep positions."""

import re
import tomllib
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r'\s*((?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|\'[^\']*\'))*)\s*='
)
_PART = re.compile(r'"([^"]*)"|\'([^\']*)\'|([A-Za-z0-9_-]+)')

Path = tuple[str | int, ...]


def find_line(text: str, path: Path) -> int | None:
    """The line (from 1) of `path` or of the nearest table or key around it that the text names, else None.

    `path` is as in an error: ("zones", 1, "coverage")."""
    best, best_depth = None, 0
    for line, found in _lines(text):
        depth = len(found)
        if depth > best_depth and found == path[:depth]:
            best, best_depth = line, depth
    return best


def _lines(text: str) -> Iterator[tuple[int, Path]]:
    table: Path = ()
    counts: dict[Path, int] = {}
    for line, content in _statements(text):
        header = _HEADER.match(content)
        key = None if header else _KEY.match(content)
        if header:
            table = _enter(_parts(header[2]), counts, is_array=header[1] == "[[")
            yield line, table
        elif key:
            yield line, table + _parts(key[1])


def _enter(names: Path, counts: dict[Path, int], *, is_array: bool) -> Path:
    """The full path of a header: an array of tables that it passes through stands for its last element."""
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if is_array and place == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _parts(dotted: str) -> Path:
    return tuple(
        next(group for group in part.groups() if group is not None) for part in _PART.finditer(dotted)
    )


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Lines that begin a statement: what continues a list, table or text over several lines is left out."""
    pending = ""
    for line, content in enumerate(text.splitlines(), 1):
        if not pending:
            yield line, content
            if not _KEY.match(content):
                continue
        pending += content + "\n"
        try:
            tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        pending = ""
