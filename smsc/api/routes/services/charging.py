"""`/charging`: charging records as JSON, JSON lines or CSV, when the control keeps them."""

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from smsc.api.bodies.fields import Digits
from smsc.api.facade.documents import Document
from smsc.api.facade.server import Server
from smsc.api.facade.services import Charging
from smsc.api.jsontext import to_json
from smsc.api.replies import all_of, page
from smsc.api.shapes.describing import listed


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(prefix="/charging", tags=["charging"])
    if not isinstance(control, Charging):
        return routes
    records = control.charging

    @routes.get(
        "",
        summary="List charging records",
        responses=listed("charging", "Charging records, oldest first; `next` as in other listings."),
    )
    async def listing(
        after: Annotated[Digits | None, Query(description="Id to go on after.")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="At most so many.")] = 1000,
        form: Annotated[
            Literal["json", "jsonl", "csv"],
            Query(alias="format", description="One JSON object, JSON lines, or CSV with a header."),
        ] = "json",
    ) -> Response:
        found = records(after, limit)
        if form == "jsonl":
            lines = b"".join(to_json(record) + b"\n" for record in found)
            return Response(lines, media_type="application/jsonl")
        if form == "csv":
            return Response(as_csv(found), media_type="text/csv; charset=utf-8; header=present")
        return page("charging", found, limit, "id")

    @routes.get(
        "/totals",
        summary="Sum up charging records",
        responses=listed("totals", "Records and øre by month, provider and direction."),
    )
    async def totals() -> Response:
        """Also of records that are not kept any more."""
        return all_of("totals", control.charging_totals())

    return routes


def as_csv(records: Sequence[Document]) -> str:
    """Write flat records as CSV [RFC 4180]: a header with every field that occurs, then a row for each."""
    columns = list(dict.fromkeys(column for record in records for column in record))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()
