"""What every part of the control shares: its errors, how it reads numbers and writes moments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from smsc.control.changes import Back, Changes
from smsc.control.errors import ControlError
from smsc.control.many.turns import Turns, Underway
from smsc.control.messages.erasure import Erasures
from smsc.control.search.tags import Tags
from smsc.control.steps import Steps
from smsc.engine.engine import Engine
from smsc.engine.journal.records import KEY_VALUES
from smsc.moments import moment_text
from smsc.typed import compact

__all__ = ["ControlBase", "ControlError", "moment", "moment_or_none", "read_row"]

Row = TypeVar("Row", bound=BaseModel)


def read_row(model: type[Row], given: Mapping[str, Any], what: str, where: str = "") -> Row:
    """A row of the configuration that came by the API; ControlError 422 names the first wrong key."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join([*filter(None, [where]), *map(str, first["loc"])])
        raise ControlError(422, f"Not {what}", f"{path}: {first['msg']}") from None


class ControlBase:
    """The engine, and what all parts need of it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.world = engine.world
        self.registry = engine.world.registry
        self.erasures = Erasures(engine)
        self.changes = Changes(engine.commit)
        self.turns = Turns()
        self.importing: Underway | None = None  # the list whose turn it is
        self.tags = Tags()
        self.kept: set[str] = set()  # the keys of what the store has of the API's changes

    def number(self, text: str, ton: int = 0, npi: int = 1) -> dict[str, Any]:
        """How the number plan reads a number; never fails, ``reason`` says what is wrong with it."""
        reading = self.world.plan.explain(compact(text), ton, npi)
        told = reading._asdict()
        told["steps"] = [{"en": english, "nb": bokmaal} for english, bokmaal in reading.steps]
        told.pop("key")
        return told

    def _key(self, text: str) -> int:
        reading = self.world.plan.explain(compact(text))
        if reading.key == 0:
            raise ControlError(
                422,
                "Not a Norwegian number",
                f"{text!r} is {reading.type}: {reading.reason or 'not in the plan'}",
            )
        return reading.key

    def _address(self, text: str) -> int | bytes:
        reading = self.world.plan.explain(compact(text))
        return reading.key if reading.key else compact(text).encode("utf-8")

    def _alone(self, what: str) -> None:
        """ControlError 409 for what one of several nodes cannot do for all of them."""
        if self.engine.nodes is not None:
            raise ControlError(
                409,
                "Several nodes share this store",
                f"{what} can not be done by one of them; stop them, and start one without --node for that",
            )

    def _keep(self, name: str, record: dict[str, Any], back: Back) -> None:
        """Write down what a caller has changed; ``back`` puts it back when the store does not take it."""
        key = f"api/{name}"
        was_kept = key in self.kept
        after_all = None if self.importing is None else self.importing.changed(key)

        def put_back() -> None:
            if not was_kept:
                self.kept.discard(key)
            back()
            if after_all is not None:
                after_all()
            elif self.importing is not None:
                self.importing.changed(key)

        self.kept.add(key)
        self.changes.put(key, json.dumps(record, separators=(",", ":")), put_back)

    def others_decided(self) -> Steps[None]:
        """Let others wait from now on, and wait until nothing that they have changed may be put back, and no
        number is being erased."""
        while self.erasures.are_under_way():
            yield lambda resume: self.erasures.when_done(lambda _: resume())
        self.turns.settle()
        while self.changes.are_under_way():
            yield lambda resume: self.engine.commit.when_committed(lambda _: resume())

    def _once_safe(self, then: Callable[[], None]) -> None:
        """What cannot be undone is done once all that was asked for so far is safe; not at all when it is
        not. What it asks for itself goes with the next commit."""

        def safe(error: BaseException | None) -> None:
            if error is None:
                then()

        self.engine.commit.when_committed(safe)

    def _note(self, name: str, record: dict[str, Any]) -> None:
        """Write down what is so whatever becomes of one commit: it goes with the next one otherwise."""
        key = f"api/{name}"
        self.kept.add(key)
        self.engine.commit.change(KEY_VALUES, key, (key, json.dumps(record, separators=(",", ":"))))


def moment(at: int) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    return moment_text(at)


def moment_or_none(at: int) -> str | None:
    """The same, None for a moment that never comes."""
    return None if at >= 2**60 else moment(at)
