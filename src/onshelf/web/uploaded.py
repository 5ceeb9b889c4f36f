"""Files that come with a request as multipart/form-data."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from onshelf.web.problem import Problem

_PART = 1 << 18


class Form:
    """A form being read; its files lie beside it on disk, not in memory, until it is left. Raises Problem 422."""

    def __init__(self, request: Request, *, most: int = 1) -> None:
        self._opened = request.form(max_files=most, max_fields=10)

    async def __aenter__(self) -> FormData:
        try:
            return await self._opened.__aenter__()
        except HTTPException as error:
            raise Problem(422, "bad_upload", detail=str(error.detail)[:120]) from None

    async def __aexit__(self, *ended: Any) -> None:
        await self._opened.__aexit__(*ended)


async def parts_of(file: UploadFile) -> AsyncIterator[bytes]:
    """Yields a file part by part."""
    while part := await file.read(_PART):
        yield part
