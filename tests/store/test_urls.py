"""Which store a URL names, and what a wrong one is told."""

from pathlib import Path

import pytest

from smsc.store import StoreError, open_store
from smsc.store.memory import MemoryStore
from smsc.store.sqlite import SqliteStore
from smsc.store.urls import check_node, sqlite_path


def test_memory_promises_nothing_and_says_so() -> None:
    store = open_store("memory:", lambda call: None)
    assert isinstance(store, MemoryStore)
    assert not store.durable


def test_sqlite_is_durable_and_opens_nothing_before_it_is_told(tmp_path: Path) -> None:
    store = open_store(f"sqlite:{tmp_path}/data/smsc.db", lambda call: None)
    assert isinstance(store, SqliteStore)
    assert store.durable
    assert list(tmp_path.iterdir()) == []
    store.close()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:./smsc-data/smsc.db", Path("smsc-data/smsc.db")),
        ("sqlite:smsc.db", Path("smsc.db")),
        ("sqlite:/var/lib/smsc/smsc.db", Path("/var/lib/smsc/smsc.db")),
        ("sqlite:///var/lib/smsc/smsc.db", Path("/var/lib/smsc/smsc.db")),
        ("sqlite:~/smsc.db", Path.home() / "smsc.db"),
        ("sqlite:/tmp/mellom rom/blå.db", Path("/tmp/mellom rom/blå.db")),
    ],
)
def test_the_path_of_a_sqlite_url(url: str, path: Path) -> None:
    assert sqlite_path(url) == path


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "unknown kind of store"),
        ("smsc.db", "unknown kind of store"),
        ("mysql://localhost/smsc", "unknown kind of store"),
        ("memory:x", "unknown kind of store"),
        ("sqlite:", "names no file"),
        ("sqlite:data/", "names no file"),
        ("sqlite://data/smsc.db", "names no file"),
        ("sqlite:smsc.db?mode=ro", "names no file"),
        ("sqlite:smsc\0.db", "names no file"),
        ("sqlite::memory:", "is written memory:"),
    ],
)
def test_a_wrong_url_is_named_and_told_what_is_right(url: str, complaint: str) -> None:
    with pytest.raises(StoreError, match=complaint) as raised:
        open_store(url, lambda call: None)
    assert repr(url) in str(raised.value)
    assert "memory:" in str(raised.value)


@pytest.mark.parametrize("name", ["", "oslo 1", "oslo'1", "o" * 41, "blå"])
def test_a_wrong_name_of_a_node_is_told_what_is_right(name: str) -> None:
    with pytest.raises(StoreError, match="letters, digits"):
        open_store("postgresql://smsc@db/smsc", lambda call: None, name)


@pytest.mark.parametrize("url", ["memory:", "sqlite:smsc.db"])
def test_only_postgresql_is_a_place_for_several(url: str) -> None:
    with pytest.raises(StoreError, match="belongs to one server; several share postgresql"):
        open_store(url, lambda call: None, "oslo-1")


@pytest.mark.parametrize("name", ["oslo-1", "a", "Node_2.db", "o" * 40])
def test_the_name_of_a_node(name: str) -> None:
    check_node("postgresql://smsc@db/smsc", name)
