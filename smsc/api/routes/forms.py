"""The forms of `/nod-sms`, `/kontaktinfo` and `/sentral/112` for browsers that run no script."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from smsc.api.facade.server import Server
from smsc.api.facade.services import DeskRoom, EmergencySite, Register
from smsc.api.forms.kontaktinfo import Kontaktinfo
from smsc.api.forms.markup import LANGUAGES, View
from smsc.api.forms.nodsms import NodSms
from smsc.api.forms.reading import read_form
from smsc.api.forms.sentral import Sentral
from smsc.api.pages import PUBLIC, Pages

CENTRES: Final = ("110", "112", "113")


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
    told: object = server
    if isinstance(told, DeskRoom):
        for centre in CENTRES:
            _add(routes, pages, f"/sentral/{centre}", "sentral", partial(Sentral, told, centre))
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
