"""The database file: is it ours, is it whole, may we use it, and how it is created and opened."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import apsw

from smsc.store.base import StoreError, StoreFull

APPLICATION_ID = 0x534D5343
"""'SMSC' in the header of the file, by which it is told from other applications' databases."""

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_APPLICATION_ID_AT = 68
_READ_ONLY = apsw.SQLITE_OPEN_READONLY
_READ_WRITE = apsw.SQLITE_OPEN_READWRITE


def url_of(path: Path) -> str:
    return f"sqlite:{path}"


def explained(path: Path, error: apsw.Error | OSError) -> StoreError:
    """What went wrong with the file, as a sentence for the operator."""
    if isinstance(error, apsw.FullError) or (isinstance(error, apsw.Error) and _has_no_space(path)):
        return StoreFull(f"{url_of(path)}: the disk is full ({error}); make room, nothing is lost")
    if isinstance(error, OSError):
        kind = StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
        return kind(f"{url_of(path)}: {error.strerror or error}")
    for kind_of, sentence in _SENTENCES:
        if isinstance(error, kind_of):
            return StoreError(f"{url_of(path)}: {sentence} ({error})")
    return StoreError(f"{url_of(path)}: {error}")


_LEAST_SPACE = 256 * 1024
"""Octets without which SQLite can not even make the files that it needs beside the database: it says
"disk I/O error" then, or that it can not open the file."""


def _has_no_space(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_SPACE


_SENTENCES: tuple[tuple[type[apsw.Error], str], ...] = (
    (apsw.CorruptError, "the file is damaged; restore a copy of it or move it away"),
    (apsw.NotADBError, "the file is damaged or not a database; restore a copy of it or move it away"),
    (apsw.IOError, "the disk failed"),
    (apsw.BusyError, "another program holds the file locked"),
    (apsw.ReadOnlyError, "the file or its directory may not be written"),
    (apsw.CantOpenError, "the file can not be opened"),
)


@contextlib.contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turns errors of the driver and of the system into StoreError."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise explained(path, error) from error


def lock(path: Path) -> int:
    """Keeps a second server away as long as the descriptor stays open; a killed process loses it by itself.

    The lock is on a file of its own: closing any descriptor of the database would drop SQLite's locks.
    """
    holder = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        process = os.read(holder, 20).decode("ascii", "replace").strip()
        os.close(holder)
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        raise StoreError(f"{url_of(path)}: is in use by process {process or 'unknown'}") from error
    os.ftruncate(holder, 0)
    os.pwrite(holder, b"%d\n" % os.getpid(), 0)
    return holder


def lock_itself(path: Path) -> int:
    """The same on the database, should somebody delete the lock's file. Other programs go on reading, as
    SQLite uses locks of another kind.

    The descriptor is closed after all connections, because closing it drops theirs.
    """
    holder = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(holder)
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        raise StoreError(
            f"{url_of(path)}: is in use by another server, though {path.name}-lock was deleted while it ran; "
            "stop that server first, or give this one another file"
        ) from error
    return holder


def identify(path: Path, vfs: str = "") -> None:
    """Raise StoreError unless the file is a store of ours. Reads the header only, touches nothing."""
    if path.is_dir():
        raise StoreError(f"{url_of(path)}: is a directory; expected the path of a file")
    with explaining(path):
        # Through the driver's file layer: a plain open and close would drop this process's locks on the file.
        file = apsw.VFSFile(vfs, os.path.abspath(path), [_READ_ONLY | apsw.SQLITE_OPEN_MAIN_DB, 0])
        try:
            header = file.xRead(_HEADER, 0)
        finally:
            file.xClose()
    if not header.startswith(_MAGIC):
        raise StoreError(f"{url_of(path)}: is not an SMSC store but some other file; it was left untouched")
    owner = int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")
    if owner != APPLICATION_ID:
        raise StoreError(f"{url_of(path)}: is a database of another application; it was left untouched")


def has_log(path: Path) -> bool:
    """Whether a server that was killed left committed changes beside the file."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


def is_absent(path: Path) -> bool:
    """Whether a new store may be created: nothing there, or an empty file, and no log of a lost one."""
    with explaining(path):
        if path.exists() and (path.is_dir() or path.stat().st_size):
            return False
        if has_log(path):
            raise StoreError(
                f"{url_of(path)}: is missing or empty, but its log {path.name}-wal is there; "
                "restore the file, or remove the log to begin with an empty store"
            )
    return True


def create(path: Path, page_size: int) -> None:
    """Make an empty store that appears under its name complete or not at all. Only its owner may read it."""
    new = Path(f"{path}-new")
    with explaining(path):
        for leftover in (new, Path(f"{new}-journal")):
            leftover.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        connection = apsw.Connection(str(new), flags=_READ_WRITE)
        try:
            connection.execute(f"PRAGMA page_size = {page_size}; PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        os.replace(new, path)
        _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path, vfs: str = "", *, wait_ms: int, lockless: bool = False) -> apsw.Connection:
    """Open a store that exists. `wait_ms` is how long to wait while another program holds the file.

    A `lockless` connection takes no lock of its own for each value that is handed over: only for one that no
    two threads use at the same time.
    """
    flags = _READ_WRITE | (apsw.SQLITE_OPEN_NOMUTEX if lockless else 0)
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs or None)
    connection.set_busy_timeout(wait_ms)
    return connection
