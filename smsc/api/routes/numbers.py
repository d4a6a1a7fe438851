"""`/numbers`: how the number plan reads a number."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from smsc.api.facade.server import Server
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers
from smsc.api.shapes.numbers import NumberReading


def router(server: Server) -> APIRouter:
    control = server.control
    routes = APIRouter(prefix="/numbers", tags=["numbers"])

    # `:path` because a slash in what somebody typed is the number plan's to judge, not the router's.
    @routes.get(
        "/{number:path}",
        summary="Classify a number",
        responses=answers(
            200, NumberReading, "How it is read; `reason` says why it cannot be a destination."
        ),
    )
    async def classify(
        number: Annotated[
            str,
            Path(
                max_length=64,
                description="As somebody dials it: `90000001`, `004790000001`, `+4790000001`, `2097`.",
                examples=["004759555112"],
            ),
        ],
        ton: Annotated[
            int, Query(ge=0, le=7, description="Type of number that it is read with [SMPP 3.4 §5.2.5].")
        ] = 0,
        npi: Annotated[
            int, Query(ge=0, le=255, description="Numbering plan that it is read with [SMPP 3.4 §5.2.6].")
        ] = 1,
    ) -> Json:
        """What it is, decided on its full length; whether it can send and receive SMS; and who pays."""
        return Json(control.number(number, ton, npi))

    return routes
