"""Who may bind: handsets, companies, farms of handsets, emergency centres, helplines, content providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

# Kinds of account.
HANDSET = 0
ESME = 1
FARM = 2
EMERGENCY = 3
HELPLINE = 4
CONTENT = 5
AGENCY = 6

KIND_NAMES = ("handset", "esme", "farm", "emergency", "helpline", "content", "agency")

_PRESENCE = 4096


class Account:
    """One system_id and what it may say.

    `numbers` are the keys of the numbers that it owns: what is sent to them is its, and it may use them as
    source; the first is its own number, used when the source address is empty. `ranges` are pairs of keys it
    speaks for and receives for. `shared` are other accounts' numbers that it may use as source too. `senders`
    are alphanumeric sources, the first given is `default_sender`.

    `password` is plain text or an argon2 hash that begins with `$argon2`. `window` and `rate` are 0 for the
    server's default and no limit. `settings` holds what only other packages read; `runtime` is theirs to set.
    """

    __slots__ = (
        "default_sender",
        "first",
        "index",
        "key",
        "kind",
        "last",
        "length",
        "numbers",
        "password",
        "ranges",
        "rate",
        "runtime",
        "senders",
        "settings",
        "shared",
        "system_id",
        "window",
    )

    def __init__(
        self,
        system_id: str,
        password: str,
        kind: int = ESME,
        *,
        index: int = 0,
        numbers: Iterable[int] = (),
        shared: Iterable[int] = (),
        senders: Iterable[bytes] = (),
        ranges: Iterable[tuple[int, int]] = (),
        window: int = 0,
        rate: float = 0.0,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        senders = tuple(senders)
        self.system_id = system_id
        self.password = password
        self.kind = kind
        self.index = index
        self.numbers = tuple(numbers)
        self.shared = tuple(shared)
        self.senders = frozenset(senders)
        self.default_sender = senders[0] if senders else b""
        self.ranges = tuple(ranges)
        self.window = window
        self.rate = rate
        self.settings: dict[str, object] = dict(settings or {})
        self.runtime: object = None
        self.key = (*self.numbers, *self.shared, 0)[0]
        # What the hot path compares a source with: the first range, or a handset's own number.
        self.first, self.last = 0, -1
        if self.ranges:
            self.first, self.last = self.ranges[0]
        elif kind == HANDSET:
            self.first = self.last = self.key
        self.length = len(str(self.first))
        for first, last in self.ranges:
            if first > last or len(str(first)) != len(str(last)):
                raise ValueError(
                    f"{system_id}: range {first}-{last} must have bounds of one length, in order"
                )

    def speaks_for(self, key: int) -> bool:
        """Tell whether the number lies in one of the account's ranges (for a handset: is its own)."""
        if self.first <= key <= self.last:
            return True
        for first, last in self.ranges:
            if first <= key <= last:
                return True
        return False

    def owns(self, key: int) -> bool:
        """Tell whether the account may send from the number as its own, alone or with others."""
        return key in self.numbers or key in self.shared


def indexes(account: Account) -> tuple[int, ...]:
    """Return the account's index and the others under which messages wait for it (setting `stands_for`)."""
    others = account.settings.get("stands_for")
    return (account.index, *others) if isinstance(others, tuple) else (account.index,)


def handset(key: int, password: str) -> Account:
    """Return the account of the handset that has number `key`; handsets have no index."""
    return Account(str(key), password, HANDSET, numbers=(key,))


class Accounts:
    """All accounts but the handsets', which are made when they bind."""

    __slots__ = ("_by_index", "_by_system_id", "_owners", "_serving", "presence")

    def __init__(self) -> None:
        self._by_system_id: dict[str, Account] = {}
        self._by_index: dict[int, Account] = {}
        self._owners: dict[int, Account] = {}
        self._serving: list[Account] = []
        self.presence = bytes(_PRESENCE)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_system_id.values())

    def __len__(self) -> int:
        return len(self._by_system_id)

    def add(self, account: Account) -> None:
        """Add an account; it gets the next free index when it has none.

        Raises ValueError when the system_id, the index or one of the numbers is taken.
        """
        if account.system_id in self._by_system_id:
            raise ValueError(f"system_id {account.system_id!r} is taken")
        for number in account.numbers:
            if number in self._owners:
                raise ValueError(
                    f"{account.system_id}: {number} belongs to {self._owners[number].system_id} already"
                )
        if account.index == 0:
            account.index = max(self._by_index, default=0) + 1
        if account.index in self._by_index:
            raise ValueError(f"{account.system_id}: index {account.index} is taken")
        self._by_system_id[account.system_id] = account
        self._by_index[account.index] = account
        self._owners.update(dict.fromkeys(account.numbers, account))
        if account.ranges:
            self._serving.append(account)
        self._mark()

    def remove(self, system_id: str) -> bool:
        """Remove an account; tell whether there was one."""
        account = self._by_system_id.pop(system_id, None)
        if account is None:
            return False
        del self._by_index[account.index]
        for number in account.numbers:
            del self._owners[number]
        if account in self._serving:
            self._serving.remove(account)
        self._mark()
        return True

    def by_system_id(self, system_id: str) -> Account | None:
        """Return the account that binds with `system_id`."""
        return self._by_system_id.get(system_id)

    def by_index(self, index: int) -> Account | None:
        """Return the account of that index."""
        return self._by_index.get(index)

    def owner_of(self, key: int) -> Account | None:
        """Return the account that owns the number."""
        if self.presence[key & 4095] == 0:
            return None
        return self._owners.get(key)

    def server_of(self, key: int) -> Account | None:
        """Return the first account whose ranges hold the number: it receives for it."""
        for account in self._serving:
            if account.speaks_for(key):
                return account
        return None

    def owned(self) -> Iterator[int]:
        """Yield every number that an account owns."""
        return iter(self._owners)

    def _mark(self) -> None:
        """Note in `presence`, by the numbers' low bits, where an owner can be at all."""
        marks = bytearray(_PRESENCE)
        for number in self._owners:
            marks[number & (_PRESENCE - 1)] = 1
        self.presence = bytes(marks)
