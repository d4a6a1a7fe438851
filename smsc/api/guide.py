"""The documentation at `/guide`, when it was built into this installation: `make docs` and `make dist` do."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from smsc.api.pages import KINDS, POLICY

GUIDE: Final = "/guide"
#: The theme draws its icons from the style sheet itself.
_POLICY: Final = POLICY.replace("img-src 'self'", "img-src 'self' data:")
_KEPT: Final = 64  # files in memory


def router(root_path: str) -> APIRouter:
    """The pages of the site, for everybody: they say nothing of this server."""
    routes = APIRouter(include_in_schema=False)
    site = files("smsc").joinpath("guide")
    known = _listed(site, "")

    @lru_cache(_KEPT)
    def content(name: str) -> tuple[bytes, str]:
        found = known[name].read_bytes()
        return found, f'"{hashlib.sha256(found).hexdigest()[:20]}"'

    @routes.get(GUIDE)
    async def begin() -> Response:
        return RedirectResponse(f"{root_path}{GUIDE}/", 307)

    @routes.get(GUIDE + "/{name:path}")
    async def page(name: str, request: Request) -> Response:
        if not known:
            raise HTTPException(
                404, "The documentation is not built into this installation: `make docs` does."
            )
        if name and f"{name}/index.html" in known:
            return RedirectResponse(f"{root_path}{GUIDE}/{name}/", 307)
        name = f"{name}index.html" if name == "" or name.endswith("/") else name
        if name not in known:
            raise HTTPException(404)
        found, tag = content(name)
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(found, headers=headers, media_type=KINDS[name.rpartition(".")[2]])

    return routes


def _listed(folder: Traversable, above: str) -> dict[str, Traversable]:
    """Path below the site -> file, of the kinds that a browser takes; empty when there is no site."""
    if not folder.is_dir():
        return {}
    found: dict[str, Traversable] = {}
    for each in folder.iterdir():
        if each.is_dir():
            found |= _listed(each, f"{above}{each.name}/")
        elif each.name.rpartition(".")[2] in KINDS:
            found[above + each.name] = each
    return found
