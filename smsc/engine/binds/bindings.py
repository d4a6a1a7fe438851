"""Who is bound, and who serves which number.

The handset's own receiving bind comes first; otherwise an ESME whose range covers the number. A recipient
sticks to one bind while it lasts, so that order holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from smsc.delivery.recipient import Recipient
from smsc.engine.binds.peer import PeerConnection
from smsc.protocol.session import Session
from smsc.routing.accounts import Account, indexes


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
        "id",
        "last_events",
        "number",
        "outstanding",
        "peer",
        "receiving",
        "refused",
        "sending",
        "serves",
        "service",
        "session",
        "speaks_for_handsets",
        "stalled",
        "stray_nuls",
        "submitted",
        "timeouts",
    )

    def __init__(self, ident: int, session: Session, account: Account, number: int) -> None:
        self.id = ident
        self.session = session
        self.account = account
        self.number = number
        self.service = 0  # route of the service its submissions to users go through
        self.speaks_for_handsets = number != 0 or bool(account.ranges)
        self.serves: Callable[[int], bool] | None = None  # its address_range, None for all numbers
        self.bucket: Bucket | None = None
        self.receiving = False
        self.sending = False
        self.backlog: deque[Recipient] | None = None
        self.peer = ""
        self.bound_at = 0
        self.submitted = 0
        self.refused = 0
        self.delivered = 0
        self.outstanding = 0
        self.timeouts = 0
        self.stray_nuls = 0  # NULs behind short_message that were left out
        self.last_events: deque[tuple[int, str, str, dict[str, Any] | None]] | None = None
        self.dirty = False
        self.stalled = False  # the peer reads too slowly
        self.connection: PeerConnection | None = None

    def note(self, at: int, event: str, detail: str, more: dict[str, Any] | None = None) -> None:
        """Remember something for the session's timeline; the last hundred stay."""
        if self.last_events is None:
            self.last_events = deque(maxlen=100)
        self.last_events.append((at, event, detail, more))

    def has_room(self) -> bool:
        """Whether one more message may be sent: a free slot, a peer that reads and has not unbound."""
        session = self.session
        return session.gives and not self.stalled and session.window_used < session.window_out

    def takes_payload(self) -> bool:
        """Whether the peer knows message_payload: no TLV is sent to a peer below SMPP 3.4 [3.4 §3.4]."""
        return self.session.version >= 0x34

    def wait_for_window(self, recipient: Recipient) -> None:
        """Call the recipient again when a slot of the outbound window is free."""
        if not recipient.backlogged:
            recipient.backlogged = True
            if self.backlog is None:
                self.backlog = deque()
            self.backlog.append(recipient)

    def next_in_line(self) -> Recipient | None:
        """The recipient that has waited longest for a slot."""
        backlog = self.backlog
        if not backlog:
            return None
        recipient = backlog.popleft()
        recipient.backlogged = False
        return recipient


class Bindings:
    """All binds, found by the number or the ESME they serve."""

    __slots__ = ("binds", "by_account", "by_number", "next_id", "patterned", "ranges")

    def __init__(self) -> None:
        self.binds: dict[int, Bind] = {}
        self.by_number: dict[int, list[Bind]] = {}
        self.by_account: dict[int, list[Bind]] = {}
        self.ranges: list[tuple[int, int, int]] = []  # first, last, account index
        self.next_id = 0
        self.patterned = False  # some bind has an address_range

    def add(self, session: Session, account: Account, number: int, receiving: bool, sending: bool) -> Bind:
        """A session has bound as ``account``; ``number`` is the handset's own, 0 for an ESME."""
        self.next_id += 1
        bind = Bind(self.next_id, session, account, number)
        bind.receiving = receiving
        bind.sending = sending
        self.binds[bind.id] = bind
        if receiving:
            if number:
                self.by_number.setdefault(number, []).append(bind)
            else:
                binds = self.by_account.setdefault(account.index, [])
                binds.append(bind)
                self.by_account.update(dict.fromkeys(indexes(account), binds))
                for first, last in account.ranges:
                    row = (first, last, account.index)
                    if row not in self.ranges:
                        self.ranges.append(row)
        return bind

    def remove(self, bind: Bind) -> None:
        """The session is gone."""
        bind.receiving = False
        bind.sending = False
        self.binds.pop(bind.id, None)
        index, table = (bind.number, self.by_number) if bind.number else (bind.account.index, self.by_account)
        binds = table.get(index)
        if binds and bind in binds:
            binds.remove(bind)
            if not binds:
                del table[index]
                if not bind.number:
                    for other in indexes(bind.account)[1:]:
                        self.by_account.pop(other, None)
                    self.ranges = [row for row in self.ranges if row[2] != index]

    def serving(self, key: int) -> Bind | None:
        """The bind that receives for a recipient key (a handset's number, or minus an ESME's index)."""
        if key < 0:
            return self._share(self.by_account.get(-key), key)
        own = self.by_number.get(key)
        if own is not None:
            return self._share(own, key)
        for first, last, index in self.ranges:
            if first <= key <= last:
                return self._share(self.by_account.get(index), key)
        return None

    def _share(self, binds: list[Bind] | None, key: int) -> Bind | None:
        """Several binds share the work: handsets by number, an ESME's own by the shorter backlog."""
        if not binds:
            return None
        if self.patterned and key > 0:
            binds = [bind for bind in binds if bind.serves is None or bind.serves(key)]
            if not binds:
                return None
        if len(binds) == 1:
            return binds[0]
        if key > 0:
            return binds[key % len(binds)]
        if binds[0].account.settings.get("receipts_elsewhere"):
            return min(binds, key=_submissions)
        return max(binds, key=_room)

    def __iter__(self) -> Any:
        return iter(list(self.binds.values()))


def _submissions(bind: Bind) -> tuple[bool, int]:
    return bind.sending, bind.submitted


def _room(bind: Bind) -> int:
    return bind.session.window_free - (len(bind.backlog) if bind.backlog else 0)
