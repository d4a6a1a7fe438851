"""Notifications: a public agency asks that people be told something, by SMS or else by e-mail.

Rules K3, K4, K9-K14, K17 and K19 of docs/norway.md. Each person is looked up when the notification is
dispatched, not when it was ordered; the SMS is in the person's language and carries the agency's sender
name; what cannot be sent or delivered by SMS goes by e-mail into the outbox; the report tells for each
person what happened and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.services.base import (
    DAY,
    NPI_UNKNOWN,
    TON_ALPHANUMERIC,
    MessageView,
    Reply,
    Row,
    ServiceBase,
    ServiceError,
    row_of,
)
from smsc.services.calendar import utc_text
from smsc.services.contact_register.access import CONTACT_SCOPE, Access, Caller
from smsc.services.contact_register.notification import (
    EMAIL_SENT,
    FAILED,
    NOT_NOTIFIED,
    SMS_DELIVERED,
    SMS_SENT,
    Notification,
    Result,
    from_row,
    language_of,
    order_row,
    plan,
    read_order,
    report,
    usable,
)
from smsc.services.contact_register.register import ContactRegister, RegisterRules
from smsc.services.early import Early
from smsc.services.lapsing import Kept
from smsc.services.texts import alphabet

OUTBOX_LIMIT: Final = 10_000


class NotificationService(ServiceBase):
    """The register, and what is sent with its help. Has no number: nobody can send to it."""

    name = "register"

    def __init__(
        self, rules: RegisterRules, access: Access, life: int = 30 * DAY, limit: int = 1_000
    ) -> None:
        super().__init__()
        self.register = ContactRegister(rules, access, self._journal)
        self._life = life
        self._limit = limit
        self._orders: dict[int, Notification] = {}
        self._last_order = 0
        self._held: set[int] = set()  # orders that are yet to be safe
        self._followed: dict[int, tuple[int, int]] = {}
        self._early = Early()
        #: The local outbox: e-mails that would leave, latest kept.
        self._outbox: Kept[dict[str, str]] = Kept("mail", life, self._journal, OUTBOX_LIMIT)
        self._mails = 0
        self.kinds = {
            **self.register.kinds,
            "mail": self._take_mail,
            "order": self._take_order,
            "result": self._take_result,
        }

    def order(self, token: str | None, body: object, now: int) -> dict[str, Any]:
        """Take an order ``{personidentifikatorer, kind, texts: {nb, nn, en, se}, subject, dispatch_at}``.

        ``dispatch_at`` (ms) is now when absent. Returns its report so far; the SMS come from ``step``.
        Raises ServiceError 400, 401 or 403.
        """
        caller = self._caller(token, now)
        asked = read_order(body, caller, self.register.rules.marks)
        self._prune(now)
        if len(self._orders) >= self._limit:
            raise ServiceError(429, "Too many notifications", f"At most {self._limit} are kept.")
        self._last_order = self._journal.following(self._last_order)
        order = Notification(
            id=self._last_order,
            agency=caller.agency.number,
            asked_by=caller.asked_by,
            agency_name=caller.agency.name,
            sender=caller.agency.sender,
            ordered_at=now,
            dispatch_at=asked.dispatch_at if asked.dispatch_at is not None else now,
            kind=asked.kind,
            texts=asked.texts,
            subject=asked.subject,
            results=[Result(identifier) for identifier in asked.identifiers],
        )
        self._orders[order.id] = order
        self._save(order)
        for number in range(len(order.results)):
            self._save_result(order, number)
        return report(order)

    def hold(self, order_id: int) -> None:
        """Dispatch nothing of an order, whatever its moment, before ``release``."""
        self._held.add(order_id)

    def release(self, order_id: int) -> None:
        """An order is safe."""
        self._held.discard(order_id)

    def report(self, token: str | None, order_id: int, now: int) -> dict[str, Any]:
        """What became of an order, person by person. Raises ServiceError 401, 403, or 404 when it is not
        the caller's."""
        caller = self._caller(token, now)
        order = self._orders.get(order_id)
        if order is None or order.agency != caller.agency.number:
            raise ServiceError(404, "No such notification", f"{order_id} is not one of yours.")
        return report(order)

    def outbox(self) -> list[dict[str, str]]:
        """The e-mails, oldest first: ``at``, ``to``, ``sender``, ``subject``, ``text``."""
        return [mail for _, _, mail in self._outbox.items()]

    # The engine's side.

    def next_due(self) -> int:
        """When the next order is to be dispatched."""
        if not self._orders:
            return FOREVER
        waiting = (
            order.dispatch_at
            for order in self._orders.values()
            if not order.dispatched and order.id not in self._held
        )
        return min(waiting, default=FOREVER)

    def step(self, now: int) -> tuple[Reply, ...]:
        """Dispatch the orders that are due: look everybody up (K10) and send."""
        replies: list[Reply] = []
        for order in self._orders.values():
            if order.dispatched or order.dispatch_at > now or order.id in self._held:
                continue
            order.dispatched = True
            self._save(order)
            identifiers = [result.identifier for result in order.results]
            self.register.log(order.agency, order.asked_by, identifiers, now)
            for number in range(len(order.results)):
                replies.extend(self._dispatch(order, number, now))
        return tuple(replies)

    def on_sent(self, tag: str, message_ids: Sequence[int], reason: int, now: int) -> tuple[Reply, ...]:
        """The SMS is on its way, or was refused."""
        order_id, number = (int(part) for part in tag.split("/"))
        order = self._orders[order_id]
        if not message_ids:
            self._fall_back(order, number, reason, now)
            return ()
        result = order.results[number]
        result.state, result.message_id, result.missing = SMS_SENT, message_ids[0], list(message_ids)
        self._follow(order_id, number)
        self._save_result(order, number)
        return ()

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """A part of the SMS arrived; the SMS has when all of them have."""
        followed = self._followed.pop(message.id, None)
        if followed is not None:
            order = self._orders[followed[0]]
            result = order.results[followed[1]]
            result.missing = [part for part in result.missing if part != message.id]
            if not result.missing:
                result.state = SMS_DELIVERED
            self._save_result(order, followed[1])
        return ()

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """A part of the SMS did not arrive: e-mail instead. The register stays as it is (K19)."""
        followed = self._followed.pop(message.id, None)
        if followed is not None:
            self._forget(self._orders[followed[0]].results[followed[1]])
            self._fall_back(self._orders[followed[0]], followed[1], reason, now)
        return ()

    def forget(self, number: int) -> None:
        """See Service."""
        self.register.forget_mobile(f"+{number}")

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        yield from self.register.records()
        yield from self._outbox.records()
        for order in self._orders.values():
            yield f"order/{order.id}", order_row(order)
            for number, result in enumerate(order.results):
                yield f"result/{order.id}/{number}", row_of(result)

    def _take_mail(self, name: str, row: Row | None) -> None:
        self._outbox.take(f"mail/{name}", row)
        self._mails = max(self._mails, int(name))

    def _take_order(self, name: str, row: Row | None) -> None:
        order_id = int(name)
        early = self._early.take(order_id)
        known = self._orders.pop(order_id, None)
        results = known.results if known is not None else []
        if row is None:
            self._held.discard(order_id)
            for result in results:
                self._forget(result)
            return
        results += [Result("") for _ in range(row["people"] - len(results))]  # their rows follow
        self._orders[order_id] = from_row(row, results)
        self._last_order = max(self._last_order, order_id)
        for result_name, result_row in early.items():
            self._take_result(result_name, result_row)

    def _take_result(self, name: str, row: Row | None) -> None:
        order_id, number = (int(part) for part in name.split("/"))
        order = self._orders.get(order_id)
        if order is None:
            self._early.put(order_id, name, row)
            return
        if row is None:
            return
        for part in order.results[number].missing:
            self._followed.pop(part, None)
        order.results[number] = Result(**row)
        if order.results[number].state == SMS_SENT:
            self._follow(order_id, number)

    # The rest is how.

    def _caller(self, token: str | None, now: int) -> Caller:
        caller = self.register.access.caller(token, now)
        if CONTACT_SCOPE not in caller.scopes:
            raise ServiceError(403, "Forbidden", f"The token needs the scope {CONTACT_SCOPE}.")
        return caller

    def _dispatch(self, order: Notification, number: int, now: int) -> Iterator[Reply]:
        result = order.results[number]
        person = self.register.find(result.identifier)
        chosen = plan(person, order.kind, now)
        result.why = chosen.why
        if person is not None:
            result.language = language_of(person, order.texts)
        text = order.texts.get(result.language, "")
        if chosen.channel == "sms":
            result.alphabet = alphabet(text)
            yield Reply(
                order.sender,
                TON_ALPHANUMERIC,
                NPI_UNKNOWN,
                int(chosen.address[1:]),
                text,
                f"notification_{order.kind}",
                tag=f"{order.id}/{number}",
            )
        elif chosen.channel == "email":
            self._mail(order, result, chosen.address, now)
        else:
            result.state = NOT_NOTIFIED
        self._save_result(order, number)

    def _follow(self, order_id: int, number: int) -> None:
        missing = self._orders[order_id].results[number].missing
        self._followed.update(dict.fromkeys(missing, (order_id, number)))

    def _forget(self, result: Result) -> None:
        """What becomes of the other parts changes nothing any more."""
        for part in result.missing:
            self._followed.pop(part, None)
        result.missing = []

    def _fall_back(self, order: Notification, number: int, reason: int, now: int) -> None:
        result = order.results[number]
        result.why = reasons.REASONS[reason].name
        person = self.register.find(result.identifier)
        email = usable(person.email, order.kind, now) if person is not None else None
        if email is not None:
            self._mail(order, result, email.address, now)
        else:
            result.state = FAILED
        self._save_result(order, number)

    def _mail(self, order: Notification, result: Result, to: str, now: int) -> None:
        result.state = EMAIL_SENT
        self._mails = self._journal.following(self._mails)
        mail = {
            "at": utc_text(now) or "",
            "to": to,
            "sender": order.agency_name,
            "subject": order.subject,
            "text": order.texts[result.language],
        }
        self._outbox.put(str(self._mails), mail, now)

    def _prune(self, now: int) -> None:
        old = [order for order in self._orders.values() if order.dispatch_at + self._life <= now]
        for order in old:
            del self._orders[order.id]
            self._journal.delete(f"order/{order.id}")
            for number, result in enumerate(order.results):
                self._forget(result)
                self._journal.delete(f"result/{order.id}/{number}")

    def _save(self, order: Notification) -> None:
        self._journal.put(f"order/{order.id}", order_row(order))

    def _save_result(self, order: Notification, number: int) -> None:
        self._journal.put(f"result/{order.id}/{number}", row_of(order.results[number]))
