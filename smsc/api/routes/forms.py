"""The forms of `/nod-sms` and `/kontaktinfo` for browsers that run no script."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from smsc.api.facade import EmergencySite, Register, Server
from smsc.api.forms.kontaktinfo import Kontaktinfo
from smsc.api.forms.markup import LANGUAGES, View
from smsc.api.forms.nodsms import NodSms
from smsc.api.forms.reading import read_form
from smsc.api.pages import PUBLIC, Pages


class _Step(Protocol):
    async def view(self) -> View: ...


_Make = Callable[[str, dict[str, Any], Mapping[str, str]], _Step]


def router(server: Server, pages: Pages) -> APIRouter:
    """Routes of what the control offers; without them the pages are served as they are."""
    routes = APIRouter(include_in_schema=False)
    control: object = server.control
    if isinstance(control, EmergencySite):
        site = control
        _add(routes, pages, "/nod-sms", "nodsms", lambda *step: NodSms(server, site, *step))
    if isinstance(control, Register):
        register = control
        _add(routes, pages, "/kontaktinfo", "kontaktinfo", lambda *step: Kontaktinfo(server, register, *step))
    return routes


def _add(routes: APIRouter, pages: Pages, path: str, words: str, make: _Make) -> None:
    name, texts = PUBLIC[path], pages.texts(words)

    def language_of(request: Request) -> str:
        asked = request.query_params.get("lang", "")
        return asked if asked in LANGUAGES else "nb"

    @routes.get(path)
    async def first(request: Request) -> Response:
        language = language_of(request)
        return pages.first(name, language, await make(language, texts[language], {}).view(), request)

    @routes.post(path)
    async def answered(request: Request) -> Response:
        language = language_of(request)
        step = make(language, texts[language], await read_form(request))
        return pages.answered(name, language, await step.view())
