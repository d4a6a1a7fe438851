"""Begins anew: deletes a store that nobody uses."""

from __future__ import annotations

import os
from pathlib import Path

from smsc.store.urls import sqlite_path


def discard(url: str) -> bool:
    """Delete the store that `url` names, and tell whether there was one. Nothing happens to `memory:`.

    Raises StoreError when a server uses it, and when the file is not a store of ours."""
    if url == "memory:":
        return False
    path = sqlite_path(url)
    from smsc.store import sqlite_file

    if not path.exists() and not Path(f"{path}-wal").exists():
        return False
    if path.exists() and path.stat().st_size:
        sqlite_file.identify(path)
    with sqlite_file.explaining(path):
        holder = sqlite_file.lock(path)
        try:
            for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                name.unlink(missing_ok=True)
        finally:
            os.close(holder)
    return True
