"""What a shell completes, and that it loads nothing of the product for it."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.shell_completion import ShellComplete

from onshelf.cli.main import COMMANDS, load, onshelf
from onshelf.cli.outline import command_of, outlines
from onshelf.platforms.top.catalogue import names

INVENTORY = "taobao.items.inventory.get"


def complete(*words: str) -> list[str]:
    """Returns what a shell offers for the last word."""
    *before, last = words
    found = ShellComplete(onshelf, {"obj": "en"}, "onshelf", "_ONSHELF_COMPLETE").get_completions(
        before, last
    )
    return [item.value for item in found]


def offered(command: click.Command, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Returns what a shell is offered below a command of the code or of the outline."""
    *before, last = words
    found = ShellComplete(command, {}, "onshelf", "_ONSHELF_COMPLETE").get_completions(before, last)
    return [(item.type, item.value) for item in found]


def lines() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields a line to complete in each command: its options, its first argument, the value of each option."""
    for name in COMMANDS:
        yield from lines_of(name, load(name), ())


def lines_of(
    top: str, command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not getattr(command, "default", ""):
        yield top, (*path, "-")
        yield top, (*path, "")
    for param in command.params:
        if isinstance(param, click.Option):
            yield top, (*path, param.opts[0], "")
    for name, child in getattr(command, "commands", {}).items():
        yield from lines_of(top, child, (*path, name))


@pytest.mark.parametrize(("top", "words"), list(lines()), ids=str)
def test_the_outline_completes_as_the_command_itself(top: str, words: tuple[str, ...]) -> None:
    assert offered(command_of(top, outlines()[top]), words) == offered(load(top), words)


def test_a_command_is_completed_from_its_start() -> None:
    assert complete("sho") == ["shop"]
    assert complete("") == list(COMMANDS)


def test_a_group_that_means_its_first_command_offers_its_commands_and_that_ones_options() -> None:
    assert set(complete("quota", "")) == {"show", "permit", "calendar"}
    assert {"--watch", "--json"} <= set(complete("quota", "-"))


@pytest.mark.parametrize("words", ["", "call taobao.items.onsale.", "shop pro", "alerts add "])
def test_a_tab_loads_neither_the_wiring_nor_the_database(words: str) -> None:
    before = words.split(" ")
    code = (
        "import sys; from click.shell_completion import ShellComplete; from onshelf.cli.main import onshelf\n"
        f"ShellComplete(onshelf, {{'obj': 'en'}}, 'onshelf', '').get_completions({before[:-1]}, {before[-1]!r})\n"
        "print(*sorted({'onshelf.wiring', 'apsw', 'aiohttp', 'rich', 'structlog'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize("command", ["methods", "errors", "settings"])
def test_a_command_that_only_explains_loads_neither_the_wiring_nor_the_database(command: str) -> None:
    code = f"import sys, onshelf.cli.{command}\nprint(*sorted({{'onshelf.wiring', 'apsw', 'aiohttp'}} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.split() == []


def test_a_method_is_completed_from_its_start() -> None:
    assert complete("call", "taobao.items.inv") == [INVENTORY]
    assert complete("methods", "tmall.item.q") == ["tmall.item.quantity.update"]


@pytest.mark.parametrize("start", ["", "tao"])
def test_a_start_that_most_methods_have_is_answered_with_the_next_part_of_their_names(start: str) -> None:
    found = complete("call", start)

    assert all(name.startswith(start) for name in found)
    assert all(any(name.startswith(one) for one in found) for name in names() if name.startswith(start))


def test_parameters_are_completed_required_ones_first_and_none_twice() -> None:
    offered = complete("call", INVENTORY, "")

    assert offered[0] == "fields="
    assert "page_no=" in offered
    assert "fields=" not in complete("call", INVENTORY, "fields=num_iid", "")


def test_values_are_completed_where_they_are_known() -> None:
    assert complete("call", INVENTORY, "banner=so") == ["banner=sold_out"]
    assert complete("call", INVENTORY, "has_d") == ["has_discount=true", "has_discount=false"]
    assert complete("call", INVENTORY, "page_no=1") == []


def test_bash_which_cuts_at_the_equals_sign_gets_the_value_alone() -> None:
    assert complete("call", INVENTORY, "banner", "=", "so") == ["sold_out"]
    assert "sold_out" in complete("call", INVENTORY, "banner", "=")


def test_nothing_is_offered_for_a_method_nobody_knows() -> None:
    assert complete("call", "taobao.brand.new", "") == []
