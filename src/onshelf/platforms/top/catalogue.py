"""Every method the platform is known to have: what it takes, what it answers, whether it is still there. Pure.

Two files, one shape. `reference/methods.json` holds the methods that have typed requests, with limits and meanings;
`reference/all-methods.json.gz` holds the names, types and shapes of the whole public catalogue, one method a line, so that one
method is found without decoding the other five thousand.
Source: the public method catalogue of 2021 to 2026, facts only.
"""

import gzip
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeVar

import msgspec

from onshelf.platforms.top.protocol import root_name

T = TypeVar("T")
Status = Literal["current", "legacy", "removed"]
Session = Literal["yes", "no", "optional", "unknown"]


class Param(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a method. None and empty mean that nothing is known."""

    name: str
    type: str  # string, integer, number, price, boolean, datetime, bytes, json; else the name of a JSON object's type
    required: bool = False
    meaning: str = msgspec.field(default="", name="description_short")
    min: float | None = None
    max: float | None = None
    max_length: int | None = None  # characters; of a file, bytes
    max_bytes: int | None = None  # in an encoding nobody names
    max_list_size: int | None = None
    max_items_documented: int | None = None
    scale: int = 2  # decimals of a price
    enum: tuple[str | int, ...] = ()
    enum_columns: tuple[str, ...] = ()  # columns a sort may name, as column:asc or column:desc
    default: str | int | float | bool | None = None  # what the platform takes when it is not sent
    list: bool = False
    fields: tuple["Param", ...] = ()  # of a JSON object

    @property
    def most_values(self) -> int | None:
        """Tells how many values a list may hold."""
        return self.max_list_size or self.max_items_documented

    @property
    def is_joined(self) -> bool:
        """Tells whether several values travel in one text, joined by commas."""
        return (self.list or "comma" in self.meaning) and not self.is_json

    @property
    def is_json(self) -> bool:
        """Tells whether the value travels as JSON text."""
        return self.type == "json" or self.type[:1].isupper()


class Field(msgspec.Struct, frozen=True):
    """One field of a reply."""

    name: str
    type: str  # as of `Param`
    list: bool = False
    item_key: str = ""  # name of a list's elements on the wire
    fields: tuple["Field", ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """Shape of a reply."""

    root_key: str
    fields: tuple[Field, ...]


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One method."""

    title: str
    group: str
    status: Status
    session: Session
    response: Reply
    params: tuple[Param, ...] = ()
    notes: str = ""
    multipart: bool = False
    error_subcodes: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """A method as a search lists it."""

    method: str
    title: str  # in English where it is typed, else in Chinese
    title_zh: str
    status: Status
    typed: bool


class _Heading(msgspec.Struct):
    title: str


class _RawParam(msgspec.Struct, rename="camel"):
    name: str
    type: str | None
    required: bool = False
    min_value: int | None = None
    max_value: int | None = None
    max_length: int | None = None
    max_list_size: int | None = None
    fields: tuple["_RawParam", ...] = ()


class _RawField(msgspec.Struct):
    name: str
    type: str | None
    fields: tuple["_RawField", ...] = ()


class _Raw(msgspec.Struct):
    """A line of the whole catalogue; types in the catalogue's own words."""

    family: str
    title: str
    params: tuple[_RawParam, ...]
    response: tuple[_RawField, ...]


_TYPES = {
    "String": "string",
    "Number": "number",
    "BigDecimal": "number",
    "byte": "number",
    "Price": "price",
    "Date": "datetime",
    "Boolean": "boolean",
    "byte[]": "bytes",
    "Json": "json",
}


@lru_cache(maxsize=1024)
def describe(method: str) -> Method | None:
    """Returns what is known of a method; None when it is in no catalogue."""
    return typed().get(method) or _from_whole(method)


@cache
def typed() -> Mapping[str, Method]:
    """Returns the methods that have typed requests, by name, in the order of the file."""
    raw = msgspec.json.decode(_file("methods.json"), type=dict[str, msgspec.Raw])
    return {
        name: msgspec.json.decode(row, type=Method) for name, row in raw.items() if not name.startswith("_")
    }


@cache
def names() -> tuple[str, ...]:
    """Returns the names of all known methods, in alphabetical order."""
    return tuple(sorted({*typed(), *_lines()}))


def chinese_title(method: str) -> str:
    """Returns the platform's own title of a method; "" when the catalogue never had it."""
    line = _lines().get(method)
    return "" if line is None else _read(line, method, _Heading).title


def find(words: str) -> tuple[Found, ...]:
    """Finds the methods whose name or title holds every word; typed ones first, then shorter names."""
    wanted = words.lower().split()
    hits = [found for found in _headings() if all(word in _searched(found) for word in wanted)]
    return tuple(sorted(hits, key=lambda found: (not found.typed, len(found.method), found.method)))


def _searched(found: Found) -> str:
    return f"{found.method} {found.title} {found.title_zh}".lower()


def _headings() -> Iterator[Found]:
    whole = msgspec.json.decode(_whole(), type=dict[str, _Heading])
    for name, method in typed().items():
        chinese = whole[name].title if name in whole else ""
        yield Found(name, method.title, chinese, method.status, typed=True)
    for name, heading in whole.items():
        if name not in typed():
            yield Found(name, heading.title, heading.title, "current", typed=False)


@cache
def _whole() -> bytes:
    return gzip.decompress(_file("all-methods.json.gz"))


def _file(name: str) -> bytes:
    return (files("onshelf") / "reference" / name).read_bytes()


@cache
def _lines() -> Mapping[str, bytes]:
    """Cuts the whole catalogue into its lines, by the name each begins with."""
    lines = _whole().split(b"\n")[1:-2]
    return {line[1 : line.index(b'"', 1)].decode(): line for line in lines}


def _read(line: bytes, method: str, row: type[T]) -> T:
    return msgspec.json.decode(b"{" + line.removesuffix(b",") + b"}", type=dict[str, row])[method]  # type: ignore[valid-type]


def _from_whole(method: str) -> Method | None:
    line = _lines().get(method)
    if line is None:
        return None
    raw = _read(line, method, _Raw)
    return Method(
        title=raw.title,
        group=raw.family,
        status="current",
        session="unknown",
        response=Reply(root_name(method), tuple(map(_field, raw.response))),
        params=tuple(map(_param, raw.params)),
    )


def _param(raw: _RawParam) -> Param:
    return Param(
        name=raw.name,
        type=_type(raw.type),
        required=raw.required,
        min=raw.min_value,
        max=raw.max_value,
        max_length=raw.max_length,
        max_list_size=raw.max_list_size,
        list=_is_list(raw.type),
        fields=tuple(map(_param, raw.fields)),
    )


def _field(raw: _RawField) -> Field:
    return Field(raw.name, _type(raw.type), _is_list(raw.type), fields=tuple(map(_field, raw.fields)))


def _is_list(written: str | None) -> bool:
    return bool(written) and written != "byte[]" and str(written).endswith("[]")


def _type(written: str | None) -> str:
    """Names a type in our words; what is no scalar keeps its name and travels as JSON. The catalogue lacks one or two."""
    if written is None or written in _TYPES:
        return _TYPES[written or "String"]
    name = written.removesuffix("[]")
    return _TYPES.get(name) or name[:1].upper() + name[1:]


def example(param: Param) -> Any:
    """Returns a value a parameter may take, for a reader or a first try; None for a file."""
    if param.enum:
        return param.enum[0]
    if param.default is not None and param.default != "":
        return param.default
    if param.enum_columns:
        return param.enum_columns[0]
    least = param.min or 1
    values: dict[str, Any] = {
        "integer": int(least),
        "number": int(least),
        "price": f"{max(least, 1):.2f}",
        "boolean": True,
        "datetime": "2026-01-01 00:00:00",
        "bytes": None,
    }
    if param.is_json:
        return {field.name: example(field) for field in param.fields if field.required}
    return values.get(param.type, "1" if param.name.endswith(("id", "ids")) else "x")


def some_fields(method: Method) -> tuple[str, ...]:
    """Names a few fields a method can return, for a first `fields`."""
    rows: tuple[Field, ...] = next((field.fields for field in method.response.fields if field.fields), ())
    scalars = [field.name for field in rows if not field.fields]
    return tuple(scalars[:8]) or ("created",)
