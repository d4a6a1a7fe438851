"""While the store fails, a call of the API that would change something is refused with the reason, in time,
and changes nothing; afterwards all is as before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest

from smsc.server import app
from tests.waiting import PATIENCE, until

KARI = "4790000001"

CALLS: list[tuple[str, str, Any]] = [
    ("PATCH", f"subscribers/{KARI}", {"powered": False}),
    ("PUT", f"subscribers/{KARI}", {"powered": False}),
    ("PATCH", "zones/oslo", {"coverage": "none"}),
    ("DELETE", "messages", None),
    ("DELETE", "messages?q=hei", None),
    ("PUT", f"emergency/registrations/{KARI}", {}),
    ("PUT", "faults", {"rules": [{"action": "twice"}]}),
    ("POST", "clock/advance", {"seconds": 60}),
    ("POST", "messages", {"source": KARI, "destination": "4790000002", "text": "ny"}),
]


@pytest.mark.parametrize(("verb", "path", "body"), CALLS)
def test_a_change_is_refused_and_nothing_has_changed(
    make_smsc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, path: str, body: Any
) -> None:
    monkeypatch.setattr(app, "_STORE_PATIENCE", 0.3)
    monkeypatch.setattr("smsc.store.sqlite.WAIT_MS", 200)
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path}/smsc.db"})
    api = httpx.Client(base_url=f"{smsc.url}/api/v1/", timeout=20)
    smsc.send(KARI, "4790000002", "hei")

    def seen() -> list[Any]:
        asked = (f"subscribers/{KARI}", "zones/oslo", "messages", "emergency/registrations", "faults")
        return [api.get(each).json() for each in asked]

    before = seen()
    other = apsw.Connection(f"{tmp_path}/smsc.db")
    other.set_busy_timeout(int(PATIENCE * 1000))  # the server may still be writing
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = api.request(verb, path, json=body)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert answer.status_code == 503, answer.text
    assert answer.json()["title"] == "The store fails"
    assert seen() == before
    until(
        lambda: api.request(verb, path, json=body).status_code < 300,
        "the store has recovered, and the call is refused still",
    )
