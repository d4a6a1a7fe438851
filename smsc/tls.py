"""TLS as a client speaks it: whom it trusts, and its errors in words."""

from __future__ import annotations

import ssl
from pathlib import Path

_WORDS = {
    "WRONG_VERSION_NUMBER": "what answers there does not speak TLS; is it the plain port?",
    "HTTP_REQUEST": "what answers there does not speak TLS; is it the plain port?",
    "UNSUPPORTED_PROTOCOL": "no version of TLS in common; 1.2 or newer is needed",
    "TLSV1_ALERT_PROTOCOL_VERSION": "no version of TLS in common; 1.2 or newer is needed",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants a certificate from its clients: --cert and --key",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the handshake; does it want a certificate (--cert, --key)?",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the authority of the client's certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept the client's certificate",
}


def client_context(
    *, ca: Path | None = None, cert: Path | None = None, key: Path | None = None, insecure: bool = False
) -> ssl.SSLContext:
    """A client's context: `ca` besides the system's, `cert` and `key` to show; `insecure`: no check.

    ValueError names the file that cannot be used."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except OSError as error:
            raise ValueError(f"{ca}: {_reason(error, 'expected certificates as PEM')}") from None
    if cert is not None:
        try:
            context.load_cert_chain(cert, key)
        except OSError as error:
            raise ValueError(
                f"{cert}: {_reason(error, 'expected a certificate and its key as PEM')}"
            ) from None
    return context


def tls_trouble(error: BaseException) -> str:
    """What went wrong with a connection over TLS, in a sentence that says what would be right."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted: {error.verify_message}; trust it with --ca FILE, or --insecure"
        )
    if isinstance(error, ssl.SSLError) and error.reason in _WORDS:
        return _WORDS[error.reason]
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ConnectionResetError):
        return "it closed the connection during the handshake"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _reason(error: OSError, expected: str) -> str:
    return expected if isinstance(error, ssl.SSLError) else str(error.strerror)
