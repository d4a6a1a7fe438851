"""What a test holds in its hands: handsets, the clock, messages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.durations import parse_duration
from smsc.routing.records import BARRED_BITS
from smsc.routing.subscribers import SIM_NAMES

if TYPE_CHECKING:
    from smsc.testing.server import SmscHandle

__tracebackhide__ = True  # a failing test's report ends in the test, not in here

_RUN = 4  # events of one kind in a row that a story tells one by one; of more only the first and the last
_PATIENCE = 2.0  # real seconds in which what a client has just sent must have arrived
_STATES = {
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "deleted",
    "UNDELIV": "undeliverable",
    "ACCEPTD": "accepted",
    "UNKNOWN": "unknown",
    "REJECTD": "rejected",
}


def milliseconds(duration: str | float) -> int:
    """A duration like ``"2h"`` or ``"90s"``, or a number of seconds, in ms. Raises ValueError."""
    return parse_duration(duration) if isinstance(duration, str) else round(duration * 1000)


class ClockHandle:
    """The SMSC clock."""

    def __init__(self, smsc: SmscHandle) -> None:
        self._smsc = smsc

    @property
    def now(self) -> str:
        """What the clock shows, RFC 3339."""
        return str(self._smsc.control("clock")["now"])

    @property
    def milliseconds(self) -> int:
        """What the clock shows, in ms since the Unix epoch."""
        return self._smsc.server.engine.clock.now()

    @property
    def next_due(self) -> int | None:
        """The next moment (ms) at which something happens by itself; None when nothing is planned."""
        due = self._smsc.server.engine.next_due()
        return None if due >= FOREVER else due

    def advance_to(self, moment: int) -> dict[str, Any]:
        """Move the manual clock to a moment in ms."""
        return self._smsc.run(self._advance(to=moment))

    def advance(self, duration: str | float) -> dict[str, Any]:
        """Move the manual clock; returns when all that was due has happened. ``"2h"`` or seconds."""
        return self._smsc.run(self._advance(seconds=milliseconds(duration) / 1000))

    def advance_until_idle(self) -> dict[str, Any]:
        """Move the manual clock until no message or receipt is unfinished."""
        return self._smsc.run(self._advance(until="idle"))

    async def _advance(self, **how: Any) -> dict[str, Any]:
        told = await self._smsc.server.advance(**how)
        await self._smsc.server.committed()
        return told


class HandsetHandle:
    """One handset of the simulated world."""

    def __init__(self, smsc: SmscHandle, msisdn: str) -> None:
        self._smsc = smsc
        self.msisdn = msisdn

    def _patch(self, **changes: Any) -> HandsetHandle:
        self._smsc.control("patch_subscriber", self.msisdn, changes)
        return self

    @property
    def state(self) -> dict[str, Any]:
        """What the API tells of the subscriber."""
        found: dict[str, Any] = self._smsc.control("subscriber", self.msisdn)
        return found

    def listen(self, password: str = "1234") -> HandsetHandle:
        """Bind as the handset and answer all it gets: without a bind nobody is reachable.

        Not needed where the test's own client binds for this number, or for a range with this number in it.
        """
        self._smsc.listen(self.msisdn, password)
        return self

    def hang_up(self) -> HandsetHandle:
        """End what ``listen`` began."""
        self._smsc.hang_up(self.msisdn)
        return self

    def enter(self, zone: str) -> HandsetHandle:
        """Move into a zone."""
        before = self.state["zone"]
        if before != zone:
            self._smsc.left[self.msisdn] = before
        return self._patch(zone=zone)

    def leave(self) -> HandsetHandle:
        """Go back to the zone it was in before ``enter``; without one, to where coverage is good."""
        return self._patch(zone=self._smsc.left.pop(self.msisdn, None))

    def move_to(self, lat: float, lon: float) -> HandsetHandle:
        """Stand at a position of the map."""
        return self._patch(position={"lat": lat, "lon": lon})

    def follow(self, track: list[dict[str, Any]], *, inside: str = "outdoor") -> HandsetHandle:
        """Follow waypoints ``{"after": "20m", "lat": .., "lon": ..}`` (or ``at`` with a moment)."""
        return self._patch(track=track, inside=inside)

    def power_off(self) -> HandsetHandle:
        """Switch the handset off."""
        return self._patch(powered=False)

    def power_on(self) -> HandsetHandle:
        """Switch the handset on."""
        return self._patch(powered=True)

    def fill_memory(self) -> HandsetHandle:
        """Let the handset have no room for another message."""
        return self._patch(memory_full=True)

    def free_memory(self) -> HandsetHandle:
        """Make room again."""
        return self._patch(memory_full=False)

    def remove_sim(self) -> HandsetHandle:
        """Take the SIM out: the number is unknown to the network from now on."""
        self._smsc.control("delete_subscriber", self.msisdn)
        return self

    def set_sim(self, state: str) -> HandsetHandle:
        """``active``, ``suspended``, ``blocked``, ``expired`` or ``inactive``."""
        return self._patch(sim=_one_of(state, SIM_NAMES, "state of a SIM"))

    def bar(self, *services: str) -> HandsetHandle:
        """Bar ``mo_sms``, ``content``, or with no argument nothing."""
        return self._patch(barred=[_one_of(name, BARRED_BITS, "service") for name in services])

    def sent(self) -> list[MessageHandle]:
        """What it has sent, oldest first."""
        return self._smsc.messages(source=self.msisdn)

    def received(self) -> list[MessageHandle]:
        """What was delivered to it, oldest first."""
        return self._smsc.messages(destination=self.msisdn, state="delivered")

    def expect_receipt(self, stat: str, *, within: str | float = 0) -> MessageHandle:
        """The handset's latest message ends as ``stat`` (``"DELIVRD"``, ``"EXPIRED"``, ...) within that time.

        Moves a manual clock from one due moment to the next, no further than needed. AssertionError tells the
        timeline.
        """
        wanted = _STATES[_one_of(stat, _STATES, "state of a receipt")]
        latest = self._latest()
        manual = self._smsc.control("clock")["mode"] == "manual"
        deadline = self._smsc.clock.milliseconds + milliseconds(within)
        if manual and not latest.is_final:
            self._smsc.clock.advance(0)  # what is on its way arrives
            latest = self._smsc.message(latest.id)
        while not latest.is_final:
            now, due = self._smsc.clock.milliseconds, self._smsc.clock.next_due
            if now >= deadline:
                break
            if not manual:
                time.sleep(0.01)
            else:
                self._smsc.clock.advance_to(deadline if due is None else min(max(due, now), deadline))
            latest = self._smsc.message(latest.id)
        if latest.state == wanted:
            return latest
        raise AssertionError(f"expected {stat}, but the message is {latest.state}\n{latest.story()}")

    def _latest(self) -> MessageHandle:
        """What it sent last; a client that does not wait for its answer gets a moment."""
        try:
            self._smsc.wait_for_message(source=self.msisdn, timeout=_PATIENCE)
        except TimeoutError:
            told = "\n".join([f"{self.msisdn} has sent nothing that was accepted", *self._smsc.refusals()])
            raise AssertionError(told) from None
        return self.sent()[-1]

    def expect_message(self, text: str | None = None, *, timeout: float = 5.0) -> MessageHandle:
        """A message is delivered to the handset within so many real seconds."""
        return self._smsc.wait_for_message(
            destination=self.msisdn, text=text, state="delivered", timeout=timeout
        )


class MessageHandle:
    """A message as the API shows it: ``id``, ``text``, ``state``, ``reason``, ``attempts``, ``timeline``."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        try:
            return self._row[name]
        except KeyError:
            raise AttributeError(f"a message has no {name!r}; it has {', '.join(self._row)}") from None

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """What happened, in order: ``at``, ``event``, ``reason``, ``detail``."""
        return list(self._row["events"])

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self._row["final_at"] is not None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.timeline)

    def story(self) -> str:
        """The timeline as lines of text."""
        lines = [str(self)]
        for _, run in groupby(self.timeline, lambda event: (event["event"], event["reason"])):
            told = [f"  {event['at']}  {_told(event)}" for event in run]
            if len(told) > _RUN:
                told[1:-1] = [f"  ... {len(told) - 2} more of the same"]
            lines += told
        return "\n".join(lines)

    def __repr__(self) -> str:
        row = self._row
        return f"message {row['id']} {row['source']} -> {row['destination']} {row['state']} {row['text']!r}"


def refusals_of(session: dict[str, Any]) -> Iterator[str]:
    """A line for each submission that the session was refused lately."""
    for event in session["events"]:
        if event["event"] == "submit_refused":
            yield f"{session['system_id']}: submission refused: {_why(event['detail'])}"


def _why(name: str) -> str:
    """A reason's name and sentence; what the parser refused has a status only."""
    try:
        return f"{name}: {reasons.by_name(name).sentence}"
    except KeyError:
        return name


def _told(event: dict[str, Any]) -> str:
    return " ".join(str(event[key]) for key in ("event", "reason", "detail") if event[key])


def _one_of(name: str, names: Iterable[str], what: str) -> str:
    if name not in names:
        raise ValueError(f"{name!r} is no {what}; expected one of {', '.join(names)}")
    return name
