"""Waits for messages by the call that every language has: `GET /messages/wait`."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

_MARGIN = 30.0  # seconds that the server may take for its answer when the time is up


def wait_for(
    url: str, token: str | None, q: str, count: int, timeout: float, since: str | None
) -> list[dict[str, Any]]:
    """The documents of `count` messages that the search `q` finds.

    TimeoutError tells what came instead and why it was not meant; ValueError what is wrong with the search.
    """
    query: dict[str, object] = {"q": q, "count": count, "timeout": timeout}
    if since is not None:
        query["since"] = since
    request = urllib.request.Request(f"{url}/api/v1/messages/wait?{urllib.parse.urlencode(query)}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout + _MARGIN) as answer:
            found: list[dict[str, Any]] = json.load(answer)["messages"]
            return found
    except urllib.error.HTTPError as error:
        told = json.load(error)
        if error.code == 408:
            raise TimeoutError("\n".join([told["detail"], *map(_near, told["instead"])])) from None
        raise ValueError(told["detail"]) from None


def _near(other: dict[str, Any]) -> str:
    message = other["message"]
    ends = f"{message['id']} {message['source']} -> {message['destination']} {message['stage']}"
    return f"  {ends} {message['text']!r}: {'; '.join(other['why'])}"
