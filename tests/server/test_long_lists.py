"""Long lists over HTTP, while others change what they are about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.control.many.importing import SubscriberImport
from smsc.control.many.resetting import Reset
from smsc.server import app
from smsc.testing import start_smsc
from smsc.testing.server import SmscHandle
from tests.waiting import PATIENCE

FARM = 4790010000
ROWS = 3_000


def listed(powered: str) -> dict[str, str]:
    rows = "".join(f"{FARM + number},{powered}\n" for number in range(ROWS))
    return {"csv": f"msisdn,powered\n{rows}"}


def state(smsc: SmscHandle) -> list[str]:
    exported = httpx.get(f"{smsc.url}/api/v1/lists/subscribers", timeout=60).text
    rows = [row.split(",") for row in exported.splitlines()[1:]]
    return [",".join(row) for row in rows if FARM <= int(row[0]) < FARM + ROWS and not row[1]]


@pytest.mark.parametrize("store", ["memory:", "sqlite:"])
def test_lists_and_changes_at_once_come_one_after_the_other(store: str, tmp_path: Path) -> None:
    url = store if store == "memory:" else f"sqlite:{tmp_path / 'db'}"
    with start_smsc(store={"url": url}) as smsc:
        api, statuses = f"{smsc.url}/api/v1", list[int]()

        def ask(method: str, path: str, body: object) -> None:
            statuses.append(httpx.request(method, f"{api}{path}", json=body, timeout=60).status_code)

        calls = [
            ("POST", "/lists/subscribers", listed("no")),
            ("PATCH", f"/subscribers/{FARM}", {"flight_mode": True}),
            ("POST", "/lists/subscribers", listed("yes")),
            ("PATCH", f"/subscribers/{FARM + ROWS - 1}", {"flight_mode": True}),
            ("POST", "/lists/subscribers", listed("yes")),
        ]
        threads = [threading.Thread(target=ask, args=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * len(calls)
        told = state(smsc)
        assert len(told) == ROWS
        assert len({row.split(",")[3] for row in told[1:-1]}) == 1, "of two lists at once one was the last"
    if store == "sqlite:":
        with start_smsc(store={"url": url}) as smsc:
            assert state(smsc) == told


@pytest.mark.parametrize(
    ("change", "path", "body"),
    [(SubscriberImport, "/lists/subscribers", listed("no")), (Reset, "/reset", None)],
)
def test_who_can_not_wait_for_a_list_or_a_reset_is_told_of_it_and_when_to_try_again(
    change: Any, path: str, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, is_made, may_go_on = change._make, threading.Event(), threading.Event()

    def slowly(self: Any) -> Iterator[int]:
        is_made.set()
        while not may_go_on.is_set():
            yield 512  # a turn of the loop
        yield from make(self)

    monkeypatch.setattr(change, "_make", slowly)
    monkeypatch.setattr(app, "_STORE_PATIENCE", 0.3)
    with start_smsc() as smsc, ThreadPoolExecutor(1) as others:
        api = f"{smsc.url}/api/v1"
        first = others.submit(httpx.post, f"{api}{path}", json=body, timeout=60)
        try:
            assert is_made.wait(PATIENCE)
            refused = httpx.patch(f"{api}/subscribers/{FARM}", json={"flight_mode": True}, timeout=60)
        finally:
            may_go_on.set()
        assert refused.status_code == 503
        assert "a list of subscribers or a reset" in refused.json()["detail"]
        assert "store" not in refused.text
        assert refused.headers["Retry-After"] in refused.json()["detail"]
        assert first.result(PATIENCE).status_code in (200, 204)
        again = httpx.patch(f"{api}/subscribers/{FARM}", json={"flight_mode": True}, timeout=60)
        assert again.status_code == 200
