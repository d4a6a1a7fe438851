"""`/helplines` and `/codes`: what the special numbers are, as far as the control offers it."""

from fastapi import APIRouter

from smsc.api.facade import Codes, Helplines, Server
from smsc.api.replies import Json
from smsc.api.shapes import listing as described


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(tags=["special numbers"])

    if isinstance(control, Helplines):
        helplines = control.helplines

        @routes.get(
            "/helplines",
            summary="List helplines",
            responses=described("helplines", "The 116 numbers with their holders and services."),
        )
        async def all_helplines() -> Json:
            return Json({"helplines": list(helplines())})

    if isinstance(control, Codes):
        codes = control.codes

        @routes.get(
            "/codes",
            summary="List short codes",
            responses=described("codes", "The short codes with their providers and prices."),
        )
        async def all_codes() -> Json:
            return Json({"codes": list(codes())})

    return routes
