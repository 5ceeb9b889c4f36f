"""A page in Chinese has the headings, commands and links of its English page, and each begins with a link to the other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHINESE = ".zh-CN.md"
PAGES = sorted([*ROOT.glob(f"*{CHINESE}"), *(ROOT / "docs").rglob(f"*{CHINESE}")])
EACH = pytest.mark.parametrize("page", [pytest.param(one, id=str(one.relative_to(ROOT))) for one in PAGES])

_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#\s.*$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def english_of(page: Path) -> Path:
    return page.with_name(page.name.replace(CHINESE, ".md"))


def prose(page: Path) -> str:
    """Returns the page without its blocks of code."""
    return _BLOCK.sub("", page.read_text("utf-8"))


def headings(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^(#+) (.+)$", prose(page), re.MULTILINE)


def blocks(page: Path) -> list[list[str]]:
    """Returns the lines of each block of code, without their comments."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [[_COMMENT.sub("", line).rstrip() for line in block.splitlines()] for block in found]


def command_of(line: str) -> str:
    """Returns what a line begins with: a command of ours without what follows it, or one word."""
    found = re.match(r"\s*(onshelf( [a-z]+(?![\w.])){1,2}|\S+)", line)
    return found[1] if found else ""


def links(page: Path) -> list[tuple[Path, str]]:
    """Returns each linked file of ours, with the part of it that is meant."""
    targets = [one.partition("#") for one in _LINK.findall(prose(page)) if "://" not in one]
    return [((page.parent / path).resolve() if path else page, part) for path, _, part in targets]


def pages_linked(page: Path) -> set[Path]:
    """Returns the linked pages, one in Chinese counting as its English one."""
    return {english_of(path) for path, _ in links(page)}


def part_of(title: str) -> str:
    """Returns what a link to a heading is called, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@EACH
def test_it_has_the_headings_of_its_english_page(page: Path) -> None:
    levels, wanted = ([level for level, _ in headings(one)] for one in (page, english_of(page)))

    assert levels == wanted


@EACH
def test_it_has_the_commands_of_its_english_page(page: Path) -> None:
    ours, wanted = blocks(page), blocks(english_of(page))

    if (
        page.parent == ROOT
    ):  # its commands have names of their own, such as 我的店, and its map is told in words
        ours, wanted = ([[command_of(line) for line in block] for block in one] for one in (ours, wanted))
    assert ours == wanted


@EACH
def test_it_has_the_rows_and_points_of_its_english_page(page: Path) -> None:
    begins = re.compile(r"^(\||- |\d+\. )", re.MULTILINE)

    assert begins.findall(prose(page)) == begins.findall(prose(english_of(page)))


@EACH
def test_it_links_the_pages_its_english_page_links(page: Path) -> None:
    assert pages_linked(page) == pages_linked(english_of(page))


@EACH
def test_each_begins_with_a_link_to_the_other(page: Path) -> None:
    english = english_of(page)

    assert page.read_text("utf-8").splitlines()[1:4] == ["", f"[English]({english.name})", ""]
    assert english.read_text("utf-8").splitlines()[1:4] == ["", f"[中文]({page.name})", ""]


@EACH
def test_it_leads_to_chinese_pages_where_there_are_and_to_parts_that_are_there(page: Path) -> None:
    onward = [(path, part) for path, part in links(page) if path != english_of(page)]
    missed = [path.name for path, _ in onward if path.with_suffix(".zh-CN.md") in PAGES]
    gone = [
        f"{path.name}#{part}"
        for path, part in onward
        if not path.exists() or (part and part not in [part_of(title) for _, title in headings(path)])
    ]

    assert (missed, gone) == ([], [])
