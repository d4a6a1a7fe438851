"""Sessions: who is bound, and letting them go."""

from __future__ import annotations

from typing import Any

from smsc.engine.bindings import Bind
from smsc.engine.control.base import ControlBase, ControlError, moment
from smsc.engine.pdus import moment_us, told


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

    def session_pdus(self, session_id: int, limit: int) -> dict[str, Any]:
        """The last PDUs of a traced session, decoded, oldest first; `traced` tells whether it is."""
        bind = self._bind(session_id)
        tracer = bind.connection.tracer if bind.connection is not None else None
        kept = [] if tracer is None else list(tracer.pdus)[-limit:]
        alphabet = str(bind.account.settings.get("default_alphabet", "gsm0338"))
        version = bind.session.version
        return {
            "id": bind.id,
            "traced": tracer is not None,
            "pdus": [
                {"at": moment_us(at), "direction": ("out", "in")[incoming], **told(frame, version, alphabet)}
                for at, incoming, frame in kept
            ],
        }

    def trace_session(self, session_id: int) -> dict[str, Any]:
        """Keep the last PDUs of a session from now on."""
        bind = self._bind(session_id)
        if bind.connection is not None:
            bind.connection.host.trace(bind.connection)
        return self.session_pdus(session_id, 1)

    def drop_session(self, session_id: int, how: str) -> None:
        """Unbind a session politely, or drop its connection."""
        bind = self._bind(session_id)
        if how == "drop":
            bind.session.close("dropped by the operator")
        else:
            bind.session.unbind(self.engine.exchange.link_now)
        self.engine.exchange.mark(bind)
