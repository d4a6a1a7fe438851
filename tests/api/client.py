"""Calls an application without a socket, from plain functions."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


def call(app: FastAPI, method: str, path: str, **about: Any) -> httpx.Response:
    """One request; an error that the application lets through is raised here."""

    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **about)

    return asyncio.run(request())
