"""One turn of the engine: what arrived is taken in, committed together, and answered.

Compiled, because it runs once for every chunk that a socket brings; what does not come once a chunk is the
engine's own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smsc.clock import Clock
from smsc.engine.after_commit import AfterCommit
from smsc.engine.journal.commit import Commit, Group
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.alerts import Alerts
from smsc.engine.mt.delivery import Delivery
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.responses import Responses
from smsc.engine.scheduler import Scheduler
from smsc.protocol.pdu.submit import Acks, SubmitBatch
from smsc.protocol.sessions.session import Session

if TYPE_CHECKING:
    from smsc.engine.mo.servicing import Services
    from smsc.engine.nodes.nodes import Nodes
    from smsc.world.world import World

log = logging.getLogger("smsc.engine")


class Tick:
    """What a turn touches. The engine, which is one of these, fills it in."""

    __slots__ = (
        "after_commit",
        "alerts",
        "clock",
        "commit",
        "commits_total",
        "delivery",
        "nodes",
        "queues",
        "rare",
        "responses",
        "scheduler",
        "services",
        "stamp",
        "store_errors",
        "store_failing",
        "submission",
        "world",
    )

    scheduler: Scheduler
    alerts: Alerts
    clock: Clock
    commit: Commit
    commits_total: int
    delivery: Delivery
    nodes: Nodes | None  # the others on this store; None where it is this server's alone
    queues: Queues
    rare: Callable[[Session, Any], None]  # takes an event that does not come once a message
    responses: Responses
    submission: Submission
    after_commit: AfterCommit
    services: Services
    stamp: Callable[[], None] | None  # adds the clock's value to a commit
    store_errors: int
    store_failing: str
    world: World

    def set_time(self, link_now: float) -> int:
        """Tell every part what time it is, on the SMSC's clock and on the link's; returns the former."""
        now = self.clock.now()
        self.queues.now = self.submission.now = now
        self.delivery.link_now = self.submission.link_now = link_now
        return now

    def received(self, session: Session, data: bytes, link_now: float) -> None:
        """Take octets of one session and do all that they ask for; ``turn_over`` follows."""
        self.set_time(link_now)
        session.receive_data(data, link_now)
        self.digest(session)

    def digest(self, session: Session) -> None:
        """Do what a session's events ask for."""
        while True:
            event = session.next_event()
            if event is None:
                return
            if isinstance(event, SubmitBatch):
                self.submission.take(event, session.bind)
                session.respond(event)
            elif isinstance(event, Acks):
                self.responses.take_acks(event, session.bind)
            else:
                self.rare(session, event)

    def turn_over(self) -> None:
        """Everything of this turn has been taken in: make it true."""
        if self.stamp is not None and not self.commit.group.is_empty():
            self.stamp()
        self.commit.flush(self.delivery.link_now)

    def group_done(self, group: Group, error: BaseException | None) -> None:
        """What the store says of a group: it is safe, or nothing of it was kept."""
        if self.commit.durable:  # else it is still the moment that began this turn
            self.set_time(self.delivery.link_now)
        self.commits_total += 1
        if error is None:
            self.store_failing = ""
            self.after_commit.succeeded(group)
        else:
            self.store_errors += 1
            self.store_failing = str(error)
            self.after_commit.failed(group, error)
        if self.nodes is not None:
            self.nodes.group_done(error)
        for waiter in group.waiters:
            try:
                waiter(error)
            except Exception:  # one waiter's failure is its own: the others hear of the commit too
                log.exception("what waited for a commit failed")

    def next_due(self) -> int:
        """The next moment on the SMSC clock at which something happens by itself."""
        due = self.scheduler.next_due()
        service = self.services.due
        if service < due:  # noqa: PLR1730  (min() is a Python call in C)
            due = service
        number = self.world.next_assignment
        return number if number < due else due
