"""Makes the store that a URL names."""

from collections.abc import Mapping

from smsc.store.base import NOTHING, Post, Store
from smsc.store.memory import MemoryStore
from smsc.store.urls import check_node, check_url, is_postgresql, need_driver, sqlite_path


def open_store(
    url: str, post: Post, node: str | None = None, floors: Mapping[str, int | None] = NOTHING
) -> Store:
    """The store that `url` names, not opened yet. Raises StoreError for a URL that names none.

    `node` is the name of one of several servers on it, which only PostgreSQL can be; `floors`: see there. All
    but `memory:` call `post` from their own threads with what is to run on the owner's.
    """
    check_url(url)
    if node is not None:
        check_node(url, node)
    if url == "memory:":
        return MemoryStore()
    # A driver is loaded only where it is used.
    if is_postgresql(url):
        need_driver(url)
        from smsc.store.postgres.store import PostgresStore

        return PostgresStore(url, post, node=node, floors=floors)
    from smsc.store.sqlite import SqliteStore

    return SqliteStore(sqlite_path(url), post)
