"""Makes the store that a URL names."""

from smsc.store.base import Post, Store
from smsc.store.memory import MemoryStore
from smsc.store.urls import check_url, is_postgresql, need_driver, sqlite_path


def open_store(url: str, post: Post) -> Store:
    """The store that `url` names, not opened yet. Raises StoreError for a URL that names none.

    All but `memory:` call `post` from their own threads with what is to run on the owner's.
    """
    check_url(url)
    if url == "memory:":
        return MemoryStore()
    # A driver is loaded only where it is used.
    if is_postgresql(url):
        need_driver(url)
        from smsc.store.postgres.store import PostgresStore

        return PostgresStore(url, post)
    from smsc.store.sqlite import SqliteStore

    return SqliteStore(sqlite_path(url), post)
