"""The TLS of the SMPP listener: its context, and what is wrong with certificate, key and authorities."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from smsc.config.settings import Problem, Settings


def server_context(settings: Settings) -> ssl.SSLContext:
    """What SMPP over TLS listens with. Raises OSError (ssl.SSLError is one) when a file cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    assert settings.smpp.tls_cert is not None
    context.load_cert_chain(settings.smpp.tls_cert, settings.smpp.tls_key)
    if settings.smpp.tls_client_ca is not None:
        context.load_verify_locations(settings.smpp.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def tls_problems(settings: Settings) -> Iterator[Problem]:
    """The file that is no certificate, the key that does not belong to it; nothing when no TLS is set."""
    smpp = settings.smpp
    if smpp.tls_cert is None or smpp.tls_key is None:
        return
    fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        fresh.load_verify_locations(smpp.tls_cert)
    except OSError:
        yield Problem(("smpp", "tls_cert"), str(smpp.tls_cert), "a certificate as PEM")
        return
    try:
        fresh.load_cert_chain(smpp.tls_cert, smpp.tls_key, password=_no_password)
    except (OSError, ValueError):
        expected = "the private key of tls_cert as PEM, without a password"
        yield Problem(("smpp", "tls_key"), str(smpp.tls_key), expected)
    if smpp.tls_client_ca is not None:
        try:
            fresh.load_verify_locations(smpp.tls_client_ca)
        except OSError:
            expected = "certificates of authorities as PEM"
            yield Problem(("smpp", "tls_client_ca"), str(smpp.tls_client_ca), expected)


def _no_password() -> str:
    """OpenSSL would ask on the terminal."""
    raise ValueError("the key is encrypted")
