"""Makes reference/categories.json.gz and properties.json.gz from the public dumps in $ONSHELF_DATA/real, trimmed to what is used.

Columns instead of rows, names of value lists instead of the lists, no time of packing: the same dumps give the same bytes.
"""

import gzip
import json
import os
from pathlib import Path
from typing import Any

SOURCE = Path(os.environ.get("ONSHELF_DATA", "data")) / "real"
TARGET = Path(__file__).parents[1] / "src" / "onshelf" / "reference"
FLAGS = ("must", "multi", "is_color_prop", "is_key_prop", "is_enum_prop", "is_input_prop", "is_item_prop")


def categories(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Keeps id, parent, name and order; parents first. Whether one is a parent follows from its having children."""
    rows.sort(key=lambda row: (row["level"], row["cid"]))
    return {
        "source": "public category dump of 2017-05 and the roots of 2018; names and order as recorded",
        "cid": [row["cid"] for row in rows],
        "parent_cid": [row["parent_cid"] for row in rows],
        "name": [row["name"] for row in rows],
        "sort_order": [row.get("sort_order", 0) for row in rows],
    }


def properties(raw: dict[str, Any], known: set[int]) -> dict[str, Any]:
    """Keeps the sales properties of known leaves; a kind of property is told once, its values are a named list."""
    kinds: dict[str, int] = {}
    leaves: dict[str, list[list[Any]]] = {}
    used: dict[str, list[list[Any]]] = {}
    for row in raw["categories"]:
        if row["cid"] not in known or not row["props"]:
            continue
        for prop in row["props"]:
            kind = json.dumps(
                [prop["pid"], prop["name"], *(prop[flag] for flag in FLAGS)], ensure_ascii=False
            )
            values = prop.get("values") or ""
            if values:
                used[values] = [value[:2] for value in raw["value_sets"][values]]
            leaves.setdefault(str(row["cid"]), []).append([kinds.setdefault(kind, len(kinds)), values])
    return {
        "source": "sales properties of recorded itemprops.get and itempropvalues.get replies of 2018-07-26",
        "kinds": [json.loads(kind) for kind in kinds],
        "leaves": leaves,
        "values": used,
    }


def write(name: str, value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    (TARGET / name).write_bytes(gzip.compress(text, 9, mtime=0))


def main() -> None:
    rows = json.loads((SOURCE / "categories.json").read_bytes())
    write("categories.json.gz", categories(rows))
    raw = json.loads((SOURCE / "properties.json").read_bytes())
    write("properties.json.gz", properties(raw, {row["cid"] for row in rows}))


if __name__ == "__main__":
    main()
