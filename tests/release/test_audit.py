"""The dependency audit calls clean only what the vulnerability service knows."""

from typing import Any

import audit
import pytest

CLEAN = {"name": "h11", "version": "0.16.0", "vulns": []}
UNKNOWN = {
    "name": "rich",
    "skip_reason": "Dependency not found on PyPI and could not be audited: rich (15.0.0)",
}
OURS = {"name": "smsc-emulator", "skip_reason": "distribution marked as editable"}
HOLE = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
VULNERABLE = {"name": "idna", "version": "1.0", "vulns": [HOLE]}


@pytest.mark.parametrize(
    ("answer", "clean", "status", "said"),
    [
        ([CLEAN, OURS], True, 0, "1 packages, 0 known vulnerabilities"),
        ([CLEAN, UNKNOWN], False, 0, "no verdict on 1 packages that the index does not know: rich"),
        ([UNKNOWN, UNKNOWN], False, 0, "no verdict on 2 packages"),
        ([VULNERABLE, CLEAN], False, 1, "idna 1.0: PYSEC-1, fixed in 2.0"),
        ([VULNERABLE, UNKNOWN], False, 1, "no verdict on 1 packages"),
        ([], False, 0, "no verdict"),
        ("no network", False, 0, "no verdict, the vulnerability service could not be asked: no network"),
    ],
)
def test_only_what_the_service_knows_is_called_clean(
    answer: list[dict[str, Any]] | str,
    clean: bool,
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit.report(answer) == (clean, status)
    printed = capsys.readouterr().out
    assert said in printed
    assert clean or "0 known" not in printed.splitlines()[-1]
