"""Who may bind: passwords, SIM states, how many binds, and how often one may fail.

A bind is decided at once when its password is plain or was verified before. Otherwise the session stays
``held``, which reads nothing more, while the hash is verified elsewhere or the back-off runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from smsc import reasons
from smsc.clock import Clock
from smsc.engine.binds.addresses import matcher
from smsc.engine.binds.backoff import Backoff
from smsc.engine.binds.bindings import Bind, Bindings, Bucket
from smsc.engine.binds.passwords import Passwords, dummy_hash, stored_hash
from smsc.engine.binds.verification import KNOWN, UNKNOWN, Verification
from smsc.engine.port import Port
from smsc.engine.refusals import BIND, Refusals
from smsc.protocol.sessions.session import Session
from smsc.protocol.states import CLOSED
from smsc.routing.accounts import EMERGENCY, Account, handset
from smsc.routing.id_form import PLAIN, ids_of
from smsc.world.world import SERVICE_OF_KIND, World

if TYPE_CHECKING:
    from smsc.protocol.sessions.events import BindRequest

# What one learns who may know.
_SPECIFIC = {reasons.WRONG_PASSWORD: 0x0E, reasons.UNKNOWN_SYSTEM_ID: 0x0F}  # ESME_RINVPASWD, ESME_RINVSYSID
_MAX_SYSTEM_ID = 15
_MOST_HANDSETS = 200_000  # whose rates are remembered; more than there can be sessions
_PATIENCE = 60.0  # seconds that a password may wait to be verified
_GRACE = 1.0  # seconds that a session may stay unbound after its back-off has run


class LinkTime(Protocol):
    """Whoever is told the time of the link."""

    link_now: float


class Others(Protocol):
    """The other nodes on the store, where the peer may have been bound a moment ago."""

    def before_bind(self, call: Callable[[], None]) -> None:
        """Call, later, when this node has caught up with them."""


class Admitting(Protocol):
    """What a bind that is admitted, or refused, needs of all sessions."""

    refusals: Refusals

    @property
    def clock(self) -> Clock:
        """The SMSC clock, which is another one when its mode is changed."""

    @property
    def delivery(self) -> LinkTime:
        """Who knows the time."""

    @property
    def port(self) -> Port:
        """Whoever holds the sockets."""

    @property
    def nodes(self) -> Others | None:
        """The other nodes on the store."""

    def bound(self, bind: Bind) -> None:
        """The bind is complete."""


class Attempt:
    """One bind request on its way to its answer."""

    __slots__ = ("account", "address", "event", "has_caught_up", "number", "session", "sessions", "since")

    def __init__(self, sessions: Admitting, session: Session, event: BindRequest, address: str) -> None:
        self.sessions = sessions
        self.session = session
        self.event = event
        self.address = address
        self.since = sessions.delivery.link_now
        self.account: Account | None = None
        self.number = 0
        self.has_caught_up = False


class Authentication:
    """Decides on bind requests."""

    def __init__(self, world: World, bindings: Bindings) -> None:
        limits = world.settings.limits
        self.world = world
        self.bindings = bindings
        self.specific = world.settings.policy.bind_failure == "specific"
        self.passwords = Passwords()
        self.backoff = Backoff(
            limits.failed_binds_free, limits.failed_bind_delay, limits.failed_bind_delay_max
        )
        self.handsets: dict[str, Bucket] = {}
        self.waiting = 0
        self.verification: Verification[Attempt] = Verification(self._verify, self._drop)
        hashes = [stored for esme in world.accounts if (stored := stored_hash(esme.password))]
        #: What a name that does not exist is verified against; None when no ESME's password is hashed.
        self.nobody = dummy_hash(hashes[0]) if hashes else None

    def consider(self, sessions: Admitting, session: Session, event: BindRequest) -> None:
        """Accept or refuse a bind, now or later; a bind that is accepted gets what waits for it."""
        attempt = Attempt(sessions, session, event, sessions.port.address(session))
        attempt.account, attempt.number = self._account(event.system_id)
        self._look(attempt)

    def _look(self, attempt: Attempt) -> None:
        """Look at a bind unless its address or its name has to wait."""
        now = attempt.sessions.delivery.link_now
        wait = self.backoff.wait(attempt.address, attempt.event.system_id, now)
        if wait > 0:
            left = attempt.since + self.backoff.most - now
            if left <= 0 or not self._look_later(attempt, min(wait, left)):
                self._refuse(attempt, reasons.TOO_MANY_FAILURES)
            return
        self._compare(attempt, now)

    def _look_later(self, attempt: Attempt, seconds: float) -> bool:
        session = attempt.session
        if not attempt.sessions.port.call_later(seconds, lambda: self._resume(attempt)):
            return False
        self.waiting += 1
        self._stop_bind_timer(session, attempt.since + self.backoff.most)
        return True

    def _stop_bind_timer(self, session: Session, until: float) -> None:
        """The session_init timer does not count the time that the peer is made to wait."""
        session.started_at = max(session.started_at, until + _GRACE)

    def _resume(self, attempt: Attempt) -> None:
        self.waiting -= 1
        if attempt.session.state != CLOSED:
            self._look(attempt)
            attempt.sessions.port.decided(attempt.session)

    def _compare(self, attempt: Attempt, now: float) -> None:
        account, event = attempt.account, attempt.event
        expected = "" if account is None else account.password
        stored = stored_hash(expected)
        if stored is None and account is None and not event.system_id.isdigit():
            stored = self.nobody
        if stored is None:
            right = self.passwords.same(event.password, expected) and account is not None
            self._decide(attempt, right)
            return
        if self.passwords.is_verified(event.system_id, stored, event.password):
            self._decide(attempt, account is not None)
            return
        self._stop_bind_timer(attempt.session, now + _PATIENCE)
        self.verification.threads = attempt.sessions.port.verifiers
        blameless = self.backoff.is_blameless(attempt.address, event.system_id)
        self.verification.wait(UNKNOWN if account is None else KNOWN, attempt, stored, blameless)

    def _verify(self, pool: int, attempt: Attempt, stored: str) -> None:
        """Its turn has come. What has become known meanwhile counts."""
        event, session = attempt.event, attempt.session
        if not stored:  # found wrong before: it has only waited
            self._decide(attempt, False)
            attempt.sessions.port.decided(session)
            return
        if session.state == CLOSED:
            self.verification.done(pool)
            return
        if attempt.account is not None and self.passwords.is_verified(
            event.system_id, stored, event.password
        ):
            self.verification.done(pool)
            self._decide(attempt, True)
            attempt.sessions.port.decided(session)
            return
        now = attempt.sessions.delivery.link_now
        if self.backoff.wait(attempt.address, event.system_id, now) > 0:  # others have failed meanwhile
            self.verification.done(pool)
            self._look(attempt)
            attempt.sessions.port.decided(session)
            return
        self.backoff.reserve(attempt.address, event.system_id, now)
        attempt.sessions.port.verify(
            stored, event.password, lambda right: self._verified(pool, attempt, stored, right)
        )

    def _verified(self, pool: int, attempt: Attempt, stored: str, right: bool) -> None:
        self.verification.done(pool)
        if right and attempt.account is not None:
            self.passwords.remember(attempt.event.system_id, stored, attempt.event.password)
            self._decide(attempt, True)
            attempt.sessions.port.decided(attempt.session)
        elif pool == UNKNOWN or not self.verification.refuse_later(attempt):
            self._decide(attempt, False)
            attempt.sessions.port.decided(attempt.session)
        self.verification.serve(pool)

    def _drop(self, attempt: Attempt) -> None:
        """Too many guesses wait already."""
        self._refuse(attempt, reasons.TOO_MANY_FAILURES)
        attempt.sessions.port.decided(attempt.session)

    def _decide(self, attempt: Attempt, right: bool) -> None:
        """The password has been looked at: what remains are the rules for those who may bind."""
        account, sessions, session, event = attempt.account, attempt.sessions, attempt.session, attempt.event
        now = sessions.delivery.link_now
        if account is None or not right:
            self.backoff.failed(attempt.address, event.system_id, now)
            self._refuse(attempt, reasons.UNKNOWN_SYSTEM_ID if account is None else reasons.WRONG_PASSWORD)
            return
        self.backoff.succeeded(attempt.address, event.system_id)
        if session.state == CLOSED:
            return
        if sessions.nodes is not None and not attempt.has_caught_up:
            self._stop_bind_timer(session, now + _PATIENCE)
            sessions.nodes.before_bind(lambda: self._go_on(attempt))
            return
        reason = self._may_bind(account, attempt.number)
        if reason:
            self._refuse(attempt, reason)
            return
        session.accept_bind(event, self.world.settings.smsc.system_id)
        session.tolerates_nul = bool(account.settings.get("tolerate_trailing_nul", True))
        if account.window:
            session.window_out = session.window_in = account.window
        if window_out := int(str(account.settings.get("window_out", 0))):
            session.window_out = window_out
        limits = self.world.settings.limits
        late = limits.sick_after
        session.tell_of_late(min(late, limits.sick_after_centres) if account.kind == EMERGENCY else late)
        bind = self.bindings.add(session, account, attempt.number, event.receives, event.transmits)
        bind.bound_at = sessions.clock.now()
        if event.address_range and not attempt.number:
            self._restrict(bind, event.address_range)
        if (ids := ids_of(account)) is not PLAIN:
            session.id_form = ids.show
        bind.service = SERVICE_OF_KIND.get(account.kind, 0)
        bind.bucket = self._bucket(account, now)
        session.bind = bind
        sessions.port.admitted(session, bind)
        sessions.bound(bind)

    def _go_on(self, attempt: Attempt) -> None:
        """This node knows by now what others have accepted."""
        attempt.has_caught_up = True
        self._decide(attempt, True)
        attempt.sessions.port.decided(attempt.session)

    def _restrict(self, bind: Bind, address_range: str) -> None:
        """Let the bind receive for the numbers of its address_range; for all when it is not understood."""
        try:
            serves = matcher(address_range)
        except ValueError as error:
            bind.note(bind.bound_at, "address_range_ignored", str(error))
            return
        self.bindings.restrict(bind, serves)

    def _refuse(self, attempt: Attempt, reason: int, detail: str = "") -> None:
        """Refuse; whoever watches the server learns why, the peer no more than the policy allows."""
        session, event = attempt.session, attempt.event
        if session.state == CLOSED:
            return
        told = reason
        if reason in _SPECIFIC and not self.specific:
            told = reasons.BIND_REFUSED
        status = _SPECIFIC.get(told, reasons.REASONS[told].command_status)
        text = attempt.sessions.refusals.refused(
            BIND,
            reason,
            detail,
            system_id=event.system_id,
            peer=attempt.sessions.port.peer(session),
            status=status,
            command=event.pdu.command_id,
        )
        if told != reason:
            text = reasons.REASONS[told].sentence.encode("ascii")
        session.reject_bind(event, status, text.decode("ascii"))

    def _account(self, system_id: str) -> tuple[Account | None, int]:
        """The account of an ESME, or one made for a handset that binds with its number."""
        account = self.world.accounts.by_system_id(system_id)
        if account is not None:
            return account, 0
        if not system_id.isascii() or not system_id.isdigit() or len(system_id) > _MAX_SYSTEM_ID:
            return None, 0
        key = int(system_id)
        subscriber = self.world.registry.find(key)
        if subscriber is None or subscriber.password is None:
            return None, 0
        return handset(key, subscriber.password), key

    def _may_bind(self, account: Account, number: int) -> int:
        """0, or the reason to refuse one who has proved who it is."""
        if number and self.world.settings.bind_requires_active_sim:
            subscriber = self.world.registry.find(number)
            if subscriber is None or subscriber.sim != 0:
                return reasons.BIND_SIM_NOT_ACTIVE
        limit = int(str(account.settings.get("binds", 0)))
        if limit:
            bound = sum(1 for bind in self.bindings if bind.account.system_id == account.system_id)
            if bound >= limit:
                return reasons.BIND_NOT_ALLOWED
        return 0

    def _bucket(self, account: Account, now: float) -> Bucket | None:
        """The account's bucket, one for all its binds; None without a rate limit."""
        rate = account.rate or self.world.settings.limits.rate
        if not rate:
            return None
        if account.index == 0:  # a handset's account is made anew for each of its binds
            if account.system_id not in self.handsets:
                if len(self.handsets) >= _MOST_HANDSETS:
                    self.handsets.clear()
                self.handsets[account.system_id] = Bucket(rate, now)
            return self.handsets[account.system_id]
        if not isinstance(account.runtime, Bucket):
            account.runtime = Bucket(rate, now)
        return account.runtime
