"""Figures, their spread and their comparison."""

import json
from pathlib import Path

import pytest

from bench import results
from bench.__main__ import main
from bench.machine import describe
from bench.machine import text as machine_text
from bench.measure import in_turn, ratios
from bench.results import Figure, Suite


def test_a_figure_is_a_median_with_half_its_range() -> None:
    figure = Figure("rate", "/s", [90.0, 100.0, 130.0])
    assert figure.median == 100
    assert figure.spread == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("value", "lower", "met"),
    [(10.0, False, True), (9.0, False, False), (10.0, True, True), (11.0, True, False)],
)
def test_a_target_is_at_least_or_at_most(value: float, lower: bool, met: bool) -> None:
    assert Figure("f", "", [value], lower=lower, target=10.0).met is met


def test_what_was_missed_and_what_was_absent_is_shown() -> None:
    suite = Suite("peers", absent=["go: no go on PATH"])
    suite.add("rate", "/s", [1.0], target=2.0)
    assert "MISSED" in suite.text()
    assert "absent: go: no go on PATH" in suite.text()


def kept(path: Path, **figures: tuple[list[float], bool]) -> Path:
    suite = Suite("submit")
    for name, (values, lower) in figures.items():
        suite.add(name, "/s", values, lower=lower)
    return results.keep([suite], path)


def test_compare_tells_worse_from_noise(tmp_path: Path) -> None:
    old = kept(
        tmp_path / "old.json", rate=([100, 101], False), cost=([10, 10.1], True), noisy=([50, 150], False)
    )
    new = kept(
        tmp_path / "new.json", rate=([80, 81], False), cost=([12, 12.1], True), noisy=([70, 71], False)
    )
    text, worse = results.compare(old, new)
    assert worse == 2
    assert [line.split(":")[1].split()[0] for line in text.splitlines() if "WORSE" in line] == [
        "cost",
        "rate",
    ]
    assert main(["compare", str(old), str(new)]) == 1
    assert main(["compare", str(old), str(old)]) == 0


def test_a_kept_run_says_where_and_with_what_it_was_measured(tmp_path: Path) -> None:
    document = json.loads(kept(tmp_path / "run.json", rate=([1.0], False)).read_text())
    assert {"cpu", "build", "loop", "python", "versions", "commit", "load_average"} <= document[
        "machine"
    ].keys()
    assert "build" in machine_text(describe())


def test_subjects_are_measured_in_alternating_order() -> None:
    order: list[str] = []
    subjects = {name: (lambda name=name: order.append(name)) for name in "ab"}
    in_turn(subjects, 3)  # type: ignore[arg-type]
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert ratios([1.0, 4.0], [2.0, 2.0]) == [0.5, 2.0]
