"""Who may call: by token, by the console's login, or from this machine only; and from which pages.

A browser is the one client that others can make call: a page anywhere may send requests to this machine, and
with a name that was turned round to 127.0.0.1 it even reads the answers. Where the token does not come with
the call itself, a call must therefore be addressed to a name of ours and come from no page but our own.
"""

import hashlib
import hmac
import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from smsc.api.guide import GUIDE
from smsc.api.pages import CONSOLE, PUBLIC, STATIC
from smsc.api.problems import Refused
from smsc.exposure import is_loopback

LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
#: What needs no token: probes, and pages that tell of the software only.
OPEN_PATHS: Final = frozenset({"/livez", "/readyz", "/docs", "/docs/", "/openapi.json"})
#: What carries tokens of its own, which the contact register checks.
OWN_TOKENS: Final = ("/api/v1/register/rest/", "/api/v1/register/notifications")
#: Calls of the public pages, by method: what a citizen may ask and do. With a slash at the end: only what is
#: below, a synthetic person by its identifier, which is the stand-in for a login.
PUBLIC_CALLS: Final = {
    "GET": (
        "/api/v1/emergency/site",
        "/api/v1/emergency/site/look-up",
        "/api/v1/register/persons/",
        "/api/v1/desks/",
    ),
    "POST": ("/api/v1/emergency/site/transactions", "/api/v1/desks"),
    "PUT": ("/api/v1/register/persons/", "/api/v1/desks/"),
    "DELETE": ("/api/v1/desks",),
}
#: seconds that a login of the console holds
LOGIN_SECONDS: Final = 7 * 86_400


class LoginNeeded(Exception):
    """A page of the console was asked for without a login."""

    def __init__(self, following: str) -> None:
        super().__init__(following)
        self.address = f"{LOGIN}?next={quote(following)}"


class Access:
    """Decides who may call. `token` None: nobody is asked for one, and only this machine may call.

    `hosts` are further names by which a proxy may ask, without port; `pages` False means there are none.
    """

    def __init__(self, token: str | None, hosts: Iterable[str] = (), *, pages: bool = True) -> None:
        self.token = token.encode() if token else None
        self._hosts = frozenset(host.lower() for host in hosts)
        self._pages = pages
        self._key = hmac.digest(self.token or b"", b"smsc login", hashlib.sha256)
        # All ports of a machine share cookies: servers with different tokens must not log one another out.
        self.cookie = "smsc-" + hmac.new(self._key, b"cookie", hashlib.sha256).hexdigest()[:8]

    def check(self, scope: Scope) -> None:
        """Raise Refused, or LoginNeeded for a page of the console, unless the caller may make the call."""
        path, headers = scope["path"], Headers(scope=scope)
        if path in OPEN_PATHS or path.startswith(OWN_TOKENS):
            return
        if self.token is None:
            self._check_host(headers)
            self._check_origin(headers, is_page=self._is_page(path))
            return
        if self.is_token(_bearer(headers)):
            return
        is_page = self._is_page(path)
        if self._is_logged_in(headers) or (is_page and not is_console(path)) or _is_public(scope):
            self._check_origin(headers, is_page=is_page)
            return
        if is_page:
            raise LoginNeeded(path + ("?" + scope["query_string"].decode("latin-1")).rstrip("?"))
        raise Refused(
            401,
            "Unauthorized",
            "This server was started with http.token: send it as 'Authorization: Bearer TOKEN', "
            "on the command line with --token.",
            {"WWW-Authenticate": "Bearer"},
        )

    def is_token(self, given: bytes) -> bool:
        """Tell whether it is the token."""
        return self.token is not None and hmac.compare_digest(given, self.token)

    def new_login(self) -> str:
        """The value of a cookie that proves, for `LOGIN_SECONDS`, that its owner knew the token."""
        until = int(time.time()) + LOGIN_SECONDS
        return f"{until}.{self._proof(until)}"

    def _is_logged_in(self, headers: Headers) -> bool:
        until, _, proof = cookie_parser(headers.get("cookie", "")).get(self.cookie, "").partition(".")
        if not (until.isascii() and until.isdecimal() and len(until) < 12):
            return False
        return time.time() < int(until) and hmac.compare_digest(
            proof.encode("latin-1", "replace"), self._proof(int(until)).encode()
        )

    def _proof(self, until: int) -> str:
        return hmac.new(self._key, b"%d" % until, hashlib.sha256).hexdigest()

    def _is_page(self, path: str) -> bool:
        return self._pages and (
            path in PUBLIC
            or path in (LOGIN, LOGOUT, GUIDE)
            or path.startswith((STATIC, GUIDE + "/"))
            or is_console(path)
        )

    def _check_host(self, headers: Headers) -> None:
        if not self._is_ours(f"//{headers.get('host', 'localhost')}"):
            raise _not_from_here("Host")

    def _check_origin(self, headers: Headers, *, is_page: bool) -> None:
        origin = headers.get("origin")
        if origin is not None:
            place = origin.lower().partition("://")[2]
            is_own = place != "" and place == headers.get("host", "").lower()
            if not is_own and _host_of(origin) not in self._hosts:
                raise _not_from_here("Origin")
        elif not is_page and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            raise _not_from_here("Sec-Fetch-Site")

    def _is_ours(self, url: str) -> bool:
        host = _host_of(url)
        return is_loopback(host) or host in self._hosts


def is_console(path: str) -> bool:
    """Tell whether a page of the console stands at `path`."""
    return path in CONSOLE or any(
        "{" in each and path.rpartition("/")[0] == each.rpartition("/")[0] for each in CONSOLE
    )


def _is_public(scope: Scope) -> bool:
    calls = PUBLIC_CALLS.get(scope["method"], ())
    path: str = scope["path"]
    return any(path == call or path.startswith(call.rstrip("/") + "/") for call in calls)


def _bearer(headers: Headers) -> bytes:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    # Header values are read as Latin-1: this gives back the octets that were sent.
    return given.strip().encode("latin-1") if scheme.lower() == "bearer" else b""


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _not_from_here(name: str) -> Refused:
    return Refused(
        403,
        "Not from here",
        f"The header {name} names another machine or page. Without http.token the API answers only calls to "
        "127.0.0.1, [::1], localhost and the names in http.hosts, and from no pages but its own.",
    )
