"""Runs a scenario: steps in the order of time, each an action or an expectation, on the manual clock.

A scenario is a TOML file: ``title``, ``story``, optional ``[config]`` (merged over the demo world) and
``[[steps]]``. A step has ``at``, the time since the start, and one of ``bind``, ``handset``, ``zone``,
``outage``, ``send``, ``expect``; docs/scenarios.md shows them all.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from smsc.control import ControlError
from smsc.delivery.message import STATE_NAMES, Message
from smsc.durations import parse_duration
from smsc.protocol.constants import UDHI, status_name
from smsc.protocol.text import encode_text
from smsc.scenarios.wired import Wired, WiredClient
from smsc.world.checks import load_checked

SHIPPED: Final = Path(__file__).resolve().parent
_KINDS: Final = ("bind", "handset", "zone", "outage", "send", "expect")
_AREAS: Final = ("county", "zone", "cell")
#: What a body may hold; the others are judged by what takes them.
_KEYS: Final = {
    "send": {"name", "from", "to", "text", "receipt", "count", "handsets", "validity", "priority"},
    "expect": {
        "name",
        "message",
        "all",
        "state",
        "reason",
        "attempts",
        "final_after",
        "receipts",
        "answered",
    },
}


class ScenarioError(ValueError):
    """The file is wrong; the text says where, and what was expected."""


@dataclass
class Check:
    """One expectation and how it went; ``problem`` is empty when it holds."""

    name: str
    at: int
    problem: str
    story: str = ""


@dataclass
class Result:
    """A scenario that has been run."""

    title: str
    checks: list[Check] = field(default_factory=list)
    messages: int = 0
    simulated: float = 0.0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return all(not check.problem for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        checks = [{"name": c.name, "at": c.at / 1000, "problem": c.problem or None} for c in self.checks]
        return {
            "title": self.title,
            "passed": self.passed,
            "checks": checks,
            "messages": self.messages,
            "simulated_seconds": self.simulated,
            "seconds": round(self.seconds, 3),
        }


def shipped() -> list[str]:
    """The names of the scenarios that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read(source: Path | str) -> dict[str, Any]:
    """The scenario of a file, or of a shipped one's name. ScenarioError when it makes no sense."""
    path = Path(source)
    if not path.is_file() and str(source) in shipped():
        path = SHIPPED / f"{source}.toml"
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))  # editors on Windows write a byte order mark
    except OSError as error:
        known = ", ".join(shipped())
        raise ScenarioError(f"{path}: {error.strerror}; expected a file, or one of {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps:
        raise ScenarioError(f"{path}: expected [[steps]]")
    unknown = set(document) - {"title", "story", "config", "steps"}
    if unknown:
        raise ScenarioError(f"{path}: unknown {', '.join(sorted(unknown))}")
    for index, step in enumerate(steps):
        where = f"{path}: steps[{index}]"
        if not isinstance(step, dict):
            raise ScenarioError(f"{where}: expected a table")
        kinds = [kind for kind in _KINDS if kind in step]
        if len(kinds) != 1 or set(step) - {"at", *_KINDS}:
            raise ScenarioError(f"{where}: expected at and one of {', '.join(_KINDS)}")
        _check_body(f"{where}.{kinds[0]}", kinds[0], step[kinds[0]])
        try:
            step["at"] = parse_duration(step.get("at", 0))
        except ValueError as error:
            raise ScenarioError(f"{where}.at: expected {error}") from None
    _check_names(path, steps)
    return document


def _check_body(where: str, kind: str, body: Any) -> None:
    if kind == "bind":  # a name, or a list of names and tables
        return
    if not isinstance(body, dict):
        raise ScenarioError(f"{where}: expected a table")
    known = _KEYS.get(kind, set(body))
    if wrong := set(body) - known:
        raise ScenarioError(
            f"{where}: unknown {', '.join(sorted(wrong))}; there are {', '.join(sorted(known))}"
        )


def _check_names(path: Path, steps: list[dict[str, Any]]) -> None:
    """What is expected was sent: a name that nothing has would never hold."""
    sent = {str(step["send"].get("name", "message")) for step in steps if "send" in step}
    for index, step in enumerate(steps):
        expected = step.get("expect", {})
        name = expected.get("message") or expected.get("all")
        if name is not None and str(name) not in sent:
            told = ", ".join(sorted(sent)) or "none"
            raise ScenarioError(
                f"{path}: steps[{index}].expect: no send is called {name!r}; there are {told}"
            )


def run(source: Path | str) -> Result:
    """Run a scenario to its last step. ScenarioError, ConfigError when it cannot be run."""
    document = read(source)
    base = {
        "store": {"url": "memory:"},
        "clock": {"mode": "manual", "start": "2026-01-15T12:00:00Z"},
    }
    settings = load_checked(
        None, {**base, **document.get("config", {})}, now=0, given_as="config", extends="demo"
    )
    result = Result(str(document.get("title", source)))
    begun = time.perf_counter()
    runner = _Runner(Wired(settings), result)
    for index, step in sorted(enumerate(document["steps"]), key=lambda numbered: int(numbered[1]["at"])):
        kind = next(kind for kind in _KINDS if kind in step)
        try:
            runner.step(step["at"], kind, step[kind])
        except (ControlError, ConnectionError, KeyError, TypeError, ValueError) as error:
            told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ScenarioError(f"{source}: steps[{index}].{kind}: {told}") from error
    result.seconds = time.perf_counter() - begun
    result.simulated = (runner.wired.clock.now() - runner.start) / 1000
    return result


class _Runner:
    """One scenario on its way."""

    def __init__(self, wired: Wired, result: Result) -> None:
        self.wired = wired
        self.result = result
        self.start = wired.clock.now()
        self.clients: dict[str, WiredClient] = {}
        self.sent: dict[str, list[int]] = {}
        self.actions: dict[str, Callable[[Any], None]] = {
            "bind": self.bind,
            "handset": self.handset,
            "zone": self.zone,
            "outage": self.outage,
            "send": self.send,
        }

    def step(self, at: int, kind: str, body: Any) -> None:
        """Go there in time, and do it."""
        self.wired.advance_to(self.start + at)
        if kind == "expect":
            self.expect(at, body)
        else:
            self.actions[kind](body)
            self.wired.settle()

    def bind(self, who: Any) -> None:
        """``["4790000001", {system_id, password}]``: clients that answer everything they get."""
        for each in who if isinstance(who, list) else [who]:
            told = each if isinstance(each, Mapping) else {"system_id": each}
            name = str(told["system_id"])
            self.clients[name] = self.wired.connect(name, str(told.get("password", "1234")))

    def handset(self, body: Mapping[str, Any]) -> None:
        """``{msisdn, ...}``: what PATCH /subscribers takes; ``msisdn`` may be a list."""
        changes = {key: value for key, value in body.items() if key != "msisdn"}
        numbers = body["msisdn"]
        for number in numbers if isinstance(numbers, list) else [numbers]:
            self.wired.control.patch_subscriber(str(number), changes)

    def zone(self, body: Mapping[str, Any]) -> None:
        """``{name, ...}``: what PATCH /zones takes."""
        self.wired.control.patch_zone(body["name"], {k: v for k, v in body.items() if k != "name"})

    def outage(self, body: Mapping[str, Any]) -> None:
        """``{county | zone | cell, outages}``."""
        kind = next((kind for kind in _AREAS if kind in body), None)
        if kind is None:
            raise ValueError(f"expected one of {', '.join(_AREAS)}")
        self.wired.control.put_outages(kind, body[kind], {"outages": body["outages"]})

    def send(self, body: Mapping[str, Any]) -> None:
        """``count`` messages to each of ``handsets`` numbers from ``to`` on, by the client of ``from``."""
        source, first = int(body["from"]), int(body["to"])
        client = self.clients.get(str(source)) or self.clients.get("farm")
        if client is None:
            raise ValueError(f"neither {str(source)!r} nor 'farm' has bound")
        validity = _relative(parse_duration(body["validity"])) if "validity" in body else b""
        name = str(body.get("name", "message"))
        before = len(client.answers)
        text, several = str(body.get("text", "Hei")), body.get("count", 1) != 1
        for number in range(int(body.get("count", 1))):
            data_coding, parts = encode_text(f"{text} {number}" if several else text, number & 0xFF)
            for handset in range(int(body.get("handsets", 1))):
                for part in parts:
                    client.submit(
                        source,
                        first + handset,
                        part,
                        registered_delivery=int(bool(body.get("receipt", False))),
                        validity=validity,
                        priority=int(body.get("priority", 0)),
                        data_coding=data_coding,
                        esm_class=UDHI if len(parts) > 1 else 0,
                        token=name,
                    )
            self.wired.settle()
        for token, status, ident in client.answers[before:]:
            if token == name:
                self.sent.setdefault(name, []).append(int(ident) if status == 0 else -status)
        self.result.messages += int(body.get("count", 1)) * int(body.get("handsets", 1))

    # --- expectations ---------------------------------------------------------------------------

    def expect(self, at: int, body: Mapping[str, Any]) -> None:
        """One expectation, or several in one table."""
        name = str(body.get("name") or body.get("message") or body.get("all") or "expectation")
        problems: list[str] = []
        stories: list[str] = []
        wanted = body.get("message") or body.get("all")
        if wanted is not None:
            idents = self.sent.get(str(wanted), [])
            if body.get("answered") is not None and bool(idents) != bool(body["answered"]):
                problems.append(f"answered: expected {body['answered']}, it is {bool(idents)}")
            elif not idents and body.get("answered") is None:
                problems.append(f"no message called {wanted!r} was answered")
            for ident in idents:
                found = self._compare(ident, body)
                if found:
                    problems.append(f"message {ident}: {found}" if ident > 0 else f"{wanted}: {found}")
                    stories.append(self._story(ident))
        for number, count in dict(body.get("receipts", {})).items():
            if number not in self.clients:
                raise ValueError(f"{number!r} has not bound")
            got = self.clients[number].receipts
            if got != count:
                problems.append(f"receipts of {number}: expected {count}, got {got}")
        shown = problems[:5] + ([f"and {len(problems) - 5} more"] if len(problems) > 5 else [])
        self.result.checks.append(Check(name, at, "; ".join(shown), "\n".join(stories[:5])))

    def _compare(self, ident: int, body: Mapping[str, Any]) -> str:
        message = self.wired.engine.ledger.find(ident) if ident > 0 else None
        if message is None:
            return f"it was refused: {status_name(-ident)}" if ident <= 0 else "it was forgotten"
        told = self._facts(message)
        wrong = [
            f"{key} is {told[key]!r}, expected {body[key]!r}"
            for key in ("state", "reason", "attempts")
            if key in body and told[key] != body[key]
        ]
        if "final_after" in body:
            after = parse_duration(body["final_after"])
            if message.final_at - self.start != after:
                wrong.append(
                    f"it ended {(message.final_at - self.start) / 1000:g} s after the start, "
                    f"expected {after / 1000:g} s"
                )
        return ", ".join(wrong)

    def _facts(self, message: Message) -> dict[str, Any]:
        if STATE_NAMES[message.state] == "delivered":
            return {"state": "delivered", "reason": None, "attempts": message.attempts}
        return self.wired.control.message(str(message.id))

    def _story(self, ident: int) -> str:
        if ident <= 0:
            return ""
        return str(self.wired.control.message(str(ident))["explanation"])


def _relative(ms: int) -> bytes:
    """A duration as a relative SMPP time [3.4 §7.1.1.2]."""
    seconds = ms // 1000
    days, rest = divmod(seconds, 86_400)
    if days > 99:
        raise ValueError("a validity of at most 99 days")
    return b"0000%02d%02d%02d%02d000R" % (days, rest // 3600, rest // 60 % 60, rest % 60)
