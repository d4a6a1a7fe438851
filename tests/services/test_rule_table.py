"""The table of rules in docs/norway.md is complete and tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.services import rule_table
from tests.services.rules import INFORMATION, RULES


def test_no_rule_is_without_a_test_and_no_test_without_a_rule() -> None:
    assert rule_table.faults(rule_table.collect()) == []


def test_all_numbers_are_there_once() -> None:
    ids = [rule.id for rule in RULES]
    expected = (
        [f"N{n}" for n in range(1, 38)] + [f"E{n}" for n in range(1, 17)] + [f"K{n}" for n in range(1, 20)]
    )
    assert ids == expected
    assert INFORMATION.keys() <= set(ids)


def test_an_empty_row_a_stray_test_and_a_tested_information_are_found() -> None:
    tests = rule_table.collect()
    del tests["N1"]
    tests["K99"] = [("tests/x.py", "test_K99_nothing")]
    tests["E6"] = [("tests/x.py", "test_E06_nothing")]
    assert sorted(rule_table.faults(tests)) == [
        "E6: information, and yet tested",
        "K99: no such rule (test_K99_nothing)",
        "N1: no test and not information",
    ]


def test_the_document_has_every_rule_and_names_only_tests_that_exist() -> None:
    shown = rule_table.written(rule_table.DOCUMENT.read_text(encoding="utf-8"))
    existing = {name for tests in rule_table.collect().values() for _, name in tests}
    assert [rule.id for rule in RULES] == re.findall(r"^\| ([NEK]\d+) \|", shown, re.MULTILINE)
    assert set(re.findall(r"test_[NEK]\w+", shown)) <= existing


def test_names_with_several_rules_count_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_table, "ROOT", tmp_path)
    (tmp_path / "test_x.py").write_text(
        "async def test_N01_K11_both(a):\n    pass\n\ndef test_N2_no(): pass\n"
    )
    assert rule_table.collect(tmp_path) == {
        "N1": [("test_x.py", "test_N01_K11_both")],
        "K11": [("test_x.py", "test_N01_K11_both")],
    }
