"""The protocol package loaded a second time as plain Python, beside whatever build is installed: the two must
agree."""

import sys
from collections.abc import Sequence
from importlib import import_module, util
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import smsc.protocol
from smsc.protocol.pdu.submit import LATER
from tests.protocol.helpers import ROW_FIELDS

PACKAGE = "smsc.protocol"
FOLDER = Path(smsc.protocol.__file__).parent
PARTS = (
    "constants",
    "pdu.codec",
    "pdu.submit",
    "sessions.events",
    "sessions.limits",
    "sessions.link",
    "sessions.session",
)


class _Sources:
    """Finds modules of the package by their `.py`, though an extension stands beside it."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(PACKAGE + "."):
            return None
        stem = FOLDER.joinpath(*name.removeprefix(PACKAGE + ".").split("."))
        return util.spec_from_file_location(name, stem / "__init__.py" if stem.is_dir() else f"{stem}.py")


def installed() -> SimpleNamespace:
    """The package as the product loads it."""
    return SimpleNamespace(**{part.rpartition(".")[2]: import_module(f"{PACKAGE}.{part}") for part in PARTS})


def interpreted() -> SimpleNamespace:
    """A copy of the package that the interpreter runs; the installed one stays where it is."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(PACKAGE + ".")}
    before = dict(vars(smsc.protocol))
    sys.meta_path.insert(0, _Sources)
    try:
        return installed()
    finally:
        sys.meta_path.remove(_Sources)
        for name in [name for name in sys.modules if name.startswith(PACKAGE + ".")]:
            del sys.modules[name]
        sys.modules.update(kept)
        vars(smsc.protocol).update(before)


def play(parts: SimpleNamespace, octets: bytes, kind: int, version: int, chunk: int) -> list[Any]:
    """Everything observable about one peer's octets: events, rows, answers, counters. Nothing of it may
    raise."""
    limits = parts.limits.SessionLimits(window_in=5, response=8.0, enquire_link=20.0)
    session = parts.session.Session(limits, 0.0)
    seen: list[Any] = []
    if kind:
        bind = {"system_id": "x", "password": "y", "interface_version": version}
        session.receive_data(parts.codec.encode_pdu(parts.codec.Pdu(kind, 0, 1, bind)), 0.0)
        session.accept_bind(session.next_event(), "smsc")
        row = parts.submit.Submit()
        row.source, row.dest, row.body = 4790000001, 4790000002, b"Hei"
        seen.append([session.gives and session.send_message(row, f"token {i}", 0.0) for i in range(3)])
    now = 0.0
    for at in range(0, len(octets), chunk):
        now += 0.5
        session.receive_data(octets[at : at + chunk], now)
        seen += _events(parts, session)
    session.tick(now + 30.0)
    seen += _events(parts, session)
    session.lost()
    seen += _events(parts, session)
    seen.append(
        (session.received, session.sent, session.dropped, session.nacked, session.deferred, session.version)
    )
    return seen


def _events(parts: SimpleNamespace, session: Any) -> list[Any]:
    seen: list[Any] = []
    later: list[int] = []
    while (event := session.next_event()) is not None:
        seen.append(_shown(parts, session, event, later))
        if session.paused:
            for sequence in later:
                session.submit_resp(sequence, 7)
            later.clear()
    for sequence in later:
        session.submit_nack(sequence, 0x58, b"too fast")
    seen.append(session.data_to_send())
    return seen


def _shown(parts: SimpleNamespace, session: Any, event: Any, later: list[int]) -> Any:
    if type(event) is parts.submit.SubmitBatch:
        rows = []
        for row in event.rows[: event.count]:
            rows.append([getattr(row, name) for name in ROW_FIELDS])
            row.message_id = row.sequence
            if row.sequence % 3 == 0 and row.status == 0:
                row.answer = LATER
                later.append(row.sequence)
        session.respond(event)
        return rows
    if type(event) is parts.submit.Acks:
        lists = (event.tokens, event.statuses, event.message_ids, event.tlvs)
        return [values[: event.count] for values in lists]
    if type(event) is parts.events.BindRequest:
        session.accept_bind(event, "smsc")
    elif type(event) is parts.events.UnbindRequest:
        session.accept_unbind(event)
    elif type(event) is parts.events.Request:
        session.respond_pdu(event, 8)
    pdu = getattr(event, "pdu", None)
    return repr(event), pdu and (pdu.fields, pdu.tlvs)
