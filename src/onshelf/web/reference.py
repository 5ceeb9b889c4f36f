"""The API's description as people read it: groups of routes with their fields, and an example of each. Pure.

The console's reference page and `docs/reference/rest-api.md` both show this.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Schema = Mapping[str, Any]
SAMPLE_TIME = "2026-11-21T08:00:00Z"
_PATHS = {"shop": "my-shop", "outer_id": "QZ-0417", "item_id": "520813250866", "app_key": "12345678"}
_FILES = {
    "multipart/form-data": "-F file=@products.csv",
    "application/x-ndjson": "-H 'Content-Type: application/x-ndjson' --data-binary @products.ndjson",
}
_VALUES: Mapping[str, Any] = {
    "shop": "my-shop", "app_key": "12345678", "app_secret": "helloworld", "session": "test", "name": "erp", "note": "seen",
    "method": "taobao.time.get", "items": [520813250866], "item_id": 520813250866, "outer_id": "QZ-0417",
    "title": "连衣裙 2026 夏季新款", "channel": "erp", "kind": "webhook", "why": "stocktaking", "about": "ERP",
    "config": {"url": "https://erp.example.com/alerts", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    "until": "2030-01-01T00:00:00Z", "begins": "2030-11-10T16:00:00Z", "ends": "2030-11-11T16:00:00Z",
}  # fmt: skip
"""What examples say for fields of these names."""
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a field of a body or an answer."""

    name: str
    place: str  # "path", "query", "header", or "" for a field
    kind: str  # in words: "text", "integer 1…200", "list of text", the name of a model
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One route with one verb."""

    verb: str
    path: str
    title: str  # the first sentence of its description
    about: str  # the rest
    permission: str  # empty: it lets everybody in
    parameters: tuple[Part, ...]
    body: tuple[Part, ...]
    answer: tuple[Part, ...]
    told: str  # what the answer is, in words: "`ItemOut`", "a page of `ItemOut`", "nothing"
    example: str  # its arguments to curl, after `curl`; `{base}` stands for the service's address

    @property
    def anchor(self) -> str:
        """Names its place on a page."""
        return (
            f"{self.verb.lower()}-{self.path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}"
        )

    def curl(self, base: str) -> str:
        """Returns a command that calls it, the key in `$ONSHELF_KEY`."""
        return "curl " + self.example.replace("{base}", base)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a body or an answer is made of."""

    name: str
    about: str
    fields: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Routes about one thing."""

    name: str
    operations: tuple[Operation, ...]
    fields: Mapping[str, tuple[str, ...]]  # path of a list -> fields of its rows

    def python(self, base: str) -> str:
        """Returns a program of ten lines that reads a list of the group; empty: it has no list that needs no more than a shop."""
        path = next((found for found in self.fields if set(_names(found)) <= {"shop"}), None)
        if path is None:
            return ""
        shown = ", ".join(f'row["{name}"]' for name in self.fields[path][:3])
        return PROGRAM.format(base=base, path=filled(path), shown=shown)


PROGRAM = """import json, os, urllib.request

def ask(path):
    request = urllib.request.Request(os.environ.get("ONSHELF_URL", "{base}") + path)
    request.add_header("Authorization", "Bearer " + os.environ["ONSHELF_KEY"])
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)

for row in ask("{path}?limit=20")["items"]:
    print({shown})
"""


def groups(description: Schema) -> tuple[Group, ...]:
    """Reads an OpenAPI description: its routes by their first tag, in the order in which they stand."""
    found: dict[str, list[Operation]] = {}
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, verbs in description["paths"].items():
        for verb, operation in verbs.items():
            tag = operation["tags"][0]
            read = _operation(description, verb.upper(), path, operation)
            found.setdefault(tag, []).append(read)
            row = _row(description, operation) if verb == "get" else ()
            if row:
                lists.setdefault(tag, {})[path] = row
    return tuple(Group(tag, tuple(found[tag]), lists.get(tag, {})) for tag in found)


def shapes(description: Schema) -> tuple[Shape, ...]:
    """Returns every shape that bodies, answers and their fields name, by name; pages of a list are what `items` says."""
    found = description["components"]["schemas"]
    return tuple(
        Shape(name, " ".join(found[name]["description"].split()), tuple(_fields(description, found[name])))
        for name in sorted(found)
        if "properties" in found[name] and not name.startswith("Page_")
    )


def filled(path: str) -> str:
    """Fills the names in a path with examples."""
    for name in _names(path):
        path = path.replace("{" + name + "}", quote(_PATHS.get(name, name.upper()), safe=""))
    return path


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _operation(description: Schema, verb: str, path: str, operation: Schema) -> Operation:
    title, _, about = operation.get("description", operation["summary"]).partition("\n")
    _, body = _body(description, operation)
    return Operation(
        verb,
        path,
        title.strip(),
        " ".join(about.split()),
        operation.get("x-permission", ""),
        tuple(_parameter(description, one) for one in _parameters(description, operation)),
        tuple(_fields(description, body)),
        tuple(_fields(description, _answer(description, operation))),
        _told(description, operation),
        example(description, verb, path, operation),
    )


def _parameters(description: Schema, operation: Schema) -> list[Schema]:
    return [_resolved(description, one) for one in operation.get("parameters", ())]


def _parameter(description: Schema, one: Schema) -> Part:
    about = one.get("description", one["schema"].get("description", ""))
    return Part(
        one["name"],
        one["in"],
        kind_of(description, one["schema"]).removesuffix(" or null"),
        bool(one.get("required")),
        " ".join(about.split()),
    )


def _fields(description: Schema, schema: Schema) -> Iterator[Part]:
    whole = _resolved(description, schema)
    needed = whole.get("required", ())
    for name, field in whole.get("properties", {}).items():
        about = " ".join(str(field.get("description", "")).split())
        yield Part(name, "", kind_of(description, field), name in needed, about)


def _body(description: Schema, operation: Schema) -> tuple[str, Schema]:
    content = operation.get("requestBody", {}).get("content", {})
    kind = "application/json" if "application/json" in content else next(iter(content), "")
    return kind, content[kind].get("schema", {}) if kind else {}


def _answer(description: Schema, operation: Schema) -> Schema:
    good: Schema = next(
        (answer for status, answer in operation["responses"].items() if status.startswith("2")), {}
    )
    found: Schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _told(description: Schema, operation: Schema) -> str:
    """Says what a good answer is."""
    schema = _answer(description, operation)
    if schema:
        rows = _resolved(description, schema).get("properties", {}).get("items", {}).get("items")
        return f"a page of {kind_of(description, rows)}" if rows else kind_of(description, schema)
    kinds = [
        kind
        for status, good in operation["responses"].items()
        if status.startswith("2")
        for kind in good.get("content", {})
    ]
    return " or ".join(f"`{kind}`" for kind in kinds) or "nothing"


def _row(description: Schema, operation: Schema) -> tuple[str, ...]:
    items = _resolved(description, _answer(description, operation)).get("properties", {}).get("items", {})
    row = _resolved(description, items.get("items", {})) if items else {}
    return tuple(row.get("properties", {}))


def _resolved(description: Schema, schema: Schema) -> Schema:
    found = schema
    while "$ref" in found:
        _, kind, name = found["$ref"].removeprefix("#/").split("/")
        found = description["components"][kind][name]
    return found


def kind_of(description: Schema, schema: Schema) -> str:
    """Says in words what a value is."""
    if "$ref" in schema:
        whole = _resolved(description, schema)
        return kind_of(description, whole) if "enum" in whole else f"`{schema['$ref'].rpartition('/')[2]}`"
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices:
        return " or ".join(dict.fromkeys(kind_of(description, one) for one in choices))
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(description, schema.get('items', {}))}"
    return _scalar(schema)


_WORDS = {"string": "text", "null": "null", "boolean": "true or false", "object": "object"}
_FORMATS = {"date-time": "time (ISO 8601)", "date": "date", "binary": "file"}


def _scalar(schema: Schema) -> str:
    kind = str(schema.get("type", "any"))
    word = _FORMATS.get(schema.get("format", ""), _WORDS.get(kind, kind))
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if least is not None or most is not None:
        word += f" {_bound(least)}…{_bound(most)}"
    return word


def _bound(value: float | None) -> str:
    """Writes a bound; whole ones without a point."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def example(description: Schema, verb: str, path: str, operation: Schema) -> str:
    """Returns the arguments to curl that call a route, a write as a dry run; `{base}` stands for the service's address."""
    kind, body = _body(description, operation)
    parameters = _parameters(description, operation)
    wanted = [
        (one["name"], one["schema"]) for one in parameters if one["in"] == "query" and one.get("required")
    ]
    query = [f"{name}={quote(str(sample(description, schema)), safe='')}" for name, schema in wanted]
    if any(one["name"] == "dry_run" for one in parameters):
        query.append("dry_run=true")
    address = f"'{{base}}{filled(path)}{'?' if query else ''}{'&'.join(query)}'"
    words = [] if verb == "GET" else ["-X", verb]
    words += ['-H "Authorization: Bearer $ONSHELF_KEY"']
    if path.endswith("/events"):
        words.insert(0, "-N --max-time 3")
    if kind == "application/json":
        given = json.dumps(sample(description, body), ensure_ascii=False).replace("'", "'\\''")
        words += ["-H 'Content-Type: application/json'", f"-d '{given}'"]
    elif kind:
        words.append(_FILES.get(kind, "--data-binary @file"))
    return " ".join([*words, address])


def sample(description: Schema, schema: Schema, depth: int = 0) -> Any:
    """Makes up a value that fits: what the schema gives as an example or default, else something plain."""
    whole = _resolved(description, schema)
    for source in (schema, whole):
        if source.get("examples"):
            return source["examples"][0]
    if "default" in whole and whole["default"] is not None:
        return whole["default"]
    choices = [one for one in whole.get("anyOf", whole.get("oneOf", ())) if one.get("type") != "null"]
    if choices:
        return sample(description, choices[0], depth)
    if "enum" in whole:
        return whole["enum"][0]
    if "const" in whole:
        return whole["const"]
    return _plain(description, whole, depth)


def _named(description: Schema, name: str, schema: Schema, depth: int) -> Any:
    if schema.get("examples") or name not in _VALUES:
        return sample(description, schema, depth + 1)
    return _VALUES[name]


def _plain(description: Schema, schema: Schema, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            needed = schema.get("required", ()) if depth < _DEEPEST else ()
            fields = schema.get("properties", {})
            told = [name for name in fields if name in needed or fields[name].get("examples")]
            told = told or [name for name in fields if name in _VALUES][:1]
            return {name: _named(description, name, fields[name], depth) for name in told}
        case "array":
            few = schema.get("minItems", 0)
            return [sample(description, schema["items"], depth + 1)] * few
        case "integer" | "number":
            return int(schema.get("minimum", 1))
        case "boolean":
            return True
        case _:
            return SAMPLE_TIME if schema.get("format") == "date-time" else "text"
