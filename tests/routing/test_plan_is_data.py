"""The facts of the number plan stand in norway.toml alone: no module carries a range as a literal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smsc.routing.plan_data import bounds, document, is_of, pattern

PRODUCT = Path(__file__).resolve().parents[2] / "smsc"
#: What ends or begins a range, as national numbers and as keys; shorter ones are too many other things.
BOUNDS = {
    text
    for row in document()["rows"]
    if row["from"] != row["to"]
    for text in (row["from"], row["to"], f"47{row['from']}", f"47{row['to']}")
    if len(text) > 5
}
#: The first handsets of the demo world are the first numbers of a series too.
EXAMPLES = {"90000000", "4790000000", "4740000000", "40000000"}
#: A series in a regular expression, or the first digits of a number to compare with.
SERIES = re.compile(r"\[49\]|(?<!\d)(?:47)?(?:5[89]|116)\\d|^475[89]$")


def constants(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of the numbers and strings in a file, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in told and isinstance(node.value, (int, str)):
            yield node.lineno, str(node.value)


@pytest.mark.long
def test_no_module_carries_a_range_of_the_plan() -> None:
    found = [
        f"{path.relative_to(PRODUCT)}:{line}: {text[:60]}"
        for path in sorted(PRODUCT.rglob("*.py"))
        for line, text in constants(path)
        if (text in BOUNDS and text not in EXAMPLES) or SERIES.search(text)
    ]
    assert found == []


def test_the_search_finds_what_it_is_to_find(tmp_path: Path) -> None:
    module = tmp_path / "x.py"
    for source in ('r"[49]\\d{7}"', '"4758"', "47116000", "4768069999", 'r"59\\d{6}"', '"59999999"'):
        module.write_text(f"x = {source}\n", encoding="utf-8")
        assert [text for _, text in constants(module) if text in BOUNDS or SERIES.search(text)], source


@pytest.mark.parametrize(
    "name, key, expected",
    [
        ("mobile", 4790000000, True),
        ("mobile", 4739999999, False),
        ("m2m_iot", 47580000000000, True),
        ("m2m_iot", 4758000000, False),
        ("eu_harmonised_116", 47116999, True),
        ("special_5digit", 4702000, True),
    ],
)
def test_a_type_of_number_is_asked_for_by_name(name: str, key: int, expected: bool) -> None:
    assert is_of(name, key) is expected


def test_a_pattern_matches_the_numbers_of_its_types_and_no_others() -> None:
    own = re.compile(pattern("mobile", "m2m_iot"))
    for first, last in (*bounds("mobile"), *bounds("m2m_iot")):
        assert own.fullmatch(str(first)[2:])
        assert own.fullmatch(str(last)[2:])
        assert not own.fullmatch(str(first - 1)[2:])
        assert not own.fullmatch(str(last + 1)[2:])
    assert not own.fullmatch("59000001")
