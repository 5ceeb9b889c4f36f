"""`/settings`: every setting of this process, its value, where it came from, and what it is for; secrets as dots."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from onshelf.guard.mask import DOTS, mask
from onshelf.guard.roles import Permission
from onshelf.settings import BY_NAME, TABLE, Setting, Settings
from onshelf.texts import Lang
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/settings", tags=["settings"])


class SettingOut(Row):
    """One setting. They are read when a process starts; to change one, set it and start again."""

    name: str = Field(description="as in `onshelf.toml`; in the environment `ONSHELF_` and it in capitals")
    value: str = Field(description="as it is typed; of a secret that is set: dots")
    default: str = Field(description="what holds when it is not set")
    unit: str = Field(description="of its value; empty: none")
    origin: str = Field(description="`argument`, `environment`, the path of a file, or `default`")
    choices: list[str] = Field(description="all it may be; empty: anything of its form")
    help: str = Field(description="what it is for, in the language asked for")

    @classmethod
    def of(cls, row: Setting, settings: Settings, lang: Lang) -> "SettingOut":
        return cls(
            name=row.name,
            value=shown(row, settings[row.name]),
            default=shown(row, row.default),
            unit=row.unit,
            origin=settings.origin.get(row.name, "default"),
            choices=list(row.choices),
            help=row.zh if lang == "zh" else row.en,
        )


@router.get("", response_model=Page[SettingOut])
async def list_settings(
    door: Annotated[Door, Needs(Permission.AUDIT)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists all settings, in the order of the reference."""
    after = place_of(cursor, str)
    names = [row.name for row in TABLE]
    if after and after[0] not in names:
        raise Problem(422, "bad_cursor", cursor=str(cursor)[:40])
    start = names.index(after[0]) + 1 if after else 0
    rows = [SettingOut.of(row, door.app.settings, door.lang) for row in TABLE[start : start + limit + 1]]
    return page(rows, limit, lambda row: (row.name,), fields)


@router.get("/{name}")
async def show_setting(name: str, door: Annotated[Door, Needs(Permission.AUDIT)]) -> SettingOut:
    """Shows one setting."""
    if name not in BY_NAME:
        raise Problem(404, "no_setting", name=name[:40])
    return SettingOut.of(BY_NAME[name], door.app.settings, door.lang)


def shown(row: Setting, value: object) -> str:
    """Shows a value as one types it; a secret as dots, and none as none."""
    if row.kind == "secret":
        return DOTS if value else ""
    return f"{value:g}" if isinstance(value, float) else mask(str(value))
