"""Sessions: who is bound, and letting them go."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from smsc.control.base import ControlBase, ControlError, moment
from smsc.control.pdus import moment_us, told
from smsc.control.steps import Steps, asked
from smsc.engine.binds.bindings import RESTING, WHY_SICK, Bind
from smsc.engine.engine import Engine
from smsc.engine.reading import reading_on_wire
from smsc.protocol.text.data_coding import Reading
from smsc.store.base import Reads, Row
from smsc.store.shared import SESSIONS

_TYPES = {(1, 1): "transceiver", (1, 0): "receiver", (0, 1): "transmitter"}  # by receiving, sending
_AT_MOST = 1000  # sessions of each other node
_KEPT = 100  # sessions that have ended and can still be asked about
_KEPT_OCTETS = 8 * 1024 * 1024  # of their PDUs


class Kept(NamedTuple):
    """The PDUs that are kept of a traced session: (microseconds, incoming, octets), oldest first."""

    id: int
    frames: Sequence[tuple[int, bool, bytes]]
    version: int
    reading: Reading


class SessionControl(ControlBase):
    """What can be asked and done about binds."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._ended: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._ended_frames: OrderedDict[int, Kept] = OrderedDict()
        engine.sessions.parted.append(self._parted)

    def sessions(self, ended: bool = False) -> list[dict[str, Any]]:
        """All binds of this node, or the last ones that have ended."""
        return list(self._ended.values()) if ended else list(map(self._session_dict, self.engine.bindings))

    def session(self, session_id: int) -> dict[str, Any]:
        """One bind of this node with its last events, also a little while after its end."""
        return self._ended.get(session_id) or self._session_dict(self._bind(session_id))

    def bound_anywhere(self) -> Steps[list[dict[str, Any]]]:
        """The binds of all nodes; of each other node at most the first thousand, with what the store knows of
        them."""
        nodes = self.engine.nodes
        others = [] if nodes is None else [life.name for life in nodes.lives if life.name != nodes.me]
        rows: list[Row] = []
        if others:
            rows = yield from asked(self.engine.store, partial(_sessions_of, others))
        return [*self.sessions(), *map(_session_elsewhere, rows)]

    def session_anywhere(self, session_id: int) -> Steps[dict[str, Any]]:
        """One bind of any node; 404."""
        row = yield from self._row_elsewhere(session_id)
        return self.session(session_id) if row is None else _session_elsewhere(row)

    def session_here(self, session_id: int) -> Steps[None]:
        """Refuse (409) what only another node can do with its session."""
        row = yield from self._row_elsewhere(session_id)
        if row is not None:
            raise ControlError(
                409, "Another node's session", f"session {session_id} is bound to node {row[1]}: ask that one"
            )

    def _row_elsewhere(self, session_id: int) -> Steps[Row | None]:
        """What the store has of another node's session."""
        nodes = self.engine.nodes
        if nodes is None or session_id in self.engine.bindings.binds or session_id in self._ended:
            return None
        row = yield from asked(self.engine.store, lambda reads: reads.get(SESSIONS, session_id))
        return None if row is None or row[1] == nodes.me else row

    def _parted(self, bind: Bind, because: str) -> None:
        """A client that was refused and hung up wants to ask why."""
        at = moment(self.engine.clock.now())
        self._ended[bind.id] = {**self._session_dict(bind), "ended_at": at, "ended_because": because}
        kept = self._kept(bind)
        if kept is not None:
            self._ended_frames[bind.id] = kept
        if len(self._ended) > _KEPT:
            oldest, _ = self._ended.popitem(last=False)
            self._ended_frames.pop(oldest, None)
        while sum(map(_octets, self._ended_frames.values())) > _KEPT_OCTETS:
            self._ended_frames.popitem(last=False)

    def _bind(self, ident: int) -> Bind:
        bind = self.engine.bindings.binds.get(ident)
        if bind is None:
            raise ControlError(404, "No such session", f"no session has id {ident}")
        return bind

    def _session_dict(self, bind: Bind) -> dict[str, Any]:
        session = bind.session
        return {
            "id": bind.id,
            "node": None if self.engine.nodes is None else self.engine.nodes.me,
            "system_id": bind.account.system_id,
            "type": _TYPES[(bind.receiving, bind.sending)],
            "peer": bind.peer,
            "interface_version": _version(session.version),
            "bound_at": moment(bind.bound_at),
            "ended_at": None,
            "ended_because": None,
            "window": {
                "in_use": session.window_used,
                "size": session.window_out,
                "unanswered": session.deferred,
            },
            "sick": {
                "because": [because for bit, because in WHY_SICK.items() if bind.sick & bit],
                "since": moment(bind.sick_since),
            }
            if bind.sick
            else None,
            "resting": bool(bind.halted & RESTING),
            "counters": {
                "submitted": bind.submitted,
                "refused": bind.refused,
                "delivered": session.sent,
                "timeouts": bind.timeouts,
                "trailing_nuls": bind.stray_nuls,
            },
            "events": [
                {"at": moment(at), "event": event, "detail": detail, **(more or {})}
                for at, event, detail, more in bind.last_events or ()
            ],
        }

    def session_pdus(self, session_id: int, limit: int) -> dict[str, Any]:
        """The last PDUs of a traced session, decoded, oldest first, for as long as the session is listed;
        `traced` tells whether it is."""
        kept = self._ended_frames.get(session_id)
        if kept is None and session_id not in self._ended:
            kept = self._kept(self._bind(session_id))
        return {
            "id": session_id,
            "traced": kept is not None,
            "pdus": []
            if kept is None
            else [
                {
                    "at": moment_us(at),
                    "direction": ("out", "in")[incoming],
                    **told(frame, kept.version, kept.reading),
                }
                for at, incoming, frame in kept.frames[-limit:]
            ],
        }

    def kept_frames(self) -> Iterator[Kept]:
        """What is kept of all sessions, those that have ended first."""
        yield from list(self._ended_frames.values())
        for bind in self.engine.bindings:
            kept = self._kept(bind)
            if kept is not None:
                yield kept

    def _kept(self, bind: Bind) -> Kept | None:
        """What is kept of a session; None when it is not traced."""
        tracer = bind.connection.tracer if bind.connection is not None else None
        if tracer is None:
            return None
        reading = reading_on_wire(bind.account.settings)
        return Kept(bind.id, list(tracer.pdus), bind.session.version, reading)

    def trace_session(self, session_id: int) -> dict[str, Any]:
        """Keep the last PDUs of a session from now on."""
        bind = self._bind(session_id)
        if bind.connection is not None:
            bind.connection.trace()
        return self.session_pdus(session_id, 1)

    def drop_session(self, session_id: int, how: str) -> None:
        """Unbind a session politely, or drop its connection."""
        bind = self._bind(session_id)
        if how == "drop":
            bind.session.close("dropped by the operator")
        else:
            bind.session.unbind(self.engine.delivery.link_now)
        self.engine.wire.mark(bind)


def _version(version: int) -> str:
    return f"{version >> 4}.{version & 15}"


def _sessions_of(nodes: list[str], reads: Reads) -> list[Row]:
    order = ("node", "id")
    return [
        row for one in nodes for row in reads.select(SESSIONS, {"node": one}, order=order, limit=_AT_MOST)
    ]


def _session_elsewhere(row: Row) -> dict[str, Any]:
    """What every node knows of a session; what only its own knows is None."""
    ident, node, system_id, receiving, sending, peer, version, bound_at = row
    return {
        "id": ident,
        "node": node,
        "system_id": system_id,
        "type": _TYPES[(receiving, sending)],
        "peer": peer,
        "interface_version": _version(version),
        "bound_at": moment(bound_at),
        "ended_at": None,
        "ended_because": None,
        "window": None,
        "sick": None,
        "resting": None,
        "counters": None,
        "events": [],
    }


def _octets(kept: Kept) -> int:
    return sum(len(frame) for _, _, frame in kept.frames)
