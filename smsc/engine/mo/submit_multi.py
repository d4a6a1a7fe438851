"""submit_multi: one text to many recipients, so many of them at a time that nobody else waits
[SMPP 3.4 §4.5]."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from smsc import reasons
from smsc.delivery.message import Message
from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.ids import shown_id
from smsc.engine.mo.answering import Answering, reason_of
from smsc.engine.mo.rows import put_destination, row_of, take
from smsc.engine.mo.submission import Submission
from smsc.engine.refusals import SUBMIT
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.fields import MOST_UNSUCCESS, Destination, DistributionList, Unsuccess
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.sessions.events import Request
from smsc.routing.router import EMERGENCY
from smsc.world.world import World

_GROUP = 254  # recipients of a list that are taken in one go


class Sending:
    """A submit_multi under way: its recipients, and the status of each that has been looked at."""

    __slots__ = ("first", "like_first", "reason", "statuses", "taken", "targets", "text", "why")

    def __init__(self, targets: list[Destination], text: Submit) -> None:
        self.targets = targets
        self.text = text  # the octets that all messages share
        self.statuses: list[int] = []
        self.taken = 0  # safe in the store
        self.first = 0  # the id of the first that was taken
        self.reason = 0  # why the first that was refused was, in words too, and how many for that reason
        self.why = b""
        self.like_first = 0

    def refuse(self, reason: int, why: bytes) -> None:
        """One is refused."""
        if not self.reason:
            self.reason, self.why = reason, why
        self.like_first += reason == self.reason

    def refused(self) -> list[Unsuccess]:
        """Those that were not taken, in the order of the PDU."""
        rows = zip(self.targets, self.statuses, strict=True)
        return [Unsuccess(one.ton, one.npi, one.address, status) for one, status in rows if status]


class SubmitMulti:
    """Submits to each recipient, and answers with those that were refused."""

    def __init__(
        self, answering: Answering, world: World, submission: Submission, now: Callable[[], int]
    ) -> None:
        """``now`` is the time on the SMSC clock."""
        self.answering = answering
        self.router = world.router
        self.now = now
        self.submission = submission
        self.lists = {row.name: row.members for row in world.settings.lists}

    def multi(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """One message_id for all accepted recipients, and a list of those refused [SMPP 3.4 §4.5]. What is
        wrong with a field that all have in common is wrong with the PDU."""
        targets = list(self._targets(pdu))
        unknown = next((one.name for one in targets if isinstance(one, DistributionList)), None)
        if unknown is not None:
            known = ", ".join(self.lists) or "none"
            detail = f"dl_name is {unknown!r}; there are: {known} (lists)"
            self.answering.refuse(bind, request, reasons.DISTRIBUTION_LIST_UNKNOWN, detail)
            return
        row = row_of(bind, pdu)
        recipients = [one for one in targets if isinstance(one, Destination)]
        if reason := self._common_fault(bind, row, recipients):
            self.answering.refuse(bind, request, reason, self.submission.explain(reason, row, bind))
            return
        self._send_group(bind, request, Sending(recipients, row_of(bind, pdu)))

    def _common_fault(self, bind: Bind, row: Submit, targets: list[Destination]) -> int:
        """A reason to refuse whatever the destination is, or 0."""
        submission = self.submission
        source = self.router.check_source(
            bind.account, row.source_ton, row.source_npi, row.source, row.source_length, row.source_text
        )
        if source < 0 and not submission.overwrite:
            return -source
        if reason := submission.options.apply(row, Message(), submission.now, bind.session.version):
            return reason
        wrong = submission.too_long(row, bind, False)
        if not wrong or bind.service == EMERGENCY or any(map(self._is_emergency, targets)):
            return 0  # an emergency takes every text; the others of the list are looked at one by one
        submission.options.wrong = wrong
        return reasons.TEXT_TOO_LONG

    def _is_emergency(self, target: Destination) -> bool:
        row = Submit()
        put_destination(row, target.ton, target.npi, target.address)
        router = self.router
        reading = router.read(row.dest_ton, row.dest_npi, row.dest, row.dest_length) if row.dest >= 0 else -1
        return reading >= 0 and router.route(reading >> 8, reading & 255) == EMERGENCY

    def _send_group(self, bind: Bind, request: Request, sending: Sending) -> None:
        """Take the next recipients, so many that the loop is not held up, and go on when they are safe."""
        group: list[int] = []
        for _ in range(min(_GROUP, len(sending.targets) - len(sending.statuses))):
            target = sending.targets[len(sending.statuses)]
            row = row_of(bind, request.pdu, sending.text)
            put_destination(row, target.ton, target.npi, target.address)
            reason, message = take(self.submission, bind, row)
            if message is None:
                why = self.submission.explain(reason, row, bind)
                sending.refuse(reason, self._note(bind, request, target, reason, why))
            else:
                sending.first = sending.first or message.id
                message.about = sending.first if sending.first != message.id else 0
                group.append(len(sending.statuses))
            sending.statuses.append(reasons.command_status(reason, bind.session.version))

        def on_committed(error: BaseException | None) -> None:
            if error is not None:
                for index in group:
                    sending.statuses[index] = reasons.REASONS[reason_of(error)].command_status
                    told = self._note(bind, request, sending.targets[index], reason_of(error))
                    sending.refuse(reason_of(error), told)
                if not sending.taken:
                    sending.first = 0
            else:
                sending.taken += len(group)
            if len(sending.statuses) < len(sending.targets):
                self.answering.guarded(bind, request, lambda: self._send_group(bind, request, sending))
            else:
                self.answering.guarded(bind, request, lambda: self._end_multi(bind, request, sending))
            self.answering.wire.mark(bind)

        if group:
            self.answering.commit.when_committed(on_committed)
        else:
            on_committed(None)

    def _note(self, bind: Bind, request: Request, to: Destination, reason: int, detail: str = "") -> bytes:
        """One recipient of several is refused; the words for it."""
        command = request.pdu.command_id
        return self.answering.refusals.refused(
            SUBMIT, reason, detail, bind=bind, command=command, destination=to.address
        )

    def _end_multi(self, bind: Bind, request: Request, sending: Sending) -> None:
        """Answer: as many of those refused as the PDU has room for, in order; the session knows the count."""
        refused = sending.refused()
        if refused:
            told = f"submit_multi: {sending.taken} taken, {len(refused)} refused"
            bind.note(self.now(), "recipients_refused", told)
        if not sending.taken:
            of_store = {c.ESME_RMSGQFUL, c.ESME_RSYSERR} & {one.status for one in refused}
            status = min(of_store, default=c.ESME_RSUBMITFAIL)
            none = reasons.REASONS[reasons.RECIPIENTS_REFUSED].sentence.encode("ascii")
            note = b"%b %d of %d: %b" % (none, sending.like_first, len(refused), sending.why)
            self.answering.answer_refusal(bind, request, status, note)
            return
        fields = {"message_id": shown_id(bind, sending.first), "unsuccess_sme": refused[:MOST_UNSUCCESS]}
        bind.session.respond_pdu(request, 0, fields)

    def _targets(self, pdu: Pdu) -> Iterator[Destination | DistributionList]:
        """Every recipient once; an unknown list is handed on as it is."""
        seen: set[Destination] = set()
        unknown = [
            t
            for t in pdu.fields["dest_address"]
            if isinstance(t, DistributionList) and t.name not in self.lists
        ]
        yield from unknown[:1]
        for target in pdu.fields["dest_address"]:
            if isinstance(target, DistributionList):
                members = [Destination(1, 1, str(key)) for key in self.lists.get(target.name, ())]
            else:
                members = [target]
            for member in members:
                if member not in seen:
                    seen.add(member)
                    yield member
