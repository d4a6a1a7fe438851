"""Connections to PostgreSQL: how they are made, what is asked of a server, and what its errors mean."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from smsc.store.base import StoreError, StoreFull
from smsc.store.urls import shown_url

OLDEST: Final = 150000
"""The oldest server that is supported, as server_version_num."""
_DURABLE: Final = ("on", "local", "remote_apply")
_LINK: Final = {
    # A server that is gone without a word is noticed within about ten seconds, on both sides.
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=10000 -c default_transaction_isolation=read\\ committed -c lock_timeout=8000",
    "client_encoding": "UTF8",
}
_ASKED: Final = (
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), "
    "pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('fsync')"
)

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(url: str, name: str) -> Connection:
    """A connection that commits each statement unless told otherwise, known to the server as ``name``.

    Of several hosts in the URL the one that takes writes is meant. Raises StoreError.
    """
    try:
        given = conninfo_to_dict(url)
        settings: dict[str, Any] = {**_LINK, "application_name": name, "target_session_attrs": "read-write"}
        given_options = str(given.pop("options", ""))
        settings |= {key: value for key, value in given.items() if key != "application_name"}
        settings["options"] = f"{_LINK['options']} {given_options}".strip()
        return psycopg.connect(make_conninfo(**settings), autocommit=True)
    except psycopg.Error as error:
        raise explained(url, error) from error


def check_server(connection: Connection, url: str) -> None:
    """Raise StoreError for a server that could not keep what it is told to keep."""
    shown = shown_url(url)
    row = connection.execute(_ASKED).fetchone()
    assert row is not None
    version, encoding, standby, commits, fsync = row
    if version < OLDEST:
        raise StoreError(f"{shown}: is PostgreSQL {version // 10_000}; expected 15 or later")
    if encoding != "UTF8":
        raise StoreError(f"{shown}: its encoding is {encoding}; expected a database in UTF8")
    if standby:
        raise StoreError(f"{shown}: is a standby, which takes no writes; name the primary, or both hosts")
    if commits not in _DURABLE:
        raise StoreError(
            f"{shown}: synchronous_commit is {commits}, so that what was answered could be lost; "
            "expected on, local or remote_apply"
        )
    if fsync != "on":
        raise StoreError(f"{shown}: fsync is {fsync}, so that what was answered could be lost; expected on")


def is_gone(connection: Connection) -> bool:
    """Whether nothing can be asked of the connection any more."""
    return bool(connection.closed or connection.broken)


def explained(url: str, error: psycopg.Error) -> StoreError:
    """What went wrong, as a sentence for the operator."""
    told = (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
    kind = StoreFull if isinstance(error, errors.DiskFull) else StoreError
    sentence = next((text for of, text in _SENTENCES if isinstance(error, of)), None)
    if sentence is None:  # of a connection that could not be made the driver tells no more than the text
        sentence = next((text for words, text in _NOT_CONNECTED if words in told), None)
    if sentence is None and isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        sentence = "PostgreSQL can not be reached"
    return kind(f"{shown_url(url)}: {f'{sentence} ({told})' if sentence else told}")


_SENTENCES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.DiskFull, "the disk of PostgreSQL is full"),
    (errors.InsufficientPrivilege, "the user may not do that; let it own the database or its schema"),
    (errors.LockNotAvailable, "another program holds a lock on a table of the store"),
    (errors.ReadOnlySqlTransaction, "is a standby, which takes no writes"),
    (errors.UndefinedTable, "there is no such table"),
    (errors.AdminShutdown, "PostgreSQL is shutting down"),
)
_NOT_CONNECTED: Final = (
    ("does not exist", "there is no such database or user; createdb and createuser make them"),
    ("authentication failed", "PostgreSQL does not accept the password"),
    ("no password supplied", "PostgreSQL asks for a password: PGPASSWORD, or a file that PGPASSFILE names"),
    ("pg_hba.conf", "PostgreSQL does not let this user in from here"),
    ("too many clients", "PostgreSQL has no connection left; the store needs two"),
    ("remaining connection slots", "PostgreSQL has no connection left; the store needs two"),
    ("the database system is", "PostgreSQL is starting or stopping"),
    ("read-only", "is a standby, which takes no writes; name the primary, or both hosts"),
)
