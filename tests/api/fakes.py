"""A server without an engine: remembers what it was asked and answers from dictionaries."""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from smsc.api.facade.documents import Document, Steps

NOW = 1_767_268_800_000  # 2026-01-01T12:00:00Z
MESSAGE: Document = {
    "id": "1001",
    "source": "4790000001",
    "destination": "4790000002",
    "text": "Hei, æøå 🙂",
    "state": "delivered",
    "reason": None,
    "submitted_at": "2026-01-01T12:00:00Z",
    "final_at": "2026-01-01T12:00:00Z",
    "attempts": 1,
    "events": [],
}


class Refusal(Exception):
    """Shaped like the engine's ControlError, and not related to anything in the API."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        reason: str | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.members = members or {}
        self.status = status
        self.title = title
        self.detail = detail
        if reason is not None:
            self.reason = reason


class FakeControl:
    """Things by name in dictionaries; `calls` lists what was asked, `log` is shared with the server."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.calls: list[tuple[Any, ...]] = []
        self.of_subscribers: dict[str, Document] = {"4790000001": {"msisdn": "4790000001", "sim": "active"}}
        self.of_zones: dict[str, Document] = {"oslo": {"name": "oslo", "coverage": "good"}}
        self.of_registrations: dict[str, Document] = {}
        self.of_messages = [dict(MESSAGE, id=str(number)) for number in range(1001, 1006)]
        self.of_sessions: dict[int, Document] = {3: {"id": 3, "system_id": "4790000001"}}
        self.tags: dict[str, Document] = {}
        self.faults_in_force: Document = {"seed": 1, "rules": []}
        self.state_of_health: Document = {"ready": True, "reasons": []}
        self.read_events = 0
        self.counted: dict[str, float] = {"binds_total": 2, 'submits_refused_total{reason="throttled"}': 5}
        self.listeners: list[Callable[[Document, Any], None]] = []

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        self.log.append(str(call[0]))

    def _find(self, things: Mapping[Any, Document], name: Any, kind: str) -> Document:
        if name not in things:
            raise Refusal(404, f"Unknown {kind}", f"There is no {kind} {name!r}.")
        return things[name]

    def number(self, text: str, ton: int = 0, npi: int = 1) -> Document:
        self._note("number", text, ton)
        return {"national": text, "type": "mobile", "reason": None}

    def subscribers(self, after: str | None, limit: int) -> Sequence[Document]:
        self._note("subscribers", after, limit)
        return [each for key, each in sorted(self.of_subscribers.items()) if key > (after or "")][:limit]

    def subscriber(self, msisdn: str) -> Document:
        return self._find(self.of_subscribers, msisdn, "subscriber")

    def put_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        self._note("put_subscriber", msisdn, dict(body))
        self.of_subscribers[msisdn] = {"msisdn": msisdn, **body}
        return self.of_subscribers[msisdn]

    def patch_subscriber(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        self._note("patch_subscriber", msisdn, dict(body))
        self._find(self.of_subscribers, msisdn, "subscriber").update(body)
        return self.of_subscribers[msisdn]

    def delete_subscriber(self, msisdn: str, erase: bool = False) -> None:
        self._note("delete_subscriber", msisdn, erase)
        self._find(self.of_subscribers, msisdn, "subscriber")
        del self.of_subscribers[msisdn]

    def zones(self) -> Sequence[Document]:
        return [self.of_zones[name] for name in sorted(self.of_zones)]

    def zone(self, name: str) -> Document:
        return self._find(self.of_zones, name, "zone")

    def outages(self) -> Document:
        return {"zone": {}, "cell": {}, "county": {}}

    def put_outages(self, kind: str, name: str, body: Mapping[str, Any]) -> Document:
        return {"kind": kind, "name": name, "outages": body["outages"]}

    def put_zone(self, name: str, body: Mapping[str, Any]) -> Document:
        self._note("put_zone", name, dict(body))
        self.of_zones[name] = {"name": name, **body}
        return self.of_zones[name]

    def patch_zone(self, name: str, body: Mapping[str, Any]) -> Document:
        self._note("patch_zone", name, dict(body))
        self._find(self.of_zones, name, "zone").update(body)
        return self.of_zones[name]

    def delete_zone(self, name: str) -> None:
        self._note("delete_zone", name)
        self._find(self.of_zones, name, "zone")
        del self.of_zones[name]

    def registrations(self) -> Sequence[Document]:
        return list(self.of_registrations.values())

    def registration(self, msisdn: str) -> Document:
        return self._find(self.of_registrations, msisdn, "registration")

    def put_registration(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        self._note("put_registration", msisdn, dict(body))
        self.of_registrations[msisdn] = {"msisdn": msisdn, **body}
        return self.of_registrations[msisdn]

    def delete_registration(self, msisdn: str) -> None:
        self._note("delete_registration", msisdn)
        self._find(self.of_registrations, msisdn, "registration")
        del self.of_registrations[msisdn]

    def search(
        self,
        text: str = "",
        source: str | None = None,
        destination: str | None = None,
        state: str | None = None,
    ) -> Any:
        if "?" in text:
            raise Refusal(422, "Not a search", "At '?'.", members={"at": text.index("?"), "length": 1})
        return text, source, destination, state

    def listing(
        self,
        search: Any,
        limit: int,
        *,
        newest: bool = False,
        after: str | None = None,
        before: str | None = None,
    ) -> Generator[None, None, tuple[Sequence[Document], str | None]]:
        self._note("listing", *search, limit, newest, after, before)
        yield
        rows = [each for each in self.of_messages if int(after or 0) < int(each["id"]) < int(before or 10**9)]
        rows = (rows[::-1] if newest else rows)[:limit]
        return rows, rows[-1]["id"] if len(rows) == limit else None

    def counts(self, search: Any) -> Generator[None, None, Document]:
        self._note("counts", *search)
        yield
        return {"total": len(self.of_messages), "states": {}, "stages": {}, "complete": True}

    def message(self, message_id: str) -> Document:
        return self._find({each["id"]: each for each in self.of_messages}, message_id, "message")

    def refusals(self, what: str | None, limit: int) -> Sequence[Document]:
        self._note("refusals", what, limit)
        return []

    def showing(self, message_id: str) -> Generator[None, None, Document]:
        yield
        return self.message(message_id)

    def message_pdus(self, message_id: str) -> Generator[None, None, Document]:
        self.message(message_id)
        yield
        return {"id": message_id, "pdus": []}

    def delete_messages(self, search: Any) -> Generator[None, None, int]:
        self._note("delete_messages", search[0])
        yield
        return 2

    def clear_messages(self) -> None:
        self._note("clear_messages")
        self.of_messages.clear()

    def inject(self, body: Mapping[str, Any]) -> Document:
        self._note("inject", dict(body))
        if body["destination"].startswith("+46"):
            raise Refusal(422, "Refused", "+46 is abroad.", reason="destination_foreign")
        return dict(MESSAGE, id="2001")

    def clock(self) -> Document:
        return {"mode": "manual", "now": "2026-01-01T12:00:00Z"}

    def set_clock(self, body: Mapping[str, Any]) -> None:
        self._note("set_clock", dict(body))
        if body.get("now", NOW) < NOW:
            raise Refusal(409, "Clock goes back", "The clock stands at 2026-01-01T12:00:00Z.")

    def sessions(self, ended: bool = False) -> Sequence[Document]:
        return [] if ended else list(self.of_sessions.values())

    def bound_anywhere(self) -> Steps[Sequence[Document]]:
        yield from ()
        return self.sessions()

    def session_anywhere(self, session_id: int) -> Steps[Document]:
        yield from ()
        return self._find(self.of_sessions, session_id, "session")

    def session_here(self, session_id: int) -> Steps[None]:
        yield from ()

    def drop_session(self, session_id: int, how: str) -> None:
        self._note("drop_session", session_id, how)
        self._find(self.of_sessions, session_id, "session")

    def tagged(self) -> Sequence[Document]:
        return list(self.tags.values())

    def put_tag(self, name: str, q: str) -> Document:
        self._note("put_tag", name, q)
        self.tags[name] = {"name": name, "q": q}
        return self.tags[name]

    def delete_tag(self, name: str) -> None:
        self._note("delete_tag", name)
        self._find(self.tags, name, "tag")
        del self.tags[name]

    def faults(self) -> Document:
        return self.faults_in_force

    def put_faults(self, body: Mapping[str, Any]) -> Document:
        self._note("put_faults", dict(body))
        self.faults_in_force = dict(body)
        return self.faults_in_force

    def health(self) -> Document:
        return self.state_of_health

    def counters(self) -> Mapping[str, float]:
        return self.counted

    def follow(self, callback: Callable[[Document, Any], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback) if callback in self.listeners else None

    def readable(self, event: Document) -> Document:
        self.read_events += 1
        return event

    def weigh(self, subject: Any) -> int:
        return 0 if subject is None else len(str(subject))

    def since_moment(self, text: str, real_now: int) -> int:
        return NOW

    def note_mark(self, real_now: int) -> None:
        pass

    def arriving(self, search: Any, since: int) -> Any:
        self._note("arriving", search[0])
        return search

    def arrived(self, search: Any, limit: int) -> Generator[None, None, Sequence[Document]]:
        yield
        return [each for each in self.of_messages if search[0] in str(each)][:limit]

    def instead(self, search: Any) -> Generator[None, None, Sequence[Document]]:
        yield
        return [{"message": each, "why": ["to:1: it is to 4790000002"]} for each in self.of_messages[:1]]

    def document(self, subject: Any) -> Document:
        return dict(subject)

    def passes(self, search: Any, event: Document, subject: Any) -> bool:
        return bool(search[0] in str(event))

    def happen(self, event: Document, subject: Any = None) -> None:
        """Let an event reach everybody who listens."""
        for callback in list(self.listeners):
            callback(event, subject)


class FullControl(FakeControl):
    """Offers the special numbers, charging and the contact register as well."""

    def nodes(self) -> Sequence[Document]:
        return [{"name": "oslo-1", "alive": True}]

    def outbinds(self) -> Sequence[Document]:
        return [{"id": 1, "state": "bound"}]

    def outbind(self, outbind_id: int) -> Document:
        return {"id": outbind_id}

    def dial(self, body: Mapping[str, Any]) -> Document:
        self._note("dial", dict(body))
        return {"id": 1}

    def end_outbind(self, outbind_id: int) -> None:
        self._note("end_outbind", outbind_id)

    def helplines(self) -> Sequence[Document]:
        return [{"number": "116111", "holder": "Alarmtelefonen", "sms": True}]

    def codes(self) -> Sequence[Document]:
        return [{"code": "2097", "provider": "quiz", "price_nok": 5}]

    def charging(self, after: str | None, limit: int) -> Sequence[Document]:
        self._note("charging", after, limit)
        return [
            {"id": "1", "code": "2097", "amount_nok": 5},
            {"id": "2", "code": "2440", "amount_nok": 200, "note": 'gave, "gladly"'},
        ][:limit]

    def register_lookup(self, token: str | None, version: int, body: Any) -> Document:
        self._note("register_lookup", token, version, body)
        if token is None:
            raise Refusal(401, "No token", "The look-up needs an agency's token.")
        return {"personer": [{"personidentifikator": each} for each in body["personidentifikatorer"]]}

    def register_notify(self, token: str | None, body: Mapping[str, Any]) -> Document:
        self._note("register_notify", token, dict(body))
        return {"id": "1"}

    def register_report(self, token: str | None, order_id: str) -> Document:
        self._note("register_report", token, order_id)
        return {"id": order_id}

    def register_outbox(self) -> Sequence[Document]:
        return []

    def register_lookups(self, identifier: str | None = None) -> Sequence[Document]:
        self._note("register_lookups", identifier)
        return []

    def register_persons(self, after: str | None, limit: int) -> Sequence[Document]:
        self._note("register_persons", after, limit)
        return []

    def register_person(self, identifier: str) -> Document:
        return {"identifier": identifier}

    def put_register_person(self, identifier: str, body: Mapping[str, Any]) -> Document:
        self._note("put_register_person", identifier, dict(body))
        return {"identifier": identifier}

    def delete_register_person(self, identifier: str) -> None:
        self._note("delete_register_person", identifier)

    def helpline_bill(self, month: str) -> Sequence[Document]:
        return [{"number": "116111", "month": month}]

    def subscriptions(self, msisdn: str) -> Sequence[Document]:
        return []

    def charging_totals(self) -> Sequence[Document]:
        return []

    def emergency_look_up(self, number: str) -> Document:
        return {"number": number}

    def emergency_start(self, body: Mapping[str, Any]) -> Document:
        self._note("emergency_start", dict(body))
        return {"transaction": "1"}

    def emergency_confirm(self, transaction: str, code: str) -> Document:
        self._note("emergency_confirm", transaction, code)
        return {"registration": None}

    def emergency_site(self) -> Document:
        return {"open": True}

    def put_emergency_site(self, body: Mapping[str, Any]) -> Document:
        return dict(body)

    def exclusions(self) -> Sequence[Document]:
        return []

    def exclude(self, msisdn: str) -> Document:
        return {"msisdn": msisdn}

    def pardon(self, msisdn: str) -> None:
        self._note("pardon", msisdn)

    def dialogues(self) -> Sequence[Document]:
        return []

    def swap_sim(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        self._note("swap_sim", msisdn, dict(body))
        return {"msisdn": msisdn}

    def report_lost(self, msisdn: str) -> Document:
        return {"msisdn": msisdn}

    def change_number(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        return {"msisdn": msisdn}

    def add_twin(self, msisdn: str, body: Mapping[str, Any]) -> Document:
        return {"msisdn": msisdn}

    def operator(self, msisdn: str) -> Document:
        return {"msisdn": msisdn, "operator": None, "ported": False}

    def subscribers_csv(self) -> Generator[None, None, str]:
        yield None
        return "msisdn\n4790000001\n"

    def import_subscribers(self, text: str) -> Generator[None, None, Document]:
        self._note("import_subscribers", text)
        yield None
        return {"rows": 1}

    def assignments_csv(self) -> str:
        return "kind\n"

    def import_assignments(self, text: str, how: str) -> Document:
        self._note("import_assignments", text, how)
        return {"rows": 1}

    def ported_csv(self) -> str:
        return "number,operator,from\n"

    def import_ported(self, text: str) -> Document:
        return {"rows": 1}


class FakeServer:
    """What `create_app` is given: a control, a clock to advance, and commits that are counted."""

    def __init__(self, control: type[FakeControl] = FakeControl) -> None:
        self.store_fails = False
        self.log: list[str] = []
        self.control = control(self.log)
        self.advanced: list[dict[str, Any]] = []

    async def advance(
        self, *, seconds: float | None = None, to: int | None = None, until: str | None = None
    ) -> Document:
        self.advanced.append({"seconds": seconds, "to": to, "until": until})
        self.log.append("advance")
        return {"now": "2026-01-01T14:00:00Z", "unsettled": []}

    async def writable(self) -> None:
        if self.store_fails:
            raise Refusal(503, "The store fails", "Nothing was changed: disk full.")

    async def committed(self) -> None:
        self.log.append("committed")

    async def erased(self) -> None:
        self.log.append("erased")
