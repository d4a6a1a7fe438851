"""A subscriber's field is declared once: whatever reads or writes subscribers has it, by its declaration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from smsc.api.bodies.subscribers import SubscriberBody
from smsc.api.shapes.subscribers import Subscriber as Shape
from smsc.config.world import Subscriber as Row
from smsc.routing.records import COLUMNS, read_subscribers, subscriber_to_record, write_subscribers
from smsc.routing.subscribers import Registry, Subscriber
from smsc.subscriber_fields import FIELDS, Choice, Field, Flag, Several, kept, restored

#: Another value than the default, as JSON shows it.
OTHERS: dict[str, Any] = {
    "imsi": "242709000000199",
    "iccid": "8947001234567890122",
    "operator": "fjordnett",
    "main": "4790000001",
    "password": "secret",
}


def other_value(field: Field) -> Any:
    if isinstance(field, Flag):
        return not field.default
    if isinstance(field, Choice):
        return field.names[1]
    if isinstance(field, Several):
        return list(field.bits or ())[:1]
    return OTHERS[field.name]


def changed(field: Field) -> Subscriber:
    subscriber = Subscriber(4790000005)
    setattr(subscriber, field.name, field.read(other_value(field)))
    return subscriber


each = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)


@each
def test_the_registry_holds_it_and_a_copy_has_it(field: Field) -> None:
    assert getattr(Subscriber(1), field.name) == field.default
    subscriber = changed(field)
    assert getattr(subscriber.copy(2), field.name) == field.read(other_value(field)) != field.default
    registry = Registry()
    registry.add_range(4790000000, 4790000009, **{field.name: field.read(other_value(field))})
    assert getattr(registry.touch(4790000003), field.name) == field.read(other_value(field))


@each
def test_the_compiled_class_declares_it(field: Field) -> None:
    types = Path("smsc/routing/subscribers.pxd").read_text(encoding="utf-8")
    assert re.search(rf"^    cdef public [\w ]+ {field.name}$", types, re.MULTILINE)


@each
def test_the_store_keeps_and_restores_it(field: Field) -> None:
    record = kept(changed(field))
    assert (field.name in record) is field.stored
    expected = field.read(other_value(field)) if field.stored else field.default
    assert restored(record)[field.name] == expected
    assert restored({})[field.name] == field.default, "which an older version did not keep"


@each
def test_the_api_shows_and_takes_it(field: Field) -> None:
    assert (field.name in Shape.model_fields) is not field.secret
    assert (field.name in SubscriberBody.model_fields) is field.settable
    if field.settable:
        body = SubscriberBody.model_validate({field.name: other_value(field)})
        assert body.given() == {field.name: other_value(field)}
        assert field.about in (SubscriberBody.model_fields[field.name].description or "")
    if not field.secret:
        assert subscriber_to_record(changed(field), 4790000005)[field.name] == other_value(field)


@each
def test_the_configuration_takes_it(field: Field) -> None:
    assert (field.name in Row.model_fields) is field.configured
    if field.configured:
        row = Row.model_validate({"msisdn": "4790000005", field.name: other_value(field)})
        assert row.fields()[field.name] == field.read(other_value(field))
        assert Row.model_validate({"msisdn": "4790000005"}).fields()[field.name] == field.default


@each
def test_a_list_writes_and_reads_it(field: Field, tmp_path: Path) -> None:
    assert (field.name in COLUMNS) is not field.secret
    if field.secret:
        return
    before, after = Registry(), Registry()
    before.add(changed(field))
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        write_subscribers(before, file, lambda place: "")
    read_subscribers(path.read_text(encoding="utf-8").splitlines(), after, lambda zone: None)
    found = after.find(4790000005)
    assert getattr(found, field.name) == getattr(changed(field), field.name)
