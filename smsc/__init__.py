"""A Norwegian operator's short message service centre that runs on a laptop."""

from importlib import metadata as _metadata

from smsc import _compiled

try:
    __version__ = _metadata.version("smsc-emulator")
except _metadata.PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"

#: True when every module of the compiled list is loaded from its extension.
COMPILED: bool = not _compiled.interpreted()
