"""What all typed requests share: how their fields become parameters, how they are checked, how a long read is walked. Pure.

The requests themselves are in `generated/`, made from the catalogue by `make methods`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import msgspec

from onshelf.platforms.top.arguments import Advice, advise
from onshelf.platforms.top.protocol import File, wire_time

R = TypeVar("R")  # the reply
Row = TypeVar("Row")  # a row of it

Values = str | Sequence[str] | Sequence[int] | Sequence[Decimal]
"""A comma list: joined already, or its values."""
Time = str
"""A time of a reply: `yyyy-MM-dd HH:mm:ss` in GMT+8; `protocol.read_time` makes an aware moment of it."""


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """How a list is read whole, by names of fields. Empty: the method has no such thing."""

    rows: str  # field of the reply that holds the rows
    ids: str = ""  # field of the request that holds ids
    most_ids: int = 0  # a call
    page: str = ""  # field that holds the page, from 1
    size: str = "page_size"
    most_rows: int = 0  # a page
    most_pages: int = 0  # 0: no limit known
    total: str = ""  # field of the reply that counts all rows
    last_first: bool = False  # rows leave it while we read, and pull the others towards the earlier pages
    start: str = ""  # fields that bound a window of time
    end: str = ""
    longest_s: int = 0  # a window; 0: no limit known


class WrongArguments(ValueError):
    """A request the platform would refuse; `faults` holds everything wrong with it."""

    def __init__(self, method: str, faults: Sequence[Advice]) -> None:
        super().__init__("\n".join([f"{method}:", *(fault.message("en") for fault in faults)]))
        self.method = method
        self.faults = tuple(faults)


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object inside a request; travels as JSON, without what was not given."""


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A call that can be made, with its arguments by their wire names; None is not sent.

    Times are aware moments, amounts `Decimal` yuan, lists sequences or texts joined already.
    """

    METHOD: ClassVar[str]
    REPLY: ClassVar[type[Any]]


class Listing(Request[R], Generic[R, Row], frozen=True, kw_only=True):
    """A request whose reply holds rows, and which `Typed.rows` can read whole."""

    WALK: ClassVar[Walk]


class Reply(msgspec.Struct, kw_only=True):
    """What every reply has. Fields that the platform did not send are None, lists it did not send are empty."""

    request_id: str = ""


class Written(NamedTuple):
    """The arguments of a call as they travel."""

    params: dict[str, str]
    files: dict[str, File]
    doubts: tuple[Advice, ...]  # what may be wrong with the call; it is sent all the same


def checked(request: Request[Any]) -> Written:
    """Writes the arguments of a request; raises WrongArguments with all its faults at once."""
    return written(request.METHOD, {there: getattr(request, ours) for ours, there in _names(type(request))})


def written(method: str, given: Mapping[str, Any]) -> Written:
    """Writes the arguments of any method, None left out; raises WrongArguments with all faults at once."""
    sent = {name: value for name, value in given.items() if value is not None}
    files = {name: value for name, value in sent.items() if isinstance(value, File)}
    zoneless = {name: str(value) for name, value in sent.items() if _is_zoneless(value)}
    params = {name: zoneless.get(name) or write(value) for name, value in sent.items() if name not in files}
    advice = (
        *(Advice("fault", "zoneless", {"name": name, "value": value}) for name, value in zoneless.items()),
        *advise(method, params, files),
    )
    faults = tuple(one for one in advice if one.severity == "fault")
    if faults:
        raise WrongArguments(method, faults)
    return Written(params, files, advice)


@cache
def _names(request: type[Request[Any]]) -> tuple[tuple[str, str], ...]:
    """Pairs the fields of a request with their names on the wire; msgspec builds its own list anew at each asking."""
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(request))


def write(value: Any) -> str:
    """Writes one argument as the platform reads it; a time has to have its time zone."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return wire_time(value)
        case Decimal():
            return f"{value:f}"
        case Part() | Mapping():
            return _json(value)
        case Sequence() if value and isinstance(value[0], Part | Mapping):
            return _json(value)
        case Sequence():
            return ",".join(map(str, value))
    return str(value)


def _is_zoneless(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
