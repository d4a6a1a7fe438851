"""Who may bind: passwords, SIM states, how many binds, and how often one may fail."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from smsc import reasons
from smsc.engine.bindings import Bindings, Bucket
from smsc.engine.world import SERVICE_OF_KIND, World
from smsc.protocol.session import Session
from smsc.routing.accounts import Account, handset

if TYPE_CHECKING:
    from smsc.engine.engine import Engine
    from smsc.protocol.events import BindRequest

_RBINDFAIL, _RINVPASWD, _RINVSYSID = 0x0D, 0x0E, 0x0F
_MAX_SYSTEM_ID = 15


class Admission:
    """Decides on bind requests."""

    def __init__(self, world: World, bindings: Bindings) -> None:
        self.world = world
        self.bindings = bindings
        self.specific = world.settings.policy.bind_failure == "specific"
        self._digest_key = secrets.token_bytes(32)

    def consider(self, engine: Engine, session: Session, event: BindRequest) -> None:
        """Accept or refuse a bind; a bind that is accepted gets what waits for it."""
        account, number = self._account(event.system_id)
        status = self._check(account, number, event.password)
        if account is None or status:
            engine.binds_refused += 1
            session.reject_bind(event, status or _RBINDFAIL)
            return
        session.accept_bind(event, self.world.settings.smsc.system_id)
        if account.window:
            session.window_out = session.window_in = account.window
        bind = self.bindings.add(session, account, number, event.receives, event.transmits)
        bind.bound_at = engine.clock.now()
        bind.service = SERVICE_OF_KIND.get(account.kind, 0)
        bind.bucket = self._bucket(account, engine.exchange.link_now)
        session.account = bind
        engine.admitted(session, bind)
        engine.bound(bind)

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

    def _check(self, account: Account | None, number: int, password: str) -> int:
        """0, or the status to refuse with; wrong names and wrong passwords look and cost the same."""
        expected = "" if account is None else account.password
        right = self._same(password, expected)
        if account is None:
            return _RINVSYSID if self.specific else _RBINDFAIL
        if not right:
            return _RINVPASWD if self.specific else _RBINDFAIL
        if number and self.world.settings.bind_requires_active_sim:
            subscriber = self.world.registry.find(number)
            if subscriber is None or subscriber.sim != 0:
                return reasons.REASONS[reasons.BIND_SIM_NOT_ACTIVE].command_status
        limit = int(str(account.settings.get("binds", 0)))
        if limit:
            bound = sum(1 for bind in self.bindings if bind.account.system_id == account.system_id)
            if bound >= limit:
                return reasons.REASONS[reasons.BIND_NOT_ALLOWED].command_status
        return 0

    def _same(self, given: str, expected: str) -> bool:
        """Compare in constant time, by keyed digests of equal length."""
        digests = [
            hashlib.blake2b(text.encode("utf-8", "surrogateescape"), key=self._digest_key).digest()
            for text in (given, expected)
        ]
        return hmac.compare_digest(*digests)

    def _bucket(self, account: Account, now: float) -> Bucket | None:
        """The account's bucket, one for all its binds; None without a rate limit."""
        rate = account.rate or self.world.settings.limits.rate
        if not rate:
            return None
        if not isinstance(account.runtime, Bucket):
            account.runtime = Bucket(rate, now)
        return account.runtime
