"""Compiles the modules listed in smsc/_compiled.py from their own `.py`; all else is in pyproject.toml.

SMSC_CYTHON=auto     (default) compile; without a working compiler say so and install plain Python
SMSC_CYTHON=require  compile or fail
SMSC_CYTHON=skip     plain Python

SMSC_BUILD_DIR       where the generated C goes (build/cython)
CC, CFLAGS           as everywhere; without CC, ccache is used where it is installed
"""

import multiprocessing
import os
import runpy
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

MODE = os.environ.get("SMSC_CYTHON", "auto")
COMPILED = runpy.run_path(str(Path(__file__).parent / "smsc" / "_compiled.py"))

#: Cython's own helper functions, once instead of in every module; Cython writes its C.
SHARED = Extension("smsc._shared", ["smsc/_shared.c"])


def extensions() -> list[Extension]:
    if MODE not in ("auto", "require", "skip"):
        sys.exit(f"SMSC_CYTHON={MODE!r}: expected auto, require or skip")
    if MODE == "skip":
        return []
    listed = [Extension(module, [module.replace(".", "/") + ".py"]) for module in COMPILED["MODULES"]]
    for extension in listed:
        for path in (extension.sources[0], types(extension.sources[0])):
            if not Path(path).is_file():
                sys.exit(f"smsc/_compiled.py lists {extension.name}, but {path} does not exist")
    return [SHARED, *listed]


def types(source: str) -> str:
    """The `.pxd` that stands beside a `.py`."""
    return str(Path(source).with_suffix(".pxd"))


def compile_arguments(module: str) -> list[str]:
    """What the C compiler is told of a module besides CFLAGS, whose own -O is left in force."""
    if sys.platform == "win32":
        return []
    # Generated C compares octets put together as int with unsigned fields: right, and noisy.
    arguments = ["-Wno-sign-compare", "-g0"]
    # Else gcc gathers the octets of a number in a vector, where one store would do.
    arguments.append("-fno-tree-slp-vectorize")
    if module in COMPILED["COLD"] and "-O" not in os.environ.get("CFLAGS", ""):
        arguments.append("-O1")
    return arguments


def say(line: str) -> None:
    """Progress, in one write a line: modules are compiled side by side."""
    sys.stderr.write(line + "\n")


class BuildExtensions(build_ext):
    """Translates with Cython inside the command, so that `require` fails here and `auto` can fall back."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self) -> None:
        try:
            self._translate()
            self._use_ccache()
            self._compile()
        except Exception as error:
            if MODE == "require":
                raise
            self._discard()
            notice = f"smsc: could not compile ({type(error).__name__}: {error})."
            print(
                f"\n{'*' * 78}\n{notice}\nInstalling plain Python, about five times slower.\n{'*' * 78}\n",
                file=sys.stderr,
            )

    def _translate(self) -> None:
        from Cython.Compiler import Options

        # Cython's processes begin as copies of this one, as Python did by itself until 3.14: anything else
        # would run setup.py once more in each of them.
        if sys.platform == "linux":
            multiprocessing.set_start_method("fork", force=True)

        say(f"translating {len(self.extensions)} modules to C where they have changed")
        # Plain Python with a .pxd has no other place for these: Cython reads them in the .py alone.
        Options.get_directive_defaults().update(no_gc=False, freelist=0)
        apart = [one for one in self.extensions if one.name in COMPILED["UNCOLLECTED"]]
        groups = [[one for one in self.extensions if one not in apart], *([one] for one in apart)]
        self.extensions = [one for group in groups for one in group]
        translated = [one for group in groups for one in self._cythonize(group)]
        for old, new in zip(self.extensions, translated, strict=True):
            # setuptools compares these with the extension: an edited .pxd must rebuild too.
            written = [] if old.name == SHARED.name else [*old.sources, types(old.sources[0])]
            old.depends = [*new.depends, *written, "setup.py"]
            old.sources = new.sources
            old.extra_compile_args = compile_arguments(old.name)
            old._needs_stub = False

    def _cythonize(self, extensions: list[Extension]) -> list[Extension]:
        """The same with C sources; all of them with the directives of the first."""
        from Cython.Build import cythonize

        directives = dict(COMPILED["DIRECTIVES"])
        kept = COMPILED["UNCOLLECTED"].get(extensions[0].name)
        if kept is not None:
            directives |= {"no_gc": True, "freelist": kept}
        translated: list[Extension] = cythonize(
            extensions,
            compiler_directives=directives,
            shared_utility_qualified_name=SHARED.name,
            annotate="SMSC_ANNOTATE" in os.environ,
            build_dir=os.environ.get("SMSC_BUILD_DIR", "build/cython"),
            force=self.force,
            nthreads=min(os.cpu_count() or 1, len(extensions)),
            quiet=True,
        )
        return translated

    def _use_ccache(self) -> None:
        """Who has ccache compiles each C text once; a compiler that was asked for by name is left alone."""
        if "CC" not in os.environ and self.compiler.compiler_type == "unix" and shutil.which("ccache"):
            self.compiler.set_executables(compiler_so=["ccache", *self.compiler.compiler_so])

    def _compile(self) -> None:
        """What is out of date, the largest first so that no core ends alone, and says how far it has come."""
        every = self.extensions
        due = [extension for extension in every if self.force or self._is_out_of_date(extension)]
        due.sort(key=lambda extension: Path(extension.sources[0]).stat().st_size, reverse=True)
        self._progress = iter(range(1, len(due) + 1))
        self._due = len(due)
        self.extensions = due
        try:
            super().build_extensions()
        finally:
            self.extensions = every

    def _is_out_of_date(self, extension: Extension) -> bool:
        return newer_group([*extension.sources, *extension.depends], self.get_ext_fullpath(extension.name))

    def build_extension(self, extension: Extension) -> None:
        say(f"[{next(self._progress)}/{self._due}] {extension.name}")
        super().build_extension(extension)

    def _discard(self) -> None:
        """No half-compiled package: what was built before the failure goes again."""
        for extension in self.extensions:
            Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
        self.extensions = []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
