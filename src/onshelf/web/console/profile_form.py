"""The publishing profile as a form: shares as percent, mappings as rows, words as lines. Pure, both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import msgspec
from starlette.datastructures import FormData

from onshelf.catalog.amounts import is_number, parse_count, parse_money
from onshelf.catalog.leaves import Leaf, leaf_of
from onshelf.catalog.pricing import PriceRule
from onshelf.catalog.profile import Profile, SalesProperty, encode_profile
from onshelf.web.etag import etag_of

_HUNDRED = Decimal(100)
PLAIN = ("province", "city", "description", "properties")
NO_RULE, MARKUP, MARGIN = "", "markup", "margin"


@dataclass(slots=True)
class Filled:
    """A form as its fields show it; `wrong` names those that cannot be read, with the key of the reason."""

    values: dict[str, str]
    mapping: list[tuple[str, str]]  # (word of the file, id of the leaf as written)
    wrong: dict[str, str] = field(default_factory=dict)
    sales: list[tuple[str, str, str]] = field(default_factory=list)
    # (option of the variants, id of the platform's property as written, a line a value: 红=28320)

    def leaf(self, written: str) -> Leaf | None:
        """Returns the leaf a number names; None: not known here, which is no fault."""
        return leaf_of(int(written)) if is_number(written) else None


def shown(profile: Profile) -> Filled:
    """Shows a profile in a form."""
    rule = profile.price_rule
    values = {
        "category_id": _text(profile.category_id),
        "condition": profile.condition,
        "delivery_template_id": _text(profile.delivery_template_id),
        "stock": _text(profile.stock),
        "pictures_optional": "on" if profile.pictures_optional else "",
        "forbidden_words": "\n".join(profile.forbidden_words),
        "version": version_of(profile),
        **{name: cast("str", getattr(profile, name)) for name in PLAIN},
        **_shown_rule(rule),
    }
    return Filled(
        {**values, "sales": "shown"},
        [(word, str(leaf)) for word, leaf in profile.categories.items()],
        sales=[
            (option, str(one.property_id), "\n".join(f"{word}={value}" for word, value in one.values.items()))
            for option, one in profile.sales_properties.items()
        ],
    )


def _shown_rule(rule: PriceRule | None) -> dict[str, str]:
    if rule is None:
        return {"rule": NO_RULE, "share": "", "fee_rate": "", "floor": "", "ending": ""}
    share = rule.markup if rule.margin is None else rule.margin
    return {
        "rule": MARKUP if rule.margin is None else MARGIN,
        "share": _percent(share or Decimal(0)),
        "fee_rate": _percent(rule.fee_rate) if rule.fee_rate else "",
        "floor": str(rule.floor) if rule.floor else "",
        "ending": rule.ending,
    }


def version_of(profile: Profile) -> str:
    """Tells one state of a profile from another."""
    return etag_of(encode_profile(profile).encode())


def filled(form: FormData) -> Filled:
    """Takes the fields as they were sent, to be shown again when something is wrong with them."""
    names = ("category_id", "condition", "delivery_template_id", "stock", "pictures_optional", "forbidden_words", "version",
             *PLAIN, "rule", "share", "fee_rate", "floor", "ending", "sales")  # fmt: skip
    words, leaves = form.getlist("word"), form.getlist("leaf")
    pairs = [(str(word).strip(), str(leaf).strip()) for word, leaf in zip(words, leaves, strict=False)]
    values = {name: str(form.get(name) or "").strip() for name in names}
    columns = [form.getlist(name) for name in ("sales_option", "sales_property", "sales_values")]
    sales = [
        (str(option).strip(), str(number).strip(), str(words).strip())
        for option, number, words in zip(*columns, strict=False)
    ]
    return Filled(values, [pair for pair in pairs if any(pair)], sales=[row for row in sales if any(row)])


def read(sent: Filled, before: Profile) -> Profile | None:
    """Makes a profile of a form; None: `sent.wrong` says which fields are wrong. What the form does not show stays as before."""
    get, wrong = sent.values.get, sent.wrong
    changes: dict[str, Any] = {name: get(name, "") for name in PLAIN}
    for name in ("category_id", "delivery_template_id"):
        changes[name] = _number(name, get(name, ""), wrong)
    stock = parse_count(get("stock", "")) if get("stock") else None
    if get("stock") and (stock is None or stock < 0):
        wrong["stock"] = "stock"
    changes["stock"] = stock
    changes["condition"] = get("condition") or "new"
    changes["pictures_optional"] = bool(get("pictures_optional"))
    changes["forbidden_words"] = tuple(
        dict.fromkeys(filter(None, map(str.strip, get("forbidden_words", "").splitlines())))
    )
    changes["categories"] = _categories(sent)
    if get("sales"):
        changes["sales_properties"] = _sales(sent)
    changes["price_rule"] = read_rule(sent)
    if wrong:
        return None
    try:
        return msgspec.convert(
            {**msgspec.to_builtins(before), **msgspec.to_builtins(changes)}, Profile, strict=False
        )
    except msgspec.ValidationError:
        wrong["form"] = "form"
        return None


def read_rule(sent: Filled) -> PriceRule | None:
    """Reads the price rule; None: there is none, or it is wrong."""
    get, wrong = sent.values.get, sent.wrong
    kind = get("rule", NO_RULE)
    if kind not in (MARKUP, MARGIN):
        return None
    amounts = {name: parse_money(get(name, "") or "0") for name in ("share", "fee_rate", "floor")}
    for name, amount in amounts.items():
        if amount is None or amount < 0 or (name == "share" and not get("share")):
            wrong[name] = "share" if name != "floor" else "amount"
    if wrong.keys() & amounts.keys():
        return None
    known = cast("Mapping[str, Decimal]", amounts)
    share, fee = known["share"] / _HUNDRED, known["fee_rate"] / _HUNDRED
    try:
        PriceRule(markup=share, fee_rate=fee)
        margin, markup = (share, None) if kind == MARGIN else (None, share)
        rule = PriceRule(margin=margin, markup=markup, fee_rate=fee, floor=known["floor"])
    except ValueError:
        wrong["share"] = "margin"
        return None
    try:
        return PriceRule(**{**msgspec.structs.asdict(rule), "ending": get("ending", "")})
    except ValueError:
        wrong["ending"] = "ending"
        return None


def _categories(sent: Filled) -> dict[str, int]:
    for place, (word, leaf) in enumerate(sent.mapping):
        if not word or not is_number(leaf) or not int(leaf):
            sent.wrong[f"mapping.{place}"] = "mapping"
    return {word: int(leaf) for word, leaf in sent.mapping if word and is_number(leaf)}


def _sales(sent: Filled) -> dict[str, SalesProperty]:
    """Reads which property stands for an option, and which of its values for our words."""
    found: dict[str, SalesProperty] = {}
    for place, (option, number, lines) in enumerate(sent.sales):
        pairs = [line.rpartition("=") for line in lines.splitlines() if line.strip()]
        values = {word.strip(): int(value) for word, _, value in pairs if is_number(value.strip())}
        whole = len(values) == len(pairs) and all(values) and all(values.values())
        if not option or option in found or not is_number(number) or not int(number) or not whole:
            sent.wrong[f"sales.{place}"] = "sales"
        else:
            found[option] = SalesProperty(property_id=int(number), values=values)
    return found


def _number(name: str, written: str, wrong: dict[str, str]) -> int | None:
    if written and not (is_number(written) and int(written)):
        wrong[name] = "number"
        return None
    return int(written) if written else None


def _percent(share: Decimal) -> str:
    return format((share * _HUNDRED).normalize(), "f")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
