"""The list of rules a row is held to, and the one way to state that a row breaks one. Texts: `check.<rule>` in the catalogue."""

import unicodedata
from dataclasses import dataclass, replace

from onshelf.catalog.product import Fault, Severity
from onshelf.texts import Lang, text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as the documentation lists it."""

    rule: str  # stable id
    severity: Severity
    source: str  # where the rule comes from: a section of the platform's documents, or "ours"

    def title(self, lang: Lang) -> str:
        return text(f"check.{self.rule}.rule", lang)


_FIELDS = "item.add, fields"
_SKUS = "item.add, sku strings"
_PICTURES = "picture.upload"
_OURS = "ours"

_FAULTS: tuple[tuple[str, str], ...] = (
    ("title_blank", _FIELDS),
    ("title_width", _FIELDS),
    ("odd_characters", _OURS),
    ("undecodable_bytes", _OURS),
    ("outer_id_blank", _OURS),
    ("outer_id_comma", "items.custom.get, outer_id"),
    ("outer_id_space", _OURS),
    ("outer_id_long", _FIELDS),
    ("outer_id_twice", _OURS),
    ("price_missing", _OURS),
    ("price_no_rule", _OURS),
    ("amount_form", _FIELDS),
    ("cost_range", _OURS),
    ("price_range", _FIELDS),
    ("price_decimals", _FIELDS),
    ("price_below_floor", _OURS),
    ("stock_missing", _OURS),
    ("stock_form", _FIELDS),
    ("stock_range", _FIELDS),
    ("stock_zero", "item.update.listing, num"),
    ("category_missing", _FIELDS),
    ("place_missing", _FIELDS),
    ("condition_unknown", _FIELDS),
    ("template_form", _FIELDS),
    ("description_length", _FIELDS),
    ("forbidden_word", _OURS),
    ("properties_form", _FIELDS),
    ("properties_many", _FIELDS),
    ("properties_long", _FIELDS),
    ("alias_long", _FIELDS),
    ("sku_option_blank", _OURS),
    ("sku_options_uneven", _OURS),
    ("sku_options_many", _OURS),
    ("sku_twice", _SKUS),
    ("sku_list_long", _SKUS),
    ("sku_amounts", _OURS),
    ("line_broken", _OURS),
    ("picture_missing", _FIELDS),
    ("picture_remote", _OURS),
    ("picture_outside", _OURS),
    ("picture_not_found", _OURS),
    ("picture_unreadable", _PICTURES),
    ("picture_kind", _PICTURES),
    ("picture_large", _PICTURES),
    ("picture_small", "main picture"),
)
_WARNINGS: tuple[tuple[str, str], ...] = (
    ("title_repeated", _OURS),
    ("entity_residue", _OURS),
    ("price_far_off", _OURS),
    ("price_below_cost", _OURS),
    ("category_unmapped", _OURS),
    ("description_cut", _OURS),
    ("pictures_many", "alibaba.item.publish, main pictures"),
    ("sales_property_missing", "itemprops.get, must, as recorded"),
)
LIKELY_REFUSED = frozenset({"sales_property_missing"})
"""Warnings of what the platform most likely refuses to publish: they do not stop a row, for what was recorded may be old."""
_RULES: dict[str, Rule] = {
    **{rule: Rule(rule, "fault", source) for rule, source in _FAULTS},
    **{rule: Rule(rule, "warning", source) for rule, source in _WARNINGS},
}
_SHOWN = 120  # characters of a value that a fault repeats


def rules() -> tuple[Rule, ...]:
    """Returns every rule, faults first, in the order of the documentation."""
    return tuple(_RULES.values())


def broken(rule: str, field: str, value: str = "", **facts: str | int) -> Fault:
    """States that a field breaks a rule; an unknown rule is a KeyError: a defect of ours."""
    return Fault(field, show(value[: _SHOWN + 1])[:_SHOWN], rule, facts, _RULES[rule].severity)


def waive(fault: Fault) -> Fault:
    """Makes a warning of a fault, because the operator said so."""
    return replace(fault, severity="warning")


def show(value: str) -> str:
    """Makes a text fit for screens and files: undecoded bytes and characters that cannot be seen become escapes."""
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() or char in "\n\t" else escape(char) for char in value)


def escape(char: str) -> str:
    """Names one character: `\\x9f` for a byte that could not be decoded, `U+F881` for all else."""
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"U+{code:04X}"


def is_odd(char: str) -> bool:
    """Tells whether a character has no business in a shop's text: control, private, unassigned, surrogate, U+FFFD, invisible."""
    return char == "\ufffd" or (unicodedata.category(char) in _ODD and char not in _JOINERS)


_ODD = frozenset({"Cc", "Cs", "Co", "Cn", "Cf"})
_JOINERS = "\u200d"  # joins the parts of an emoji
