"""At the root: `/livez`, `/readyz` and `/metrics`."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from smsc.api.facade.control import Control
from smsc.api.problems import problem
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers
from smsc.api.shapes.server import Alive, Health


def router(control: Control, registry: CollectorRegistry) -> APIRouter:
    routes = APIRouter(tags=["probes"])

    @routes.get("/livez", summary="Alive?", responses=answers(200, Alive, "The event loop turns."))
    async def livez() -> Json:
        return Json({"status": "alive"})

    @routes.get("/readyz", summary="Ready?", responses=answers(200, Health, "It does its work.", 503))
    async def readyz(request: Request) -> Response:
        """503 with the `reasons` while it cannot keep its promises."""
        health = control.health()
        if health["ready"]:
            return Json(health)
        reasons = list(health["reasons"])
        return problem(503, "Not ready", " ".join(reasons), request.url.path, ready=False, reasons=reasons)

    @routes.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"description": "In Prometheus' text form.", "content": {"text/plain": {}}}},
    )
    async def metrics(request: Request) -> Response:
        """Names begin with `smsc_`; no label holds a number or a text."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": content_type})

    return routes
