"""Filters of the shelf that a person keeps under a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from onshelf.store.db import Database, Write

LONGEST_NAME = 40
_MOST = 50  # of a person: shown in one row of buttons


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """What the shelf is asked for, as the page's own fields have it."""

    name: str  # unique to the person
    query: Mapping[str, str]


async def saved_filters(db: Database, person_id: str) -> list[SavedFilter]:
    """Reads a person's filters by name."""
    rows = await db.fetch(
        "SELECT name, query FROM saved_filter WHERE person_id = ? ORDER BY name LIMIT ?", (person_id, _MOST)
    )
    return [
        SavedFilter(name, msgspec.json.decode(query, type=dict[str, str]))
        for name, query in cast("list[tuple[str, str]]", rows)
    ]


def save_filter(person_id: str, saved: SavedFilter) -> Write:
    """Keeps a filter, in place of one of the same name. A name of no characters, or of too many, is a ValueError."""
    if not 0 < len(saved.name) <= LONGEST_NAME:
        raise ValueError(f"a filter's name has 1 to {LONGEST_NAME} characters")
    return Write(
        "INSERT INTO saved_filter (person_id, name, query) VALUES (?, ?, ?) "
        "ON CONFLICT (person_id, name) DO UPDATE SET query = excluded.query",
        (person_id, saved.name, msgspec.json.encode(dict(saved.query)).decode()),
    )


def drop_filter(person_id: str, name: str) -> Write:
    """Forgets a filter; one that is not there is no fault."""
    return Write("DELETE FROM saved_filter WHERE person_id = ? AND name = ?", (person_id, name))
