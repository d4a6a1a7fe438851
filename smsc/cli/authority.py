"""An authority that signs once and is forgotten: certificates as RFC 5280 wants them, for tests."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HOST = re.compile(r"(?=.{1,253}$)(\*\.)?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*")
_EARLIER = timedelta(minutes=5)  # for clients whose clock is a little behind


def issue(hosts: list[str], days: int, *, with_client: bool) -> dict[str, bytes]:
    """PEM by file name: ca.pem, cert.pem, key.pem; for a client client.pem, client-key.pem. ValueError."""
    names = [_name(host) for host in hosts]
    now = datetime.now(UTC)
    authority = _Authority(now - _EARLIER, now + timedelta(days=days))
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = authority.sign(server_key, hosts[0], names, ExtendedKeyUsageOID.SERVER_AUTH)
    issued = {"ca.pem": _pem(authority.certificate), "cert.pem": _pem(server), "key.pem": _key(server_key)}
    if with_client:
        client_key = ec.generate_private_key(ec.SECP256R1())
        client = authority.sign(client_key, "client", [], ExtendedKeyUsageOID.CLIENT_AUTH)
        issued |= {"client.pem": _pem(client), "client-key.pem": _key(client_key)}
    return issued


class _Authority:
    """Signs leaves; its key lives as long as this object."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.begin, self.end = begin, end
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _subject("smsc test authority")
        usage = x509.BasicConstraints(ca=True, path_length=0)
        builder = self._builder(self.key, self.name)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def sign(
        self,
        key: ec.EllipticCurvePrivateKey,
        name: str,
        alternatives: list[x509.GeneralName],
        purpose: x509.ObjectIdentifier,
    ) -> x509.Certificate:
        """A leaf: no authority itself, for one purpose."""
        builder = (
            self._builder(key, _subject(name))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _builder(self, key: ec.EllipticCurvePrivateKey, subject: x509.Name) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begin)
            .not_valid_after(self.end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not _HOST.fullmatch(host):
            raise ValueError(f"--host {host!r}: expected a name or an address, without a port") from None
        return x509.DNSName(host)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
