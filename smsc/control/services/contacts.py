"""The contact and reservation register: look-ups, notifications, and its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smsc.control.base import ControlBase, ControlError
from smsc.services.base import Row
from smsc.services.calendar import utc_text
from smsc.services.contact_register.people import ACTIVE, Channel, Person, read_email, read_mobile
from smsc.services.contact_register.register import ContactRegister

_READERS = {"mobile": read_mobile, "email": read_email}


class ContactControl(ControlBase):
    """What agencies ask of the register, and what is administered in it."""

    def register_lookup(self, token: str | None, version: int, body: object) -> dict[str, Any]:
        """``POST /rest/v{version}/personer`` in the public shape; ``body`` is whatever JSON came.

        ControlError 400, 401, 403.
        """
        last = self._register.looked_up
        status, document = self._register.look_up(token, body, self._now(), version)
        if self._register.looked_up != last:
            self._contacts_changed(f"lookup/{self._register.looked_up}", None)
        if status != 200:
            raise ControlError(status, document["feil"], document["beskrivelse"])
        return document

    def register_notify(self, token: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        """Order a notification, see ``NotificationService.order``; what is due is sent once that is safe."""
        service = self.world.register
        report = service.order(token, body, self._now())
        ident = int(report["id"])
        service.hold(ident)
        self._contacts_changed(f"order/{ident}", None)

        def dispatch() -> None:
            service.release(ident)
            self.engine.services.step(self._now())

        self._once_safe(dispatch)
        return report

    def register_report(self, token: str | None, order_id: str) -> dict[str, Any]:
        """What became of a notification, person by person; 401, 403, 404."""
        number = int(order_id) if order_id.isascii() and order_id.isdigit() and len(order_id) < 19 else 0
        return self.world.register.report(token, number, self._now())

    def register_outbox(self) -> list[dict[str, str]]:
        """The e-mails that would have been sent, oldest first."""
        return self.world.register.outbox()

    def register_lookups(self, identifier: str | None = None) -> list[dict[str, Any]]:
        """Who asked the register, in whose name, about how many; oldest first."""
        if identifier is not None:
            self._register.require_synthetic(identifier)
        return self._register.lookups(identifier)

    def register_persons(self, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Persons by identifier; ServiceError 400 when ``after`` is not a synthetic one."""
        if after is not None:
            self._register.require_synthetic(after, "after")
        now = self._now()
        found: Iterator[Person] = self._register.people()
        told = []
        for person in found:
            if after is None or person.identifier > after:
                told.append(_person(person, now))
            if len(told) == limit:
                break
        return told

    def register_person(self, identifier: str) -> dict[str, Any]:
        """One person; 404, and 400 when the identifier may be somebody's."""
        self._register.require_synthetic(identifier)
        person = self._register.find(identifier)
        if person is None:
            raise ControlError(404, "Not registered", "The person is not in the register.")
        return _person(person, self._now())

    def put_register_person(self, identifier: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make or change a person: ``language``, ``mobile``, ``email`` (None removes), ``reserved``,
        ``mailbox`` ``{address, supplier}``, ``verified``, all as of ``at`` (ms, now when absent)."""
        register, now = self._register, self._now()
        register.require_synthetic(identifier)
        at = body.get("at", now)
        if at > now:
            raise ControlError(422, "Not yet", "at: expected a moment that is not in the future.")
        for name, read in _READERS.items():
            if body.get(name) is not None:
                read(body[name])  # nothing is changed when an address makes no sense
        known = register.find(identifier)
        before = None if known is None else known.to_row()
        if known is not None and known.status != ACTIVE:
            known = None
        if (body.get("mailbox") or (known and known.mailbox)) and not any(
            body[name] if name in body else known and getattr(known, name) for name in _READERS
        ):
            raise ControlError(409, "Needed", "A digital mailbox needs a mobile number or e-mail address.")
        if known is None:
            register.create(identifier)
        if body.get("language") is not None:
            register.set_language(identifier, body["language"], at)
        for name in sorted(_READERS, key=lambda name: body.get(name) is None):  # what is set comes first
            if name in body:
                register.set_channel(identifier, name, body[name], at)
        if body.get("reserved") is not None:
            register.reserve(identifier, body["reserved"], at)
        if body.get("mailbox") is not None:
            register.choose_mailbox(identifier, body["mailbox"]["address"], body["mailbox"]["supplier"])
        if body.get("verified"):
            register.verify(identifier, at)
        self._contacts_changed(f"person/{identifier}", before)
        return self.register_person(identifier)

    def delete_register_person(self, identifier: str) -> None:
        """Let a person leave the register; 404, and 400 when the identifier may be somebody's."""
        self._register.require_synthetic(identifier)
        known = self._register.find(identifier)
        before = None if known is None else known.to_row()
        self._register.delete(identifier)
        self._contacts_changed(f"person/{identifier}", before)

    @property
    def _register(self) -> ContactRegister:
        return self.world.register.register

    def _contacts_changed(self, row: str, before: Row | None) -> None:
        """Write what the register changed; the row is what it was before when the store does not take it."""
        service, services = self.world.register, self.engine.services

        def back() -> None:
            service.take(row, before)
            services.changed(service)

        services.changed(service, asked=True)
        self.changes.made(back)

    def _now(self) -> int:
        return self.engine.set_time(self.engine.delivery.link_now)


def _person(person: Person, now: int) -> dict[str, Any]:
    return {
        "identifier": person.identifier,
        "status": person.status,
        "language": person.language,
        "mobile": _channel(person.mobile, now),
        "email": _channel(person.email, now),
        "reserved": person.reserved_at is not None,
        "reserved_at": utc_text(person.reserved_at),
        "mailbox": person.mailbox or None,
        "notification_status": person.notification_status(now),
    }


def _channel(channel: Channel | None, now: int) -> dict[str, Any] | None:
    if channel is None:
        return None
    return {
        "address": channel.address,
        "updated": utc_text(channel.updated),
        "verified": utc_text(channel.verified),
        "fresh": channel.fresh(now),
    }
