"""Begins anew: deletes a store that nobody uses."""

from __future__ import annotations

import os
from pathlib import Path

from smsc.store.urls import check_url, is_postgresql, need_driver, sqlite_path


def discard(url: str) -> bool:
    """Delete the store that `url` names, and tell whether there was one. Nothing happens to `memory:`.

    Raises StoreError when a server uses it, and when the file is not a store of ours."""
    check_url(url)
    if url == "memory:":
        return False
    if is_postgresql(url):
        need_driver(url)
        from smsc.store.postgres import inspection

        return inspection.discard(url)
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
