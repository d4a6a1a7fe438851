"""The way up: who says it, may they, to whom, and does the radio carry it now?

One pass over a run of submit_sm. Each row ends refused (answered at once), accepted (answered after the
commit), or unanswered (uplink ``defer`` and ``lose``).
"""

from __future__ import annotations

from collections.abc import Callable

from smsc import reasons
from smsc.delivery.message import HELD, Message, address_digits
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mo.options import Options
from smsc.engine.mo.refusal_text import address, explain
from smsc.engine.mo.repeats import Repeats
from smsc.engine.mo.servicing import Services
from smsc.engine.mt.delivery import Delivery
from smsc.engine.refusals import LOST, SUBMIT, Refusals, Said
from smsc.protocol.pdu.submit import Submit, SubmitBatch
from smsc.reasons import OF_FAULT
from smsc.routing.router import Router
from smsc.routing.subscribers import Registry, Subscriber
from smsc.store.base import StoreError

# No body of so many octets is too long, and none of these is looked at more closely [23.040 §9.2.3.24.1].
_ALWAYS_FITS = 66  # 67 characters of UCS2, one octet each before
_FITS_ALONE = 160  # septets of GSM 03.38, an octet each
_FITS_BESIDE_HEADER = 133  # the same, header included, where SAR TLVs become another one
_HOLD = 0  # uplink mode: answered, and kept on the handset


def _keeps_nothing(message: Message) -> None:
    """What came by another way than submit_sm is refused instead of deferred."""


class Submission:
    """Turns submit_sm into committed messages, or into the reason why not."""

    __slots__ = (
        "commit",
        "default_validity",
        "defer",
        "delivery",
        "ids",
        "leaving",
        "link_now",
        "long_sender",
        "now",
        "octets_limit",
        "options",
        "overwrite",
        "queue_limit",
        "recipient_limit",
        "refusals",
        "registry",
        "repeats",
        "replace",
        "router",
        "services",
        "short_ids",
        "statuses",
        "too_long",
    )

    def __init__(
        self,
        registry: Registry,
        router: Router,
        commit: Commit,
        delivery: Delivery,
        options: Options,
        ids: IdSeries,
        short_ids: IdSeries,
        services: Services,
        refusals: Refusals,
    ) -> None:
        self.registry = registry
        self.router = router
        self.commit = commit
        self.delivery = delivery
        self.options = options
        self.ids = ids
        self.short_ids = short_ids
        self.services = services
        self.refusals = refusals
        self.defer: Callable[[Message], None] | None = None
        self.now = 0
        self.link_now = 0.0
        self.queue_limit = 5_000_000
        self.recipient_limit = 1_000_000
        self.octets_limit = 1 << 30  # texts of all that waits
        # what is too long for the air to be taken; the last argument, whether it is an emergency's
        self.too_long: Callable[[Submit, Bind, bool], str] | None = None
        self.long_sender = False  # an alphanumeric sender of more than 11 characters is refused
        self.leaving: set[int] = set()  # handsets from which messages are just leaving
        self.overwrite = False  # a source that the account may not use becomes its own
        self.default_validity = 72 * 3_600_000
        self.replace: Callable[[Message], None] | None = None
        self.statuses = [reason.command_status for reason in reasons.REASONS]
        self.repeats: Repeats | None = None

    def take(self, batch: SubmitBatch, bind: Bind) -> None:
        """Decide every row of a run."""
        rows = batch.rows
        for index in range(batch.count):
            row = rows[index]
            bind.submitted += 1
            if row.status != 0:
                self.refuse_row(row, bind, OF_FAULT.get(row.status, reasons.SYSTEM_FAILURE))
                continue
            reason = self.consider(row, bind)
            if -1 <= reason <= 0:
                row.answer = 1  # LATER: after the commit, or when coverage returns
            elif reason > 0:
                row.status = self.statuses[reason]
                self.refuse_row(row, bind, reason)
            else:
                row.answer = 2  # NEVER
                self.lose(row, bind)

    def refuse_row(self, row: Submit, bind: Bind, reason: int) -> None:
        """A row that the parser or `consider` refused: why is told to all who may know, the peer included."""
        row.note = self.refusals.refused(
            SUBMIT,
            reason,
            row.note.decode("ascii") or self.explain(reason, row, bind),
            bind=bind,
            status=row.status,
            destination=address(row.dest, row.dest_length, row.dest_text),
            said=Said(
                address(row.source, row.source_length, row.source_text)
                if row.source_length
                else str(bind.number or ""),
                row.data_coding,
                row.esm_class,
                row.body,
            ),
        )

    def lose(self, row: Submit, bind: Bind) -> None:
        """The radio loses what is sent without coverage: no answer, but whoever looks for it finds it."""
        to = address(row.dest, row.dest_length, row.dest_text)
        self.refusals.refused(LOST, reasons.NO_COVERAGE_LOSE, bind=bind, destination=to)

    def explain(self, reason: int, row: Submit, bind: Bind) -> str:
        """The sentence for a row that `consider` has just refused."""
        wrong, self.options.wrong = self.options.wrong, ""
        return explain(reason, row, bind, self.router, wrong)

    def refuse(self, bind: Bind, message: Message, reason: int) -> None:
        """Answer a submission that was deferred, and is refused now."""
        to = "" if reason == reasons.ERASED else address_digits(message.destination)
        note = self.refusals.refused(SUBMIT, reason, bind=bind, destination=to)
        bind.session.submit_nack(message.sequence, self.statuses[reason], note)

    def inject(self, row: Submit, bind: Bind) -> Message | int:
        """Take one submission that came by another way than SMPP; the message, or the reason to refuse it."""
        place = len(self.commit.group.fresh)
        # whose answers would go to the session as a submit_sm_resp
        repeats, self.repeats, defer, self.defer = self.repeats, None, self.defer, _keeps_nothing
        reason = self.consider(row, bind)
        self.repeats, self.defer = repeats, defer
        if reason == 0:
            return self.commit.group.fresh[place]
        return reasons.NO_COVERAGE_REJECT if reason < 0 else reason

    def consider(self, row: Submit, bind: Bind) -> int:
        """0: on its way to the store; above: the reason to refuse it; -1: deferred; -2: lost on the way."""
        source = self.router.check_source(
            bind.account, row.source_ton, row.source_npi, row.source, row.source_length, row.source_text
        )
        if source < 0 and self.overwrite:
            row.source_text = b""
            source = self.router.check_source(bind.account, 0, 0, -1, 0, b"")
        if source < 0:
            return -source
        if row.dest >= 0:
            reading = self.router.read(row.dest_ton, row.dest_npi, row.dest, row.dest_length)
        else:
            reading = self.router.read_text(row.dest_ton, row.dest_npi, row.dest_text.decode("latin-1"))
        if reading < 0:
            return -reading
        key = reading >> 8
        route = self.router.route(key, reading & 255)
        if route < 0:
            return -route

        subscriber = None
        if bind.speaks_for_handsets:
            subscriber = self.registry.find(source)
            if subscriber is None:
                return reasons.SOURCE_UNKNOWN_SIM
            # the content service looks at its own barring, for STOPP must get through
            reason = self.router.check_sender(subscriber, 1 if route == 5 else route)
            if reason:
                return reason
        if self.repeats is not None and route != 3 and len(row.tlvs):  # an emergency: deliver on doubt [N33]
            answered = self.repeats.is_repeat(row, bind, source, key, self.now)
            if answered:
                return -1
        # Neither rates nor full queues hold up an emergency, in either direction [N33].
        emergency = route == 3 or bind.service == 3
        if not emergency:
            if bind.bucket is not None and not bind.bucket.spend(self.link_now):
                return reasons.THROTTLED
            queued = self.delivery.queued
            if (queued >= self.recipient_limit or queued >= self.queue_limit) and self.is_full(key, route):
                return reasons.QUEUE_FULL
            if self.delivery.octets >= self.octets_limit or self.commit.is_heavy():
                return reasons.QUEUE_FULL

        elif self.delivery.octets >= 2 * self.octets_limit:  # numbers of them are the service's own limit
            return reasons.QUEUE_FULL

        fits = _ALWAYS_FITS
        if row.data_coding == 0 and bind.gsm_default:
            fits = _FITS_BESIDE_HEADER if row.esm_class & 0x40 or len(row.tlvs) else _FITS_ALONE
        if len(row.body) > fits and self.too_long is not None:
            self.options.wrong = self.too_long(row, bind, emergency)
            if self.options.wrong:
                return reasons.TEXT_TOO_LONG

        message = Message()
        if (
            row.esm_class & 0x3F
            or row.registered_delivery & 0x0E
            or row.priority
            or row.default_msg_id
            or row.replace_if_present
            or len(row.schedule)
            or len(row.validity)
        ):
            reason = self.options.apply(row, message, self.now, bind.session.version)
            if reason:
                return reason
        else:
            message.expires_at = self.now + self.default_validity
        message.source = source
        message.source_text = (row.source_text or bind.account.default_sender) if source == 0 else b""
        if len(message.source_text) > 11 and route == 1:  # what a GSM address carries [23.040 §9.1.2.5]
            if self.long_sender:
                return reasons.SENDER_TOO_LONG
            message.note(self.now, "sender_cut", 0, message.source_text[:11].decode("latin-1"))
        message.destination = key
        message.recipient = key
        message.originator = source if subscriber is not None else -bind.account.index
        message.account = bind.account.index
        message.service_type = row.service_type
        message.esm_class = row.esm_class
        message.protocol_id = row.protocol_id
        message.priority = row.priority
        message.registered_delivery = row.registered_delivery
        message.data_coding = row.data_coding
        message.body = row.body
        message.payload = row.payload
        message.tlvs = row.tlvs
        message.submitted_at = self.now
        message.bind = bind
        message.session_id = bind.id
        message.sequence = row.sequence
        message.service = 0 if route == 1 else route
        if subscriber is not None:
            place = subscriber.place
            if place.reception(self.now) == 0 or not subscriber.powered or subscriber.flight_mode:
                return self.without_coverage(message, bind, place.uplink, subscriber)
            if self.leaving and source in self.leaving:  # behind what its handset held
                return self.without_coverage(message, bind, _HOLD, subscriber)
        reason = self.dispatch(message, bind, subscriber)
        if reason == 0 and row.replace_if_present and self.replace is not None:
            self.replace(message)
        return reason

    def dispatch(self, message: Message, bind: Bind, subscriber: Subscriber | None) -> int:
        """The radio has carried it: give it its id, say where it goes, and hand it to the commit."""
        reason = self.enlist(message, bind)
        if reason:
            return reason
        if message.service == 0 and bind.service == 0:
            return 0
        reason = self.address(message, bind, subscriber)
        if reason:
            if self.repeats is not None:
                self.repeats.forget(message)
            self.commit.withdraw(message)
            self.delivery.count_out(message)
        return reason

    def enlist(self, message: Message, bind: Bind) -> int:
        """An id, a place in the queue's count, and the open commit; a reason to refuse it, or 0."""
        message.short_id = bind.session.version < 0x34
        try:
            message.id = self.short_ids.take() if message.short_id else self.ids.take()
        except StoreError:  # both blocks are used up, and the store takes nothing
            return reasons.STORE_FAILED
        self.delivery.count_in(message)
        self.commit.add(message)
        if self.repeats is not None and message.service != 3:
            self.repeats.remember(message)
        return 0

    def address(self, message: Message, bind: Bind | None, subscriber: Subscriber | None) -> int:
        """Where a message goes that is for, or from, more than a handset; a reason to refuse it, or 0."""
        route = message.service
        if route == 2:  # an ESME's own number
            message.service = 0
            owner = self.router.account_of(message.destination)
            if owner is None:
                return reasons.DESTINATION_UNASSIGNED
            message.recipient = -owner.index
            return 0
        if route != 0:
            reason = self.services.submitted(message, route, subscriber, self.now)
        elif bind is None:
            return 0
        else:
            reason = self.services.from_provider(message, bind.service, bind.account, self.now)
        if reason == 0:
            self.delivery.weigh_again(message)  # with what the service has added
        return reason

    def without_coverage(self, message: Message, bind: Bind, uplink: int, subscriber: Subscriber) -> int:
        """The sender's handset has no radio: what becomes of the submission is the zone's uplink mode."""
        message.uplink = uplink
        why = subscriber.silence()
        if uplink == 2:
            return why or reasons.NO_COVERAGE_REJECT
        if uplink == 3:
            return -2
        if uplink == 1 and self.defer is not None:
            self.defer(message)
            bind.note(self.now, "submit_deferred", reasons.REASONS[why or reasons.NO_COVERAGE_DEFER].name)
            return -1
        message.state = HELD
        message.note(self.now, "held", why or reasons.NO_COVERAGE_HOLD)
        return self.enlist(message, bind)

    def resume(self, message: Message) -> int:
        """A deferred submission leaves its handset: considered as if it came now; a reason or 0."""
        subscriber = self.registry.find(message.source)
        reason = self.judge_again(message, subscriber)
        return reason if reason else self.dispatch(message, message.bind, subscriber)

    def release(self, message: Message) -> int:
        """A held message leaves its handset, its SIM is checked again: why it goes no further, or 0."""
        subscriber = self.registry.find(message.source)
        reason = self.judge_again(message, subscriber)
        return reason if reason else self.address(message, None, subscriber)

    def judge_again(self, message: Message, subscriber: Subscriber | None) -> int:
        """Why the sender of what leaves its handset now may not send it any more, or 0."""
        if subscriber is None:
            return reasons.SOURCE_UNKNOWN_SIM
        # the content service looks at its own barring, for STOPP must get through
        return self.router.check_sender(subscriber, 1 if message.service in (0, 5) else message.service)

    def is_full(self, key: int, route: int) -> bool:
        """Whether the whole queue, or the one of this recipient, has reached its limit."""
        if self.delivery.queued >= self.queue_limit:
            return True
        waiting = self.delivery.elsewhere.count(key)
        if route != 1:  # what an ESME receives waits under the ESME's own key
            owner = self.router.account_of(key)
            if owner is not None:
                key = -owner.index
        waiting += self.commit.coming(key)
        recipient = self.delivery.recipients.get(key)
        if recipient is not None:
            waiting += recipient.count + recipient.spilled
        return waiting >= self.recipient_limit
