"""The types of replies: what every method and `domains.json` say of each, joined, and the module each stands in."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec
from method_names import attribute, family_of

from onshelf.platforms.top.catalogue import Field, typed

ROOT = Path(__file__).parents[1]

DOMAINS = ROOT / "src" / "onshelf" / "reference" / "domains.json"


class Domain(msgspec.Struct):
    """A type of the replies, all its sources joined."""

    name: str
    fields: dict[str, Field]
    families: set[str]


@cache
def domains() -> dict[str, Domain]:
    """Joins what all replies and `domains.json` say of each type."""
    found: dict[str, Domain] = {}

    def learn(fields: Iterable[Field], family: str) -> None:
        for field in fields:
            if field.fields and field.type[:1].isupper():
                add(field.type, field.fields, family)
                learn(field.fields, family)

    def add(name: str, fields: Iterable[Field], family: str) -> None:
        domain = found.setdefault(name, Domain(name, {}, set()))
        domain.families.add(family)
        for field in fields:
            domain.fields[field.name] = joined(domain.fields.get(field.name), field)

    for method, row in typed().items():
        learn(row.response.fields, family_of(method))
    shared = msgspec.json.decode(DOMAINS.read_bytes())
    for name, rows in shared.items():
        if not name.startswith("_"):
            add(name, msgspec.convert(rows, list[Field]), "")
    return {name: found[name] for name in sorted(found) if used(name)}


@cache
def used(name: str) -> bool:
    """Tells whether any reply leads to a type."""
    return name in _reached()


@cache
def _reached() -> frozenset[str]:
    shared = msgspec.json.decode(DOMAINS.read_bytes())
    found: set[str] = set()
    fields = [field for row in typed().values() for field in row.response.fields]
    while fields:
        field = fields.pop()
        if field.type[:1].isupper():
            fields += field.fields
            if field.type not in found:
                found.add(field.type)
                fields += msgspec.convert(shared.get(field.type, []), list[Field])
    return frozenset(found)


def joined(known: Field | None, new: Field) -> Field:
    """Chooses between two accounts of a field: an object before its JSON, an id as a number, an amount as one."""
    if known is None or known.type == new.type:
        return known or new
    order = ["integer", "price", "string", "json"]
    ranked = sorted((known, new), key=lambda field: order.index(field.type) if field.type in order else -1)
    return ranked[0]


def reply_type(field: Field) -> str:
    scalars = {
        "integer": "int",
        "string": "str",
        "boolean": "bool",
        "datetime": "Time",
        "price": "Decimal",
        "number": "Decimal",
    }
    known = scalars.get(field.type) or (field.type if field.type in domains() else "Any")
    return f"Rows[{known}]" if field.list else known


def domain_class(domain: Domain) -> str:
    enums = msgspec.json.decode(DOMAINS.read_bytes())["_enums"]
    lines = [
        f"class {domain.name}(msgspec.Struct, kw_only=True):",
        f'    """`{domain.name}` as replies show it."""',
        "",
    ]
    for name in sorted(domain.fields):
        field = domain.fields[name]
        known = enums.get(f"{domain.name}.{name}")
        remark = ", ".join(map(str, known)) if known and field.type in ("string", "integer") else ""
        lines.append(attribute(name, reply_type(field), required=False, remark=remark))
    return "\n".join(lines)


def in_order(chosen: dict[str, Domain]) -> Iterator[Domain]:
    """Yields types after those they are made of."""
    done: set[str] = set()

    def visit(domain: Domain) -> Iterator[Domain]:
        if domain.name in done:
            return
        done.add(domain.name)
        for field in domain.fields.values():
            if field.type in chosen:
                yield from visit(chosen[field.type])
        yield domain

    for domain in chosen.values():
        yield from visit(domain)


def home_of(domain: str) -> str:
    """Names the module a type stands in: that of its only family, else the shared one."""
    homes = {family for family in families_of(domain) if family}
    if len(homes) == 1:
        return homes.pop()
    return "shared"


@cache
def families_of(domain: str) -> frozenset[str]:
    """Returns the families that use a type, through other types too."""
    found = set(domains()[domain].families)
    for name, other in domains().items():
        if name != domain and any(field.type == domain for field in other.fields.values()):
            found |= families_of(name)
    return frozenset(found)
