"""The one catalogue of user-facing texts: a key and its values become a Chinese or an English sentence.

Texts live in `reference/texts/<room>.json` as `{"key": {"zh": …, "en": …}}`; the part of a key before the first
dot names the file. Placeholders are those of `str.format`. A test holds both languages and their placeholders together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Words:
    """A text whose language is not known yet. Given as a value of another text, it is rendered with it."""

    key: str
    values: Mapping[str, Any]


def text(key: str, lang: Lang, /, **values: Any) -> str:
    """Renders a text; an unknown key raises KeyError, for a missing text is a defect of ours."""
    told = {name: words_of(value, lang) for name, value in values.items()}
    return catalogue(key.partition(".")[0])[key][lang].format(**told)


def words_of(value: Any, lang: Lang) -> Any:
    """Renders words in a language; any other value is returned as it is."""
    return text(value.key, lang, **value.values) if isinstance(value, Words) else value
