"""The rarer requests of an ESME: who answers what is not submit_sm."""

from __future__ import annotations

from collections.abc import Callable

from smsc import reasons
from smsc.engine.binds.bindings import Bind
from smsc.engine.mo.ancillary import Ancillary
from smsc.engine.mo.answering import Answering
from smsc.engine.mo.data_sm import DataSm
from smsc.engine.mo.submit_multi import SubmitMulti
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.sessions.events import Request


class Requests:
    """Answers them, by their command_id."""

    def __init__(
        self, answering: Answering, ancillary: Ancillary, data_sm: DataSm, submit_multi: SubmitMulti
    ) -> None:
        self.answering = answering
        self.handlers: dict[int, Callable[[Bind, Request, Pdu], None]] = {
            c.QUERY_SM: ancillary.query,
            c.CANCEL_SM: ancillary.cancel,
            c.REPLACE_SM: ancillary.replace,
            c.DATA_SM: data_sm.data,
            c.SUBMIT_MULTI: submit_multi.multi,
        }

    def handle(self, bind: Bind, request: Request) -> None:
        """Answer one request, now or when what it asks for is safe."""
        answering = self.answering
        handler = self.handlers.get(request.pdu.command_id)
        if handler is None:
            answering.refuse(bind, request, reasons.UNKNOWN_COMMAND)
        else:
            answering.guarded(bind, request, lambda: handler(bind, request, request.pdu))
        answering.wire.mark(bind)
