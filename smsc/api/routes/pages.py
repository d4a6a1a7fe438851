"""The pages at `/`, `/nod-sms` and so on, their files, and the login of the console."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from smsc.api.access import LOGIN, LOGIN_SECONDS, LOGOUT, Access, is_console
from smsc.api.forms.reading import read_form
from smsc.api.pages import CONSOLE, PUBLIC, STATIC, Pages


def router(pages: Pages, access: Access, root_path: str) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    async def console(request: Request) -> Response:
        return pages.answer("index.html", request)

    for path in CONSOLE:
        routes.add_api_route(path, console)

    async def public(request: Request) -> Response:
        return pages.answer(PUBLIC[request.scope["path"]], request)

    for path, name in PUBLIC.items():
        if name in pages:
            routes.add_api_route(path, public)

    @routes.get(STATIC + "{name:path}")
    async def static(name: str, request: Request) -> Response:
        if f"static/{name}" not in pages:
            raise HTTPException(404)
        return pages.answer(f"static/{name}", request)

    @routes.get(LOGIN)
    async def ask(request: Request) -> Response:
        following = _following(request.query_params.get("next", "/"))
        if access.token is None:
            return RedirectResponse(root_path + following, 303)
        return pages.login(following)

    @routes.post(LOGIN)
    async def login(request: Request) -> Response:
        """Compare the token; the cookie proves that it was known, and does not carry it."""
        form = await read_form(request)
        following = _following(form.get("next", "/"))
        if not access.is_token(form.get("token", "").strip().encode()):
            return pages.login(following, "That is not the token of this server.")
        answer = RedirectResponse(root_path + following, 303)
        answer.set_cookie(
            access.cookie,
            access.new_login(),
            max_age=LOGIN_SECONDS,
            path=root_path or "/",
            secure=request.headers.get("origin", "").startswith("https:"),
            httponly=True,
            samesite="strict",
        )
        return answer

    @routes.post(LOGOUT)
    async def logout() -> Response:
        answer = RedirectResponse(f"{root_path}{LOGIN}", 303)
        answer.delete_cookie(access.cookie, path=root_path or "/", httponly=True, samesite="strict")
        return answer

    return routes


def _following(given: str) -> str:
    """A page of the console to go on to: never another site's."""
    path = given.partition("?")[0].partition("#")[0]
    return given if is_console(path) and given.isascii() and given.isprintable() else "/"
