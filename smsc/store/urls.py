"""What a store URL names."""

import re
from pathlib import Path

from smsc.store.base import StoreError

_ALLOWED = (
    "expected memory:, sqlite:PATH, such as sqlite:./smsc-data/smsc.db, or postgresql://USER@HOST/DATABASE"
)
ONE_CLOCK = "several nodes have one clock, the real one; a server without --node may have another"
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_POSTGRESQL = ("postgresql", "postgres")


def check_url(url: str) -> None:
    """Raise StoreError for a URL that names no store."""
    if url == "memory:":
        return
    if is_postgresql(url):
        _check_postgresql(url)
    else:
        sqlite_path(url)


def is_postgresql(url: str) -> bool:
    """Whether a database in PostgreSQL is meant."""
    return url.partition(":")[0] in _POSTGRESQL


def check_node(url: str, node: str) -> None:
    """Raise StoreError for a name that no node can have, or a store that is no place for several."""
    if not _NODE.fullmatch(node):
        raise StoreError(
            f"node {node!r}: expected a name of 1 to 40 letters, digits, '.', '_' and '-', such as oslo-1"
        )
    if not is_postgresql(url):
        raise StoreError(
            f"node {node}: {url} belongs to one server; several share postgresql://USER@HOST/DATABASE"
        )


def has_password(url: str) -> bool:
    """Whether a URL has a password in it, which nobody is to be shown."""
    head, _, query = url.partition("?")
    user = head.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return ":" in user or "password=" in query


def shown_url(url: str) -> str:
    """The URL of a database without its parameters."""
    return url.partition("?")[0]


def need_driver(url: str) -> None:
    """Raise StoreError when the driver for PostgreSQL is not installed."""
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise StoreError(
            f"{shown_url(url)}: the driver for PostgreSQL is not there ({error}); "
            "pip install 'smsc-emulator[postgres]'"
        ) from None


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


def _check_postgresql(url: str) -> None:
    if has_password(url):  # it would stand in the process list, in logs and in error messages
        raise StoreError(
            "store URL postgresql://...: has a password in it; give it in PGPASSWORD or in a file that "
            "PGPASSFILE names (~/.pgpass)"
        )
    _, slash, database = shown_url(url).partition("://")[2].partition("/")
    if not slash or not database:
        raise StoreError(f"store URL {shown_url(url)!r}: names no database; {_ALLOWED}")
