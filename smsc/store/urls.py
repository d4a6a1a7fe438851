"""Reads a store URL and makes the store that it names."""

from pathlib import Path

from smsc.store.base import Post, Store, StoreError
from smsc.store.memory import MemoryStore

_ALLOWED = "expected memory: or sqlite:PATH, such as sqlite:./smsc-data/smsc.db"


def open_store(url: str, post: Post) -> Store:
    """The store that `url` names, not opened yet. Raises StoreError for a URL that names none.

    A `sqlite:` store calls `post` from its own thread with what is to run on the owner's; `memory:` does not.
    """
    if url == "memory:":
        return MemoryStore()
    path = sqlite_path(url)
    from smsc.store.sqlite import SqliteStore  # the driver is loaded only where it is used

    return SqliteStore(path, post)


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:` URL. Raises StoreError for any other."""
    scheme, colon, rest = url.partition(":")
    if not colon or scheme != "sqlite":
        raise StoreError(f"store URL {url!r}: unknown kind of store; {_ALLOWED}")
    if rest == ":memory:":
        raise StoreError(f"store URL {url!r}: a store in memory is written memory:")
    two_slashes = rest.startswith("//") and not rest.startswith("///")
    if not rest or rest.endswith("/") or two_slashes or "?" in rest or "\0" in rest:
        raise StoreError(f"store URL {url!r}: names no file; {_ALLOWED}")
    return Path(rest).expanduser()
