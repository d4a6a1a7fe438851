"""The reference pages, written from the code: commands, keys, API, Python, metrics, events, reasons."""

from __future__ import annotations

import ast
import inspect
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer.main
from _pytest.fixtures import FixtureFunctionDefinition

from smsc import client, reasons
from smsc.api.metrics import HELP, PREFIX
from smsc.cli.app import app
from smsc.config import EXAMPLE
from smsc.protocol.constants import status_name
from smsc.testing import (
    ClockHandle,
    EsmeHandle,
    FaultsHandle,
    HandsetHandle,
    MessageHandle,
    SmscHandle,
    plugin,
    start_smsc,
)

PACKAGE = Path(EXAMPLE).parent
#: The names that events have: what happened to what.
_EVENT = re.compile(
    r"(message|messages|session|bind|submit|listener|subscriber|zone|outages|assignments|clock|fault|outbind|esme|"
    r"stream|store|registration|scenario)\.[a-z_]+"
)


def pages() -> dict[str, str]:
    """Every reference page by its name."""
    with start_smsc() as smsc:
        description = json.loads(_get(f"{smsc.url}/openapi.json"))
        exposition = _get(f"{smsc.url}/metrics")
    return {
        "cli": command_line(),
        "configuration": configuration(),
        "api": control_api(description),
        "python": python(),
        "metrics": metrics(exposition),
        "events": events(),
        "reasons": all_reasons(),
    }


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode("utf-8"))


# --- The command line ---


def command_line() -> str:
    """Every command with its arguments and options."""
    lines = ["# Command line", "", "Exit status: 0 success, 1 failed, 2 wrong usage or configuration.", ""]
    for path, command in commands(typer.main.get_command(app), ()):
        lines += [f"## smsc {' '.join(path)}", "", inspect.cleandoc(command.help or ""), ""]
        rows = list(_parameters(command))
        if rows:
            lines += ["| option | default | what |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(words, command) of all that can be typed."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    if path and getattr(command, "invoke_without_command", False):
        yield path, command
    for name in sorted(below):
        yield from commands(below[name], (*path, name))


def _parameters(command: Any) -> Iterator[str]:
    for parameter in command.params:
        is_option = parameter.param_type_name == "option"
        if is_option and parameter.name in ("help", "install_completion", "show_completion"):
            continue
        names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
        shown = names if is_option else f"`{(parameter.metavar or parameter.name.upper())}`"
        default = parameter.default
        is_plain = isinstance(default, (str, int, float)) and not isinstance(default, bool)
        told = f"`{default}`" if is_plain and default != "" else ""
        variable = f" Variable `{parameter.envvar}`." if isinstance(parameter.envvar, str) else ""
        yield f"| {shown} | {told} | {_cell(getattr(parameter, 'help', '') or '')}{variable} |"


# --- The configuration ---


def configuration() -> str:
    """The annotated example, section by section."""
    lines = [
        "# Configuration",
        "",
        "Every key with its default unless the text says otherwise; a key that starts with `#` has none. The",
        "same is printed by `smsc config example`. In the environment a key is `SMSC_` and its path, joined",
        "by two underscores: `SMSC_SMPP__PORT`.",
        "",
    ]
    for title, text in _sections():
        lines += [f"## {title}", "", "```toml", text.strip("\n"), "```", ""]
    return "\n".join(lines)


def _sections() -> Iterator[tuple[str, str]]:
    """(title, text) of each table of the example; rows of one list stand together."""
    title, text, pending = "General", "", ""
    for line in EXAMPLE.read_text("utf-8").splitlines(keepends=True):
        header = re.match(r"\[\[?([\w.]+)\]\]?", line)
        if header is None:
            pending = pending + line if line.startswith("#") and not re.match(r"#[a-z_0-9]+ = ", line) else ""
            text += line
            continue
        name = line.strip() if header[1].split(".")[0] != title.strip("[]").split(".")[0] else title
        if name != title:
            yield title, text.removesuffix(pending)
            title, text = name, pending
        text += line
        pending = ""
    yield title, text


# --- The control API ---


def control_api(description: dict[str, Any]) -> str:
    """Every call by path."""
    lines = ["# Control API", "", inspect.cleandoc(description["info"]["description"]), ""]
    lines += ["The server describes itself at `/openapi.json`, and as a page at `/docs`.", ""]
    for path, calls in sorted(description["paths"].items()):
        lines += [f"## {path}", ""]
        for method, call in calls.items():
            lines += [f"### {method.upper()} {path}", "", f"{call.get('summary', '')}.", ""]
            if call.get("description"):
                lines += [inspect.cleandoc(call["description"]), ""]
            rows = [_parameter(one) for one in call.get("parameters", ())]
            rows += list(_fields(description, call))
            if rows:
                lines += ["| field | where | what |", "|---|---|---|", *rows, ""]
            answers = ", ".join(
                f"{code} {_cell(one['description'])}" for code, one in call["responses"].items()
            )
            lines += [f"Answers: {answers}", ""]
    return "\n".join(lines)


def _parameter(one: dict[str, Any]) -> str:
    return f"| `{one['name']}` | {one['in']} | {_cell(one.get('description', ''))} |"


def _fields(description: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    schema = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for name, about in schema.get("properties", {}).items():
        yield f"| `{name}` | body | {_cell(about.get('description', ''))} |"


# --- Python ---


def python() -> str:
    """What tests hold in their hands, and the client."""
    classes = (SmscHandle, HandsetHandle, EsmeHandle, ClockHandle, MessageHandle, FaultsHandle)
    lines = [
        "# Python",
        "",
        "## Fixtures",
        "",
        "Of the pytest plugin, which an installation brings along.",
        "",
    ]
    for name, fixture in fixtures():
        lines += [f"### {name}", "", inspect.cleandoc(fixture.__doc__ or "").replace("``", "`"), ""]
    lines += ["## start_smsc", "", *_function("start_smsc", start_smsc)]
    for one in (*classes, client.Client, client.Received, client.ClientError, client.Refused):
        lines += [f"## {one.__name__}", "", inspect.cleandoc(one.__doc__ or "").replace("``", "`"), ""]
        for name, member in sorted(inspect.getmembers(one)):
            if name.startswith("_") or hasattr(Exception, name):
                continue
            if isinstance(member, property):
                lines += [f"### {name}", "", inspect.cleandoc(member.__doc__ or ""), ""]
            elif callable(member):
                lines += _function(name, member)
    return "\n".join(lines)


def fixtures() -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name, function) of what a test can ask for."""
    for name, member in vars(plugin).items():
        if isinstance(member, FixtureFunctionDefinition) and not name.startswith("_"):
            yield name, member._get_wrapped_function()


def _function(name: str, function: Callable[..., Any]) -> list[str]:
    signature = str(inspect.signature(function)).replace("(self, ", "(").replace("(self)", "()")
    about = inspect.cleandoc(function.__doc__ or "").replace("``", "`")
    return [f"### {name}", "", "```python", f"{name}{signature}", "```", "", about, ""]


# --- Metrics, events, reasons ---


def metrics(exposition: str) -> str:
    """Every metric of `/metrics`: those of the server, also what has not happened yet, and of its process."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)", exposition, re.MULTILINE))
    own = {f"{PREFIX}{name}": text for name, text in HELP.items()}
    found = own | {
        name: text
        for name, text in re.findall(r"^# HELP (\S+) (.*)$", exposition, re.MULTILINE)
        if name.startswith((f"{PREFIX}process_", f"{PREFIX}build"))
    }
    lines = [
        "# Metrics",
        "",
        "At `/metrics`, in the format of Prometheus. A counter by reason is there once it has counted.",
        "",
        "| metric | kind | what |",
        "|---|---|---|",
    ]
    for name, text in sorted(found.items()):
        kind = kinds.get(name, "counter" if name.endswith("_total") else "gauge")
        lines.append(f"| `{name}` | {kind} | {_cell(text)} |")
    return "\n".join([*lines, ""])


def events() -> str:
    """Every event that `/events` can tell, and the module it comes from."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _EVENT.fullmatch(node.value)
            ):
                found.setdefault(node.value, set()).add(path.relative_to(PACKAGE.parent).as_posix())
    lines = [
        "# Events",
        "",
        "`GET /api/v1/events` streams them; each has `event`, `at` and the keys of its kind.",
        "",
    ]
    lines += ["| event | where it comes from |", "|---|---|"]
    for name in sorted(found):
        lines.append(f"| `{name}` | {', '.join(f'`{one}`' for one in sorted(found[name]))} |")
    return "\n".join([*lines, ""])


def all_reasons() -> str:
    """The catalogue of refusals and failures."""
    lines = [
        "# Reasons",
        "",
        "Why something was refused or failed: in timelines, sessions' events, metrics.",
        "",
    ]
    lines += ["| reason | command_status | what |", "|---|---|---|"]
    for reason in reasons.REASONS:
        if reason.code:
            status = reason.command_status
            shown = f"{status_name(status)} (0x{status:02X})" if status else ""
            lines.append(f"| `{reason.name}` | {shown} | {_cell(reason.sentence)} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("\\[", "[").split())
