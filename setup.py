"""Compiles the modules listed in smsc/_compiled.py from their own `.py`; all else is in pyproject.toml.

SMSC_CYTHON=auto     (default) compile; without a working compiler say so and install plain Python
SMSC_CYTHON=require  compile or fail
SMSC_CYTHON=skip     plain Python
"""

import os
import runpy
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

MODE = os.environ.get("SMSC_CYTHON", "auto")
COMPILED = runpy.run_path(str(Path(__file__).parent / "smsc" / "_compiled.py"))


def extensions() -> list[Extension]:
    if MODE not in ("auto", "require", "skip"):
        sys.exit(f"SMSC_CYTHON={MODE!r}: expected auto, require or skip")
    if MODE == "skip":
        return []
    listed = [Extension(module, [module.replace(".", "/") + ".py"]) for module in COMPILED["MODULES"]]
    for extension in listed:
        for path in (extension.sources[0], extension.sources[0][:-3] + ".pxd"):
            if not Path(path).is_file():
                sys.exit(f"smsc/_compiled.py lists {extension.name}, but {path} does not exist")
    return listed


class BuildExtensions(build_ext):
    """Translates with Cython inside the command, so that `require` fails here and `auto` can fall back."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self) -> None:
        try:
            self._translate()
            super().build_extensions()
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
        from Cython.Build import cythonize

        translated = cythonize(
            self.extensions,
            compiler_directives=COMPILED["DIRECTIVES"],
            annotate="SMSC_ANNOTATE" in os.environ,
            build_dir=os.environ.get("SMSC_BUILD_DIR", "build/cython"),
            force=self.force,
            nthreads=min(os.cpu_count() or 1, len(self.extensions)) if len(self.extensions) > 1 else 0,
            quiet=True,
        )
        for old, new in zip(self.extensions, translated, strict=True):
            # setuptools compares these with the extension: an edited .pxd must rebuild too.
            old.depends = [*new.depends, *old.sources, old.sources[0][:-3] + ".pxd", "setup.py"]
            old.sources = new.sources
            # Generated C compares octets put together as int with unsigned fields: right, and noisy.
            old.extra_compile_args = [] if sys.platform == "win32" else ["-Wno-sign-compare", "-g0"]
            old._needs_stub = False

    def _discard(self) -> None:
        """No half-compiled package: what was built before the failure goes again."""
        for extension in self.extensions:
            Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
        self.extensions = []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
