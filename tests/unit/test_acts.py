"""The acts of the audit log: each is made in one file, and said in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import onshelf
from onshelf.jobs.acts import Act as JobAct
from onshelf.texts import text
from onshelf.web.console.audit import ACTS

SOURCE = Path(onshelf.__file__).parent
HOME = SOURCE / "acts.py"


def made(file: Path) -> Iterator[ast.Call]:
    """Finds where a file makes an act of the audit log."""
    tree = ast.parse(file.read_text("utf-8"))
    modules = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    if any(
        one.module == "onshelf.guard.change" and "Act" in [name.name for name in one.names] for one in modules
    ):
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Act":
                yield call


NAMES = sorted(
    {
        str(one.value)
        for call in made(HOME)
        for one in ast.walk(call.args[0])
        if isinstance(one, ast.Constant) and str(one.value)[-1] != "."
    }
    | {f"jobs.{act}" for act in JobAct}
)


def test_every_act_is_made_in_one_file() -> None:
    assert [str(file) for file in SOURCE.rglob("*.py") if file != HOME and any(made(file))] == []
    assert len(NAMES) > 60


@pytest.mark.parametrize("name", NAMES)
def test_an_act_has_words_in_both_languages(name: str) -> None:
    assert name in ACTS
    assert text(f"web.act.{name}", "zh") != text(f"web.act.{name}", "en")


def test_no_word_is_left_of_an_act_that_is_gone() -> None:
    assert sorted(ACTS) == NAMES
