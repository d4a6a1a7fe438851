"""From the sender: who says it, may they, to whom, and does the radio carry it now?

One pass over a run of submit_sm. Each row ends refused (answered at once), accepted (answered after the
commit), or unanswered (uplink ``defer`` and ``lose``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from smsc import reasons
from smsc.coverage.place import DEFER, HOLD, LOSE, REJECT
from smsc.delivery.message import HELD, Message, address_digits, new_message
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mo.length import decide
from smsc.engine.mo.options import Options
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.refusal_text import address, explain
from smsc.engine.mo.repeats import Repeats
from smsc.engine.mo.servicing import Services
from smsc.engine.mt.queues import Queues
from smsc.engine.reading import reading_of, unpack_text
from smsc.engine.refusals import LOST, SUBMIT, Refusals, Said
from smsc.protocol.constants import UDHI, V34
from smsc.protocol.pdu.submit import LATER, NEVER, Submit, SubmitBatch
from smsc.reasons import OF_FAULT
from smsc.routing.router import ACCOUNT, CONTENT, EMERGENCY, HANDSET
from smsc.routing.subscribers import Subscriber
from smsc.store.base import StoreError
from smsc.world.world import World

# No body of so many octets is too long, and none of these is looked at more closely [23.040 §9.2.3.24.1].
_ALWAYS_FITS: Final = 66  # 67 characters of UCS2, one octet each before
_FITS_ALONE: Final = 160  # septets of GSM 03.38, an octet each
_FITS_BESIDE_HEADER: Final = 133  # the same, header included, where SAR TLVs become another one
_LONGEST_SENDER: Final = 11  # characters of a GSM address [23.040 §9.1.2.5]
_MODE_AND_TYPE: Final = 0x3F  # of esm_class [SMPP 3.4 §5.2.12]
_MORE_THAN_A_RECEIPT: Final = 0x0E  # of registered_delivery [§5.2.17]
_DEFAULT_ALPHABET: Final = 0  # data_coding [§5.2.19]
_NONE: Final = 0  # service of a message between a user and an ESME

# What becomes of a row that is not refused for a reason.
_TAKEN: Final = 0  # it is on its way to the store
_DEFERRED: Final = -1  # it waits on its handset, unanswered
_LOST: Final = -2  # on the radio; never answered


class Submission:
    """Turns submit_sm into committed messages, or into the reason why not."""

    __slots__ = (
        "commit",
        "default_validity",
        "ids",
        "injecting",
        "leaving",
        "length_policy",
        "link_now",
        "long_sender",
        "now",
        "octets_limit",
        "options",
        "outboxes",
        "overwrite",
        "queue_limit",
        "queues",
        "recipient_limit",
        "refusals",
        "registry",
        "repeats",
        "replace",
        "router",
        "services",
        "short_ids",
        "statuses",
    )

    def __init__(
        self,
        world: World,
        queues: Queues,
        options: Options,
        short_ids: IdSeries,
        services: Services,
        refusals: Refusals,
        outboxes: Outboxes,
        repeats: Repeats | None,
        replace: Callable[[Message], None],
    ) -> None:
        """``short_ids`` are for binds below SMPP 3.4; ``repeats`` is None where they are not filtered;
        ``replace`` ends what a message with replace_if_present_flag takes the place of."""
        settings = world.settings
        self.registry = world.registry
        self.router = world.router
        self.queues = queues
        self.commit = queues.commit
        self.ids = queues.ids
        self.short_ids = short_ids
        self.options = options
        self.services = services
        self.refusals = refusals
        self.outboxes = outboxes
        self.leaving = outboxes.leaving  # handsets from which messages are just leaving
        self.repeats = repeats
        self.replace = replace
        self.now = 0
        self.link_now = 0.0
        self.default_validity = world.validity_default
        self.queue_limit = settings.limits.queue
        self.recipient_limit = settings.limits.queue_per_recipient
        self.octets_limit = settings.limits.queue_octets  # of the texts of all that waits
        self.length_policy = settings.policy.too_long
        self.long_sender = settings.policy.long_sender == "reject"  # an alphanumeric one of more than 11
        self.overwrite = settings.policy.spoofed_source == "overwrite"  # a foreign source becomes one's own
        self.injecting = False  # what is considered came by another way than submit_sm
        self.statuses = [reason.command_status for reason in reasons.REASONS]

    def take(self, batch: SubmitBatch, bind: Bind) -> None:
        """Decide every row of a run."""
        rows = batch.rows
        for index in range(batch.count):
            row = rows[index]
            bind.submitted += 1
            if not bind.gsm_default:
                unpack_text(row, bind.account.settings)
            if row.status != 0:
                self.refuse_row(row, bind, OF_FAULT.get(row.status, reasons.SYSTEM_FAILURE))
                continue
            reason = self.consider(row, bind)
            if reason > _TAKEN:
                row.status = self.statuses[reason]
                self.refuse_row(row, bind, reason)
            elif reason != _LOST:
                row.answer = LATER  # after the commit, or when coverage returns
            else:
                row.answer = NEVER
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
        self.injecting = True
        try:
            reason = self.consider(row, bind)
        finally:
            self.injecting = False
        if reason == _TAKEN:
            return self.commit.group.fresh[place]
        return reason if reason > _TAKEN else reasons.NO_COVERAGE_REJECT

    def too_long(self, row: Submit, bind: Bind, emergency: bool) -> str:
        """What of the row is too long for the air; "" when it fits, or need not."""
        return decide(self.length_policy, row, reading_of(bind.account.settings), emergency)

    def consider(self, row: Submit, bind: Bind) -> int:
        """What becomes of a row: a reason to refuse it, or one of _TAKEN, _DEFERRED and _LOST."""
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
            reason = self.router.check_sender(subscriber, HANDSET if route == CONTENT else route)
            if reason:
                return reason
        if (
            self.repeats is not None
            and route != EMERGENCY  # deliver on doubt [N33]
            and len(row.tlvs)
            and not self.injecting
            and self.repeats.is_repeat(row, bind, source, key, self.now)
        ):
            return _DEFERRED  # answered as the first was
        # Neither rates nor full queues hold up an emergency, in either direction [N33].
        emergency = route == EMERGENCY or bind.service == EMERGENCY  # noqa: PLR1714  (of C integers)
        if not emergency:
            if bind.bucket is not None and not bind.bucket.spend(self.link_now):
                return reasons.THROTTLED
            queued = self.queues.queued
            if (queued >= self.recipient_limit or queued >= self.queue_limit) and self.is_full(key, route):
                return reasons.QUEUE_FULL
            if self.queues.octets >= self.octets_limit or self.commit.is_heavy():
                return reasons.QUEUE_FULL

        elif self.queues.octets >= 2 * self.octets_limit:  # numbers of them are the service's own limit
            return reasons.QUEUE_FULL

        fits = _ALWAYS_FITS
        if row.data_coding == _DEFAULT_ALPHABET and bind.gsm_default:
            fits = _FITS_BESIDE_HEADER if row.esm_class & UDHI or len(row.tlvs) else _FITS_ALONE
        if len(row.body) > fits:
            self.options.wrong = self.too_long(row, bind, emergency)
            if self.options.wrong:
                return reasons.TEXT_TOO_LONG

        message = new_message()
        if (
            row.esm_class & _MODE_AND_TYPE
            or row.registered_delivery & _MORE_THAN_A_RECEIPT
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
        if len(message.source_text) > _LONGEST_SENDER and route == HANDSET:
            if self.long_sender:
                return reasons.SENDER_TOO_LONG
            message.note(self.now, "sender_cut", 0, message.source_text[:_LONGEST_SENDER].decode("latin-1"))
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
        message.service = _NONE if route == HANDSET else route
        if subscriber is not None:
            place = subscriber.place
            if place.reception(self.now) == 0 or not subscriber.powered or subscriber.flight_mode:
                return self.without_coverage(message, bind, place.uplink, subscriber)
            if self.leaving and source in self.leaving:  # behind what its handset held
                return self.without_coverage(message, bind, HOLD, subscriber)
        reason = self.dispatch(message, bind, subscriber)
        if reason == _TAKEN and row.replace_if_present:
            self.replace(message)
        return reason

    def dispatch(self, message: Message, bind: Bind, subscriber: Subscriber | None) -> int:
        """The radio has carried it: give it its id, say where it goes, and hand it to the commit."""
        reason = self.enlist(message, bind)
        if reason:
            return reason
        if message.service == _NONE and bind.service == _NONE:
            return _TAKEN
        reason = self.address(message, bind, subscriber)
        if reason:
            if self.repeats is not None and not self.injecting:
                self.repeats.forget(message)
            self.commit.withdraw(message)
            self.queues.count_out(message)
        return reason

    def enlist(self, message: Message, bind: Bind) -> int:
        """An id, a place in the queue's count, and the open commit; a reason to refuse it, or 0."""
        message.short_id = bind.session.version < V34
        try:
            message.id = self.short_ids.take() if message.short_id else self.ids.take()
        except StoreError:  # both blocks are used up, and the store takes nothing
            return reasons.STORE_FAILED
        self.queues.count_in(message)
        self.commit.add(message)
        if self.repeats is not None and message.service != EMERGENCY and not self.injecting:
            self.repeats.remember(message)
        return _TAKEN

    def address(self, message: Message, bind: Bind | None, subscriber: Subscriber | None) -> int:
        """Where a message goes that is for, or from, more than a handset; a reason to refuse it, or 0."""
        route = message.service
        if route == ACCOUNT:  # an ESME's own number
            message.service = _NONE
            owner = self.router.account_of(message.destination)
            if owner is None:
                return reasons.DESTINATION_UNASSIGNED
            message.recipient = -owner.index
            return _TAKEN
        if route != _NONE:
            reason = self.services.submitted(message, route, subscriber, self.now)
        elif bind is None:
            return _TAKEN
        else:
            reason = self.services.from_provider(message, bind.service, bind.account, self.now)
        if reason == _TAKEN:
            self.queues.weigh_again(message)  # with what the service has added
        return reason

    def without_coverage(self, message: Message, bind: Bind, uplink: int, subscriber: Subscriber) -> int:
        """The sender's handset has no radio: what becomes of the submission is the zone's uplink mode."""
        message.uplink = uplink
        why = subscriber.silence()
        if uplink == REJECT:
            return why or reasons.NO_COVERAGE_REJECT
        if uplink == LOSE:
            return _LOST
        if uplink == DEFER:
            if not self.injecting:  # whose answer would go to the session as a submit_sm_resp
                self.outboxes.add(message, self.now)
            bind.note(self.now, "submit_deferred", reasons.REASONS[why or reasons.NO_COVERAGE_DEFER].name)
            return _DEFERRED
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
        is_plain = message.service in (_NONE, CONTENT)
        return self.router.check_sender(subscriber, HANDSET if is_plain else message.service)

    def is_full(self, key: int, route: int) -> bool:
        """Whether the whole queue, or the one of this recipient, has reached its limit."""
        if self.queues.queued >= self.queue_limit:
            return True
        waiting = self.queues.elsewhere.count(key)
        if route != HANDSET:  # what an ESME receives waits under the ESME's own key
            owner = self.router.account_of(key)
            if owner is not None:
                key = -owner.index
        waiting += self.commit.coming(key)
        recipient = self.queues.recipients.get(key)
        if recipient is not None:
            waiting += recipient.count + recipient.spilled
        return waiting >= self.recipient_limit
