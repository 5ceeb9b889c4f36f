"""The one catalogue of user-facing texts: a key and its values become a Chinese or an English sentence.

Texts live in `reference/texts/<room>.json` as `{"key": {"zh": …, "en": …}}`; the part of a key before the first
dot names the file. Placeholders are those of `str.format`. A test holds both languages and their placeholders together.
"""

from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

import msgspec

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@cache
def catalogue(room: str) -> dict[str, dict[str, str]]:
    """Returns the texts of one room by key; an unknown room has none."""
    file = files("onshelf") / "reference" / "texts" / f"{room}.json"
    if not file.is_file():
        return {}
    return cast("dict[str, dict[str, str]]", msgspec.json.decode(file.read_bytes()))


def text(key: str, lang: Lang, /, **values: Any) -> str:
    """Renders a text; an unknown key raises KeyError, for a missing text is a defect of ours."""
    return catalogue(key.partition(".")[0])[key][lang].format(**values)
