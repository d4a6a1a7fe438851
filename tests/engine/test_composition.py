"""The engine is put together in one place: each part gets what it needs when it is made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smsc.engine

ENGINE = Path(smsc.engine.__file__).parent


def of_self(node: ast.expr) -> bool:
    """Whether an expression is `self`, or leads from it to a part."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement gives a value to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from target.elts if isinstance(target, ast.Tuple) else [target]
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        yield node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
        yield ast.Attribute(node.args[0], "set")


def patches(text: str) -> list[str]:
    """Where a file gives a value to an attribute of a part: `self.part.x = ...`, by whatever name."""
    found = []
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        statements = list(ast.walk(function))
        parts = {
            target.id
            for node in statements
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and of_self(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in statements:
            for target in targets(node):
                if not isinstance(target, ast.Attribute):
                    continue
                owner = target.value
                is_part = (isinstance(owner, ast.Attribute) and of_self(owner)) or (
                    isinstance(owner, ast.Name) and (owner.id in parts or function.name == "__init__")
                )
                if is_part and ast.unparse(owner) != "self":
                    found.append(ast.unparse(target))
    return found


def test_the_engine_gives_no_part_anything_afterwards() -> None:
    assert patches((ENGINE / "engine.py").read_text(encoding="utf-8")) == []


def given(text: str) -> list[str]:
    """Where a file gives a value to something of an engine: `engine.x = ...`, `self.engine.part.x = ...`."""
    found = []
    for node in ast.walk(ast.parse(text)):
        for target in targets(node):
            owner = target.value if isinstance(target, ast.Attribute) else target
            if isinstance(target, ast.Attribute) and "engine" in ast.unparse(owner).split("."):
                found.append(ast.unparse(target))
    return found


@pytest.mark.parametrize("room", ["server", "control", "api", "scenarios", "testing", "cli"])
def test_nobody_outside_gives_the_engine_anything_but_by_its_methods(room: str) -> None:
    files = (ENGINE.parent / room).rglob("*.py")
    found = {target for file in files for target in given(file.read_text(encoding="utf-8"))}
    # What has something to say is taken out of the list while it is written: once a turn, without a call.
    assert found <= {"engine.wire.dirty", "self.engine.wire.dirty"}


def test_the_reader_of_what_is_given_sees_what_it_must() -> None:
    assert given("engine.commit.after = f") == ["engine.commit.after"]
    assert given("self.engine.stamp = f") == ["self.engine.stamp"]
    assert given("self.engine = Engine()") == []


@pytest.mark.parametrize(
    ("line", "patched"),
    [
        ("self.delivery.watch = None", ["self.delivery.watch"]),
        ("self.queues.queued += 1", ["self.queues.queued"]),
        ("receipts = self.delivery.receipts; receipts.dialects = {}", ["receipts.dialects"]),
        ("a, self.mo.defer = 1, 2", ["self.mo.defer"]),
        ("setattr(self.mo, 'defer', 2)", ["self.mo.set"]),
        ("self.delivery = Delivery()", []),
        ("bind = session.bind; bind.timeouts += 1", []),
    ],
)
def test_the_reader_of_patches_sees_what_it_must(line: str, patched: list[str]) -> None:
    assert patches(f"class Engine:\n    def method(self, session):\n        {line}\n") == patched
