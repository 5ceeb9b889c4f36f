"""Every command and option has its text in both languages, every command an example, and the reference pages are current."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from onshelf.cli.main import COMMANDS, dress, onshelf, option_key
from onshelf.texts import LANGS, Lang, catalogue

ROOT = Path(__file__).parents[2]
EXAMPLE = {"zh": "示例：", "en": "Example:"}
OWN = {"help", "version"}


def walk(command: click.Command, key: str) -> Iterator[tuple[str, click.Command]]:
    yield key, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, f"{key}.{name}")


def all_commands() -> list[tuple[str, click.Command]]:
    context = click.Context(onshelf)
    tops = ((name, onshelf.get_command(context, name)) for name in COMMANDS)
    return [pair for name, top in tops if top is not None for pair in walk(top, f"cli.{name}")]


@pytest.mark.parametrize(
    ("key", "command"), all_commands(), ids=lambda given: given if isinstance(given, str) else ""
)
def test_a_command_and_its_options_are_explained_with_an_example_in_both_languages(
    key: str, command: click.Command
) -> None:
    texts = catalogue("cli")

    for lang in LANGS:
        assert texts[key][lang]
        assert EXAMPLE[lang] in texts[f"{key}.help"][lang], f"{key} has no example in {lang}"
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in OWN and not option.hidden:
                words = texts[option_key(key, option.name or "")][lang]
                assert words, option
                assert "{" not in words, f"{option.name} of {key} has the text of a sentence"


@pytest.mark.parametrize("lang", LANGS)
def test_a_help_page_is_in_one_language(lang: Lang) -> None:
    command = dress(next(top for key, top in all_commands() if key == "cli.publish"), "cli.publish", lang)

    page = command.get_help(command.context_class(command, info_name="onshelf publish"))

    assert ("Usage" in page, "Options" in page, "Show this" in page) == ((lang == "en"),) * 3


def test_no_text_of_an_option_is_left_over() -> None:
    used = {
        option_key(key, option.name or "")
        for key, command in [*all_commands(), ("cli.onshelf", onshelf)]
        for option in command.params
        if isinstance(option, click.Option)
    }

    assert {key for key in catalogue("cli") if ".--" in key or key.startswith("cli.option.")} <= used


def test_the_reference_pages_are_as_the_code_makes_them() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference_docs.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert made.returncode == 0, made.stderr
