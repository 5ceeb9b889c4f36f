"""`/healthz`: the process lives. `/readyz`: it can do its work: the database answers, and the home has a worker."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from onshelf.errors import StoreError
from onshelf.store.db import Database
from onshelf.wiring import App

PATIENCE_S = 2.0
"""How long the database may take; whoever asks gives up soon after."""


def routes(app: App) -> APIRouter:
    """Returns the two routes; neither calls the platform."""
    found = APIRouter(tags=["health"])

    @found.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Answers as long as the process does anything at all."""
        return "ok\n"

    @found.get("/readyz")
    async def readyz() -> JSONResponse:
        """Answers 200 when all checks are good, else 503; `checks` says which is not."""
        checks = {"database": await database_answers(app.db), "worker": app.lock.is_held()}
        return JSONResponse(
            {"ready": all(checks.values()), "checks": checks}, 200 if all(checks.values()) else 503
        )

    return found


async def database_answers(db: Database) -> bool:
    """Tells whether the database answers a question within two seconds."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await db.fetch("SELECT 1")
    except (StoreError, TimeoutError):
        return False
    return True
