"""The pages: which file of `smsc.web` stands at which path, read once, and the policy that comes with it."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from smsc.api.forms.markup import View

#: Paths of the console, whose views are told apart by its script.
CONSOLE: Final = (
    "/",
    "/m/{id}",
    "/phones",
    "/phones/{number}",
    "/map",
    "/sessions",
    "/sessions/{id}",
    "/faults",
    "/services",
    "/figures",
    "/scenarios",
)
#: Path -> file of the pages that are for everybody.
PUBLIC: Final = {
    "/nod-sms": "nod-sms.html",
    "/kontaktinfo": "kontaktinfo.html",
    "/sentral/110": "sentral.html",
    "/sentral/112": "sentral.html",
    "/sentral/113": "sentral.html",
}
#: Where the files of `smsc/web/static` are.
STATIC: Final = "/static/"
#: Only files of our own, no inline script or style, in nobody's frame.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
#: How a browser is to take a file, by the end of its name.
KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
_BASE: Final = b'<base href="/">'
_ERROR: Final = b"<!--error-->"
_FORM: Final = "<!--form-->"
_TITLE: Final = re.compile("<title>.*?</title>")
_NEXT: Final = b'name="next" value=""'


class File(NamedTuple):
    """A file as it goes over the wire."""

    content: bytes
    packed: bytes
    kind: str
    tag: str


class Pages:
    """All files of the pages, in memory, with `root_path` in front of every address."""

    def __init__(self, root_path: str = "") -> None:
        self._base = f'<base href="{escape(root_path)}/">'.encode()
        self._files = {name: self._placed(found) for name, found in _read().items()}

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def answer(self, name: str, request: Request) -> Response:
        """The file `name` of `smsc.web`; KeyError when there is none."""
        return self._sent(self._files[name], request)

    def texts(self, name: str) -> dict[str, Any]:
        """The words of a public page, by language; its script reads the same file."""
        found: dict[str, Any] = json.loads(self._files[f"static/public/{name}-texts.json"].content)
        return found

    def first(self, name: str, language: str, view: View, request: Request) -> Response:
        """The page `name` with the form of `view` for browsers that run no script."""
        return self._sent(_file(self._with_form(name, language, view), KINDS["html"]), request)

    def answered(self, name: str, language: str, view: View) -> Response:
        """What a form of `name` was answered with: for the one who sent it."""
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return Response(self._with_form(name, language, view), view.status, headers, KINDS["html"])

    def _with_form(self, name: str, language: str, view: View) -> bytes:
        page = self._files[name].content.decode()
        page = page.replace('<html lang="nb">', f'<html lang="{language}">')
        page = _TITLE.sub(lambda _: f"<title>{escape(view.title)}</title>", page)
        return page.replace(_FORM, view.body).encode()

    def _sent(self, found: File, request: Request) -> Response:
        headers = {
            "ETag": found.tag,
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
            "Content-Security-Policy": POLICY,
        }
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", "") and len(found.packed) < len(found.content):
            return Response(
                found.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.kind
            )
        return Response(found.content, headers=headers, media_type=found.kind)

    def login(self, following: str, error: str = "") -> Response:
        """The form that asks for the token and goes on to `following`; with `error`, the last try failed."""
        content = self._files["login.html"].content
        content = content.replace(_NEXT, f'name="next" value="{escape(following)}"'.encode())
        if error:
            content = content.replace(_ERROR, f'<p class="error" role="alert">{escape(error)}</p>'.encode())
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return Response(content, 403 if error else 200, headers, KINDS["html"])

    def _placed(self, found: File) -> File:
        return (
            _file(found.content.replace(_BASE, self._base), found.kind) if _BASE in found.content else found
        )


@cache
def _read() -> dict[str, File]:
    """Path below `smsc/web` -> file; what is of no kind that a browser takes is left out."""
    return {
        name: _file(path.read_bytes(), KINDS[name.rpartition(".")[2]])
        for name, path in _walk(files("smsc.web"), "")
    }


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{above}{each.name}/")
        elif each.name.rpartition(".")[2] in KINDS:
            yield above + each.name, each


def _file(content: bytes, kind: str) -> File:
    tag = hashlib.sha256(content).hexdigest()[:20]
    return File(content, gzip.compress(content, 6, mtime=0), kind, f'"{tag}"')
