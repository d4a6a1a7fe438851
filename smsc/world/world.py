"""Builds the simulated world from the settings: number plan, subscribers, accounts, coverage, services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from smsc import reasons
from smsc.config.settings import Settings
from smsc.config.world import Esme
from smsc.config.world import Subscriber as SubscriberRow
from smsc.coverage.documents.places import MOVEMENT, place_of
from smsc.coverage.draw import draw
from smsc.coverage.errors import CoverageError
from smsc.coverage.place import Place
from smsc.coverage.synthetic import chart
from smsc.coverage.world import World as Coverage
from smsc.delivery.retry_schedule import RetrySchedule
from smsc.routing import accounts as kinds
from smsc.routing.accounts import Account, Accounts
from smsc.routing.id_form import id_form
from smsc.routing.numbering import load_plan
from smsc.routing.operators import Interconnect, Ownership
from smsc.routing.plan_data import NumberingRules
from smsc.routing.router import CONTENT, EMERGENCY, HELPLINE, Router
from smsc.routing.special import midnight
from smsc.routing.subscribers import Registry, Subscriber
from smsc.services.base import Service
from smsc.services.contact_register.notify import NotificationService
from smsc.services.helplines import HelplineRules, HelplineService, Terms
from smsc.services.nod_sms.emergency import NUMBERS, EmergencyRules, EmergencyService, unattended
from smsc.services.nod_sms.registration import RegistrationRules
from smsc.services.short_codes.charging import Caps
from smsc.services.short_codes.content import ContentRules, ContentService
from smsc.services.tlvs import NAMES as TLVS
from smsc.world.assigned import Assigned
from smsc.world.contacts import contact_service
from smsc.world.spans import disjoint

DEFAULT_ZONE = "everywhere"
EMERGENCY_CODE = 105  # what a draw is for (see smsc.coverage.draw)
#: The service that no number leads to: it only sends.
REGISTER = 6
_KINDS = {name: number for number, name in enumerate(kinds.KIND_NAMES)}
#: Which service an ESME's submissions to users go through.
SERVICE_OF_KIND = {kinds.EMERGENCY: EMERGENCY, kinds.HELPLINE: HELPLINE, kinds.CONTENT: CONTENT}


class World:
    """All that the settings describe, ready for the engine."""

    def __init__(self, settings: Settings, now: int) -> None:
        self.settings = settings
        self.configured = settings  # `settings` follows the ESMEs that are changed later
        self.seed = settings.seed
        self.timezone = ZoneInfo(settings.smsc.timezone)
        self.plan = load_plan(NumberingRules(**settings.numbering.model_dump()))
        self.registry = Registry()
        self.accounts = Accounts()
        self.coverage = Coverage(chart=chart)
        self._zones(now)
        self._outages(now)
        self._subscribers(now)
        self._accounts()
        self._operators()
        self.services: dict[int, Service] = self._services(now)
        self.router = Router(self.plan, self.registry, self.accounts, self.assigned.special, now)
        self.next_assignment = self.router.update(now)
        delivery = settings.delivery
        self.validity_default = delivery.validity_default
        self.validity_max = delivery.validity_max
        self.receipt_validity = delivery.receipt_validity
        self.schedule_max = delivery.schedule_max
        self.retry_schedule = RetrySchedule(
            delivery.retry,
            {
                reasons.MEMORY_CAPACITY_EXCEEDED: delivery.retry_memory_full,
                reasons.BUSY: delivery.retry_busy,
            },
            delivery.jitter,
        )
        self.permanent = frozenset(
            reason.code
            for reason in reasons.REASONS
            if (reason.permanent or reason.name in delivery.permanent)
            and reason.name not in delivery.temporary
        )

    def offset_quarters(self, at: int) -> int:
        """How many quarter-hours local time is ahead of UTC at a moment (4 in winter, 8 in summer)."""
        offset = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.timezone).utcoffset()
        return 0 if offset is None else round(offset.total_seconds() / 900)

    def place(self, zone: str | None) -> Place:
        """Where a subscriber stands of whom only the zone is known; None is good coverage everywhere."""
        if zone is None:
            if DEFAULT_ZONE not in self.coverage.zones:
                self.coverage.put_zone(DEFAULT_ZONE, {"coverage": "good"}, 0)
            zone = DEFAULT_ZONE
        return self.coverage.place(zone=zone)

    def place_again(self, record: Mapping[str, Any]) -> Place:
        """Where the store says that somebody stands; good coverage everywhere when the zone is no more."""
        zone = record.get("zone")
        if zone is None or zone in self.coverage.zones:
            return self.coverage.place_from(record)
        return self.place(None)

    def _zones(self, now: int) -> None:
        for zone in self.settings.zones:
            self.coverage.put_zone(zone.name, zone.body(), now)

    def _outages(self, now: int) -> None:
        for row in self.settings.outages:
            kind, name = ("county", row.county) if row.county is not None else ("cell", row.cell)
            assert name is not None
            try:
                self.coverage.set_outages(kind, name, list(row.times), now)
            except KeyError:
                raise CoverageError("outages.cell", name, "a cell of the map") from None

    def _place_of(self, row: SubscriberRow, now: int) -> Place:
        """Where the configuration puts a handset, or all of a range."""
        record = {
            "position": None if row.position is None else row.position.model_dump(),
            "track": [point.record() for point in row.track] or None,
            "gpx": row.gpx,
            "every": None if row.every is None else row.every / 1000,
            "inside": row.inside,
        }
        if not any(record[name] for name in MOVEMENT):
            return self.place(row.zone)
        return place_of(self.coverage, record, now)

    def _subscribers(self, now: int) -> None:
        """Ranges first, then the single numbers, which override their range."""
        rows = self.settings.subscribers
        ranges = [row for row in rows if row.is_range]
        for span in disjoint((row.first or 0, row.last or 0) for row in ranges):
            row = ranges[span.of]
            self.registry.add_range(span.first, span.last, place=self._place_of(row, now), **row.fields())
        for row in rows:
            if row.msisdn is not None:
                subscriber = Subscriber(row.msisdn)
                for name, value in row.fields().items():
                    setattr(subscriber, name, value)
                subscriber.place = self._place_of(row, now)
                self.registry.add(subscriber)

    def _accounts(self) -> None:
        """Every ESME with the numbers that lead to it; its index depends on its name alone.

        What waits for an ESME is stored under its index, which must outlive a reordered configuration.
        """
        numbers: dict[str, list[int]] = {esme.system_id: list(esme.numbers) for esme in self.settings.esmes}
        for centre, system_id in self.settings.emergency.centres:
            if system_id is not None:
                numbers[system_id].append(NUMBERS[centre])
        for helpline in self.settings.helplines:
            if helpline.account is not None:
                numbers[helpline.account].append(helpline.number)
        shared: dict[str, list[int]] = {}
        owned: set[int] = set()
        for code in self.settings.codes:
            if code.code in owned:
                shared.setdefault(code.account, []).append(code.code)
            elif code.code not in numbers[code.account]:
                numbers[code.account].append(code.code)
                owned.add(code.code)
        for esme in self.settings.esmes:
            if self.accounts.by_system_id(esme.system_id) is None:
                account = self._account(esme, numbers[esme.system_id], shared.get(esme.system_id, ()))
                self.accounts.add(account)

    def _account(self, esme: Esme, numbers: Iterable[int], shared: Iterable[int]) -> Account:
        return Account(
            esme.system_id,
            esme.password.get_secret_value(),
            _KINDS[esme.kind],
            index=crc32(esme.system_id.encode()) & 0x7FFFFFFF or 1,
            numbers=numbers,
            shared=shared,
            senders=[sender.encode("ascii") for sender in esme.senders],
            ranges=[(span.first, span.last) for span in esme.ranges],
            window=esme.window or 0,
            rate=esme.rate or self.settings.limits.rate,
            settings={
                "default_alphabet": esme.default_alphabet,
                "ia5_means": esme.ia5_means,
                "tolerate_trailing_nul": esme.tolerate_trailing_nul,
                "payload": esme.kind != "farm" if esme.payload is None else esme.payload,
                "stands_for": tuple(
                    unattended(centre)
                    for centre, system_id in self.settings.emergency.centres
                    if system_id == esme.system_id
                ),
                "tlvs": frozenset(TLVS[name] for name in esme.tlvs),
                "binds": esme.binds,
                "window_out": esme.window_out or 0,
                "ids": id_form(esme.responses.id, esme.responses.id_width),
                "early_receipts": esme.receipts.early,
                "receipts_elsewhere": esme.receipts.other_bind,
            },
        )

    def put_esmes(self, settings: Settings) -> None:
        """Let the ESMEs be those of `settings`, which differ from the present ones in nothing else."""
        for esme in self.settings.esmes:
            if esme not in settings.esmes:
                self.accounts.remove(esme.system_id)
        self.settings = settings
        self._accounts()

    def _operators(self) -> None:
        """Who holds which number, and how other operators' subscribers are reached."""
        self.assigned = Assigned(self.settings, self.plan.rules, self._index)
        self.ownership = Ownership(self.assigned.assignments)
        self.ported_lists: list[str] = []
        self.interconnects = {
            row.name: Interconnect(row.name, row.latency, row.failure_rate, row.congestion_rate)
            for row in self.settings.operators
        }

    def _index(self, system_id: str | None) -> int:
        account = self.accounts.by_system_id(system_id) if system_id is not None else None
        return 0 if account is None else account.index

    def _listed(self, index: int) -> Collection[int]:
        """The vendor TLVs that an ESME's configuration lists."""
        account = self.accounts.by_index(index)
        listed = account.settings.get("tlvs") if account is not None else None
        return listed if isinstance(listed, frozenset) else frozenset()

    def _services(self, now: int) -> dict[int, Service]:
        return {
            EMERGENCY: self._emergency(now),
            HELPLINE: self._helplines(),
            CONTENT: self._content(now),
            REGISTER: self._register(now),
        }

    def _register(self, now: int) -> NotificationService:
        self.register = contact_service(self.settings.contacts, self.seed, now)
        return self.register

    def _helplines(self) -> HelplineService:
        given = self.settings.helpline_rules
        rules = HelplineRules(
            self.settings.emergency.language, given.no_sms, given.reply_interval, given.receiver_price_ore
        )
        self.helplines = HelplineService(
            rules,
            self.assigned.special,
            lambda name: self._index(name) or None,
            {
                row.number: Terms(
                    frozenset(row.purposes),
                    voice=row.voice,
                    extended_to=0 if row.extended_to is None else midnight(row.extended_to.isoformat()),
                    exempt_from_free=row.exempt_from_free,
                )
                for row in self.settings.helplines
            },
        )
        return self.helplines

    def _content(self, now: int) -> ContentService:
        charging, given = self.settings.charging, self.settings.content
        rules = ContentRules(
            language=self.settings.emergency.language,
            caps=Caps(round(charging.cap_message_nok * 100), round(charging.cap_month_nok * 100)),
            **given.model_dump(),
        )
        self.content = ContentService(rules, self.assigned.codes(now), self._listed)
        return self.content

    def reassign(self, now: int) -> None:
        """Let router and services see the assigned numbers as they are now."""
        self.router.special = self.helplines.numbers = self.assigned.special
        self.content.codes = self.assigned.codes(now)
        self.next_assignment = self.router.update(now)

    def _emergency(self, now: int) -> EmergencyService:
        given = self.settings.emergency
        rules = EmergencyRules(
            language=given.language,
            notice_after=given.notice_after,
            refusal_interval=given.refusal_interval,
            dialogue_life=given.dialogue_life,
            aml=given.aml,
            foreign_sims=given.foreign_sims,
            queue=self.settings.limits.emergency_queue,
            registration=RegistrationRules(language=given.language, **given.registration.model_dump()),
        )
        centres = {name: self._index(system_id) for name, system_id in given.centres}
        self.emergency = EmergencyService(
            rules,
            centres,
            lambda subject, count: draw(self.seed, EMERGENCY_CODE, subject, count),
            self._listed,
        )
        for subscriber in list(self.registry.touched()):
            if subscriber.nod_sms:
                self.emergency.registrations.configure(subscriber.msisdn, now)
        return self.emergency
