"""Who may ask the contact register: public agencies and those who act for them, by bearer token.

Rules K6 and K7 of docs/norway.md. A token stands for what Maskinporten would have issued.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from smsc.delivery.message import FOREVER
from smsc.services.base import ServiceError

CONTACT_SCOPE: Final = "krr:global/kontaktinformasjon.read"
POST_SCOPE: Final = "krr:global/digitalpost.read"
#: Only bodies of municipal and central government use the register (K6).
PUBLIC_KINDS: Final = ("municipal", "state")


@dataclass(frozen=True, slots=True)
class Organisation:
    """``number`` is the nine-digit organisation number, ``sender`` what recipients of SMS see, ``kind``
    is ``municipal``, ``state`` or ``private``; ``acts_for`` are the agencies that delegated to it."""

    number: str
    name: str
    kind: str
    sender: str = ""
    acts_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token: whose it is, what for, for whom, until when (ms)."""

    value: str
    organisation: str
    scopes: frozenset[str]
    on_behalf_of: str = ""
    expires: int = FOREVER

    def __repr__(self) -> str:
        return f"Token(organisation={self.organisation!r})"


class Caller(NamedTuple):
    """An authorised caller: the agency in whose name, the organisation that asked, and its scopes."""

    agency: Organisation
    asked_by: str
    scopes: frozenset[str]


class Access:
    """Organisations and their tokens. ``delegates`` False takes K6 by the letter: agencies only."""

    def __init__(
        self, organisations: Iterable[Organisation], tokens: Iterable[Token], delegates: bool = True
    ) -> None:
        self._organisations = {one.number: one for one in organisations}
        self._tokens = {token.value: token for token in tokens}
        self._delegates = delegates

    def caller(self, value: str | None, now: int) -> Caller:
        """Who stands behind a token. Raises ServiceError: 401 no valid token, 403 not authorised."""
        token = self._tokens.get(value or "")
        if token is None or token.expires <= now:
            raise ServiceError(401, "Unauthorized", "A valid bearer token is needed.")
        organisation = self._organisations.get(token.organisation)
        agency = self._agency(organisation, token.on_behalf_of)
        if agency is None:
            raise ServiceError(
                403, "Forbidden", "Only municipal and central government agencies may use the register."
            )
        if not token.scopes & {CONTACT_SCOPE, POST_SCOPE}:
            raise ServiceError(403, "Forbidden", f"The token needs the scope {CONTACT_SCOPE}.")
        return Caller(agency, token.organisation, token.scopes)

    def _agency(self, organisation: Organisation | None, on_behalf_of: str) -> Organisation | None:
        if organisation is None:
            return None
        if on_behalf_of:
            allowed = self._delegates and on_behalf_of in organisation.acts_for
            organisation = self._organisations.get(on_behalf_of) if allowed else None
        return organisation if organisation is not None and organisation.kind in PUBLIC_KINDS else None
