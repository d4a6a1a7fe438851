"""Writes the table of rules into docs/norway.md: rule, source, and the tests that carry its number.

    python -m tests.services.rule_table          write the table
    python -m tests.services.rule_table --check  only say whether the table is as it should be

Fails when a rule has no test and is not marked as information, or when a test carries the number of no rule.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.services.rules import INFORMATION, RULES, SOURCES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "norway.md"
BEGIN = "<!-- rules: written by python -m tests.services.rule_table -->"
END = "<!-- rules: end -->"

_TEST = re.compile(r"^\s*(?:async )?def (test_((?:[NEK]\d\d_)+)\w*)\(", re.MULTILINE)
_HEADINGS = {
    "N": "Emergency SMS (Nød-SMS)",
    "E": "116 helplines",
    "K": "Contact and reservation register",
}


def collect(tests: Path = ROOT / "tests") -> dict[str, list[tuple[str, str]]]:
    """Rule number -> (file, test) of every test that carries it, in order of files and lines."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for match in _TEST.finditer(path.read_text(encoding="utf-8")):
            for number in match[2].rstrip("_").split("_"):
                rule = f"{number[0]}{int(number[1:])}"
                found.setdefault(rule, []).append((path.relative_to(ROOT).as_posix(), match[1]))
    return found


def faults(tests: dict[str, list[tuple[str, str]]]) -> list[str]:
    """What makes the table wrong; nothing when every row is filled and every test has its rule."""
    known = {rule.id for rule in RULES}
    return [
        *(f"{rule}: no test and not information" for rule in known - tests.keys() - INFORMATION.keys()),
        *(f"{rule}: information, and yet tested" for rule in INFORMATION.keys() & tests.keys()),
        *(f"{rule}: no such rule ({tests[rule][0][1]})" for rule in tests.keys() - known),
        *(
            f"{rule.id}: source {tag!r}"
            for rule in RULES
            for tag in rule.source.split(", ")
            if tag not in SOURCES
        ),
    ]


def table(tests: dict[str, list[tuple[str, str]]]) -> str:
    """The generated part of the document."""
    lines = ["| source | |", "|---|---|", *(f"| {tag} | {text} |" for tag, text in SOURCES.items())]
    for letter, heading in _HEADINGS.items():
        lines += [
            "",
            f"### {heading}",
            "",
            "| rule | what it demands | source | tests |",
            "|---|---|---|---|",
        ]
        for rule in RULES:
            if rule.id[0] == letter:
                lines.append(f"| {rule.id} | {rule.demand} | {rule.source} | {_tests(rule.id, tests)} |")
    return "\n".join(lines)


def written(document: str) -> str:
    """The generated part as the document has it."""
    return document.partition(BEGIN)[2].partition(END)[0].strip()


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit status."""
    tests = collect()
    wrong = faults(tests)
    document = DOCUMENT.read_text(encoding="utf-8")
    if arguments == ["--check"]:
        if written(document) != table(tests):
            wrong.append("docs/norway.md is not up to date: python -m tests.services.rule_table")
    else:
        before, _, rest = document.partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table(tests)}\n\n{END}{after}", encoding="utf-8")
    print(
        "\n".join(sorted(wrong)) or f"{len(RULES)} rules, {sum(map(len, tests.values()))} tests",
        file=sys.stderr,
    )
    return 1 if wrong else 0


def _tests(rule: str, tests: dict[str, list[tuple[str, str]]]) -> str:
    if rule in INFORMATION:
        return f"information: {INFORMATION[rule]}"
    by_file: dict[str, list[str]] = {}
    for file, name in tests.get(rule, []):
        by_file.setdefault(file, []).append(name)
    return "; ".join(f"[{file}](../{file}): {', '.join(names)}" for file, names in by_file.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
