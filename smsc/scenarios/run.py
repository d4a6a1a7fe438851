"""Runs a scenario: steps in the order of time, each an action or an expectation.

A scenario is a TOML file: ``title``, ``story``, optional ``[config]`` (laid over the demo world) and
``[[steps]]``; docs/scenarios.md shows them all. It is played in memory on the manual clock, or on ports
(``Served``) on any clock, so that a client of one's own can take part.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from smsc.config.layers import dotted
from smsc.config.locate import find_line
from smsc.config.wording import no_such_key
from smsc.control import ControlError
from smsc.delivery.message import STATE_NAMES, Message
from smsc.protocol.constants import status_name
from smsc.scenarios.served import Served
from smsc.scenarios.stage import Peer, Stage, Text
from smsc.scenarios.steps import Bind, Chosen, Expect, Handset, Outage, Send, Step, Wait, Zone, read_steps
from smsc.scenarios.wired import Wired
from smsc.testing.server import SmscHandle
from smsc.world.checks import load_checked

SHIPPED: Final = Path(__file__).resolve().parent
_MOST_TOLD: Final = 5
_PAGE: Final = 1_000
_START: Final = "2026-01-15T12:00:00Z"
_KEYS: Final = {"title", "story", "config", "steps"}


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


@dataclass
class Scenario:
    """A scenario as its file says it."""

    path: Path
    text: str
    title: str
    config: Mapping[str, Any]
    steps: list[Step]

    def place(self, *loc: str | int) -> str:
        """File, line and path of something in it."""
        line = find_line(self.text, loc)
        return f"{self.path}:{line}: {dotted(loc)}" if line else f"{self.path}: {dotted(loc)}"


def shipped() -> list[str]:
    """The names of the scenarios that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def read(source: Path | str, *, served: bool = False) -> Scenario:
    """The scenario of a file, or of a shipped one's name. ScenarioError tells all that makes no sense."""
    path = Path(source)
    if not path.is_file() and str(source) in shipped():
        path = SHIPPED / f"{source}.toml"
    try:
        text = path.read_text("utf-8-sig")  # editors on Windows write a byte order mark
        document = tomllib.loads(text)
    except OSError as error:
        known = ", ".join(shipped())
        raise ScenarioError(f"{path}: {error.strerror}; expected a file, or one of {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from None
    rows = document.get("steps")
    if not isinstance(rows, list) or not rows:
        raise ScenarioError(f"{path}: expected [[steps]]")
    config = document.get("config", {})
    if not isinstance(config, dict):
        raise ScenarioError(f"{path}: config: got {config!r}, expected a table")
    steps, wrong = read_steps(rows, path.parent, served=served)
    scenario = Scenario(path, text, str(document.get("title", path.stem)), config, steps)
    unknown = sorted(set(document) - _KEYS)
    told = [f"{scenario.place(key)}: {no_such_key(key, _KEYS)}" for key in unknown]
    told += [f"{scenario.place(*one.loc)}: {one.told}" for one in wrong]
    if told:
        raise ScenarioError("\n".join(told))
    return scenario


def run(source: Path | str) -> Result:
    """Run a scenario to its last step, in memory. ScenarioError, ConfigError when it cannot be run."""
    scenario = read(source)
    base = {"store": {"url": "memory:"}, "clock": {"mode": "manual", "start": _START}}
    settings = load_checked(None, {**base, **scenario.config}, now=0, given_as="config", extends="demo")
    return play(scenario, Wired(settings))


def serve(source: Path | str, flags: Mapping[str, Any], ready: Callable[[SmscHandle], None]) -> Result:
    """Run a scenario on ports. `flags` are settings above its own; `ready` is told where it serves.

    Raises ScenarioError, ConfigError, OSError."""
    scenario = read(source, served=True)
    settings: dict[str, Any] = {"clock": {"mode": "real"}, **scenario.config}
    for key, value in flags.items():
        given = settings.get(key)
        settings[key] = {**given, **value} if isinstance(given, dict) and isinstance(value, dict) else value
    if settings["clock"].get("mode", "real") != "manual":
        settings["clock"] = {"start": None, **settings["clock"]}
    stage = Served(settings, ready)
    try:
        return play(scenario, stage)
    finally:
        stage.close()


def play(scenario: Scenario, stage: Stage) -> Result:
    """Take every step. ScenarioError when one cannot be taken."""
    result = Result(scenario.title)
    begun = time.perf_counter()
    runner = _Runner(stage, result)
    for step in scenario.steps:
        try:
            runner.step(step)
        except (ControlError, ConnectionError, ValueError) as error:
            raise ScenarioError(f"{scenario.place('steps', step.number, step.kind)}: {error}") from error
    result.seconds = time.perf_counter() - begun
    result.simulated = (stage.now() - runner.start) / 1000
    return result


class _Runner:
    """One scenario on its way."""

    def __init__(self, stage: Stage, result: Result) -> None:
        self.stage = stage
        self.result = result
        self.start = stage.now()
        self.clients: dict[str, Peer] = {}
        self.sent: dict[str, list[int]] = {}
        self.actions: dict[type, Callable[[Any], None]] = {
            list: self.bind,
            Handset: self.handset,
            Zone: self.zone,
            Outage: self.outage,
            Send: self.send,
            Wait: self.wait,
        }

    def step(self, step: Step) -> None:
        """Go there in time, and do it."""
        self.stage.advance_to(self.start + step.at)
        if isinstance(step.body, Expect):
            self.expect(step.at, step.body)
        else:
            self.actions[type(step.body)](step.body)
            self.stage.settle()

    def bind(self, who: list[Bind]) -> None:
        """Clients that answer everything they get."""
        for each in who:
            self.clients[each.system_id] = self.stage.connect(each.system_id, each.password)

    def handset(self, body: Handset) -> None:
        """What PATCH /subscribers takes, for one number or several."""
        changes = body.given()
        del changes["msisdn"]
        for number in body.msisdn:
            self.stage.control.patch_subscriber(number, changes)

    def zone(self, body: Zone) -> None:
        """What PATCH /zones takes."""
        changes = body.given()
        del changes["name"]
        self.stage.control.patch_zone(body.name, changes)

    def outage(self, body: Outage) -> None:
        """Planned times, or none, which ends them."""
        kind, name = body.area
        self.stage.control.put_outages(kind, name, {"outages": body.given()["outages"]})

    def send(self, body: Send) -> None:
        """``count`` messages to each of ``handsets`` numbers from ``to`` on, by the client of ``from``."""
        client = self.clients.get(body.by or body.source) or self.clients["farm"]
        validity = b"" if body.validity is None else _relative(body.validity)
        first, before = int(body.to), len(client.answers)
        for number in range(body.count):
            text = f"{body.text} {number}" if body.count != 1 else body.text
            what = Text(text, body.name, number & 0xFF, body.receipt, validity, body.priority)
            client.send(body.source, range(first, first + body.handsets), what)
            self.stage.settle()
        for token, status, ident in client.answers[before:]:
            if token == body.name:
                self.sent.setdefault(body.name, []).append(int(ident) if status == 0 else -status)
        self.result.messages += body.count * body.handsets

    def wait(self, body: Wait) -> None:
        """Until somebody from outside has bound or sent; the scenario's time stands still meanwhile."""
        assert isinstance(self.stage, Served)
        begun = self.stage.now()
        what = f"a bind of {body.bind}" if body.bind is not None else f"a message with {_chosen(body)}"
        if not self.stage.wait_until(lambda: self._is_there(body), body.timeout / 1000):
            raise ConnectionError(f"waited {body.timeout / 1000:g} s for {what} in vain")
        self.start += self.stage.now() - begun

    def _is_there(self, body: Wait) -> bool:
        if body.bind is not None:
            return any(one["system_id"] == body.bind for one in self.stage.control.sessions())
        return bool(self._choose(body))

    # --- expectations ---------------------------------------------------------------------------

    def expect(self, at: int, body: Expect) -> None:
        """One expectation; where the clock runs it may take a moment to hold."""
        check = self._check(at, body)
        if check.problem and isinstance(self.stage, Served):
            self.stage.wait_until(lambda: not self._check(at, body).problem, 2.0)
            check = self._check(at, body)
        self.result.checks.append(check)

    def _check(self, at: int, body: Expect) -> Check:
        problems: list[str] = []
        stories: list[str] = []
        for ident in self._idents(body, problems):
            if found := self._compare(ident, body):
                problems.append(f"message {ident}: {found}" if ident > 0 else f"{body.wanted}: {found}")
                stories.append(self._story(ident))
        for who, count in body.receipts.items():
            if (got := self.clients[who].receipts) != count:
                problems.append(f"receipts of {who}: expected {count}, got {got}")
        more = len(problems) - _MOST_TOLD
        shown = problems[:_MOST_TOLD] + ([f"and {more} more"] if more > 0 else [])
        name = body.name or body.wanted or _chosen(body) or "expectation"
        return Check(name, at, "; ".join(shown), "\n".join(stories[:_MOST_TOLD]))

    def _idents(self, body: Expect, problems: list[str]) -> list[int]:
        """The messages that are meant: ids, or negative statuses of those that were refused."""
        if body.chooses:
            found = self._choose(body)
            if body.count is not None and len(found) != body.count:
                problems.append(
                    f"expected {body.count} messages with {_chosen(body)}, there are {len(found)}"
                )
            elif body.count is None and not found:
                problems.append(f"there is no message with {_chosen(body)}")
            return found
        idents = self.sent.get(body.wanted or "", [])
        if body.wanted is None:
            return []
        if body.answered is not None and bool(idents) != body.answered:
            problems.append(f"answered: expected {body.answered}, it is {bool(idents)}")
            return []
        if not idents and body.answered is None:
            problems.append(f"no message called {body.wanted!r} was answered")
        return idents

    def _choose(self, body: Chosen) -> list[int]:
        """The messages with these addresses and this text, whoever sent them."""
        state = body.state if isinstance(body, Wait) else None
        found, after = [], None
        while rows := self.stage.control.messages(body.source, body.to, state, _PAGE, after):
            found += [int(row["id"]) for row in rows if body.text is None or row["text"] == body.text]
            after = rows[-1]["id"]
        return found

    def _compare(self, ident: int, body: Expect) -> str:
        message = self.stage.find(ident) if ident > 0 else None
        if message is None:
            return f"it was refused: {status_name(-ident)}" if ident <= 0 else "it was forgotten"
        told = self._facts(message)
        wanted = {"state": body.state, "reason": body.reason, "attempts": body.attempts}
        wrong = [
            f"{key} is {told[key]!r}, expected {value!r}"
            for key, value in wanted.items()
            if value is not None and told[key] != value
        ]
        if body.final_after is not None:
            after = message.final_at - self.start
            if not message.final_at:
                wrong.append(f"it has not ended, expected {body.final_after / 1000:g} s after the start")
            elif abs(after - body.final_after) > self.stage.tolerance:
                wrong.append(
                    f"it ended {after / 1000:g} s after the start, expected {body.final_after / 1000:g} s"
                )
        return ", ".join(wrong)

    def _facts(self, message: Message) -> dict[str, Any]:
        if STATE_NAMES[message.state] == "delivered":
            return {"state": "delivered", "reason": None, "attempts": message.attempts}
        told: dict[str, Any] = self.stage.control.message(str(message.id))
        return told

    def _story(self, ident: int) -> str:
        if ident <= 0:
            return ""
        return str(self.stage.control.message(str(ident))["explanation"])


def _chosen(body: Chosen) -> str:
    told = {"from": body.source, "to": body.to, "text": body.text}
    return ", ".join(f"{key} {value!r}" for key, value in told.items() if value is not None)


def _relative(ms: int) -> bytes:
    """A duration as a relative SMPP time [3.4 §7.1.1.2]."""
    days, rest = divmod(ms // 1000, 86_400)
    return b"0000%02d%02d%02d%02d000R" % (days, rest // 3600, rest // 60 % 60, rest % 60)
