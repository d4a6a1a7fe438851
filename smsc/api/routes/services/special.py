"""`/helplines` and `/codes`: what the special numbers are, as far as the control offers it."""

from typing import Annotated

from fastapi import APIRouter, Path

from smsc.api.facade.server import Server
from smsc.api.facade.services import Codes, Helplines, Interconnects
from smsc.api.replies import Json, all_of
from smsc.api.routes.network.subscribers import Msisdn
from smsc.api.shapes.describing import listed

Month = Annotated[
    str, Path(pattern=r"^[0-9]{4}-[0-9]{2}$", description="Calendar month.", examples=["2026-01"])
]


def router(server: Server) -> APIRouter:
    control: object = server.control
    routes = APIRouter(tags=["special numbers"])
    if isinstance(control, Helplines):
        _helplines(routes, control)
    if isinstance(control, Codes):
        _codes(routes, control)
    if isinstance(control, Interconnects):
        _interconnects(routes, control)
    return routes


def _helplines(routes: APIRouter, control: Helplines) -> None:
    @routes.get(
        "/helplines",
        summary="List helplines",
        responses=listed("helplines", "The 116 numbers with their holders and services."),
    )
    async def all_helplines() -> Json:
        return all_of("helplines", control.helplines())

    @routes.get(
        "/helplines/bills/{month}",
        summary="Show what helplines' holders owe",
        responses=listed("bills", "Messages and øre of each number; senders never pay nor appear."),
    )
    async def bills(month: Month) -> Json:
        return all_of("bills", control.helpline_bill(month))


def _interconnects(routes: APIRouter, control: Interconnects) -> None:
    @routes.get(
        "/interconnects",
        summary="List interconnects",
        responses=listed("interconnects", "Other operators' networks, with latency and failure rates."),
    )
    async def all_interconnects() -> Json:
        return all_of("interconnects", control.interconnects())


def _codes(routes: APIRouter, control: Codes) -> None:
    @routes.get(
        "/codes",
        summary="List short codes",
        responses=listed("codes", "The short codes with their providers, keywords and prices."),
    )
    async def all_codes() -> Json:
        return all_of("codes", control.codes())

    @routes.get(
        "/codes/subscriptions/{msisdn}",
        summary="List a number's subscriptions",
        responses=listed("subscriptions", "The content services that it agreed to pay for."),
    )
    async def subscriptions(msisdn: Msisdn) -> Json:
        return all_of("subscriptions", control.subscriptions(msisdn))
