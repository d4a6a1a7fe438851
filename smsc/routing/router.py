"""The router: may this bind say that, and where does a message to this number go?

It joins the plan, the subscribers, the accounts and the special numbers. Keys, rows and reasons are integers;
a negative answer is the negative code of the reason to refuse with (smsc.reasons).
"""

from __future__ import annotations

from smsc import reasons
from smsc.routing.accounts import CONTENT as CONTENT_PROVIDER
from smsc.routing.accounts import EMERGENCY as EMERGENCY_CENTRE
from smsc.routing.accounts import Account, Accounts
from smsc.routing.numbering import NumberPlan
from smsc.routing.plan_data import PlanRow, bounds, is_of
from smsc.routing.special import EMERGENCY_NUMBER, HeldNumber, SpecialNumbers, default_helplines
from smsc.routing.subscribers import Registry, Subscriber

# Where a message goes (`Router.route`).
HANDSET = 1
ACCOUNT = 2
EMERGENCY = 3
HELPLINE = 4
CONTENT = 5

ROUTE_NAMES = ("", "handset", "account", "emergency", "helpline", "content")

_ROUTES = {
    "subscriber": HANDSET,
    "owner": ACCOUNT,
    "emergency": EMERGENCY,
    "helpline": HELPLINE,
    "code": CONTENT,
}

_SENDING = (
    reasons.NONE,
    reasons.SIM_SUSPENDED,
    reasons.SIM_BLOCKED,
    reasons.SIM_EXPIRED,
    reasons.SIM_INACTIVE,
)
_RECEIVING = (
    reasons.NONE,
    reasons.CALL_BARRED,
    reasons.ILLEGAL_SUBSCRIBER,
    reasons.UNKNOWN_SUBSCRIBER,
    reasons.TELESERVICE_NOT_PROVISIONED,
)
"""By SIM state: a suspended subscription is barred, a stolen card fails authentication, an expired number has
left the HLR, a card that was never activated is not provisioned (policy; MAP names the errors)."""

# The next three are C integers when compiled.
_HANDSET = HANDSET
_SMALLEST_CODE = min(first for first, _ in bounds("sms_short_code"))
_LONGEST_DIALOGUE = 14
"""Digits of a short code together with its dialogue id; a key of more would not fit `key << 8 | row`."""


class Router:
    """Answers per message. Call `update(now)` first, when a table changed, and at the moment it returns.

    `special` may be replaced by another table; `update` takes it over.
    """

    __slots__ = (
        "_by_row",
        "_code_lengths",
        "_codes",
        "_held",
        "_helplines",
        "_now",
        "_overlay",
        "_reasons",
        "_sources",
        "_users",
        "accounts",
        "plan",
        "registry",
        "special",
    )

    def __init__(
        self,
        plan: NumberPlan,
        registry: Registry,
        accounts: Accounts,
        special: SpecialNumbers | None = None,
        now: int = 0,
    ) -> None:
        self.plan = plan
        self.registry = registry
        self.accounts = accounts
        self.special = SpecialNumbers(default_helplines(plan.rules)) if special is None else special
        self._by_row = bytes(_kind(row) for row in plan.rows).ljust(256, b"\0")
        self._now = now
        self._reasons = bytes(row.reason for row in plan.rows).ljust(
            256, bytes([reasons.DESTINATION_MALFORMED])
        )
        self._sources = bytes(_may_be_source(row) for row in plan.rows)
        self._overlay = bytes(row.overlay for row in plan.rows)
        self._codes: frozenset[int] = frozenset()
        self._helplines: frozenset[int] = frozenset()
        self._held: dict[int, HeldNumber] = {}
        self._users: dict[int, frozenset[str]] = {}
        self.update(now)

    def update(self, now: int) -> int:
        """Take over the assignments that hold at `now`; return the moment of the next change, or FOREVER."""
        owned = set(self.accounts.owned())
        codes = {
            number for number in owned if (row := self.plan.row_of_key(number)) >= 0 and self._overlay[row]
        }
        self._codes = frozenset(codes | {code.number for code in self.special.codes(now)})
        helplines = {number for number in owned if is_of("eu_harmonised_116", number)}
        self._helplines = frozenset(helplines | {helpline.number for helpline in self.special.helplines(now)})
        self._held = {held.number: held for held in self.special.held_numbers(now)}
        self._users = self.special.users(now)
        self._now = now
        return self.special.next_change(now)

    def read(self, ton: int, npi: int, digits: int, length: int) -> int:
        """Like `NumberPlan.read`, and knows short codes that are followed by dialogue digits.

        Such an address is no number of the plan; its key is int("47" + all digits) and its row the short
        codes', see `code_of`.
        """
        answer = self.plan.read(ton, npi, digits, length)
        if answer > 0 or digits < 0 or length < 5 or length > _LONGEST_DIALOGUE:
            return answer
        return self._read_dialogue(ton, npi, digits, length, answer)

    def read_text(self, ton: int, npi: int, text: str) -> int:
        """Like `NumberPlan.read_text`, with the dialogue digits of `read`."""
        digits = "".join(text.split())
        if digits.isascii() and digits.isdigit() and len(digits) <= 18:
            return self.read(ton, npi, int(digits), len(digits))
        return self.plan.read_text(ton, npi, text)

    def _read_dialogue(self, ton: int, npi: int, digits: int, length: int, answer: int) -> int:
        if ton not in (0, 2, 3, 6) or npi not in (0, 1) or not 10 ** (length - 1) <= digits < 10**length:
            return answer
        key = self.plan.key_of(digits, length)
        return key << 8 | self.plan.short_code_row if self.code_of(key) else answer

    def code_of(self, key: int) -> int:
        """Return the key of the longest known short code that `key` is or begins with; 0 when there is none.

        A key that is another number of the plan is never read as a code with dialogue digits.
        """
        row = self.plan.row_of_key(key)
        if row >= 0 and not self._overlay[row]:
            return 0
        while key >= _SMALLEST_CODE:
            if key in self._codes:
                return key
            key //= 10
        return 0

    def route(self, key: int, row: int) -> int:
        """Return HANDSET, ACCOUNT, EMERGENCY, HELPLINE or CONTENT, or a negative reason.

        `key` and `row` are what `read` answered: `key << 8 | row`.
        """
        by_row = self._by_row
        kind = by_row[row & 255]
        if kind == _HANDSET:
            return _HANDSET if self.accounts.owner_of(key) is None else ACCOUNT
        if kind == 0:
            return -self._reasons[row & 255]
        return self._route_special(key, kind)

    def _route_special(self, key: int, kind: int) -> int:
        if kind == EMERGENCY:
            return EMERGENCY
        if kind == HELPLINE:
            return HELPLINE if key in self._helplines else -reasons.HELPLINE_UNASSIGNED
        if kind == CONTENT:
            code = self.code_of(key)
            if code == 0:
                return -reasons.CODE_UNKNOWN
            owner = self.accounts.owner_of(code)
            return CONTENT if owner is None or owner.kind == CONTENT_PROVIDER else ACCOUNT
        if self.accounts.owner_of(key) is not None:
            return ACCOUNT
        held = self._held.get(key)
        if held is None:
            return -reasons.DESTINATION_UNASSIGNED
        return -reasons.DESTINATION_NO_SMS if held.account is None else ACCOUNT

    def account_of(self, key: int) -> Account | None:
        """Return the account that takes what is sent to the number: its owner, or the service's provider."""
        owner = self.accounts.owner_of(EMERGENCY_NUMBER.get(key, key))
        if owner is not None:
            return owner
        code = self.code_of(key)
        system_id = self._provider_of(key, code)
        if code and system_id is None:
            return self.accounts.owner_of(code)
        return None if system_id is None else self.accounts.by_system_id(system_id)

    def _provider_of(self, key: int, code: int) -> str | None:
        """The system_id that the assignment of a special number names."""
        if code:
            assigned = self.special.code(code, self._now)
            return None if assigned is None else assigned.provider
        if key in self._held:
            return self._held[key].account
        helpline = self.special.helpline(key, self._now)
        return None if helpline is None else helpline.account

    def check_source(
        self, account: Account, ton: int, npi: int, source: int, length: int, text: bytes
    ) -> int:
        """Return the key that the account sends as, 0 for an alphanumeric sender, or a negative reason.

        `source` is the value of `length` digits, negative when the address is not digits; `text` is then what
        it is. An empty address means the account's own number, or its default sender when it has no number.
        """
        if account.first <= source <= account.last and length == account.length and 0 <= ton <= 1 >= npi >= 0:
            return source
        return self._check_source(account, ton, npi, source, length, text)

    def _check_source(
        self, account: Account, ton: int, npi: int, source: int, length: int, text: bytes
    ) -> int:
        if length == 0 and not text:
            return _own_number(account)
        if ton == 5:
            sender = f"{source:0{length}}".encode() if source >= 0 else text
            return 0 if sender in account.senders else -reasons.SOURCE_NOT_ALLOWED
        if source >= 0:
            answer = self.read(ton, npi, source, length)
        else:
            answer = self.read_text(ton, npi, text.decode("latin-1"))
        if answer < 0:
            return _source_reason(answer)
        # An emergency centre may write its number as those do who call it: 112 is 59555112.
        key = EMERGENCY_NUMBER.get(answer >> 8, answer >> 8)
        if not self._sources[answer & 255]:
            return -reasons.SOURCE_NOT_ALLOWED
        if account.owns(key) or account.speaks_for(key):
            return key
        number = self.code_of(key) or key
        if account.owns(number) or account.system_id in self._users.get(number, ()):
            return key
        return -reasons.SOURCE_NOT_ALLOWED

    def check_sender(self, subscriber: Subscriber, route: int) -> int:
        """Return the reason why the subscriber may not send to a destination of `route` now, 0 when it may.

        Emergency ignores barring but not an invalid SIM. A twin SIM shares its subscription's state.
        """
        if subscriber.sim == 0 and subscriber.barred == 0 and subscriber.main == 0:
            return 0
        reason = _SENDING[subscriber.sim]
        if reason == 0 and subscriber.main:
            reason = self._check_subscription(subscriber.main)
        if reason == 0 and subscriber.barred and route != EMERGENCY:
            if subscriber.barred & 1:
                return reasons.OUTGOING_SMS_BARRED
            if subscriber.barred & 2 and route == CONTENT:
                return reasons.CONTENT_BARRED
        return reason

    def check_receiver(self, subscriber: Subscriber) -> int:
        """Return the reason why the SIM cannot receive SMS whatever its handset does, 0 when it can."""
        return _RECEIVING[subscriber.sim]

    def _check_subscription(self, main: int) -> int:
        """Suspension and expiry belong to the subscription; a lost or new card only to itself."""
        subscription = self.registry.find(main)
        if subscription is None:
            return reasons.SIM_EXPIRED
        if subscription.sim in (1, 3):
            return _SENDING[subscription.sim]
        return 0

    def check_subscriber_number(self, key: int) -> str | None:
        """Return what is wrong with `key` as a subscriber's number, mobile or machine to machine; None when
        nothing is. The one check, whatever the way in."""
        row = self.plan.row_of_key(key)
        if row < 0:
            return f"{key} is no number of the plan"
        found = self.plan.rows[row]
        is_subscribers = found.can_send and (is_of("mobile", key) or is_of("m2m_iot", key))
        return None if is_subscribers else f"{key} is a {found.kind.en}, which no SIM has"

    def check_account(self, account: Account) -> list[str]:
        """Return what is wrong with the numbers of an account, one sentence each."""
        faults = [self._check_owned(account, key) for key in account.numbers]
        faults += [self.check_subscriber_number(key) for bounds in account.ranges for key in bounds]
        return [f"{account.system_id}: {fault}" for fault in faults if fault is not None]

    def _check_owned(self, account: Account, key: int) -> str | None:
        row = self.plan.row_of_key(key)
        if row < 0:
            return f"{key} is no number of the plan"
        found = self.plan.rows[row]
        if not self._sources[row] or key in EMERGENCY_NUMBER:
            return f"{key} is a {found.kind.en}, which cannot be a sender"
        if found.kind.route == "emergency" and account.kind != EMERGENCY_CENTRE:
            return f"{key} is an {found.kind.en}, which only an emergency centre may own"
        return None


def _kind(row: PlanRow) -> int:
    return _ROUTES.get(row.kind.route, 0) if row.can_receive else 0


def _may_be_source(row: PlanRow) -> bool:
    """Whether the owner of such a number may send from it: never as a prefix, or a blocked number."""
    return row.kind.route != "none" and row.type != "teleconference_inbound"


def _own_number(account: Account) -> int:
    """What an empty source address stands for."""
    if account.key > 0:
        return account.key
    if account.default_sender and not account.ranges:
        return 0
    return -reasons.SOURCE_NOT_ALLOWED


def _source_reason(answer: int) -> int:
    """Turn what reading a number as a destination found into the reason that refuses it as a source."""
    if answer == -reasons.DESTINATION_TON:
        return -reasons.SOURCE_TON
    if answer == -reasons.DESTINATION_NPI:
        return -reasons.SOURCE_NPI
    return -reasons.SOURCE_NOT_ALLOWED
