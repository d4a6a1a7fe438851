"""Every small wrong change of a module's functions and tables, one at a time.

A mutant is one node of the syntax tree changed: a comparison turned, a condition negated, a sum made a
difference, a number one larger, a flag left out, a call left undone. `mutants(path)` lists those of a file;
what a test run does with them stands in `tools/mutate.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
#: A table of a hundred rows is one idea: so many of its mutants stand for all.
_PER_TABLE = 6


@dataclass(frozen=True)
class Mutant:
    """One change, not made yet; ``owner`` is the class of a table, or ""."""

    path: Path
    line: int
    function: str  # qualified name; of a table, the name it is bound to
    what: str
    statement: int  # which of the module's
    node: int  # which of the statement's, as `ast.walk` meets them
    owner: str = ""
    is_table: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.what}"

    def changed(self) -> ast.stmt:
        """The whole statement of the module, with the change made."""
        top = ast.parse(self.path.read_text(encoding="utf-8")).body[self.statement]
        _apply(next(node for at, node in enumerate(ast.walk(top)) if at == self.node), top)
        return ast.fix_missing_locations(top)


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a file, in its order.

    Docstrings, annotations, logs and the messages of errors are left alone.
    """
    found: list[Mutant] = []
    for number, statement in enumerate(ast.parse(path.read_text(encoding="utf-8")).body):
        places = {id(node): at for at, node in enumerate(ast.walk(statement))}
        found += _of_statement(_Place(path, number, places), statement, "", "")
    return found


@dataclass(frozen=True)
class _Place:
    path: Path
    statement: int
    nodes: dict[int, int]

    def changes(
        self, inside: ast.AST, function: str, owner: str = "", is_table: bool = False
    ) -> Iterator[Mutant]:
        for node in _worth(inside):
            what = _name(node)
            if what:
                at, line = self.nodes[id(node)], getattr(node, "lineno", 0)
                yield Mutant(self.path, line, function, what, self.statement, at, owner, is_table)


def _of_statement(place: _Place, node: ast.stmt, prefix: str, owner: str) -> Iterator[Mutant]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from place.changes(node, f"{prefix}{node.name}")
    elif isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _of_statement(place, inner, f"{prefix}{node.name}.", f"{prefix}{node.name}")
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        is_field = bool(owner) and isinstance(node, ast.AnnAssign)  # of a dataclass: it is in __init__ by now
        if isinstance(target, ast.Name) and not is_field:
            each = list(place.changes(node, target.id, owner, True))
            yield from each[:: max(1, len(each) // _PER_TABLE)][:_PER_TABLE]


def _worth(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below that may be changed."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*node.body]
        if ast.get_docstring(node) is not None:
            parts = parts[1:]
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        parts = [node.value] if node.value is not None else []
        if _is_log(node):
            return
    elif isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr) or _is_log(node):
        yield node
        return
    else:
        parts = list(ast.iter_child_nodes(node))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node
    for part in parts:
        yield from _worth(part)


def _is_log(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    call = value if isinstance(node, ast.Expr | ast.Assign) else node
    if not isinstance(call, ast.Call):
        return False
    called = ast.unparse(call.func)
    return called.startswith(("_log.", "log.", "logger.", "logging.", "TypeVar", "namedtuple"))


def _name(node: ast.AST) -> str:
    """What can be done to a node, in words; "" for nothing."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            other = ast.Compare(node.left, [_COMPARISONS[type(op)]()], node.comparators)
            return f"{ast.unparse(node)} -> {ast.unparse(other)}"
        case ast.BoolOp(op=op):
            return f"{'and -> or' if isinstance(op, ast.And) else 'or -> and'} in {ast.unparse(node)}"
        case ast.UnaryOp(op=ast.Not()):
            return f"{ast.unparse(node)} without not"
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.BoolOp):
            return f"if {ast.unparse(node.test)} -> if not"
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATIONS:
            if isinstance(node, ast.BinOp) and isinstance(op, ast.BitOr):
                return f"{ast.unparse(node.right)} left out of {ast.unparse(node)}"
            return f"{type(op).__name__} -> {_OPERATIONS[type(op)].__name__} in {ast.unparse(node)}"
        case ast.Constant(value=bool() as value):
            return f"{value} -> {not value}"
        case ast.Constant(value=int() as value):
            return f"{value} -> {value + 1}"
        case ast.Expr(value=ast.Call()) if not _is_log(node):
            return f"without {ast.unparse(node)}"
        case ast.Continue():
            return "continue -> break"
        case ast.Break():
            return "break -> continue"
    return ""


def _apply(node: ast.AST, top: ast.stmt) -> None:
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [_COMPARISONS[type(op)]()]
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp():
            _replace(top, node, node.operand)
        case ast.If() | ast.While() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.BinOp(op=ast.BitOr()):
            _replace(top, node, node.left)
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            node.op = _OPERATIONS[type(op)]()
        case ast.Constant(value=bool() as value):
            node.value = not value
        case ast.Constant(value=int() as value):
            node.value = value + 1
        case ast.Expr() | ast.Continue() | ast.Break():
            others = {ast.Expr: ast.Pass, ast.Continue: ast.Break, ast.Break: ast.Continue}
            _replace(top, node, others[type(node)]())


def _replace(top: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(top):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list) and any(each is old for each in value):
                value[next(index for index, each in enumerate(value) if each is old)] = new
                return
