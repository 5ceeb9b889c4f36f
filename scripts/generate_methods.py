"""Writes src/onshelf/platforms/top/generated/ from the catalogue: a typed request and reply for each of its methods; and the
Postman collection.

Facts: reference/methods.json, reference/domains.json. What the catalogue does not say stands in tables here and in
`method_names.py`: which family a method belongs to, and how its list is read whole.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from method_names import FAMILIES, attribute, class_of, family_of, python_name, wrapped
from postman_collection import collection
from reply_types import domain_class, domains, home_of, in_order, reply_type

from onshelf.platforms.top.arguments import successors
from onshelf.platforms.top.catalogue import Method, Param, chinese_title, typed
from onshelf.platforms.top.repeats import ADDING, kind_of
from onshelf.platforms.top.request import write

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "onshelf" / "platforms" / "top" / "generated"
MADE = "Made by `make methods` from the catalogue; edit `scripts/generate_methods.py`."
POSTMAN = ROOT / "docs" / "reference" / "postman.json"
DAY_S = round(timedelta(days=1).total_seconds())
IDS = {
    "taobao.items.seller.list.get": ("num_iids", 20),
    "taobao.items.list.get": ("num_iids", 20),
    "taobao.items.custom.get": ("outer_id", 40),
    "taobao.item.skus.get": ("num_iids", 40),
}
"""Method -> the list of ids it takes, and how many a call. Source: top-methods 4."""
MOST_PAGES = {"taobao.items.onsale.get": 100}
"""Method -> pages of the largest size it shows, where its parameters do not say. Source: top-methods 4."""
WINDOWS = {
    "taobao.trades.sold.increment.get": ("start_modified", "end_modified"),
    "taobao.trades.sold.incrementv.get": ("start_create", "end_create"),
}
"""Method -> the window it reads, of one day at most; its pages are read from the last, as of every list by modification whose order
nobody chooses: what changes under the reader leaves the window. Source: top-methods 5."""
TOTALS = ("total_results", "total_item", "totalResults")
PAGES = {"page_no": "page_size", "current_page": "page_size"}


def argument_type(param: Param) -> str:
    if param.is_json:
        name = "Mapping[str, Any]" if not param.fields else param.type
        return f"Sequence[{name}]" if param.list else name
    if param.enum and not param.is_joined:
        return f"Literal[{', '.join(map(repr, param.enum))}]"
    if param.is_joined:
        return "Values"
    return {
        "integer": "int",
        "string": "str",
        "boolean": "bool",
        "datetime": "datetime",
        "price": "Decimal",
        "bytes": "File",
        "number": "Decimal",
    }[param.type]


def limits(param: Param) -> str:
    """Says in words what a parameter may be."""
    parts = [param.meaning]
    if param.min is not None or param.max is not None:
        parts.append(within(param.min, param.max))
    if param.type == "price" and "yuan" not in param.meaning:
        parts.append("yuan")
    if param.max_length:
        parts.append(f"{param.max_length} {'bytes' if param.type == 'bytes' else 'characters'}")
    if (
        param.most_values
        and param.name != "fields"
        and f"max {param.most_values} " not in f"{param.meaning} "
    ):
        parts.append(f"at most {param.most_values}")
    if param.enum_columns:
        parts.append("columns: " + ", ".join(param.enum_columns))
    if param.default not in (None, "") and "default" not in param.meaning:
        parts.append(f"default {write(param.default)}")
    return "; ".join(part for part in parts if part)


def within(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:.12g}"
    return f"at most {high:.12g}" if low is None else f"{low:.12g}..{high:.12g}"


def walk_of(name: str, method: Method) -> dict[str, Any] | None:
    """Tells how a method's list is read whole; None when it has no list, or no way to go on in it."""
    lists = [field for field in method.response.fields if field.list]
    params = {param.name: param for param in method.params}
    page = next((one for one in PAGES if one in params), "")
    ids, most_ids = IDS.get(name, ("", 0))
    if len(lists) != 1 or not (page or most_ids):
        return None
    fields = {field.name for field in method.response.fields}
    start, end = WINDOWS.get(name) or next(window_pairs(params), ("", ""))
    size = params.get(PAGES.get(page, ""))
    walk = {
        "rows": lists[0].name,
        "ids": ids,
        "most_ids": most_ids,
        "page": page,
        "most_rows": int(size.max or 0) if size else 0,
        "most_pages": MOST_PAGES.get(name) or (int(params[page].max or 0) if page else 0),
        "total": next((python_name(total) for total in TOTALS if total in fields), ""),
        "last_first": name in WINDOWS or (start == "start_modified" and "order_by" not in params),
        "start": start if page else "",
        "end": end if page else "",
        "longest_s": DAY_S if name in WINDOWS else 0,
    }
    return {key: value for key, value in walk.items() if value}


def window_pairs(params: dict[str, Param]) -> Iterator[tuple[str, str]]:
    """Yields pairs of times that bound what a list shows."""
    for name in params:
        end = name.replace("start_", "end_", 1)
        if name.startswith("start_") and end in params and params[end].type == "datetime":
            yield name, end


def request_class(name: str, method: Method) -> str:
    walk, own = walk_of(name, method), class_of(name)
    base = f"Request[{own}Reply]"
    if walk:
        row = next(field for field in method.response.fields if field.name == walk["rows"])
        base = f"Listing[{own}Reply, {reply_type(row).removeprefix('Rows[')[:-1]}]"
    lines = [f"class {own}({base}, frozen=True, kw_only=True):", docstring(name, method, walk), ""]
    lines += [f'    METHOD = "{name}"', f"    REPLY = {own}Reply"]
    if walk:
        lines.append(f"    WALK = Walk({', '.join(f'{key}={value!r}' for key, value in walk.items())})")
    ordered = sorted(method.params, key=lambda param: not param.required)
    lines += [""] if ordered else []
    lines += [
        attribute(param.name, argument_type(param), required=param.required, remark=limits(param))
        for param in ordered
    ]
    return "\n".join(lines)


def docstring(name: str, method: Method, walk: dict[str, Any] | None) -> str:
    """Says what a request does, who may make it, what repeating it does, and what replaces it when it has left."""
    chinese = chinese_title(name)
    head = f"Calls `{name}`: {method.title}{f' ({chinese})' if chinese else ''}."
    session = {"yes": "needed", "no": "none", "optional": "optional"}[method.session]
    facts = [f"{method.status.capitalize()}. Session: {session}. A repeat {repeated(name)}."]
    if walk:
        facts.append(walked(walk))
    if method.status != "current":
        use = successors(name)
        facts.append(f"Older apps may still call it; new ones use {' or '.join(use) if use else 'nothing'}.")
    if method.notes:
        facts.append(method.notes)
    if method.error_subcodes:
        facts.append(f"Refusals seen: {', '.join(method.error_subcodes)}.")
    body = "\n".join(f"    {line}" for fact in facts for line in wrapped(fact))
    text = "\n    ".join(wrapped(head))
    return f'    """{text}\n\n{body}\n    """'.replace("\\", "/")


def repeated(name: str) -> str:
    """Says what making a call twice does."""
    words = {"read": "changes nothing", "write": "sets the same again", "create": "may do it twice"}
    plain = words[kind_of(name, {})]
    return f"{plain}; with `{ADDING[name]}` it {words['create']}" if name in ADDING else plain


def walked(walk: dict[str, Any]) -> str:
    parts = []
    if walk.get("ids"):
        parts.append(f"{walk['most_ids']} {walk['ids']} a call")
    if walk.get("most_rows"):
        parts.append(f"{walk['most_rows']} rows a page")
    if walk.get("most_pages"):
        parts.append(f"{walk['most_pages']} pages")
    if walk.get("longest_s"):
        parts.append("windows of one day")
    if walk.get("last_first"):
        parts.append("the last page first")
    return f"Read whole by `rows`: {', '.join(parts) or 'page by page'}."


def reply_class(name: str, method: Method) -> str:
    lines = [f"class {class_of(name)}Reply(Reply, kw_only=True):", f'    """Reply of `{name}`."""', ""]
    lines += [
        attribute(field.name, reply_type(field), required=False, remark="")
        for field in method.response.fields
        if field.name != "request_id"
    ]
    return "\n".join(lines).rstrip()


def part_classes(methods: Iterable[Method]) -> Iterator[str]:
    """Writes the objects that requests hold, inner ones first."""
    seen: set[str] = set()

    def write(params: Iterable[Param]) -> Iterator[str]:
        for param in params:
            if not param.fields or param.type in seen:
                continue
            seen.add(param.type)
            yield from write(param.fields)
            lines = [
                f"class {param.type}(Part, frozen=True, kw_only=True):",
                f'    """{param.meaning or "An object of a request"}."""',
                "",
            ]
            ordered = sorted(param.fields, key=lambda field: not field.required)
            lines += [
                attribute(
                    field.name,
                    argument_type(field).replace("datetime", "Time"),
                    required=field.required,
                    remark=limits(field),
                )
                for field in ordered
            ]
            yield "\n".join(lines)

    for method in methods:
        yield from write(method.params)


def requests_module(family: str) -> str:
    title, _ = FAMILIES[family]
    chosen = {name: row for name, row in typed().items() if family_of(name) == family}
    parts = list(part_classes(chosen.values()))
    for name, method in chosen.items():
        parts += [reply_class(name, method), request_class(name, method)]
    return source(f"{title}: typed requests and replies. {MADE}", parts)


def types_module(home: str) -> str:
    title = FAMILIES[home][0] if home in FAMILIES else "What several families share"
    chosen = {name: domain for name, domain in domains().items() if home_of(name) == home}
    parts = [domain_class(domain) for domain in in_order(chosen)]
    return source(f"{title}: types that replies hold. {MADE}", parts)


def index_module() -> str:
    rows = "\n".join(f'    "{name}": ("{family_of(name)}", "{class_of(name)}"),' for name in typed())
    return (
        f'"""Typed requests of the platform\'s methods, one module a family.\n\n{MADE}\n"""\n\n'
        f"REQUESTS = {{\n{rows}\n}}\n"
        '"""Method -> module of this folder and class in it."""\n'
    )


IMPORTS = {
    "collections.abc": ("Mapping", "Sequence"),
    "datetime": ("datetime",),
    "decimal": ("Decimal",),
    "typing": ("Any", "Literal"),
    "onshelf.platforms.top.protocol": ("File",),
    "onshelf.platforms.top.request": ("Listing", "Part", "Reply", "Request", "Time", "Values", "Walk"),
    "onshelf.platforms.top.rows": ("Rows",),
}


def source(doc: str, parts: list[str]) -> str:
    """Joins classes under the imports they need."""
    body = "\n\n\n".join(parts)
    code = re.sub(r'""".*?"""', "", body, flags=re.DOTALL)
    words = set(re.findall(r"\w+", re.sub(r'#.*|"[^"]*"', "", code)))
    imports = [
        f"from {module} import {', '.join(found)}"
        for module, names in IMPORTS.items()
        if (found := sorted(words & set(names)))
    ]
    if "msgspec" in words:
        imports.append("import msgspec")
    own = set(re.findall(r"^class (\w+)", body, re.MULTILINE))
    for home in sorted({home_of(name) for name in domains()}):
        found = sorted(name for name in words - own if name in domains() and home_of(name) == home)
        if found:
            imports.append(f"from onshelf.platforms.top.generated.types.{home} import {', '.join(found)}")
    head = "\n".join(wrapped(doc, 100))
    return f'"""{head}"""\n\n' + "\n".join(imports) + f"\n\n\n{body}\n"


def formatted(code: str) -> str:
    """Puts code in the project's form."""
    for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
        made = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", FOLDER / "made.py", "-"],
            input=code,
            capture_output=True,
            text=True,
            check=True,
        )
        code = made.stdout
    return code


def wanted() -> dict[Path, str]:
    """Returns what every made file shall hold."""
    made = {f"{family}.py": requests_module(family) for family in FAMILIES}
    homes = sorted({home_of(name) for name in domains()})
    made |= {f"types/{home}.py": types_module(home) for home in homes}
    made |= {"__init__.py": index_module(), "types/__init__.py": ""}
    return {FOLDER / name: formatted(code) for name, code in made.items()} | {POSTMAN: collection()}


def main() -> int:
    """Writes the files; with --check only tells which are out of date."""
    made = wanted()
    (FOLDER / "types").mkdir(parents=True, exist_ok=True)
    present = {file: file.read_text("utf-8") for file in (*FOLDER.rglob("*.py"), POSTMAN) if file.is_file()}
    stale = sorted(file for file in made.keys() | present.keys() if made.get(file) != present.get(file))
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{file.relative_to(ROOT)} is out of date: make methods\n" for file in stale)
        return int(bool(stale))
    for file in stale:
        if file in made:
            file.write_text(made[file], "utf-8")
        else:
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
