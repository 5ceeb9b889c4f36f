"""Every refusal that a door words itself has its words, and templates name no word there is not."""

import re
from pathlib import Path

import pytest

from onshelf.texts import catalogue

WEB = Path(__file__).parents[2] / "src" / "onshelf" / "web"
PROBLEMS = sorted(
    {
        why
        for file in WEB.rglob("*.py")
        for why in re.findall(r'(?:Problem\(\s*\d+,|unknown\()\s*"(\w+)"', file.read_text("utf-8"))
    }
)
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("why", PROBLEMS)
def test_a_refusal_says_what_and_what_to_do(why: str) -> None:
    assert f"web.problem.{why}" in catalogue("web")
    assert f"web.problem.{why}.remedy" in catalogue("web")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_names_words_there_are(template: Path) -> None:
    named = set(re.findall(r"\bt\('([a-z0-9_.-]+)'[,)]", template.read_text("utf-8")))

    assert {name for name in named if f"web.{name}" not in catalogue("web")} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_holds_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text("utf-8")

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|\|\s*safe\b", text)
