"""Where every refusal goes through: it is counted, noted with its session, told to who watches, and logged.

Whoever refuses (parser, bind authentication, submission, request, store, fault on purpose, listener) calls
`Refusals.refused` and answers with the text that comes back. A reason is one of `smsc.reasons`, and has one
name in the metric, the event, the session's timeline and the log. The last refusals of each kind are kept,
for who comes later and asks.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from smsc import reasons
from smsc.protocol import constants as c
from smsc.protocol.constants import command_name, status_name

if TYPE_CHECKING:
    from smsc.engine.binds.bindings import Bind
    from smsc.engine.watchers import Watchers

log = logging.getLogger("smsc.refused")

_LONGEST_TEXT = 255  # additional_status_info_text with its NUL has 256 [5.0 §4.8.4.1]
_KEPT_SUBMISSIONS = 1_000
_KEPT = 200  # of every other kind
_KEPT_TEXT = 280  # octets of a submission
_BETWEEN_LINES = 1.0  # seconds between two lines of the log about the same


class Kind(NamedTuple):
    """What was refused: its metric, its event, and its entry in a session's timeline."""

    what: str
    metric: str
    event: str
    entry: str


BIND = Kind("bind", "binds_refused_total", "bind.refused", "bind_refused")
SUBMIT = Kind("submission", "submits_refused_total", "submit.refused", "submit_refused")
REQUEST = Kind("request", "requests_refused_total", "request.refused", "request_refused")
PDU = Kind("PDU", "pdus_refused_total", "pdu.refused", "pdu_refused")
ANSWER = Kind("answer", "answers_dropped_total", "answer.dropped", "answer_dropped")
CONNECTION = Kind("connection", "connections_refused_total", "connection.refused", "connection_refused")
LOST = Kind("submission", "submits_lost_total", "submit.lost", "submit_lost")  # by the radio; never answered
KINDS = (BIND, SUBMIT, LOST, REQUEST, PDU, ANSWER, CONNECTION)

_BY_COMMAND = {
    **dict.fromkeys(c.BINDS, BIND),
    **dict.fromkeys((c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM), SUBMIT),
    **dict.fromkeys((c.QUERY_SM, c.CANCEL_SM, c.REPLACE_SM, *c.BROADCASTS), REQUEST),
}


def kind_of(command: int) -> Kind:
    """What the refusal of a PDU is counted as."""
    if command & c.RESPONSE:
        return ANSWER
    return _BY_COMMAND.get(command, PDU)


class Said(NamedTuple):
    """What a refused submission was to say: its sender as it was on the wire, and its text undecoded."""

    source: str = ""
    data_coding: int = 0
    esm_class: int = 0
    body: bytes = b""


class Refused(NamedTuple):
    """A refusal as it is kept. `number` only grows; `at` is in ms; `alike`: so many in one."""

    number: int
    at: int
    what: str
    reason: int
    text: str
    status: int
    command: int
    system_id: str
    peer: str
    session: int
    account: int
    destination: str
    said: Said
    alike: int


_NOTHING_SAID = Said()


class Refusals:
    """Counts since the start, by kind and reason: `counts[metric][reason code]`."""

    def __init__(self, watchers: Watchers, link_now: Callable[[], float]) -> None:
        self.watchers = watchers
        self.link_now = link_now
        self.counts: dict[str, dict[int, int]] = {kind.metric: {} for kind in KINDS}
        self.lines = Lines()
        self.number = 0
        self.kept: dict[str, deque[Refused]] = {
            kind.what: deque(maxlen=_KEPT_SUBMISSIONS if kind.what == SUBMIT.what else _KEPT)
            for kind in KINDS
        }

    def refused(
        self,
        kind: Kind,
        reason: int,
        detail: str = "",
        *,
        bind: Bind | None = None,
        system_id: str = "",
        peer: str = "",
        status: int | None = None,
        command: int = 0,
        destination: str = "",
        said: Said = _NOTHING_SAID,
        count: int = 1,
    ) -> bytes:
        """Count, note, tell and log; returns what a 5.0 peer is told in additional_status_info_text.

        `detail` says field, value and what would be right; without it the reason's own sentence is told.
        `status`: what the peer is answered, that of the reason when it is None.
        """
        row = reasons.REASONS[reason]
        counts = self.counts[kind.metric]
        counts[reason] = counts.get(reason, 0) + count
        text = detail or row.sentence
        more: dict[str, Any] = {"text": text}
        if status is None:
            status = row.command_status
        if status:
            more["status"] = status_name(status)
        if command:
            more["command"] = command_name(command)
        if destination:
            more["destination"] = destination
        if count > 1:
            more["count"] = count
        if bind is not None:
            system_id, peer = bind.account.system_id, bind.peer
            bind.refused += count if kind is SUBMIT else 0
            bind.note(self.watchers.now(), kind.entry, row.name, more)
        self.number += 1
        session, account = (bind.id, bind.account.index) if bind is not None else (0, 0)
        if len(said.body) > _KEPT_TEXT:
            said = said._replace(body=said.body[:_KEPT_TEXT])
        at = self.watchers.now()
        self.kept[kind.what].append(
            Refused(
                self.number,
                at,
                kind.what,
                reason,
                text,
                status,
                command,
                system_id,
                peer,
                session,
                account,
                destination,
                said,
                count,
            )
        )
        if self.watchers.watched:
            who = {"id": bind.id} if bind is not None else {}
            told = {**who, "system_id": system_id, "peer": peer, "reason": row.name, **more}
            self.watchers.tell(kind.event, told)
        if log.isEnabledFor(logging.INFO):
            whom = " ".join(part for part in (system_id, f"from {peer}" if peer else "") if part)
            line = f"{kind.what} {'of ' if system_id else ''}{whom} refused: {row.name}: {text}"
            self.lines.say(log, (kind.what, reason), line, self.link_now(), count)
        return text[:_LONGEST_TEXT].encode("ascii", "replace")

    def forget_number(self, digits: str) -> None:
        """Keep no refusal that ends in these national digits, in whatever form the number was dialled."""
        for what, kept in self.kept.items():
            left = [each for each in kept if not _names(each, digits)]
            if len(left) < len(kept):
                self.kept[what] = deque(left, maxlen=kept.maxlen)

    def forget(self, what: str, numbers: set[int] | None = None) -> None:
        """Keep none of a kind, or none of these."""
        kept = self.kept[what]
        left = [] if numbers is None else [each for each in kept if each.number not in numbers]
        self.kept[what] = deque(left, maxlen=kept.maxlen)


def _names(refused: Refused, digits: str) -> bool:
    return any(end.endswith(digits) for end in (refused.said.source, refused.destination, refused.system_id))


class Lines:
    """Lines of the log about what may come thousands of times: one a second of each kind, with the count of
    those that were not written."""

    def __init__(self) -> None:
        self.last: dict[Any, float] = {}
        self.left: dict[Any, tuple[logging.Logger, str, int]] = {}

    def say(self, logger: logging.Logger, key: Any, line: str, now: float, count: int = 1) -> None:
        """Write the line now, or count it. There must be few keys: a peer does not choose them."""
        last = self.last.get(key)
        if last is not None and 0 <= now - last < _BETWEEN_LINES:
            before = self.left[key][2] if key in self.left else 0
            self.left[key] = (logger, line, before + count)
            return
        self.last[key] = now
        earlier = self.left.pop(key, None)
        total = count + (earlier[2] if earlier is not None else 0)
        _write(logger, line, total)

    def flush(self, now: float) -> None:
        """Once a second: write what was counted and not written."""
        for key in list(self.left):
            logger, line, count = self.left.pop(key)
            self.last[key] = now
            _write(logger, line, count)


def _write(logger: logging.Logger, line: str, count: int) -> None:
    logger.info("%s", line if count == 1 else f"{line} ({count} times)")
