"""Long lists over HTTP, while others change what they are about."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from smsc.testing import start_smsc
from smsc.testing.server import SmscHandle

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
