"""Sessions: who is bound, and letting them go."""

from __future__ import annotations

from typing import Any

from smsc.engine.bindings import Bind
from smsc.engine.control.base import ControlBase, ControlError, moment


class SessionControl(ControlBase):
    """What can be asked and done about binds."""

    def sessions(self) -> list[dict[str, Any]]:
        """All binds."""
        return [self._session_dict(bind) for bind in self.engine.bindings]

    def session(self, session_id: int) -> dict[str, Any]:
        """One bind with its last events."""
        return self._session_dict(self._bind(session_id))

    def _bind(self, ident: int) -> Bind:
        bind = self.engine.bindings.binds.get(ident)
        if bind is None:
            raise ControlError(404, "No such session", f"no session has id {ident}")
        return bind

    def _session_dict(self, bind: Bind) -> dict[str, Any]:
        session = bind.session
        kind = {(True, True): "transceiver", (True, False): "receiver", (False, True): "transmitter"}
        return {
            "id": bind.id,
            "system_id": bind.account.system_id,
            "type": kind[(bind.receiving, bind.sending)],
            "peer": bind.peer,
            "interface_version": f"{session.version >> 4}.{session.version & 15}",
            "bound_at": moment(bind.bound_at),
            "window": {
                "in_use": session.window_used,
                "size": session.window_out,
                "unanswered": session.deferred,
            },
            "counters": {
                "submitted": bind.submitted,
                "refused": bind.refused,
                "delivered": session.sent,
                "timeouts": bind.timeouts,
            },
            "events": [
                {"at": moment(at), "event": event, "detail": detail}
                for at, event, detail in bind.last_events or ()
            ],
        }

    def drop_session(self, session_id: int, how: str) -> None:
        """Unbind a session politely, or drop its connection."""
        bind = self._bind(session_id)
        if how == "drop":
            bind.session.close("dropped by the operator")
        else:
            bind.session.unbind(self.engine.exchange.link_now)
        self.engine.exchange.mark(bind)
