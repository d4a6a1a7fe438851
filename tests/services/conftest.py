"""Services to test; every test of one is also one of its twin on another node, told of each changed row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from smsc.services import tlvs
from smsc.services.base import Journal, Row, ServiceBase
from smsc.services.contact_register.notify import NotificationService
from smsc.services.helplines import HelplineService
from smsc.services.nod_sms.emergency import EmergencyService
from smsc.services.short_codes.codes import Codes
from smsc.services.short_codes.content import ContentRules, ContentService
from tests.services import emergency_service
from tests.services.content_service import CODES
from tests.services.helpers import kept

SERVICES: tuple[type[Any], ...] = (EmergencyService, HelplineService, ContentService, NotificationService)
Log = list[tuple[str, str]]  # key and row as JSON, in the order in which they were written


@pytest.fixture(autouse=True)
def twins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each service that a test makes has a twin in the end that knows the same, told row by row, twice."""
    made: list[tuple[ServiceBase, tuple[Any, ...], dict[str, Any]]] = []
    logs: dict[int, Log] = {}

    def note(journal: Journal, key: str, row: Row | None) -> None:
        logs.setdefault(id(journal), []).append((key, json.dumps(row)))

    put, delete, load, take = Journal.put, Journal.delete, ServiceBase.load, ServiceBase.take

    def noted_put(self: Journal, key: str, row: Row) -> None:
        note(self, key, row)
        put(self, key, row)

    def noted_delete(self: Journal, key: str) -> None:
        note(self, key, None)
        delete(self, key)

    def noted_load(self: Any, records: Iterable[tuple[str, Row]]) -> None:
        rows = list(records)
        load(self, rows)
        if isinstance(self, SERVICES):
            for key, row in self.records():
                note(self._journal, key, row)

    def noted_take(self: Any, key: str, row: Row | None) -> None:
        take(self, key, row)
        note(self._journal, key, row)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "put", noted_put)
        patched.setattr(Journal, "delete", noted_delete)
        patched.setattr(ServiceBase, "load", noted_load)
        patched.setattr(ServiceBase, "take", noted_take)
        for kind in SERVICES:
            patched.setattr(kind, "__init__", _noting(kind.__init__, made))
        yield
    for service, given, named in made:
        twin = type(service)(*given, **named)
        for key, text in logs.get(id(service._journal), ()):
            for _ in range(2):
                twin.take(key, json.loads(text))
        assert twin.changes() == {}, "what one is told is not to be written again"
        assert rows_of(twin) == rows_of(service)


@pytest.fixture
def nod() -> Iterator[EmergencyService]:
    """Nød-SMS with three centres, and two numbers that are registered."""
    made = emergency_service.service()
    yield made
    assert kept(made.changes()) == dict(made.records()), "whatever happened, the store knows it all"


@pytest.fixture
def content() -> Iterator[ContentService]:
    """Short codes with four providers."""
    made = ContentService(ContentRules(), Codes(CODES), lambda account: tlvs.OURS)
    yield made
    assert kept(made.changes()) == dict(made.records()), "whatever happened, the store knows it all"


def rows_of(service: Any) -> list[str]:
    return sorted(f"{key} {json.dumps(row, sort_keys=True)}" for key, row in service.records())


def _noting(init: Any, made: list[Any]) -> Any:
    def noting(self: Any, *given: Any, **named: Any) -> None:
        init(self, *given, **named)
        made.append((self, given, named))

    return noting
