"""`/subscribers/{msisdn}/hold`: a phone that answers here, with no client."""

from fastapi import APIRouter

from smsc.api.facade.network import Holding
from smsc.api.facade.server import Server
from smsc.api.replies import Json
from smsc.api.routes.network.subscribers import Msisdn
from smsc.api.shapes.describing import answers, nothing


def router(server: Server) -> APIRouter:
    told: object = server
    routes = APIRouter(prefix="/subscribers", tags=["subscribers"])
    if not isinstance(told, Holding):
        return routes
    holding = told

    @routes.get(
        "/{msisdn}/hold",
        summary="Show whether a phone is held",
        responses=answers(200, None, "Its number, and `held`.", 404),
    )
    async def show_hold(msisdn: Msisdn) -> Json:
        number = server.control.subscriber(msisdn)["msisdn"]
        return Json({"msisdn": number, "held": holding.holds(number)})

    @routes.put(
        "/{msisdn}/hold",
        summary="Hold a phone",
        responses=answers(200, None, "It answers what comes for it.", 404, 409),
    )
    async def hold(msisdn: Msisdn) -> Json:
        """The server binds for it as a receiver, over the wire, and answers every deliver_sm."""
        number = server.control.subscriber(msisdn)["msisdn"]
        await holding.hold(number)
        return Json({"msisdn": number, "held": True})

    @routes.delete(
        "/{msisdn}/hold",
        summary="Let a phone go",
        **nothing("Nobody answers for it here any more.", 404),
    )
    async def release(msisdn: Msisdn) -> None:
        await holding.release(server.control.subscriber(msisdn)["msisdn"])

    return routes
