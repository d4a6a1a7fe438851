"""Keeps what was acknowledged: `open_store` picks the kind of store by its URL."""

from smsc.store.base import (
    Batch,
    Changes,
    Done,
    Key,
    Migration,
    Partial,
    Post,
    Reads,
    Row,
    Store,
    StoreError,
    StoreFull,
    Table,
)
from smsc.store.opening import open_store

__all__ = [
    "Batch",
    "Changes",
    "Done",
    "Key",
    "Migration",
    "Partial",
    "Post",
    "Reads",
    "Row",
    "Store",
    "StoreError",
    "StoreFull",
    "Table",
    "open_store",
]
