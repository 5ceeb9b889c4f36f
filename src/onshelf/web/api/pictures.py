"""`/shops/{shop}/pictures`: a shop's own folder of pictures, which products name."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from onshelf import acts
from onshelf.catalog.shop_pictures import PictureKept
from onshelf.guard.roles import Permission
from onshelf.texts import Lang
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import FaultOut, Problem, fault_out
from onshelf.web.uploaded import Form, parts_of

router = APIRouter(prefix="/shops/{shop}/pictures", tags=["products"])
LARGEST_BYTES = 128 << 20
MOST = 100


class PictureOut(Row):
    """A picture of a shop."""

    name: str = Field(description="as products name it; of a name with folders the last part counts")
    size_bytes: int


class PictureKeptOut(BaseModel):
    """What became of a picture that was sent."""

    name: str = Field(description="as products name it; signs that a file name cannot have become `_`")
    size_bytes: int
    width: int = Field(description="pixels; 0 for one that was not kept")
    height: int = Field(description="pixels; 0 for one that was not kept")
    faults: list[FaultOut] = Field(description="why it was not kept; empty: it was")

    @classmethod
    def of(cls, kept: PictureKept, lang: Lang) -> "PictureKeptOut":
        faults = [fault_out(kept.fault, lang)] if kept.fault else []
        return cls(
            name=kept.name, size_bytes=kept.size_bytes, width=kept.width, height=kept.height, faults=faults
        )


@router.get("", response_model=Page[PictureOut])
async def list_pictures(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists a shop's pictures by name."""
    place = place_of(cursor, str)
    found = await asyncio.to_thread(
        door.app.pictures.page, shop, after=place[0] if place else "", limit=limit + 1
    )
    rows = [PictureOut(name=name, size_bytes=size) for name, size in found]
    return page(rows, limit, lambda row: (row.name,), fields)


_FILES = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "maxItems": MOST, "items": {"type": "string", "format": "binary"}}
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILES}}}
}


@router.post("", openapi_extra=_BODY)
async def add_pictures(
    shop: str, request: Request, door: Annotated[Door, Needs(Permission.PRODUCTS)], dry_run: DryRun = False
) -> list[PictureKeptOut]:
    """Keeps pictures (JPEG, PNG or GIF, up to 3 MiB) for the products that name them; one with the same name is replaced."""
    async with Form(request, most=MOST) as form:
        files = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
        if not files:
            raise Problem(422, "bad_upload", detail="file")
        kept = [
            await door.app.pictures.keep(shop, file.filename or "file", parts_of(file), dry_run=door.dry_run)
            for file in files
        ]
    door.acted(acts.pictures_added(shop, [one.name for one in kept if one.fault is None]))
    return [PictureKeptOut.of(one, door.lang) for one in kept]


@router.delete("/{name}", status_code=204)
async def delete_picture(
    shop: str,
    name: Annotated[str, Path(max_length=200)],
    door: Annotated[Door, Needs(Permission.PRODUCTS)],
    dry_run: DryRun = False,
) -> None:
    """Deletes a picture from the shop's folder; what was published with it stays. Products that name it become faulty."""
    known = await asyncio.to_thread(door.app.pictures.has, shop, name)
    if not known:
        raise Problem(404, "no_picture", name=name)
    if not door.dry_run:
        await asyncio.to_thread(door.app.pictures.drop, shop, name)
    door.acted(acts.picture_deleted(shop, name))
