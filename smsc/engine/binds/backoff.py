"""How long a bind must wait after binds that failed: by address, by system_id, and never for who is known."""

from __future__ import annotations

from collections import OrderedDict

_MOST = 20_000  # keys remembered; the one that failed longest ago is forgotten first
_MOST_FOR_OTHERS = 0.5  # seconds that failures of others cost a bind
_FEW_NAMES = 20  # so many may fail from one address until it is one that tries names
_FORGET_AFTER = 10.0  # times the longest delay without a failure


class _Failures:
    """What is remembered of one address, of one system_id, or of the two together."""

    __slots__ = ("count", "last", "names", "next_at")

    def __init__(self) -> None:
        self.count = 0
        self.names = 0  # of an address: how many different system_ids
        self.last = 0.0
        self.next_at = 0.0


class Backoff:
    """Counts failed binds; ``free`` of them cost nothing, each one after them doubles the wait for the next,
    from ``delay`` up to ``most`` seconds.

    A pair of address and system_id that has bound before never waits, so that an attacker who uses the name
    or the address of a peer cannot keep that peer out. A pair that has not failed itself waits half a second
    at most, whoever guesses at the name elsewhere, and whoever fails from the address with a few other names:
    that is how a peer's first bind looks, and on one machine all peers have one address. All times are link
    time (seconds).
    """

    def __init__(self, free: int, delay: float, most: float) -> None:
        self.free = free
        self.delay = delay
        self.most = most
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, address: str, system_id: str, now: float) -> float:
        """Seconds until a bind from this address with this name may be looked at; 0 for at once."""
        if (address, system_id) in self._known:
            return 0.0
        own, named = (self._due(key, now) for key in (f"a {address}", f"s {system_id}"))
        if address and _pair(address, system_id) not in self._failures:
            named = min(named, now + _MOST_FOR_OTHERS)
            if not self._tries_names(address):
                own = min(own, now + _MOST_FOR_OTHERS)
        return max(own, named) - now

    def _tries_names(self, address: str) -> bool:
        entry = self._failures.get(f"a {address}")
        return entry is not None and entry.names > _FEW_NAMES

    def _due(self, key: str, now: float) -> float:
        entry = self._failures.get(key)
        return now if entry is None else max(now, entry.next_at)

    def is_blameless(self, address: str, system_id: str) -> bool:
        """Whether the name has not failed, nor many others from the address, as far as is remembered."""
        return f"s {system_id}" not in self._failures and not self._tries_names(address)

    def reserve(self, address: str, system_id: str, now: float) -> None:
        """A bind begins to be looked at: under a penalty the next one waits already, whatever comes of it."""
        for key in _keys(address, system_id):
            entry = self._failures.get(key)
            if entry is not None and entry.count > self.free:
                entry.next_at = max(entry.next_at, now + self._delay(entry.count))

    def failed(self, address: str, system_id: str, now: float) -> None:
        """A wrong name or a wrong password."""
        self._forget(now)
        is_new = _pair(address, system_id) not in self._failures
        for key in _keys(address, system_id):
            entry = self._failures.setdefault(key, _Failures())
            self._failures.move_to_end(key)
            entry.count += 1
            entry.last = now
            if entry.count > self.free:
                entry.next_at = now + self._delay(entry.count)
        if address and is_new:
            self._failures[f"a {address}"].names += 1

    def succeeded(self, address: str, system_id: str) -> None:
        """The right password: the pair is known from now on. What others did wrong stays counted."""
        pair = (address, system_id)
        self._known[pair] = None
        self._known.move_to_end(pair)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget(self, system_id: str) -> None:
        """As if nobody had ever bound, or tried to, with this name."""
        self._failures.pop(f"s {system_id}", None)
        for key in [key for key in self._failures if key[0] == "p" and key.split(" ", 2)[2] == system_id]:
            del self._failures[key]
        for pair in [pair for pair in self._known if pair[1] == system_id]:
            del self._known[pair]

    def _delay(self, count: int) -> float:
        return float(min(self.delay * 2.0 ** min(count - self.free - 1, 60), self.most))

    def _forget(self, now: float) -> None:
        while self._failures:
            key, oldest = next(iter(self._failures.items()))
            quiet = now - oldest.last > _FORGET_AFTER * self.most
            if not quiet and len(self._failures) < _MOST:
                return
            del self._failures[key]


def _keys(address: str, system_id: str) -> tuple[str, ...]:
    if not address:
        return (f"s {system_id}",)
    return f"a {address}", f"s {system_id}", _pair(address, system_id)


def _pair(address: str, system_id: str) -> str:
    return f"p {address} {system_id}"
