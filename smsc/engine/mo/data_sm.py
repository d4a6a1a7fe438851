"""data_sm: a message whose text is in message_payload [SMPP 3.4 §4.7]."""

from __future__ import annotations

from collections.abc import Callable

from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.ids import shown_id
from smsc.engine.mo.answering import Answering, reason_of
from smsc.engine.mo.rows import put_destination, row_of, take
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.transaction import TransactionResponses
from smsc.protocol import smpptime
from smsc.protocol.constants import MODE_MASK, MODE_TRANSACTION
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.sessions.events import Request

_QOS_TIME_TO_LIVE = 0x0017


class DataSm:
    """Submits it, and answers it when it is safe or, in transaction mode, when it has ended."""

    def __init__(
        self,
        answering: Answering,
        submission: Submission,
        transactions: TransactionResponses,
        now: Callable[[], int],
        validity_max: int,
    ) -> None:
        """``now`` is the time on the SMSC clock, ``validity_max`` in ms."""
        self.answering = answering
        self.submission = submission
        self.transactions = transactions
        self.now = now
        self.validity_max = validity_max

    def data(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """data_sm: the text is in message_payload, the validity in qos_time_to_live [SMPP 3.4 §4.7]."""
        row = row_of(bind, pdu)
        if row.priority == 0 and (now := self.now()):
            lives = dict(pdu.tlvs).get(_QOS_TIME_TO_LIVE)
            if lives is not None:
                seconds = min(int.from_bytes(lives, "big"), self.validity_max // 1000)
                row.validity = smpptime.absolute(now + max(1, seconds) * 1000).encode("ascii")
        fields = pdu.fields
        put_destination(row, fields["dest_addr_ton"], fields["dest_addr_npi"], fields["destination_addr"])
        reason, message = take(self.submission, bind, row)
        if message is None:
            to, why = fields["destination_addr"], self.submission.explain(reason, row, bind)
            self.answering.refuse(bind, request, reason, why, to)
        elif message.esm_class & MODE_MASK == MODE_TRANSACTION:
            self.transactions.expect(message, bind, request)
            self.answering.commit.when_committed(lambda error: self._not_kept(message.id, error))
        else:
            self.answering.respond_when_safe(bind, request, {"message_id": shown_id(bind, message.id)})

    def _not_kept(self, ident: int, error: BaseException | None) -> None:
        """A transaction that the store did not take has no outcome to wait for."""
        if error is not None:
            self.transactions.refuse(ident, reason_of(error))
