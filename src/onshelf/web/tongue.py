"""In which language an answer speaks: the console's switch, else what the caller accepts, else the setting. Pure."""

from starlette.requests import HTTPConnection
from starlette.types import Scope

from onshelf.texts import LANGS, Lang

LANG_COOKIE = "onshelf_lang"


def spoken(scope: Scope, default: Lang) -> Lang:
    """Returns the language of the answer to a request."""
    asked = HTTPConnection(scope)
    wished = (asked.cookies.get(LANG_COOKIE, ""), *accepted(asked.headers.get("accept-language", "")))
    return next((lang for one in wished for lang in LANGS if one[:2].lower() == lang), default)


def accepted(header: str) -> list[str]:
    """Reads `Accept-Language`: its languages, the most wished for first, those that are not wanted left out."""
    ranked = [
        (_weight(given), tag.strip()) for tag, _, given in (one.partition(";") for one in header.split(","))
    ]
    return [tag for weight, tag in sorted(ranked, key=lambda one: -one[0]) if weight > 0]


def _weight(given: str) -> float:
    """Returns the weight after `q=`; 1 without one, 0 for one that cannot be read."""
    name, _, value = given.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
