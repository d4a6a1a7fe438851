"""What a request costs depends on the request, never on what others have waiting.

Every kind of request against every kind of backlog of others, small and large. Counted is what is done: the
lines of smsc that run, and the rows that the store hands over. A kind of request that is not in the table
fails here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import apsw
import pytest

from smsc import COMPILED
from smsc.delivery.message import ENROUTE
from smsc.delivery.recipient import Recipient
from smsc.engine.engine import TABLES
from smsc.engine.journal.records import MESSAGES
from smsc.engine.mo.outbox import Look, Outbox
from smsc.engine.mo.scheduled import Scheduled
from smsc.engine.mo.way_up import Underway
from smsc.engine.mt.interconnect import Transit
from smsc.engine.mt.pending_flag import PendingFlag
from smsc.engine.rounds import Rounds
from smsc.protocol import constants as c
from smsc.protocol.pdu.fields import Destination
from smsc.protocol.smpptime import absolute
from smsc.store.memory import MemoryStore
from smsc.store.sqlite import SqliteStore
from smsc.store.sqlite_sql import Conditions
from tests.engine.lab import Client, GatedStore, Lab, ask

KARI, OLA, PER, AWAY, SHOP = "4790000001", "4790000002", "4790000003", "4799000007", "59000001"
OTHERS = 4790010000
NOBODY = "4740000009"  # is bound as that
SMALL, LARGE = 40, 1200
NEARLY = 1.6  # the binary search of a heap, the growth of a table, a turn more
IN_AN_HOUR = b"000000010000000R"
FLAG = {"replace_if_present": 1}

pytestmark = pytest.mark.skipif(COMPILED, reason="lines are counted where the interpreter runs them")


class Rows(GatedStore):
    """Counts the rows that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def select(self, *arguments: Any, **named: Any) -> list[tuple[Any, ...]]:
        found = super().select(*arguments, **named)
        self.read += len(found)
        return found


class Plain(MemoryStore):
    """`memory:` as it is."""

    def settle(self) -> int:
        return 0


# --- what others have waiting -----------------------------------------------------------------------


def farm(lab: Lab) -> Client:
    return lab.bind("farm", "farm", kind="transmitter")


def waiting(lab: Lab, count: int) -> None:
    many(lab, count, AWAY)


def urgent(lab: Lab, count: int) -> None:
    many(lab, count, AWAY, priority=2)


def scheduled(lab: Lab, count: int) -> None:
    many(lab, count, AWAY, schedule=IN_AN_HOUR)


def held(lab: Lab, count: int) -> None:
    tunnel(lab, count)
    many(lab, count, AWAY)


def deferred(lab: Lab, count: int) -> None:
    tunnel(lab, count)
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "defer"})
    many(lab, count, AWAY)


def finished(lab: Lab, count: int) -> None:
    lab.bind(PER, kind="receiver")
    many(lab, count, PER)


def tunnel(lab: Lab, count: int) -> None:
    for number in range(min(count, 900)):
        lab.control.patch_subscriber(str(OTHERS + number), {"zone": "laerdal-tunnel"})


def many(lab: Lab, count: int, to: str, **fields: Any) -> None:
    """Each of others, to a handset that is off or there."""
    sender = farm(lab)
    for number in range(count):
        sender.submit(to, f"nr. {number}", source=str(OTHERS + number % 900), **fields)
        if number % 100 == 99:
            lab.settle()
    lab.settle()


BACKLOGS = [waiting, urgent, scheduled, held, deferred, finished]


# --- what is asked ----------------------------------------------------------------------------------


def own(kari: Client, **fields: Any) -> str:
    token = kari.submit(AWAY, "own", **fields)
    kari.lab.settle()
    return kari.answers[token][1]


def named(ident: str, **fields: Any) -> dict[str, Any]:
    return {"message_id": ident, "source_addr_ton": 1, "source_addr": KARI, **fields}


def submit(kari: Client) -> None:
    kari.submit(AWAY, "hei")


def submit_in_place(kari: Client) -> None:
    kari.submit(AWAY, "hei", **FLAG)


def submit_urgent(kari: Client) -> None:
    kari.submit(AWAY, "hei", priority=3)


def submit_later(kari: Client) -> None:
    kari.submit(AWAY, "hei", schedule=IN_AN_HOUR)


def submit_emergency(kari: Client) -> None:
    kari.submit("112", "hjelp")


def query(kari: Client) -> None:
    ask(kari, c.QUERY_SM, **named(kari.ident))  # type: ignore[attr-defined]


def cancel(kari: Client) -> None:
    ask(kari, c.CANCEL_SM, **named(kari.ident))  # type: ignore[attr-defined]


def cancel_pair(kari: Client) -> None:
    ask(kari, c.CANCEL_SM, **named("", dest_addr_ton=1, destination_addr=AWAY))


def replace(kari: Client) -> None:
    ask(kari, c.REPLACE_SM, **named(kari.ident, short_message=b"another"))  # type: ignore[attr-defined]


def data(kari: Client) -> None:
    source: dict[str, Any] = {"source_addr_ton": 1, "source_addr": KARI}
    ask(kari, c.DATA_SM, [(0x0424, b"hei")], destination_addr=AWAY, dest_addr_ton=1, **source)


def multi(kari: Client) -> None:
    to = [Destination(1, 1, AWAY), Destination(1, 1, PER)]
    source: dict[str, Any] = {"source_addr_ton": 1, "source_addr": KARI}
    ask(kari, c.SUBMIT_MULTI, dest_address=to, short_message=b"hei", **source)


def bind(kari: Client) -> None:
    kari.lab.bind(OLA)


def unbind(kari: Client) -> None:
    kari.near.unbind(kari.lab.link_now)


def disconnect(kari: Client) -> None:
    kari.drop()


def a_handset_moves(kari: Client) -> None:
    kari.lab.control.patch_subscriber(OLA, {"zone": "bergen"})


def a_message_is_shown(kari: Client) -> None:
    kari.lab.control.message(kari.ident)  # type: ignore[attr-defined]


REQUESTS: dict[Callable[[Client], None], int | None] = {
    submit: c.SUBMIT_SM,
    submit_in_place: c.SUBMIT_SM,
    submit_urgent: c.SUBMIT_SM,
    submit_later: c.SUBMIT_SM,
    submit_emergency: c.SUBMIT_SM,
    query: c.QUERY_SM,
    cancel: c.CANCEL_SM,
    cancel_pair: c.CANCEL_SM,
    replace: c.REPLACE_SM,
    data: c.DATA_SM,
    multi: c.SUBMIT_MULTI,
    bind: c.BIND_TRANSCEIVER,
    unbind: c.UNBIND,
    disconnect: None,
    a_handset_moves: None,
    a_message_is_shown: None,
}


class Costs:
    """The lines that have run since the last ``cost`` began."""

    lines = 0


costs = Costs()


def behind(store: type[MemoryStore], backlog: Callable[[Lab, int], None], count: int) -> Lab:
    """A lab in which others have so many messages."""
    made = store()
    made.open(TABLES)
    lab = Lab(made)
    backlog(lab, count)
    return lab


def cost(lab: Lab, asked: Callable[[Client], None]) -> int:
    """How many lines run and rows are read for one request there, of somebody who is bound for it."""
    kari: Any = lab.bind(KARI)
    kari.ident = own(kari)
    lab.settle()
    costs.lines = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            costs.lines += 1
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename  # the double of a store looks for rows as SQLite need not
        return line if "/smsc/" in name and not name.endswith("store/memory.py") else None

    before, made_read = sys.gettrace(), getattr(lab.store, "read", 0)
    sys.settrace(call)
    try:
        asked(kari)
        lab.settle()
    finally:
        sys.settrace(before)
    found = costs.lines + 20 * (getattr(lab.store, "read", 0) - made_read)
    if not kari.is_closed:
        kari.drop()
    lab.settle()
    return found


def dear(
    store: type[MemoryStore], backlog: Callable[[Lab, int], None], asked: Iterable[Callable[[Client], None]]
) -> dict[str, tuple[int, int]]:
    """What costs more behind many than behind few, one request after the other before the same backlog."""
    few, many = (behind(store, backlog, count) for count in (SMALL, LARGE))
    waits = many.engine.unfinished()
    found = {}
    for one in asked:
        found[one.__name__] = (cost(few, one), cost(many, one))
        assert many.engine.unfinished() >= waits, "what others have is no less"
    return {name: (low, high) for name, (low, high) in found.items() if high > NEARLY * low + 60}


@pytest.mark.parametrize("store", [Plain, Rows])
@pytest.mark.parametrize("backlog", BACKLOGS, ids=lambda one: one.__name__)
def test_a_request_costs_the_same_behind_few_and_behind_many(
    backlog: Callable[[Lab, int], None], store: type[MemoryStore]
) -> None:
    assert dear(store, backlog, REQUESTS) == {}


def test_what_one_sender_has_for_a_recipient_is_found_by_an_index(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "smsc.db", lambda call: call())
    store.open(TABLES)
    where: dict[str, Any] = {"recipient": int(AWAY), "state": ENROUTE, "source": int(KARI)}
    where |= {"source_text": b"", "service_type": b""}
    conditions = Conditions(MESSAGES)
    conditions.equal(where)
    conditions.compare({"id": 0}, ">")
    sql = f"EXPLAIN QUERY PLAN SELECT id FROM messages{conditions.text()} ORDER BY id LIMIT 254"
    with closing(apsw.Connection(str(tmp_path / "smsc.db"))) as reader:
        ((_, _, _, plan),) = reader.execute(sql, conditions.values)
    store.close()
    assert "messages_by_recipient_source_source_text_service_type" in plan
    assert "(recipient=? AND source=? AND source_text=? AND service_type=? AND rowid>?)" in plan


def of_another_type(lab: Lab, count: int) -> None:
    kari = lab.bind(KARI)
    for number in range(count):
        kari.submit(AWAY, f"nr. {number}", service_type=b"OTHER")
        if number % 100 == 99:
            lab.settle()
    lab.settle()


def cancel_of_a_type(kari: Client) -> None:
    pair = {"dest_addr_ton": 1, "destination_addr": AWAY, "service_type": "NONE"}
    ask(kari, c.CANCEL_SM, **named("", **pair))


@pytest.mark.parametrize("store", [Plain, Rows])
@pytest.mark.parametrize("asked", [submit_in_place, cancel_of_a_type])
def test_what_the_same_sender_has_of_another_service_type_is_not_looked_at(
    asked: Callable[[Client], None], store: type[MemoryStore]
) -> None:
    def twice(kari: Client) -> None:
        asked(kari)  # the first one sorts what waits by service type
        kari.lab.settle()
        before = costs.lines
        asked(kari)
        kari.lab.settle()
        seen.append(costs.lines - before)

    seen: list[int] = []
    for count in (SMALL, LARGE):
        cost(behind(store, of_another_type, count), twice)
    few, more = seen
    assert more <= NEARLY * few + 60


def test_every_kind_of_request_is_in_the_table() -> None:
    lab = Lab()
    handled = {c.SUBMIT_SM, c.BIND_TRANSCEIVER, c.UNBIND, *lab.engine.sessions.requests.handlers}
    assert handled == set(REQUESTS.values()) - {None}


# --- what happens by itself -------------------------------------------------------------------------


def own_attempt_is_due(kari: Client) -> None:
    kari.submit(NOBODY, "hei")
    kari.lab.settle()
    kari.lab.advance(31)


def own_moment_comes(kari: Client) -> None:
    kari.submit(NOBODY, "hei", schedule=b"000000000100000R")
    kari.lab.settle()
    kari.lab.advance(61)


def own_message_ends_on_its_handset(kari: Client) -> None:
    kari.lab.patch(KARI, zone="laerdal-tunnel")
    kari.submit(NOBODY, "hei", validity=absolute(kari.lab.clock.now() + 60_000).encode())
    kari.lab.settle()
    kari.lab.advance(61)
    kari.lab.patch(KARI, zone="oslo")


#: Every kind of waiter of the scheduler: what makes one of one's own fall due, or why none is tried here.
TIMERS: dict[type, Callable[[Client], None] | str] = {
    Recipient: own_attempt_is_due,
    Scheduled: own_moment_comes,
    Outbox: own_message_ends_on_its_handset,
    Look: "some outboxes in each turn: test_octets",
    PendingFlag: "one number's delivery pending flag, asked by its key",
    Transit: "one message on an interconnect",
    Rounds: "what concerns many, some in each turn: test_turn_budget, control/test_clearing",
    Underway: "one message on the radio, and those of its pair behind it",
}


@pytest.mark.parametrize("backlog", BACKLOGS, ids=lambda one: one.__name__)
def test_what_falls_due_costs_the_same_behind_few_and_behind_many(
    backlog: Callable[[Lab, int], None],
) -> None:
    assert dear(Rows, backlog, [tried for tried in TIMERS.values() if not isinstance(tried, str)]) == {}


def test_every_kind_of_timer_is_in_the_table() -> None:
    assert {Recipient, *Lab().engine.scheduler.handlers} == set(TIMERS)
