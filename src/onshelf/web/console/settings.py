"""The page of the settings: each value, where it came from, what it is for."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from onshelf.guard.roles import Permission
from onshelf.settings import TABLE
from onshelf.web.api.settings import SettingOut
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit

router = APIRouter()


@router.get("/settings")
async def settings(request: Request, visit: Annotated[Visit, Opens(Permission.AUDIT)]) -> Response:
    """Lists all settings; those that somebody set come first."""
    rows = [SettingOut.of(row, visit.door.app.settings, visit.door.lang) for row in TABLE]
    given = [row for row in rows if row.origin != "default"]
    return views_of(request).page(
        request,
        "settings.html",
        visit,
        current="settings",
        parts_shown=[("given", given), ("default", [row for row in rows if row.origin == "default"])],
    )
