"""Whether a typed reply says all that the raw one said."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from onshelf.platforms.top.rows import Rows


def lost(raw: Any, got: Any, path: str) -> Iterator[str]:
    """Yields every place where a typed reply says less than the recorded one, or something else."""
    if isinstance(got, Rows):
        rows = rows_of(raw)
        yield from [f"{path}: {len(rows)} rows"] * (len(rows) != len(got))
        for number, (one, row) in enumerate(zip(rows, got, strict=False)):
            yield from lost(one, row, f"{path}[{number}]")
    elif isinstance(got, msgspec.Struct) and isinstance(raw, Mapping):
        names = {field.encode_name: field.name for field in msgspec.structs.fields(got)}
        yield from (f"{path}.{name} is unknown" for name in raw.keys() - names.keys())
        for name in raw.keys() & names.keys():
            yield from lost(raw[name], getattr(got, names[name]), f"{path}.{name}")
    elif not same(raw, got):
        yield f"{path}: {raw!r} became {got!r}"


def rows_of(raw: Any) -> list[Any]:
    if isinstance(raw, dict):
        inner = next(iter(raw.values()), None)
        raw = inner if isinstance(inner, list | dict) or len(raw) == 1 else raw
    return raw if isinstance(raw, list) else [raw] if raw not in ("", None, {}) else []


def same(raw: Any, got: Any) -> bool:
    if got is None or got == "":
        return raw in ("", None, {})
    if isinstance(got, bool):
        return str(raw).lower() == str(got).lower()
    if isinstance(got, int):
        return Decimal(str(raw)) == got
    return str(raw) == str(got) or raw == got
