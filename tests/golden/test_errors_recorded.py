"""Every error in the recorded replies of the platform is explained, and what it names is read out of it."""

from pathlib import Path

import pytest

from onshelf.cli.errors import pasted, told_of
from onshelf.errors import PermissionRefused, PlatformError, QuotaExceeded
from onshelf.platforms.top.errorcodes import explain
from onshelf.platforms.top.lookup import Sort, look_up
from onshelf.platforms.top.outcomes import Kind, ban_named, judge
from onshelf.platforms.top.permissions import allow_list, scope_ids
from onshelf.platforms.top.protocol import Format, Refusal, parse_reply
from onshelf.texts import LANGS


@pytest.fixture(scope="module")
def refusals(data_folder: Path) -> dict[str, Refusal]:
    """Returns the recorded refusals by file."""
    found = {}
    for file in sorted((data_folder / "real" / "replies").glob("error.*")):
        reply_format: Format = "xml" if file.suffix == ".xml" else "json"
        refusal = parse_reply(file.read_bytes(), "any.method", dict, reply_format)
        assert isinstance(refusal, Refusal), file.name
        found[file.name] = refusal
    return found


def test_each_is_explained_in_both_languages(refusals: dict[str, Refusal]) -> None:
    assert len(refusals) >= 37
    for name, refusal in refusals.items():
        meaning = explain(refusal.code, refusal.sub_code)
        assert meaning is not None, name
        assert all(meaning.meaning(lang) and meaning.remedy(lang) for lang in LANGS), name


def test_each_becomes_an_error_of_ours_that_says_what_to_do(refusals: dict[str, Refusal]) -> None:
    for name, refusal in refusals.items():
        for kind in Kind:
            error = judge("taobao.item.add", kind, refusal, 0)
            assert isinstance(error, PlatformError)
            assert all(error.message(lang) and error.remedy(lang) for lang in LANGS), name


def test_each_is_explained_when_it_is_pasted_whole(data_folder: Path, refusals: dict[str, Refusal]) -> None:
    for name, refusal in refusals.items():
        text = (data_folder / "real" / "replies" / name).read_text("utf-8")
        assert pasted(text) == refusal, name

        found = look_up(refusal.sub_code or str(refusal.code))
        assert found.sort in {Sort.CODE, Sort.SUB_CODE, Sort.SERVICE}, name
        for lang in LANGS:
            told = told_of(found, "", refusal.sub_msg, lang)
            assert told["meaning"], name
            assert told["remedy"], name


def test_what_code_11_asks_for_is_read(refusals: dict[str, Refusal]) -> None:
    eleven = [refusal for refusal in refusals.values() if refusal.code == 11]

    assert len(eleven) >= 6
    for refusal in eleven:
        error = judge("taobao.trades.sold.get", Kind.READ, refusal, 0)
        assert isinstance(error, PermissionRefused)
        limit = allow_list(refusal.sub_msg)
        named = scope_ids(refusal.sub_msg) if limit is None else (limit.ours, *limit.allowed)
        assert named
        assert all(one in error.remedy(lang) for one in named for lang in LANGS)


def test_the_seconds_of_each_ban_are_read(refusals: dict[str, Refusal]) -> None:
    bans = [refusal for refusal in refusals.values() if refusal.code == 7]

    assert bans
    for refusal in bans:
        assert ban_named(refusal.sub_msg)
        assert isinstance(judge("taobao.item.add", Kind.CREATE, refusal, 0), QuotaExceeded)
