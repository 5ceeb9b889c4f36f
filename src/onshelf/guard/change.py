"""What is kept of a change: the fields that differ, before and after, in short; never a secret, never a buyer. Pure."""

from collections.abc import Mapping

from onshelf.guard.buyers import is_buyers_name
from onshelf.guard.mask import DOTS, is_secret_name, mask

MOST_FIELDS = 30
LONGEST = 120  # characters of a value


def change_of(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[str | None]]:
    """Returns {field: [before, after]} of the fields that differ; None: there was none.

    A secret's field says that it changed and nothing more; one of a buyer's is left out; long values are cut; more fields
    than `MOST_FIELDS` are counted under "…".
    """
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    told = {
        name: [_shown(name, side.get(name)) for side in (before, after)]
        for name in names[:MOST_FIELDS]
        if not is_buyers_name(name)
    }
    return told if len(names) <= MOST_FIELDS else {**told, "…": [None, str(len(names) - MOST_FIELDS)]}


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if is_secret_name(name):
        return DOTS
    if isinstance(value, Mapping):
        value = {key: _shown(str(key), inner) for key, inner in value.items() if not is_buyers_name(str(key))}
    elif isinstance(value, list | tuple | set | frozenset):
        parts = sorted(map(str, value)) if isinstance(value, set | frozenset) else value
        value = "、".join(_shown(name, one) or "—" for one in parts)
    text = mask(str(value))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
