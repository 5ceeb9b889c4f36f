"""What the catalogue says of a method, in words: for `onshelf call METHOD --help` and `onshelf methods METHOD`."""

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from onshelf.platforms.top.arguments import successors
from onshelf.platforms.top.catalogue import Method, Param, chinese_title, describe, example, some_fields
from onshelf.platforms.top.repeats import ADDING, kind_of
from onshelf.texts import Lang, text


def page(method: str, known: Method, lang: Lang) -> str:
    """Lays a method's page out as a help page: what it does, its parameters, its reply, and a call to copy."""
    formatter = click.HelpFormatter(max_width=100)
    formatter.write_text(method)
    formatter.write_paragraph()
    with formatter.indentation():
        for line in _facts(method, known, lang):
            formatter.write_text(line)
    if known.params:
        with formatter.section(text("cli.methods.params", lang)):
            formatter.write_dl([(_name(param), of_param(param, lang)) for param in _ordered(known)])
    with formatter.section(text("cli.methods.reply", lang)):
        formatter.write_text(", ".join(_fields(known)) or known.response.root_key)
    with formatter.section(text("cli.methods.example", lang)):
        formatter.write_text(_call(method, known))
    return formatter.getvalue().rstrip("\n")


def as_data(method: str, known: Method) -> dict[str, Any]:
    """Returns a method's description for programs."""
    return {"method": method, **msgspec.to_builtins(known), "successors": list(successors(method) or ())}


def of_param(param: Param, lang: Lang) -> str:
    """Says in one line what a parameter may be."""
    return text("cli.methods.between", lang).join(part for part in _limits(param, lang) if part)


def _limits(param: Param, lang: Lang) -> Iterator[str]:
    kind = "object" if param.fields else param.type if not param.type[:1].isupper() else "json"
    yield text(f"cli.methods.type.{kind}", lang) + (text("cli.methods.many", lang) if param.list else "")
    yield param.meaning
    if param.enum:
        yield " | ".join(map(str, param.enum))
    for name in ("min", "max", "max_length", "most_values", "default"):
        value = getattr(param, name)
        if value is not None and not (name == "most_values" and param.name == "fields"):
            shown = f"{value:.12g}" if isinstance(value, float) else value
            yield text(f"cli.methods.{name}", lang, value=shown)
    if param.enum_columns:
        yield text("cli.methods.columns", lang, value=", ".join(param.enum_columns))
    if param.fields:
        yield "{" + ", ".join(_name(field) for field in param.fields) + "}"


def _facts(method: str, known: Method, lang: Lang) -> Iterator[str]:
    yield (chinese_title(method) if lang == "zh" else "") or known.title
    yield " ".join(
        (
            text(f"cli.methods.session.{known.session}", lang),
            text(f"cli.methods.kind.{kind_of(method, {})}", lang),
            *([text("cli.methods.kind.adding", lang, how=ADDING[method])] if method in ADDING else []),
        )
    )
    if known.status != "current":
        use = successors(method)
        key = "left" if use else "left_alone"
        yield text(f"platforms.advice.{key}", lang, method=method, use=", ".join(use or ()))
    if known.notes:
        yield known.notes


def _ordered(known: Method) -> list[Param]:
    return sorted(known.params, key=lambda param: not param.required)


def _name(param: Param) -> str:
    return f"{param.name} *" if param.required else param.name


def _fields(known: Method) -> list[str]:
    return [f"{field.name}[]" if field.list else field.name for field in known.response.fields]


def _call(method: str, known: Method) -> str:
    """Writes a call with every required parameter."""
    given = (f"{param.name}={_written(param, known)}" for param in known.params if param.required)
    return " ".join(["onshelf call", method, *given])


def _written(param: Param, known: Method) -> str:
    if param.name == "fields":
        return ",".join(some_fields(known))
    if param.type == "bytes":
        return "@FILE"
    value = example(param)
    if param.is_json:
        return "'" + msgspec.json.encode([value] if param.list else value).decode() + "'"
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{written}'" if " " in written else written


class ExplainedCall(click.Command):
    """A command whose `METHOD --help` explains the method."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        words = [word for word in ctx.meta.get(_WORDS, ()) if word[:1] != "-" and "=" not in word]
        known = describe(words[0]) if words else None
        if known is None:
            return super().get_help(ctx)
        return page(words[0], known, "en" if ctx.find_root().obj == "en" else "zh")


_WORDS = "onshelf.words"
