"""Pages of a list: a cursor that says where the next begins, sparse fields, and how both are written."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from onshelf.web.problem import Problem

LONGEST = 200
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="rows a page")]
CursorParam = Annotated[
    str | None, Query(max_length=400, description="`next` of the page before; absent: the first page")
]
Fields = Annotated[
    str | None, Query(max_length=400, description="only these fields of each row, with commas between")
]
DryRun = Annotated[
    bool, Query(description="do everything but keep nothing: answers as in earnest, errors included")
]


def _all_optional(schema: dict[str, Any]) -> None:
    schema.pop("required", None)


class Row(BaseModel):
    """A row of a page; with `fields` any of its fields may be absent."""

    model_config = ConfigDict(json_schema_extra=_all_optional)


R = TypeVar("R", bound=Row)


class Page(BaseModel, Generic[R]):
    """One page of a list."""

    items: list[R] = Field(description="the rows, in the order of the list")
    next: str | None = Field(description="cursor of the next page; null: this was the last")


def cursor_text(place: Sequence[int | str]) -> str:
    """Writes where the next page begins: the sort key of the last row shown."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(place))).rstrip(b"=").decode()


def place_of(cursor: str | None, *kinds: type[int] | type[str]) -> tuple[Any, ...] | None:
    """Reads a cursor whose sort key has parts of these types; None: the first page. Raises Problem 422."""
    if cursor is None:
        return None
    try:
        place = msgspec.json.decode(
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[int | str]
        )
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        raise Problem(422, "bad_cursor", cursor=cursor[:40]) from None
    fits = len(place) == len(kinds) and all(
        isinstance(part, kind) for part, kind in zip(place, kinds, strict=True)
    )
    if not fits or any(isinstance(part, int) and abs(part) >= 1 << 63 for part in place):
        raise Problem(422, "bad_cursor", cursor=cursor[:40])
    return tuple(place)


def page(
    rows: Sequence[R], limit: int, key: Callable[[R], Sequence[int | str]], fields: str | None
) -> JSONResponse:
    """Answers a page from up to `limit` + 1 rows: one more than fit tells that there is a next page."""
    return answer_page(rows[:limit], key(rows[limit - 1]) if len(rows) > limit else None, fields)


def answer_page(rows: Sequence[R], following: Sequence[int | str] | None, fields: str | None) -> JSONResponse:
    """Answers a page; `following`: where the next begins, None after the last."""
    return JSONResponse(
        {
            "items": [sparse(row.model_dump(mode="json"), fields) for row in rows],
            "next": None if following is None else cursor_text(following),
        }
    )


def sparse(row: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    """Keeps the fields asked for, which `check_fields` has let on."""
    return dict(row) if fields is None else {name: row[name] for name in _names(fields)}


def check_fields(fields: str | None, answer: Any) -> None:
    """Lets on a wish for fields that the rows of an answer have; `answer`: a `Page`. Raises Problem 422 naming those there are.

    Asked before the rows, of which there may be none.
    """
    if fields is None:
        return
    known, wished = tuple(_row_of(answer).model_fields), _names(fields)
    if not wished:
        raise Problem(422, "no_fields", known=known)
    unknown = [name for name in wished if name not in known]
    if unknown:
        raise Problem(422, "no_field", field=unknown[0][:40], known=known)


def _row_of(answer: type[Page[Any]]) -> type[Row]:
    row: type[Row] = answer.__pydantic_generic_metadata__["args"][0]
    return row


def _names(fields: str) -> list[str]:
    return [name.strip() for name in fields.split(",") if name.strip()]
