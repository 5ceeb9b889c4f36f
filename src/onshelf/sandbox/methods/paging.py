"""Pages of lists whose parameters the catalogue gives no lower limit."""

from collections.abc import Sequence
from typing import TypeVar

from onshelf.sandbox.call import Call
from onshelf.sandbox.errors import InvalidArguments
from onshelf.sandbox.wire import Json

T = TypeVar("T")


def asked_page(call: Call) -> tuple[int, int]:
    """Returns page_no, from 1, and page_size, 40 unless told. Raises: InvalidArguments when one is below 1."""
    asked = {"page_no": call.number("page_no", 1), "page_size": call.number("page_size", 40)}
    for name, value in asked.items():
        if value < 1:
            raise InvalidArguments(name)
    return asked["page_no"], asked["page_size"]


def cut(call: Call, rows: Sequence[T]) -> Sequence[T]:
    """Returns the rows of the page asked for."""
    number, size = asked_page(call)
    return rows[(number - 1) * size : number * size]


def counted(call: Call, total: int) -> Json:
    """Returns what a list says of its length: has_next when the caller wants only that, else the total."""
    number, size = asked_page(call)
    if call.get("use_has_next") == "true":
        return {"has_next": number * size < total}
    return {"total_results": total}
