"""ESMEs that the server calls: what can be asked and done about outbinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from smsc.config.wire import Outbind
from smsc.control.base import ControlBase, ControlError, read_row


class Dialler(Protocol):
    """What the server around the engine brings: it has the sockets."""

    def dial(self, row: Outbind) -> dict[str, Any]:
        """Begin to dial, and tell about it."""

    def listing(self) -> list[dict[str, Any]]:
        """All that were dialled."""

    def told(self, ident: int) -> dict[str, Any]:
        """One of them; ControlError 404."""

    def end(self, ident: int) -> None:
        """Forget one; ControlError 404."""


class OutbindControl(ControlBase):
    """Calling ESMEs. Lasts as long as the server runs: only the configuration dials after a restart."""

    dialler: Dialler

    def outbinds(self) -> list[dict[str, Any]]:
        """All ESMEs that are or were dialled."""
        return self.dialler.listing()

    def outbind(self, outbind_id: int) -> dict[str, Any]:
        """One of them."""
        return self.dialler.told(outbind_id)

    def dial(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Dial an ESME now; without ``retry`` once."""
        row = read_row(Outbind, {"retry": "off", **body}, "an outbind")
        esmes = [esme.system_id for esme in self.world.settings.esmes]
        if row.system_id not in esmes:
            known = ", ".join(esmes[:20]) or "none"
            raise ControlError(
                422, "No such ESME", f"{row.system_id!r} is no ESME of the configuration; there are: {known}"
            )
        return self.dialler.dial(row)

    def end_outbind(self, outbind_id: int) -> None:
        """Dial it no more; a session that it has bound stays."""
        self.dialler.end(outbind_id)
