"""In which language an answer speaks."""

import pytest
from starlette.types import Scope

from onshelf.texts import Lang
from onshelf.web.tongue import accepted, spoken


def asking(accept: str, cookie: str = "") -> Scope:
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    return {"type": "http", "headers": headers}


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-Hans-CN", "zh"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("en;q=0", "zh"),
        ("EN", "en"),
        ("fr", "zh"),
        ("*", "zh"),
        ("", "zh"),
    ],
)
def test_what_is_wished_for_most_and_spoken_here_is_the_language(accept: str, lang: Lang) -> None:
    assert spoken(asking(accept), "zh") == lang


def test_the_switch_of_the_console_goes_first() -> None:
    assert spoken(asking("zh", "onshelf_lang=en"), "zh") == "en"
    assert spoken(asking("en", "onshelf_lang=tlh"), "zh") == "en"


def test_equal_wishes_keep_their_order_and_unreadable_ones_are_none() -> None:
    assert accepted("de, en ;q=1, fr;q=x, zh;v=2") == ["de", "en", "zh"]
