"""What cannot be done, in the words that the API answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ControlError(Exception):
    """A request that cannot be done: HTTP status, title, and a sentence that says what would be right."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        reason: str | None = None,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.members = members or {}  # what else programs may want to know
        self.headers = headers  # of the answer, besides its own
        self.status = status
        self.title = title
        self.detail = detail
        self.reason = reason
