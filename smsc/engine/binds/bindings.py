"""Who is bound, and who serves which number.

The handset's own receiving bind comes first; otherwise an ESME whose range covers the number. Several binds
share the work by number, where they serve handsets, and by sender, where they receive what is sent to their
ESME: so a pair keeps to one bind, a dialogue with all its numbers too, and order holds.

A bind that does not do its part, a sick one, gets nothing while another can take it.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import Any, Final

from smsc.delivery.message import Message
from smsc.delivery.recipient import Lane, Recipient
from smsc.engine.binds.addresses import AddressRange, RangeIndex
from smsc.engine.binds.peer import PeerConnection
from smsc.protocol.constants import V34
from smsc.protocol.sessions.session import Session
from smsc.routing.accounts import Account, indexes

# Why a bind is given less than others (``Bind.sick``), and how that is told.
UNANSWERED: Final = 1  # a delivery has been unanswered for limits.sick_after
REFUSED: Final = 2  # it turned away for now what it had turned away before
NACKED: Final = 4  # it answered a deliver_sm with a generic_nack that says nothing
NOT_READING: Final = 8  # its socket takes no more octets
WHY_SICK: Final = {
    UNANSWERED: "unanswered",
    REFUSED: "refused_again",
    NACKED: "generic_nack",
    NOT_READING: "not_reading",
}

# Why a bind is given nothing at all just now (``Bind.halted``).
STALLED: Final = 1  # its socket takes no more octets
RESTING: Final = 2  # it said that its queue is full

# Neighbouring numbers go to different binds, and each bind gets as much of any run of them.
_SPREAD: Final = 0x10000
_SPREAD_PRIME: Final = 65_521
_SPREAD_FACTOR: Final = 40_503  # 0x10000 divided by the golden ratio

_MOST_OCTETS: Final = 0x10000  # of texts under way to one bind; the one that passes it still goes

_UNREAD: Final = 7 << 56  # before every message of priority 0, for what waits in the store is older


_WORTH_AN_INDEX = 8  # binds of one account


class Bucket:
    """A token bucket one second deep, shared by all binds of an ESME [ESME_RTHROTTLED]."""

    __slots__ = ("at", "rate", "tokens")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.tokens = max(rate, 1.0)
        self.at = now

    def spend(self, now: float) -> bool:
        """Take one token; False when none is left."""
        self.tokens = min(max(self.rate, 1.0), self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Bind:
    """One bound session as the engine sees it."""

    __slots__ = (
        "account",
        "backlog",
        "bound_at",
        "bucket",
        "connection",
        "delivered",
        "dirty",
        "gsm_default",
        "halted",
        "id",
        "last_events",
        "number",
        "octets",
        "outstanding",
        "payload",
        "peer",
        "receiving",
        "refused",
        "sending",
        "serves",
        "service",
        "session",
        "shares",
        "sick",
        "sick_since",
        "speaks_for_handsets",
        "stray_nuls",
        "submitted",
        "timeouts",
        "unanswered",
        "waits",
    )

    def __init__(self, ident: int, session: Session, account: Account, number: int) -> None:
        self.id = ident
        self.session = session
        self.account = account
        self.number = number
        self.service = 0  # route of the service its submissions to users go through
        self.gsm_default = account.settings.get("default_alphabet", "gsm0338") == "gsm0338"
        self.payload = bool(account.settings.get("payload", number == 0))
        self.speaks_for_handsets = number != 0 or bool(account.ranges)
        self.serves: AddressRange | None = None  # its address_range, None for all numbers
        self.bucket: Bucket | None = None
        self.receiving = False
        self.sending = False
        self.backlog: list[tuple[int, int, Lane | Recipient]] | None = None
        self.waits = 0  # how many have waited for a slot: the order among equals
        self.peer = ""
        self.bound_at = 0
        self.submitted = 0
        self.refused = 0
        self.delivered = 0
        self.outstanding = 0
        self.octets = 0  # of the texts of what is outstanding
        self.timeouts = 0
        self.stray_nuls = 0  # NULs behind short_message that were left out
        self.unanswered = 0  # requests to it without an answer, since its last one
        self.last_events: deque[tuple[int, str, str, dict[str, Any] | None]] | None = None
        self.dirty = False
        self.halted = 0  # why nothing may be sent to it just now
        self.shares = False  # whether other binds receive the same
        self.sick = 0  # why others that share with it are given its part
        self.sick_since = 0
        self.connection: PeerConnection | None = None

    def note(self, at: int, event: str, detail: str, more: dict[str, Any] | None = None) -> None:
        """Remember something for the session's timeline; the last hundred stay."""
        if self.last_events is None:
            self.last_events = deque(maxlen=100)
        self.last_events.append((at, event, detail, more))

    def forget_number(self, digits: str) -> None:
        """Nothing in the session's timeline names an erased number any more."""
        if self.last_events is not None:
            kept = [event for event in self.last_events if digits not in f"{event[2]}{event[3]}"]
            self.last_events = deque(kept, maxlen=self.last_events.maxlen)

    def is_open(self) -> bool:
        """Whether its session is still there."""
        return self.session.bind is self

    def has_room(self) -> bool:
        """Whether one more message may be sent: a free slot, a peer that reads and has not unbound.

        Long texts in parts keep their slots for long, so their octets are bounded too.
        """
        session = self.session
        if not session.gives or self.halted or self.octets >= _MOST_OCTETS:
            return False
        return session.window_used < session.window_out

    def takes_payload(self) -> bool:
        """Whether it gets long texts whole: no handset does, nor a peer without TLVs [3.4 §3.4]."""
        return self.payload and self.session.version >= V34

    def wait_for_window(self, lane: Lane) -> None:
        """Call the lane's recipient again when a slot is free: highest priority first, then oldest."""
        if not lane.backlogged:
            lane.backlogged = True
            lane.recipient.lanes_waiting += 1
            self._wait(lane.order(), lane)

    def wait_unread(self, recipient: Recipient) -> None:
        """The same for a recipient of whose queue nothing is in memory."""
        if not recipient.backlogged:
            recipient.backlogged = True
            self._wait(_UNREAD, recipient)

    def _wait(self, order: int, waiter: Lane | Recipient) -> None:
        if self.backlog is None:
            self.backlog = []
        self.waits += 1
        heapq.heappush(self.backlog, (order, self.waits, waiter))

    def first_in_line(self) -> list[Message]:
        """What would go out next, of every lane that waits for a slot."""
        lanes = [waiter for _, _, waiter in self.backlog or () if isinstance(waiter, Lane)]
        return [first for lane in lanes if (first := lane.first()) is not None]

    def next_in_line(self) -> Recipient | None:
        """The recipient whose turn it is, and that waits no longer; None when nobody does."""
        backlog = self.backlog
        while backlog:
            waiter = heapq.heappop(backlog)[2]
            waiter.backlogged = False
            if isinstance(waiter, Recipient):
                return waiter
            recipient: Recipient | None = waiter.recipient
            if recipient is not None:
                recipient.lanes_waiting -= 1
                recipient.offer(waiter)
                return recipient
        return None


class Span:
    """A range of numbers that the binds of an account serve."""

    __slots__ = ("binds", "first", "index", "last")

    def __init__(self, first: int, last: int, index: int, binds: list[Bind]) -> None:
        self.first = first
        self.last = last
        self.index = index  # of the account
        self.binds = binds


class Bindings:
    """All binds, found by the number or the ESME they serve."""

    __slots__ = ("binds", "by_account", "by_number", "by_prefix", "next_id", "patterned", "ranges")

    def __init__(self) -> None:
        self.binds: dict[int, Bind] = {}
        self.by_number: dict[int, list[Bind]] = {}
        self.by_account: dict[int, list[Bind]] = {}
        self.ranges: list[Span] = []
        self.by_prefix: dict[int, RangeIndex[Bind]] = {}  # of accounts with many binds, made when needed
        self.next_id = 0
        self.patterned = False  # some bind has an address_range

    def begin_after(self, ident: int) -> None:
        """Ids of binds continue behind this one, which an earlier run or another node may have given."""
        self.next_id = max(self.next_id, ident)

    def add(self, session: Session, account: Account, number: int, receiving: bool, sending: bool) -> Bind:
        """A session has bound as ``account``; ``number`` is the handset's own, 0 for an ESME."""
        self.next_id += 1
        bind = Bind(self.next_id, session, account, number)
        bind.receiving = receiving
        bind.sending = sending
        self.binds[bind.id] = bind
        if not receiving:
            return bind
        if number:
            binds = self.by_number.setdefault(number, [])
        else:
            binds = self.by_account.setdefault(account.index, [])
            self.by_account.update(dict.fromkeys(indexes(account), binds))
            for first, last in account.ranges:
                if not any(row.first == first and row.last == last for row in self._spans_of(account)):
                    self.ranges.append(Span(first, last, account.index, binds))
        binds.append(bind)
        self.by_prefix.pop(account.index, None)
        if len(binds) > 1:
            binds[0].shares = bind.shares = True
        return bind

    def _spans_of(self, account: Account) -> list[Span]:
        return [row for row in self.ranges if row.index == account.index]

    def remove(self, bind: Bind) -> None:
        """The session is gone."""
        bind.receiving = False
        bind.sending = False
        self.binds.pop(bind.id, None)
        binds = self.beside(bind)
        if bind not in binds:
            return
        binds.remove(bind)
        self.by_prefix.pop(bind.account.index, None)
        if len(binds) == 1:
            binds[0].shares = False
        elif not binds and bind.number:
            del self.by_number[bind.number]
        elif not binds:
            for index in indexes(bind.account):
                self.by_account.pop(index, None)
            self.ranges = [row for row in self.ranges if row.index != bind.account.index]

    def beside(self, bind: Bind) -> list[Bind]:
        """The binds that receive what this one does, itself among them."""
        if bind.number:
            return self.by_number.get(bind.number, [])
        return self.by_account.get(bind.account.index, [])

    def can_stand_in(self, bind: Bind) -> bool:
        """Whether another bind can take what is meant for this one."""
        return any(other is not bind and not other.sick for other in self.beside(bind))

    def serving(self, key: int, pair: int = 0) -> Bind | None:
        """The bind that receives for a recipient key (a handset's number, or minus an ESME's index).

        ``pair`` stands for the sender: what an ESME's binds share their work by.
        """
        if key < 0:
            return self._share(self.by_account.get(-key), key, pair)
        if self.by_number:
            own = self.by_number.get(key)
            if own is not None:
                return self._share(own, key, key)
        for row in self.ranges:
            if row.first <= key <= row.last:
                return self._share(row.binds, key, key)
        return None

    def _share(self, binds: list[Bind] | None, key: int, by: int) -> Bind | None:
        """Of several binds the one whose part it is, or, when that one is sick, another that is not."""
        if not binds:
            return None
        if self.patterned and key > 0:
            binds = self.in_range(binds, key)
            if not binds:
                return None
        if len(binds) == 1:
            return binds[0]
        if key < 0 and binds[0].account.settings.get("receipts_elsewhere"):
            return min(binds, key=_submissions)
        spread = by % _SPREAD_PRIME * _SPREAD_FACTOR % _SPREAD
        bind = binds[spread * len(binds) // _SPREAD]
        if bind.sick:
            fit = [other for other in binds if not other.sick]
            if fit:
                return fit[spread * len(fit) // _SPREAD]
        return bind

    def in_range(self, binds: list[Bind], key: int) -> list[Bind]:
        """Those of them whose address_range has the number in it."""
        if len(binds) < _WORTH_AN_INDEX:
            return [bind for bind in binds if bind.serves is None or bind.serves(key)]
        account = binds[0].account.index
        index = self.by_prefix.get(account)
        if index is None:
            index = self.by_prefix[account] = RangeIndex([(bind, bind.serves) for bind in binds])
        return index.find(key)

    def restrict(self, bind: Bind, serves: AddressRange | None) -> None:
        """The bind receives only for the numbers of its address_range."""
        bind.serves = serves
        self.patterned = self.patterned or serves is not None
        self.by_prefix.pop(bind.account.index, None)

    def __iter__(self) -> Any:
        return iter(list(self.binds.values()))


def _submissions(bind: Bind) -> tuple[bool, bool, int]:
    return bind.sick != 0, bind.sending, bind.submitted
