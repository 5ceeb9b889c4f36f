"""The one catalogue of texts is complete: both languages, the same placeholders, every error named."""

import json
import string
from pathlib import Path

import pytest

from onshelf import errors
from onshelf.settings import TABLE, Setting

TEXTS = Path(__file__).parents[2] / "src" / "onshelf" / "reference" / "texts"
FILES = sorted(TEXTS.glob("*.json"))


def placeholders(sentence: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_speaks_both_languages_with_the_same_values(file: Path) -> None:
    for key, entry in json.loads(file.read_text("utf-8")).items():
        assert set(entry) == {"zh", "en"}, key
        assert entry["en"].strip() or not entry["zh"].strip(), key
        assert placeholders(entry["zh"]) == placeholders(entry["en"]), key


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_is_kept_in_the_file_its_key_names(file: Path) -> None:
    rooms = {file.stem, "unreadable"} if file.stem == "unreadable" else {file.stem}

    assert {key.partition(".")[0] for key in json.loads(file.read_text("utf-8"))} <= rooms


def leaves(error: type[errors.Error]) -> list[type[errors.Error]]:
    return [error, *(leaf for child in error.__subclasses__() for leaf in leaves(child))]


OURS = [error for error in leaves(errors.Error)[1:] if error.__module__ == "onshelf.errors"]


@pytest.mark.parametrize("error", OURS, ids=lambda error: error.__name__)
def test_every_error_has_a_meaning_and_a_remedy_in_both_languages(error: type[errors.Error]) -> None:
    known = json.loads((TEXTS / "errors.json").read_text("utf-8"))

    assert f"errors.{error.code}" in known
    assert f"errors.{error.code}.remedy" in known or error is errors.Unreadable


@pytest.mark.parametrize("error", OURS, ids=lambda error: error.__name__)
def test_every_error_stands_in_the_drawn_tree(error: type[errors.Error]) -> None:
    assert error.__name__ in (errors.__doc__ or "")


def test_every_setting_is_explained_in_both_languages() -> None:
    assert all(row.zh and row.en for row in TABLE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_setting_is_read_somewhere(row: Setting) -> None:
    """A setting nobody reads is a promise nobody keeps."""
    source = TEXTS.parents[1]
    readers = [file for file in source.rglob("*.py") if f'"{row.name}"' in file.read_text("utf-8")]

    assert [file for file in readers if file.name != "settings.py" or file.parent != source]
