"""Whether the control API may listen where it is told to: off-loopback only with a bearer token."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a listener on `host`.

    `host` is what a listener is bound to: an address of 127.0.0.0/8, `::1` (with or without brackets), an
    IPv4-mapped loopback address or `localhost`. Every other name counts as reachable from outside: what it
    resolves to can change.
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def check_exposure(host: str, token: str | None) -> None:
    """Raise ValueError when the API would be open to others: `host` is off-loopback and there is no token."""
    if is_loopback(host) or (token and token.strip()):
        return
    raise ValueError(
        f"http: the control API would listen on {host!r}, which other machines can reach, without a token; "
        "set http.token (environment: SMSC_HTTP__TOKEN) to a secret of your own, or host to 127.0.0.1"
    )
