"""Every setting does something: product code outside the configuration reads it.

A section that is handed over whole to the rules of a package (`NumberingRules(**...)`) counts as read where
those rules are. What a setting then does is shown by the tests of its subject; this one finds those that
nobody asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from smsc.config.base import Section
from smsc.config.settings import Settings
from smsc.routing.plan_data import NumberingRules
from smsc.services.contact_register.register import RegisterRules
from smsc.services.helplines import HelplineRules
from smsc.services.nod_sms.emergency import EmergencyRules
from smsc.services.nod_sms.registration import RegistrationRules
from smsc.services.short_codes.content import ContentRules

PRODUCT = Path(__file__).resolve().parent.parent / "smsc"


def models(annotation: object) -> Iterator[type[BaseModel]]:
    """The sections that an annotation holds, however deep: tuple[Zone, ...], Position | None."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    if (
        get_origin(annotation) is not None
        or isinstance(annotation, UnionType)
        or get_origin(annotation) is Union
    ):
        for inner in get_args(annotation):
            yield from models(inner)


def settings_of(model: type[BaseModel], path: str = "", seen: tuple[type, ...] = ()) -> Iterator[str]:
    """The dotted names of all settings below a section, `esmes.receipts.early`."""
    for name, field in model.model_fields.items():
        inner = [one for one in models(field.annotation) if one not in seen]
        if not inner:
            yield f"{path}{name}"
        for one in inner:
            yield from settings_of(one, f"{path}{name}.", (*seen, one))


@cache
def attributes_read() -> frozenset[str]:
    """The names of all attributes that product code outside the configuration reads."""
    return frozenset(
        node.attr
        for path in PRODUCT.rglob("*.py")
        if "config" not in path.relative_to(PRODUCT).parts[:1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


#: Read otherwise than by name; the test of what it does.
OTHERWISE = {
    "emergency.centres.fire": "test_N19_only_the_esme_that_lists_them_gets_vendor_tlvs",
    "emergency.centres.police": "test_N19_only_the_esme_that_lists_them_gets_vendor_tlvs",
    "emergency.centres.medical": "test_N19_only_the_esme_that_lists_them_gets_vendor_tlvs",
    "extends": "test_one_more_of_each_kind",
}
ALL = sorted(set(settings_of(Settings)))
RULES: tuple[Any, ...] = (
    NumberingRules,
    ContentRules,
    EmergencyRules,
    HelplineRules,
    RegisterRules,
    RegistrationRules,
)


def test_the_enumeration_finds_settings_of_every_depth() -> None:
    assert {"seed", "limits.rate", "esmes.tlvs", "emergency.centres.fire", "subscribers.track.lat"} <= set(
        ALL
    )
    assert len(ALL) > 150


@pytest.mark.parametrize("setting", ALL)
def test_a_setting_is_read(setting: str) -> None:
    if setting in OTHERWISE:
        return
    assert setting.rpartition(".")[2] in attributes_read(), f"{setting} does nothing"


def test_what_is_read_otherwise_is_a_setting_and_has_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    assert OTHERWISE.keys() <= set(ALL)
    assert not [name for name in OTHERWISE.values() if f"def {name}(" not in tests]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.__name__)
def test_a_rule_is_read(rules: Any) -> None:
    names = getattr(rules, "_fields", None) or rules.__dataclass_fields__
    assert not [name for name in names if name not in attributes_read()]
