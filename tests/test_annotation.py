"""The hot loops stay in C: Cython's annotation of them is read, and calls into Python are counted.

Cython scores each line by the calls into Python that its C makes (a call into Python's C API is 5). The sum
over a function must not pass its budget: what it was when it was last looked at, with a little room for lines
that only run when something is wrong. The protocol's loops have a stricter test of their own."""

import ast
import os
import re
from pathlib import Path

import pytest

from smsc import _compiled

ROOT = Path(__file__).resolve().parent.parent

BUDGETS: dict[str, dict[str, int]] = {
    "smsc.coverage.draw": {"draw": 0, "scramble": 0},
    "smsc.coverage.place": {"reception": 5, "until": 5, "reachable_from": 5},
    "smsc.routing.numbering": {"read": 35, "row_of": 30, "row_of_key": 0},
    "smsc.routing.subscribers": {"find": 25},
    "smsc.routing.router": {"read": 5, "route": 40, "check_source": 5},
    # 12 of it for a sender that is cut to what goes on the air, 2 for calls that lay out a part of a long
    # text or pack one: few have that
    "smsc.engine.mt.wire": {"transmit": 39},
}

_LINE = re.compile(r'class="cython line score-(\d+)"[^>]*>.*?<span class="">0*(\d+)</span>')


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, int]]:
    """Module -> line -> Cython's score."""
    build = pytest.importorskip("Cython.Build")
    extension = pytest.importorskip("setuptools").Extension
    folder = tmp_path_factory.mktemp("annotated")
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        build.cythonize(
            [extension(module, [module.replace(".", "/") + ".py"]) for module in BUDGETS],
            compiler_directives=_compiled.DIRECTIVES,
            build_dir=str(folder),
            annotate=True,
            quiet=True,
        )
    finally:
        os.chdir(here)
    return {module: _read(folder / (module.replace(".", "/") + ".html")) for module in BUDGETS}


def _read(annotated: Path) -> dict[int, int]:
    return {int(line): int(score) for score, line in _LINE.findall(annotated.read_text(encoding="utf-8"))}


def _bodies(module: str) -> dict[str, range]:
    """Function -> the lines of its body; of several with one name, the last."""
    tree = ast.parse(_compiled.source(module).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name: range(node.body[0].lineno, (node.end_lineno or 0) + 1) for node in functions}


@pytest.mark.skipif(os.environ.get("SMSC_CYTHON") == "skip", reason="only for the compiled build")
@pytest.mark.parametrize(
    ("module", "function"),
    [(module, function) for module, functions in BUDGETS.items() for function in functions],
)
def test_a_hot_function_stays_in_c(scores: dict[str, dict[int, int]], module: str, function: str) -> None:
    bodies = _bodies(module)
    assert function in bodies, f"{function} is no longer in {module}: move its budget with it"
    score = sum(scores[module].get(line, 0) for line in bodies[function])
    assert score <= BUDGETS[module][function], "see `cythonize -a`: which line calls into Python now?"


def test_the_annotation_is_read(scores: dict[str, dict[int, int]]) -> None:
    """A module begins with imports, which do call into Python: a reader of zeros would prove nothing."""
    assert all(max(lines.values()) > 5 and len(lines) > 30 for lines in scores.values())
