"""The compiled build: what is listed is compiled, `require` cannot be fooled, an edited source is noticed."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import smsc
from smsc import _compiled

ROOT = Path(__file__).resolve().parent.parent
MODE = os.environ.get("SMSC_CYTHON")


@pytest.mark.parametrize("module", _compiled.MODULES)
def test_a_listed_module_has_its_source_and_its_types(module: str) -> None:
    assert _compiled.source(module).is_file()
    assert _compiled.source(module).with_suffix(".pxd").is_file()


def test_the_list_names_each_module_once() -> None:
    assert len(set(_compiled.MODULES)) == len(_compiled.MODULES)


def test_only_listed_modules_are_compiled_in_a_hurry() -> None:
    assert set(_compiled.MODULES) >= _compiled.COLD


def test_every_module_with_types_is_listed() -> None:
    """A `.pxd` that nobody compiles would be a promise that is not kept."""
    typed = {path.relative_to(ROOT).with_suffix("") for path in (ROOT / "smsc").rglob("*.pxd")}
    assert {".".join(path.parts) for path in typed} == {*_compiled.MODULES, *_compiled.IN_C_ELSEWHERE}


#: A module's own C function or variable, which Python cannot import when it is compiled.
HIDDEN = re.compile(
    r"^cdef (?!class |enum |extern )(?:inline )?[\w \[\]*.]*?(\w+(?:, *\w+)*)(?=\(|$| *#)", re.MULTILINE
)
CIMPORTED = re.compile(r"^from (\S+) cimport (.+)$", re.MULTILINE)


def hidden(types: str) -> set[str]:
    return {name.strip() for names in HIDDEN.findall(types) for name in names.split(",")}


def test_hidden_names_are_found() -> None:
    types = "cdef long long _A, _B\ncdef int f(long x) noexcept\ncdef D h(D y)\n"
    types += "cdef class C:\n    cdef int x\ncpdef g()\n"
    assert hidden(types) == {"_A", "_B", "f", "h"}


def test_nothing_imports_what_is_hidden_when_compiled() -> None:
    """The interpreted build would not notice, the compiled one would not start."""
    types = {module: _compiled.source(module).with_suffix(".pxd").read_text() for module in _compiled.MODULES}
    invisible = {module: hidden(text) for module, text in types.items()}
    cimported = {
        (module, origin, name.strip())
        for module, text in types.items()
        for origin, names in CIMPORTED.findall(text)
        for name in names.split(",")
    }
    wrong = []
    for path in sorted(
        path for folder in ("smsc", "tests", "bench") for path in (ROOT / folder).rglob("*.py")
    ):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in invisible:
                wrong += [
                    f"{path.relative_to(ROOT)}:{node.lineno}: {node.module}.{alias.name} is cdef"
                    for alias in node.names
                    if alias.name in invisible[node.module]
                    and (module, node.module, alias.name) not in cimported
                ]
    assert wrong == []


@pytest.mark.skipif(MODE != "require", reason="only where the build must be compiled (SMSC_CYTHON=require)")
@pytest.mark.parametrize("module", _compiled.MODULES)
def test_a_listed_module_is_loaded_from_its_extension(module: str) -> None:
    loaded = importlib.import_module(module).__file__
    assert loaded is not None
    assert loaded.endswith(tuple(EXTENSION_SUFFIXES))


@pytest.mark.skipif(MODE != "require", reason="only where the build must be compiled (SMSC_CYTHON=require)")
def test_the_build_says_that_it_is_compiled_and_fresh() -> None:
    assert _compiled.stale() == []
    assert smsc.COMPILED
    assert _compiled.describe().startswith("compiled")


@pytest.mark.skipif(MODE != "skip", reason="only where the build must be interpreted (SMSC_CYTHON=skip)")
@pytest.mark.parametrize("module", _compiled.MODULES)
def test_the_interpreted_build_has_no_extension(module: str) -> None:
    loaded = importlib.import_module(module).__file__
    assert loaded is not None
    assert loaded.endswith(".py")
    assert Path(loaded).is_relative_to(ROOT)


def test_the_compiler_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert any(requirement.startswith("Cython==") for requirement in project["build-system"]["requires"])


# --- setup.py, tried on a package of one module ---


class Checkout:
    """A source tree with this project's setup.py and one compiled module, `smsc.hot`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "smsc"
        self.package.mkdir()
        shutil.copy(ROOT / "setup.py", root)
        (root / "pyproject.toml").write_text('[project]\nname = "tried"\nversion = "0"\n', encoding="utf-8")
        (self.package / "__init__.py").write_text("", encoding="utf-8")
        self.declare()
        self.write("def twice(x):\n    return 2 * x\n", "cpdef long twice(long x)\n")

    def declare(self, *, cold: bool = False) -> None:
        listed = 'MODULES = ("smsc.hot",)\nDIRECTIVES = {"annotation_typing": False}\n'
        listed += f"COLD = {('smsc.hot',) if cold else ()}\nUNCOLLECTED = {{}}\n"
        (self.package / "_compiled.py").write_text(listed, encoding="utf-8")

    def write(self, source: str, types: str | None) -> None:
        (self.package / "hot.py").write_text(source, encoding="utf-8")
        if types is not None:
            (self.package / "hot.pxd").write_text(types, encoding="utf-8")

    def build(self, mode: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "setup.py", "build_ext", "--inplace"]
        variables = {**os.environ, "CFLAGS": "-O0", "SMSC_CYTHON": mode, **environment}
        return subprocess.run(
            command, cwd=self.root, env=variables, capture_output=True, text=True, timeout=60, check=False
        )

    def extensions(self) -> list[Path]:
        return [path for suffix in EXTENSION_SUFFIXES for path in self.package.glob(f"hot*{suffix}")]

    def age(self) -> None:
        """All files become an hour older, so that no test waits for the clock of the file system."""
        for path in self.root.rglob("*"):
            then = path.stat().st_mtime - 3600
            os.utime(path, (then, then))

    def twice(self, x: str) -> str:
        code = f"from smsc import hot; print(hot.twice({x}))"
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=self.root, capture_output=True, text=True, check=False
        )
        return run.stdout.strip() or run.stderr.strip().splitlines()[-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    pytest.importorskip("Cython")
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        pytest.skip("no C compiler")
    return Checkout(tmp_path)


def test_require_compiles(checkout: Checkout) -> None:
    assert checkout.build("require").returncode == 0
    assert checkout.extensions()
    assert checkout.twice("21") == "42"


def test_an_edited_source_or_pxd_is_compiled_again(checkout: Checkout) -> None:
    checkout.build("require")
    checkout.age()
    checkout.write("def twice(x):\n    return x + x + 1\n", None)
    checkout.build("require")
    assert checkout.twice("2") == "5"
    checkout.age()
    (checkout.package / "hot.pxd").write_text("cpdef double twice(double x)\n", encoding="utf-8")
    checkout.build("require")
    assert checkout.twice("2") == "5.0"


def test_the_build_says_how_far_it_has_come(checkout: Checkout) -> None:
    first, again = checkout.build("require").stderr, checkout.build("require").stderr
    assert "[1/2] smsc._shared" in first
    assert "[2/2] smsc.hot" in first
    assert "/2]" not in again


@pytest.fixture
def compiler(tmp_path: Path) -> Path:
    """A folder for the head of PATH whose `ccache` writes down what it was asked for, and does it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ccache").write_text(
        '#!/bin/sh\necho "$*" >> "$(dirname "$0")/asked"\nexec "$@"\n', encoding="utf-8"
    )
    (folder / "ccache").chmod(0o755)
    (folder / "asked").touch()
    return folder


@pytest.mark.parametrize("cold", [True, False])
@pytest.mark.parametrize("flags", ["", "-O0"])
def test_a_cold_module_is_compiled_in_a_hurry_unless_cflags_say_how(
    checkout: Checkout, compiler: Path, cold: bool, flags: str
) -> None:
    checkout.declare(cold=cold)
    checkout.write("", "")
    path = f"{compiler}{os.pathsep}{os.environ['PATH']}"
    assert checkout.build("require", PATH=path, CFLAGS=flags).returncode == 0
    (asked,) = [line for line in (compiler / "asked").read_text().splitlines() if "/hot.c" in line]
    assert asked.endswith("-O1") == (cold and not flags)


def test_a_compiler_asked_for_by_name_is_used_without_ccache(checkout: Checkout, compiler: Path) -> None:
    path = f"{compiler}{os.pathsep}{os.environ['PATH']}"
    assert checkout.build("require", PATH=path, CC="cc").returncode == 0
    assert checkout.twice("21") == "42"
    assert not (compiler / "asked").read_text()


BROKEN = {
    "no compiler": {"CC": "/bin/false"},
    "not Cython": {},
}


@pytest.mark.parametrize("cause", BROKEN)
def test_require_fails_when_it_cannot_compile(checkout: Checkout, cause: str) -> None:
    if cause == "not Cython":
        checkout.write("def twice(x):\n    return x.\n", None)
    run = checkout.build("require", **BROKEN[cause])
    assert run.returncode != 0
    assert not checkout.extensions()


def test_auto_falls_back_and_says_so(checkout: Checkout) -> None:
    run = checkout.build("auto", CC="/bin/false")
    assert run.returncode == 0
    assert "could not compile" in run.stderr
    assert "plain Python" in run.stderr
    assert not checkout.extensions()
    assert checkout.twice("21") == "42"


def test_skip_compiles_nothing(checkout: Checkout) -> None:
    assert checkout.build("skip").returncode == 0
    assert not checkout.extensions()


def test_a_listed_module_that_does_not_exist_is_an_error(checkout: Checkout) -> None:
    (checkout.package / "hot.pxd").unlink()
    run = checkout.build("auto")
    assert run.returncode != 0
    assert "smsc/hot.pxd does not exist" in run.stderr


def test_an_unknown_mode_is_an_error(checkout: Checkout) -> None:
    run = checkout.build("yes")
    assert run.returncode != 0
    assert "expected auto, require or skip" in run.stderr


@pytest.mark.parametrize("module", _compiled.MODULES)
def test_no_compiled_module_counts_from_the_end(module: str) -> None:
    """Compiled, ``rows[-1]`` reads what stands before the first element: the build's directives say so."""
    tree = ast.parse(_compiled.source(module).read_text(encoding="utf-8"))
    backwards = [
        f"{module}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        for index in ast.walk(node.slice)
        if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub)
        if not isinstance(node.slice, ast.Slice)
    ]
    assert backwards == []
