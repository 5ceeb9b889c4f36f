"""JSON: an array of product objects, or one object a line. Nested `skus` become rows of their own, lists become lines of a cell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from onshelf.catalog.readers.table import Table
from onshelf.errors import Unreadable

_SIZE_LIMIT = 256 << 20  # bytes; the whole file is held in memory
_SKUS = ("skus", "variants", "规格")
_OPTIONS = ("options", "规格值")


def read_table(path: Path) -> Table:
    """Reads the file whole; raises Unreadable when it is no JSON of objects."""
    size = path.stat().st_size
    if size > _SIZE_LIMIT:
        raise Unreadable(path.name, "too_large", size=size, limit=_SIZE_LIMIT)
    objects = _objects(path, path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    flat = [row for thing in objects for row in _flatten(thing)]
    header = list(dict.fromkeys(name for row in flat for name in row))
    return Table(path, _rows(header, flat))


def _objects(path: Path, content: bytes) -> list[dict[str, Any]]:
    try:
        if content.lstrip().startswith(b"["):
            return msgspec.json.decode(content, type=list[dict[str, Any]])
        return msgspec.json.Decoder(dict[str, Any]).decode_lines(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(path.name, "json_broken", detail=str(error)) from None


def _flatten(thing: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yields one row for a product without variants, else one a variant; the product's own cells stand in the first."""
    skus: list[Any] = next((thing[name] for name in _SKUS if isinstance(thing.get(name), list)), [])
    cells = {name: _text(value) for name, value in thing.items() if name not in _SKUS}
    if not skus:
        yield cells
        return
    code = {name: cells[name] for name in ("outer_id", "商家编码") if cells.get(name)}
    for number, sku in enumerate(skus):
        yield (cells if number == 0 else code) | _sku_cells(sku if isinstance(sku, dict) else {})


def _sku_cells(sku: dict[str, Any]) -> dict[str, str]:
    cells = {
        "sku_outer_id" if name in ("outer_id", "商家编码") else name: _text(value)
        for name, value in sku.items()
        if name not in _OPTIONS
    }
    options: dict[str, Any] = next((sku[name] for name in _OPTIONS if isinstance(sku.get(name), dict)), {})
    for number, (name, value) in enumerate(options.items(), 1):
        cells |= {f"option{number}_name": str(name), f"option{number}_value": _text(value)}
    return cells


def _rows(header: list[str], flat: list[dict[str, str]]) -> Iterator[tuple[int, list[str]]]:
    yield 1, header
    for number, row in enumerate(flat, 2):
        yield number, [row.get(name, "") for name in header]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_text(part) for part in value)
    return msgspec.json.encode(value).decode()
