"""How the rarer requests are answered: now, or once what they ask for is safe; and how they are refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from smsc import reasons
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Commit
from smsc.engine.mt.wire import Wire
from smsc.engine.refusals import Refusals, kind_of
from smsc.protocol.constants import V50
from smsc.protocol.pdu import tlv
from smsc.protocol.sessions.events import Request
from smsc.store.base import StoreFull

log = logging.getLogger("smsc.engine")


class Answering:
    """Writes the answers of one engine."""

    def __init__(self, commit: Commit, wire: Wire, refusals: Refusals) -> None:
        self.commit = commit
        self.wire = wire
        self.refusals = refusals

    def mark(self, bind: Bind) -> None:
        """An answer has been written."""
        self.wire.mark(bind)

    def respond(self, bind: Bind, request: Request, fields: dict[str, Any] | None = None) -> None:
        """Answer with ESME_ROK."""
        bind.session.respond_pdu(request, 0, fields)

    def guarded(self, bind: Bind, request: Request, answer: Callable[[], None]) -> None:
        """Answer, or say that we could not: a fault of ours costs this one answer and nobody else's."""
        try:
            answer()
        except Exception:
            log.exception("%s of %s failed", request.pdu.name, bind.account.system_id)
            self.refuse(bind, request, reasons.SERVER_ERROR)

    def refuse(
        self, bind: Bind, request: Request, reason: int, detail: str = "", destination: str = ""
    ) -> None:
        """Answer with the reason's status, and let all know who may."""
        session, command = bind.session, request.pdu.command_id
        status = reasons.command_status(reason, session.version)
        note = self.refusals.refused(
            kind_of(command),
            reason,
            detail,
            bind=bind,
            status=status,
            command=command,
            destination=destination,
        )
        self.answer_refusal(bind, request, status, note)

    def answer_refusal(self, bind: Bind, request: Request, status: int, note: bytes) -> None:
        told = [tlv.text("additional_status_info_text", note)] if bind.session.version >= V50 else None
        bind.session.respond_pdu(request, status, None, told)

    def respond_when_safe(self, bind: Bind, request: Request, fields: dict[str, Any] | None = None) -> None:
        """Answer with ESME_ROK once everything so far is in the store, or say why not."""

        def answer(error: BaseException | None) -> None:
            if error is not None:
                self.refuse(bind, request, reason_of(error))
            else:
                self.respond(bind, request, fields)

        def on_committed(error: BaseException | None) -> None:
            self.guarded(bind, request, lambda: answer(error))
            self.mark(bind)

        self.commit.when_committed(on_committed)


def reason_of(error: BaseException) -> int:
    """Why a commit failed, as one of ``smsc.reasons``."""
    return reasons.STORE_FULL if isinstance(error, StoreFull) else reasons.STORE_FAILED
