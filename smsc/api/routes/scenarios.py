"""`/scenarios`: whole situations as files, run beside this server in a world of their own."""

import asyncio
import contextlib
import json
import sys
import tempfile
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body

from smsc.api.bodies.server import ScenarioBody
from smsc.api.facade.server import Server
from smsc.api.problems import Refused
from smsc.api.replies import Json
from smsc.api.shapes.describing import answers, listed

EXAMPLES = {
    "shipped": {"summary": "One that comes along", "value": {"name": "tunnel"}},
    "own": {
        "summary": "One's own",
        "value": {"toml": 'title = "A phone"\n\n[[steps]]\nat = "0s"\nbind = ["4790000001"]\n'},
    },
}
#: Real seconds after which a run is ended.
_PATIENCE: Final = 120.0
#: What a scenario that comes by the API may say of its world: nothing that names a file or an address.
_WORLD: Final = frozenset(
    {"latency", "delivery", "limits", "zones", "outages", "subscribers", "esmes", "seed"}
)


def router(server: Server) -> APIRouter:
    routes = APIRouter(prefix="/scenarios", tags=["scenarios"])
    turn = asyncio.Lock()

    @routes.get(
        "",
        summary="List scenarios",
        responses=listed("scenarios", "Those that come along: name, title, story and steps."),
    )
    async def listing() -> Json:
        return Json({"scenarios": [_told(path.name[:-5], path.read_text("utf-8")) for path in _shipped()]})

    @routes.post(
        "/runs",
        summary="Run a scenario",
        responses=answers(200, None, "Each expectation, and whether it holds.", 409, 422),
    )
    async def run(body: Annotated[ScenarioBody, Body(openapi_examples=EXAMPLES)]) -> Json:
        """In a process and a world of its own: nothing of this server changes. One at a time."""
        if turn.locked():
            raise Refused(409, "A scenario is running", "One runs at a time; it takes two minutes at most.")
        async with turn:
            if body.name:
                if body.name not in {path.name[:-5] for path in _shipped()}:
                    raise Refused(422, "No such scenario", f"No scenario {body.name!r} comes along.")
                return Json(await _run(body.name))
            with tempfile.TemporaryDirectory(prefix="smsc-scenario-") as folder:
                file = Path(folder) / "scenario.toml"
                file.write_text(_allowed(body.toml), "utf-8")
                return Json(await _run(str(file)))

    return routes


def _shipped() -> list[Any]:
    found = (path for path in files("smsc.scenarios").iterdir() if path.name.endswith(".toml"))
    return sorted(found, key=lambda path: path.name)


def _told(name: str, text: str) -> dict[str, Any]:
    document = tomllib.loads(text)
    steps = [
        {"at": str(step.get("at", "0s")), "kind": kind, "what": step[kind]}
        for step in document["steps"]
        for kind in step
        if kind != "at"
    ]
    return {"name": name, "title": document["title"], "story": document.get("story", ""), "steps": steps}


def _allowed(text: str) -> str:
    """Return `text`; Refused unless its world is made of what has nothing to do with this machine."""
    try:
        config = tomllib.loads(text).get("config", {})
    except tomllib.TOMLDecodeError as error:
        raise Refused(422, "Not TOML", f"{error}.") from None
    wrong = sorted(set(config) - _WORLD) if isinstance(config, dict) else ["config"]
    if wrong:
        known = ", ".join(sorted(_WORLD))
        raise Refused(422, "Not here", f"[config] of a scenario by the API may hold {known}; not {wrong[0]}.")
    return text


async def _run(scenario: str) -> dict[str, Any]:
    command = (sys.executable, "-m", "smsc", "scenario", "run", "--json", scenario)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            out, err = await process.communicate()
    except TimeoutError:
        raise Refused(422, "Too long", f"The run took more than {_PATIENCE:.0f} s and was ended.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if not out.strip():
        said = err.decode("utf-8", "replace").strip().rpartition(": ")[2] or "it ended without a word"
        raise Refused(422, "Not a scenario", said[:1000])
    document: dict[str, Any] = json.loads(out)
    return document
