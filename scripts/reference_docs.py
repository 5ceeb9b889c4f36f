"""Writes docs/reference/ from the code: settings, commands, errors, check rules, columns, methods of client and sandbox, REST API.

A test holds the pages current.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
from fastapi import FastAPI
from generate_methods import repeated, walk_of, walked
from method_names import FAMILIES, class_of, family_of

from onshelf import errors
from onshelf.catalog.readers.columns import ALIASES, REASON
from onshelf.cli.main import COMMANDS, dress, load, onshelf
from onshelf.cli.outline import outline_of
from onshelf.platforms.top import errorcodes
from onshelf.platforms.top.arguments import successors
from onshelf.platforms.top.catalogue import chinese_title, names, typed
from onshelf.sandbox.arguments import catalogue as limited
from onshelf.sandbox.call import Handler
from onshelf.sandbox.methods import FAMILIES as METHOD_FILES
from onshelf.sandbox.methods import HANDLERS
from onshelf.settings import TABLE
from onshelf.texts import catalogue
from onshelf.web.api import API, routers
from onshelf.web.openapi import described
from onshelf.web.reference import Group, groups, shapes

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
OUTLINES = ROOT / "src" / "onshelf" / "reference" / "commands.json"
COMMON = ("limit", "cursor", "fields", "dry_run", "Idempotency-Key", "If-None-Match")
"""Parameters that are told once for all routes."""
SERVED = "http://127.0.0.1:8787"
"""Where a service stands in examples."""
MADE = "<!-- made by `make docs`; edit the code, not this page -->\n\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *escaped]) + "\n"


def settings_page() -> str:
    rows = [
        [
            f"`{row.name}`",
            row.kind,
            f"`{row.default}`" if row.default != "" else "",
            row.unit,
            row.zh,
            row.en,
            row.verified,
        ]
        for row in TABLE
    ]
    intro = (
        "Every setting of a process. Precedence: argument, then environment (`ONSHELF_` and the name in capitals; "
        "`ONSHELF_…_FILE` names a file that holds a secret), then `onshelf.toml`, then the default. "
        "The last column is filled where a setting is an assumption about the real platform: "
        "the date it was last verified there.\n\n"
    )
    return (
        "# Settings · 设置\n\n"
        + MADE
        + intro
        + table(["name", "type", "default", "unit", "说明", "meaning", "verified"], rows)
    )


def leaves(error: type[errors.Error]) -> Iterator[type[errors.Error]]:
    yield error
    for child in error.__subclasses__():
        yield from leaves(child)


def errors_page() -> str:
    texts = catalogue("errors")
    rows = [
        [
            f"`{leaf.__name__}`",
            f"`{leaf.code}`",
            "yes" if leaf.retryable else "no",
            texts[f"errors.{leaf.code}"]["zh"],
            texts[f"errors.{leaf.code}"]["en"],
            texts.get(f"errors.{leaf.code}.remedy", {"en": "as the reason says"})["en"],
        ]
        for leaf in list(leaves(errors.Error))[1:]
        if leaf.__module__ == "onshelf.errors"
    ]
    tree = f"```\n{(errors.__doc__ or '').strip()}\n```\n\n"
    return (
        "# Errors · 错误\n\n"
        + MADE
        + tree
        + table(["error", "code", "repeat", "含义", "meaning", "remedy"], rows)
        + platform_codes()
    )


def platform_codes() -> str:
    """What the platform itself answers: codes, sub_codes, and what articles claim of them."""
    words = catalogue("platforms")
    head = ["code", "msg", "含义", "meaning", "处理", "to do", "repeat", "who acts"]

    def rows(meanings: dict[str, errorcodes.Meaning]) -> list[list[str]]:
        return [
            [f"`{name}`", one.msg, one.zh, one.en, one.do_zh, one.do_en]
            + [words[f"platforms.{kind}"]["en"] for kind in (f"retry.{one.retry}", f"who.{one.who}")]
            for name, one in meanings.items()
        ]

    old = [[f"`{code}`", one.msg, one.zh] for code, one in errorcodes.old_codes().items()]
    lists = [[f"`{one.list}`", one.zh, one.en] for one in errorcodes.article_lists()]
    invented = [[f"`{code}`", one.zh, one.en] for code, one in errorcodes.invented().items()]
    return (
        "\n## Codes of the platform · 平台错误码\n\n"
        "`onshelf errors CODE` explains one, also a sub_code or the platform's own text.\n\n"
        + table(head, rows(errorcodes.codes()))
        + "\n### sub_code\n\n`*` stands for any text; the first form that fits counts; `-tmall` at the end only says "
        "that the seller is on Tmall.\n\n"
        + table(head, rows(errorcodes.sub_codes()))
        + "\n### Old codes by domain · 旧错误码\n\n"
        + table(["code", "msg", "含义"], old)
        + "\n### Lists of the articles · 文章里的清单\n\n"
        + table(["list", "真相", "what is true"], lists)
        + "\n"
        + table(["not of this gateway", "真相", "what is true"], invented)
    )


def rules_page() -> str:
    texts = catalogue("check")
    rows = [
        [
            f"`{key.removeprefix('check.')}`",
            entry["zh"],
            entry["en"],
            texts[f"{key}.remedy"]["zh"],
            texts[f"{key}.remedy"]["en"],
        ]
        for key, entry in texts.items()
        if f"{key}.remedy" in texts
    ]
    return "# Check rules · 检查规则\n\n" + MADE + table(["rule", "问题", "problem", "处理", "remedy"], rows)


def columns_page() -> str:
    rows = [
        [f"`{field}`", "、".join(f"`{alias}`" for alias in aliases)]
        for field, aliases in ALIASES.items()
        if field != REASON
    ]
    intro = (
        "Names of columns a product file may use, upper or lower case, with or without a unit or *required* in brackets. "
        "A file needs a title, and a price or a cost. "
        "Columns such as `颜色分类` or `尺码`, and `规格1名称` with `规格1`, are options of variants.\n\n"
    )
    return "# Columns of a product file · 表格的列\n\n" + MADE + intro + table(["field", "header"], rows)


def commands_page() -> str:
    context = click.Context(onshelf)
    parts = ["# Commands · 命令\n", MADE]
    for name in COMMANDS:
        command = onshelf.get_command(context, name)
        assert command is not None
        parts += list(command_section(command, f"cli.{name}", f"onshelf {name}", level=2))
    return "\n".join(parts)


def command_section(command: click.Command, key: str, path: str, *, level: int) -> Iterator[str]:
    texts = catalogue("cli")
    yield f"{'#' * level} `{path}`\n"
    yield f"{texts[key]['zh']} · {texts[key]['en']}\n"
    if f"{key}.help" in texts:
        yield f"```\n{texts[f'{key}.help']['en'].replace(chr(8), '').strip()}\n```\n"
    dress(command, key, "en")
    rows = [
        [
            f"`{' '.join(option.opts) if isinstance(option, click.Option) else option.name}`",
            getattr(option, "help", "") or "",
        ]
        for option in command.params
        if option.name not in {"home", "lang", "as_json", "help"}
    ]
    if rows:
        yield table(["argument", "meaning"], rows)
    for name, child in getattr(command, "commands", {}).items():
        yield from command_section(child, f"{key}.{name}", f"{path} {name}", level=level + 1)


def methods_page() -> str:
    """Lists the typed methods by family."""
    intro = (
        f"The {len(typed())} methods with typed requests (`onshelf.platforms.top.generated`), from the same catalogue that checks "
        f"calls before they are made. {len(names())} methods are known by name and parameters: `onshelf methods WORD` finds, "
        "`onshelf call METHOD --help` explains ([how to](../how-to/call-any-method.md)). "
        "[postman.json](postman.json) holds the same calls for Postman.\n\n"
        "*Repeat*: what making the call twice does; the client repeats by itself only what changes nothing. "
        "*Rows*: how `rows` reads the list whole.\n"
    )
    parts = ["# Methods of the platform · 平台接口\n\n" + MADE + intro]
    for family, (title, _) in FAMILIES.items():
        chosen = [name for name in typed() if family_of(name) == family]
        head = ["method", "class", "说明", "meaning", "session", "repeat", "rows", "state"]
        parts.append(f"## {title}: `{family}`\n\n" + table(head, [method_row(name) for name in chosen]))
    return "\n".join(parts)


def method_row(name: str) -> list[str]:
    row = typed()[name]
    use = successors(name)
    walk = walk_of(name, row)
    return [
        f"`{name}`",
        f"`{class_of(name)}`",
        chinese_title(name),
        row.title,
        row.session,
        repeated(name),
        walked(walk).removeprefix("Read whole by `rows`: ").rstrip(".") if walk else "",
        row.status
        if use is None
        else f"{row.status}: {', '.join(f'`{one}`' for one in use) or 'no successor'}",
    ]


def sandbox_methods_page() -> str:
    """Lists what the sandbox does with each typed method, by the file that does it."""
    intro = (
        f"What the sandbox does with each method. **works**: it reads or changes the sandbox's world ({len(HANDLERS)} methods). "
        f"**checks**: presence, types, limits and choices of its arguments are checked, the answer is empty "
        f"({len(limited()) - len(HANDLERS)} methods). All others of the public catalogue, "
        f"{len(names()) - len(limited()):,}, are checked for presence and types of their arguments and answer an empty result "
        "of their shape. Unknown names are code 22.\n\n"
    )
    parts = ["# Methods of the sandbox · 沙箱的接口\n\n" + MADE + intro]
    for family in METHOD_FILES:
        title, _, what = (family.__doc__ or "").strip().split("\n")[0].partition(": ")
        rows = [[f"`{name}`", told(handler)] for name, handler in family.METHODS.items()]
        parts.append(f"## {title}\n\n{what}\n\n" + table(["method", "what it does"], rows))
    rest = sorted(name for name in limited() if name not in HANDLERS)
    parts.append("## checks\n\n" + ", ".join(f"`{name}`" for name in rest) + "\n")
    return "\n".join(parts)


def told(handler: Handler) -> str:
    """Returns a handler's first line, without the errors it raises."""
    return (handler.__doc__ or "").strip().split("\n")[0].partition(" Raises:")[0].partition(" Source:")[0]


def api_page() -> str:
    """Shows every route of the REST API with its permission, parameters and a command; a test runs all of it."""
    service = FastAPI()
    for router in routers():
        service.include_router(router, prefix=API)
    rest = """# REST API

{made}Every route of the API under `/api/v1`, from the OpenAPI description the service itself gives at `/api/v1/openapi.json`.
The console shows the same under *Developers*, with the address of your service. [Connect an ERP](../how-to/connect-an-erp.md)
says how to begin.

- A key as `Authorization: Bearer onshelf_…`; an administrator makes keys. A role permits what `permission` names.
- Lists come in pages: `limit`, `cursor` (the `next` of the page before), `fields` (only these), `ETag` and `If-None-Match`.
- Writes take `?dry_run=true` (a rehearsal: everything but keeping it; the commands here are such) and an `Idempotency-Key`.
- Errors are problem documents (RFC 9457): `code`, `remedy`, and `faults` with each field; in the language of `Accept-Language`.
- A parameter or field that there is not is refused (422): a filter written wrongly lists nothing by mistake.
- Too often is 429 with `Retry-After`; every answer tells `RateLimit-Remaining`.
- `operationId` is the name that a generated client gives a call; [shapes](#shapes) says what bodies and answers are made of.

The commands run as they stand once `ONSHELF_KEY` holds a key; names in capitals stand for ids of yours.
"""
    parts = [rest.format(made=MADE)]
    description = described(service)()
    for group in groups(description):
        parts += list(api_group(group))
    parts += list(api_shapes(description))
    return "\n".join(parts)


def api_group(group: Group) -> Iterator[str]:
    yield f"## {group.name}\n"
    program = group.python(SERVED)
    if program:
        yield f"```python\n{program}```\n"
    for one in group.operations:
        yield f"### `{one.verb} {one.path}`\n"
        yield " ".join(filter(None, [one.title, one.about])) + "\n"
        yield f"Permission: `{one.permission}`.\n"
        yield f"```bash\n{one.curl(SERVED)}\n```\n"
        rows = [row for row in (*one.parameters, *one.body) if row.name not in COMMON or not row.place]
        if rows:
            yield table(
                ["field", "in", "type", "meaning"],
                [
                    [
                        f"`{row.name}`" + (" *" if row.required else ""),
                        row.place or "body",
                        linked(row.kind),
                        row.about,
                    ]
                    for row in rows
                ],
            )
        yield f"Answer: {linked(one.told)}.\n"


def api_shapes(description: Mapping[str, Any]) -> Iterator[str]:
    yield "## Shapes\n\nWhat bodies and answers are made of. New fields may come at any time.\n"
    for shape in shapes(description):
        yield f"### {shape.name}\n\n{shape.about}\n"
        rows = [[f"`{one.name}`", linked(one.kind), one.about] for one in shape.fields]
        yield table(["field", "type", "meaning"], rows)


def linked(kind: str) -> str:
    """Leads from the name of a shape to where it is explained."""
    return re.sub(r"`([A-Z][A-Za-z]+)`", lambda found: f"[`{found[1]}`](#{found[1].lower()})", kind)


def outlines_file() -> str:
    """Writes the shape of the command line, one command a line: what shells complete from."""
    rows = (f'"{name}": {msgspec.json.encode(outline_of(load(name))).decode()}' for name in COMMANDS)
    return "{\n" + ",\n".join(rows) + "\n}\n"


PAGES: dict[Path, Callable[[], str]] = {
    FOLDER / "settings.md": settings_page,
    FOLDER / "errors.md": errors_page,
    FOLDER / "check-rules.md": rules_page,
    FOLDER / "commands.md": commands_page,
    FOLDER / "columns.md": columns_page,
    FOLDER / "methods.md": methods_page,
    FOLDER / "sandbox-methods.md": sandbox_methods_page,
    FOLDER / "rest-api.md": api_page,
    OUTLINES: outlines_file,
}


def main() -> int:
    """Writes the pages; with --check only tells which are out of date."""
    stale = [file for file, page in PAGES.items() if not file.is_file() or file.read_text("utf-8") != page()]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{file.relative_to(ROOT)} is out of date: make docs\n" for file in stale)
        return int(bool(stale))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in stale:
        file.write_text(PAGES[file](), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
