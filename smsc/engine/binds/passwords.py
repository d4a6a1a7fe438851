"""Passwords: compared in constant time, hashes verified slowly once and by a keyed digest from then on."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict

_PREFIX = "argon2:"
_MOST = 100_000  # verified passwords remembered, as 32 octets each


def stored_hash(password: str) -> str | None:
    """The argon2 hash that a configured password is, None when it is plain text."""
    text = password.removeprefix(_PREFIX)
    return text if text.startswith("$argon2") else None


def verify(stored: str, given: str) -> bool:
    """Whether ``given`` is what was hashed. Takes tens of milliseconds: not on the event loop."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(stored, given.encode("latin-1", "replace"))
    except (VerificationError, InvalidHashError):
        return False


def dummy_hash(like: str) -> str:
    """A hash that nothing matches, as costly to verify as ``like``: for names that do not exist."""
    from argon2 import PasswordHasher, extract_parameters
    from argon2.exceptions import InvalidHashError

    try:
        hasher = PasswordHasher.from_parameters(extract_parameters(like))
    except InvalidHashError:
        hasher = PasswordHasher()
    return hasher.hash(secrets.token_bytes(16))


class Passwords:
    """What has been verified in this run. The key of the digests lives and dies with the process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._verified: OrderedDict[str, bytes] = OrderedDict()

    def same(self, given: str, expected: str) -> bool:
        """Compare plain passwords in constant time, by digests of equal length."""
        return hmac.compare_digest(self._digest("", given), self._digest("", expected))

    def is_verified(self, system_id: str, stored: str, given: str) -> bool:
        """Whether this password was verified against this very hash before."""
        known = self._verified.get(system_id, b"")
        return hmac.compare_digest(known or bytes(32), self._digest(stored, given)) and bool(known)

    def remember(self, system_id: str, stored: str, given: str) -> None:
        """The password has been verified: its digest is enough from now on."""
        self._verified[system_id] = self._digest(stored, given)
        self._verified.move_to_end(system_id)
        if len(self._verified) > _MOST:
            self._verified.popitem(last=False)

    def _digest(self, stored: str, given: str) -> bytes:
        text = f"{stored}\0{given}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()
