"""The rarer requests of an ESME: query_sm, cancel_sm, replace_sm, data_sm, submit_multi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsc.engine.bindings import Bind
from smsc.protocol.constants import ESME_RINVCMDID
from smsc.protocol.events import Request

if TYPE_CHECKING:
    from smsc.engine.engine import Engine


class Requests:
    """Answers what is not submit_sm."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def handle(self, bind: Bind, request: Request) -> None:
        """Answer one request."""
        bind.session.respond_pdu(request, ESME_RINVCMDID)
        self.engine.exchange.mark(bind)
