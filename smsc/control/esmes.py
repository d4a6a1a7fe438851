"""ESMEs: who may bind besides handsets, changed while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smsc.config.settings import Problem, Settings, cross_check
from smsc.config.world import Esme
from smsc.control.base import ControlBase, ControlError, read_row
from smsc.control.changes import Back
from smsc.engine.mt.dialects import dialects
from smsc.world.checks import world_problems

_NAME = "esme"


class EsmeControl(ControlBase):
    """What can be asked and changed about ESMEs. A change ends the ESME's sessions: they bind anew."""

    def esmes(self) -> list[dict[str, Any]]:
        """All ESMEs in the order of the configuration, new ones last."""
        return [self._esme_dict(esme) for esme in self.world.settings.esmes]

    def esme(self, system_id: str) -> dict[str, Any]:
        """One ESME; 404."""
        return self._esme_dict(self._esme(system_id))

    def put_esme(self, system_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make or replace an ESME as a row of [[esmes]] would; 422 says what is wrong with it."""
        esme = read_row(Esme, {**body, "system_id": system_id}, "an ESME")
        back = self._esmes_back(system_id)
        self._become(self._with(system_id, esme), 422, "Not an ESME")
        self._keep(f"{_NAME}/{system_id}", _record(esme), back)
        self._tell_esme(system_id)
        return self._esme_dict(esme)

    def delete_esme(self, system_id: str) -> None:
        """Remove an ESME; 409 while a code, a helpline or a centre is answered by it."""
        self._esme(system_id)
        back = self._esmes_back(system_id)
        self._become(self._with(system_id, None), 409, "ESME in use")
        self._keep(f"{_NAME}/{system_id}", {"removed": True}, back)
        self._tell_esme(system_id)

    def restore_esmes(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        """Apply what earlier runs changed; what no longer fits the configuration is left out."""
        for key, record in rows:
            system_id = key.removeprefix(f"api/{_NAME}/")
            if system_id == key:
                continue
            try:
                self._restore_esme(system_id, record)
            except ControlError:
                self._note(key.removeprefix("api/"), {"removed": True})

    def _restore_esme(self, system_id: str, record: Mapping[str, Any]) -> None:
        esme = None if record.get("removed") else read_row(Esme, record, "an ESME")
        self._become(self._with(system_id, esme), 422, "Not an ESME")

    def _with(self, system_id: str, esme: Esme | None) -> list[Esme]:
        """The ESMEs with one in its place, or without it."""
        rows = list(self.world.settings.esmes)
        place = next((i for i, row in enumerate(rows) if row.system_id == system_id), len(rows))
        rows[place : place + 1] = [] if esme is None else [esme]
        return rows

    def _tell_esme(self, system_id: str) -> None:
        self._end_sessions(system_id)
        self.engine.watchers.tell("esme.changed", {"system_id": system_id})

    def _esmes_back(self, system_id: str) -> Back:
        settings = self.world.settings

        def back() -> None:
            self._put(settings)
            self._tell_esme(system_id)

        return back

    def renew_esmes(self) -> None:
        """As they were configured."""
        if self.world.settings is not self.world.configured:
            self._put(self.world.configured)

    def _become(self, rows: list[Esme], status: int, title: str) -> None:
        settings = self.world.settings.model_copy(update={"esmes": tuple(rows)})
        for problem in (*cross_check(settings), *world_problems(settings)):
            raise ControlError(status, title, _told(problem))
        self._put(settings)

    def _put(self, settings: Settings) -> None:
        engine = self.engine
        self.world.put_esmes(settings)
        receipts = engine.receipts
        receipts.speak(dialects(settings, self.world.accounts, receipts.local))
        self.world.reassign(engine.clock.now())

    def _end_sessions(self, system_id: str) -> None:
        for bind in self.engine.bindings:
            if bind.account.system_id == system_id:
                bind.session.unbind(self.engine.delivery.link_now)
                self.engine.wire.mark(bind)

    def _esme(self, system_id: str) -> Esme:
        for esme in self.world.settings.esmes:
            if esme.system_id == system_id:
                return esme
        known = ", ".join(esme.system_id for esme in self.world.settings.esmes[:20]) or "none"
        raise ControlError(404, "No such ESME", f"there is no ESME {system_id!r}; there are: {known}")

    def _esme_dict(self, esme: Esme) -> dict[str, Any]:
        told = esme.model_dump(mode="json", exclude={"password"})
        bound = [bind.id for bind in self.engine.bindings if bind.account.system_id == esme.system_id]
        told["numbers"] = [str(number).removeprefix("47") for number in esme.numbers]
        told["ranges"] = [{"first": str(span.first), "last": str(span.last)} for span in esme.ranges]
        return {**told, "tlvs": sorted(esme.tlvs), "sessions": bound}


def _record(esme: Esme) -> dict[str, Any]:
    """As it is stored, and as a row of the configuration."""
    return {**esme.model_dump(mode="json"), "password": esme.password.get_secret_value()}


def _told(problem: Problem) -> str:
    path = ".".join(str(step) for step in problem.loc[2:] or problem.loc)
    if problem.loc[0] != "esmes":
        path = ".".join(str(step) for step in problem.loc)
    return f"{path}: got {problem.given!r}, expected {problem.expected}"
