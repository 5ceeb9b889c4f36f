"""The words click itself puts into a help page, in the person's language."""

from collections.abc import Iterable

import click

from onshelf.texts import Lang, catalogue

_OWN_WORDS = ("Options", "Commands", "Show this message and exit.")
_MARKS = {"[required]": "required", "[default: ": "default"}


class ChineseHelp(click.HelpFormatter):
    """Lays a help page out as click does, with its headings in Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or f"{_chinese('Usage')}：")

    def write_heading(self, heading: str) -> None:
        super().write_heading(_chinese(heading))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(term, _chinese(meaning)) for term, meaning in rows], col_max, col_spacing)


class ChineseContext(click.Context):
    """A context whose help is laid out in Chinese."""

    formatter_class = ChineseHelp


def context_for(lang: Lang) -> type[click.Context]:
    """Chooses the context that words help in a language."""
    return ChineseContext if lang == "zh" else click.Context


def _chinese(words: str) -> str:
    texts = catalogue("cli")
    if words in _OWN_WORDS or words == "Usage":
        return texts[f"cli.click.{words.split(maxsplit=1)[0].lower()}"]["zh"]
    for mark, key in _MARKS.items():
        words = words.replace(mark, texts[f"cli.click.{key}"]["zh"])
    return words
