"""What a faulty cell could say instead, where that can be told from the row itself. Pure; a person accepts it or not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape, unescape
from html.entities import html5

from onshelf.catalog.amounts import parse_money
from onshelf.catalog.check import TITLE_WIDTH, width_of
from onshelf.catalog.leaves import nearest_leaves
from onshelf.catalog.markup import clean
from onshelf.catalog.pricing import CENT, PriceRule, price_from_cost
from onshelf.catalog.product import Fault
from onshelf.catalog.rules import is_odd

_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,2})?(?!\d)", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_SAID = 200  # characters of a cell that can tell a category
_LAST_NAME = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,30})\s{0,9}$", re.ASCII)
_ENOUGH = TITLE_WIDTH * 40  # characters: as long as each of a title may be as an entity
_BREAKS = " ,，、/|·;；。-"
_SOUND = 0.6  # of the width: a title is cut at a break only when so much of it is left


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for one field of the row."""

    field: str  # our own name, mostly the fault's
    value: str


def suggest(
    fault: Fault, cells: Mapping[str, str], row: int, rule: PriceRule | None = None
) -> Suggestion | None:
    """Says what would mend a fault; None: only a person can know. `cells`: the row's texts by our field names.

    `rule`: the shop's, by which a price that is too low follows from the cost instead.
    """
    value = _price_above(fault, cells, rule) if fault.rule == "price_below_floor" else None
    if make := _BY_RULE.get(fault.rule):
        value = make(fault, cells, row)
    return Suggestion(fault.field, value) if value else None


def _cell(fault: Fault, cells: Mapping[str, str]) -> str:
    """Returns the whole text, of which a fault repeats only the start."""
    return cells.get(fault.field) or fault.value


def _cut_title(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    return fit_title(_cell(fault, cells))


def fit_title(title: str) -> str:
    """Cuts a title to the width the platform takes, at a break between words where one is near the end.

    Entities become their characters first; one at the end that lost its semicolon goes before any word does.
    """
    given = _LAST_NAME.sub(_without_entity, unescape(title[:_ENOUGH])).strip()
    cut = given[:TITLE_WIDTH]  # no character is narrower than one
    while width_of(cut) > TITLE_WIDTH:
        cut = cut[:-1]
    place = max(cut.rfind(mark) for mark in _BREAKS)
    return cut if cut == given or place < len(cut) * _SOUND else cut[:place].rstrip(_BREAKS)


def _without_entity(found: re.Match[str]) -> str:
    return "" if f"{found[1]};" in html5 else found[0]


def _title_of_description(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    first = next(iter(_TAG.sub("\n", clean(cells.get("description", "")).html).split("\n\n")), "")
    text = unescape(first).strip().split("\n")[0].strip()
    return fit_title(text) if len(text) >= 4 else None


def _without_odd(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    return "".join(char for char in _cell(fault, cells) if not is_odd(char)).strip() or None


def _amount(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    """Takes the only number there is: `约 39,90 元起` is 39.90; of two nobody knows which is meant."""
    found = _NUMBER.findall(_cell(fault, cells).replace("，", ","))
    return str(found[0]).replace(",", ".") if len(found) == 1 else None


def _count(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    """Takes the only number there is, its broken part left out: half a piece cannot be sold."""
    amount = _amount(fault, cells, row)
    return amount.partition(".")[0] if amount else None


def _whole_cents(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    return str(Decimal(fault.value).quantize(CENT, rounding=ROUND_HALF_UP))


def _price_above(fault: Fault, cells: Mapping[str, str], rule: PriceRule | None) -> str | None:
    """Takes the price that the cost asks for, else the floor; nothing that would be sold below its cost."""
    floor, cost = Decimal(fault.facts["floor"]), parse_money(cells.get("cost", "").strip())
    if cost and cost > 0:
        return (
            str(price_from_cost(cost, rule, floor=floor)) if rule else str(floor) if floor >= cost else None
        )
    return str(floor) if Decimal(fault.value) > 0 else None


def _plain_code(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    return "-".join(part.strip() for part in _cell(fault, cells).split(",")).strip("-") or None


def _other_code(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    """Gives the later of two rows a code of its own; the earlier keeps what may be on the shelf already."""
    return f"{_cell(fault, cells)}-{row}" if int(fault.facts["row"]) < row else None


def _category(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    said = [cells.get(name, "")[:_SAID] for name in ("category", "type", "title")]
    found = nearest_leaves([text for text in said if text], limit=1)
    return str(found[0].category_id) if found else None


def _condition(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    said = _cell(fault, cells).casefold()
    for word, marks in (
        ("二手", ("二手", "旧", "used")),
        ("闲置", ("闲", "unused")),
        ("全新", ("新", "new")),
    ):
        if any(mark in said for mark in marks):
            return word
    return None


def _digits(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    found = re.findall(r"\d+", _cell(fault, cells), re.ASCII)
    return str(found[0]) if len(found) == 1 else None


def _longer_description(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    title = cells.get("title", "").strip()
    short = int(fault.facts["length"]) < int(fault.facts["least"])
    return f"<p>{escape(title)}</p>" if short and len(title) >= 4 else None


def _without_word(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    word = re.escape(str(fault.facts["word"]))
    return re.sub(word, "", _cell(fault, cells), flags=re.IGNORECASE).strip(_BREAKS) or None


def _unescaped(fault: Fault, cells: Mapping[str, str], row: int) -> str | None:
    return unescape(_cell(fault, cells))


_BY_RULE: dict[str, Callable[[Fault, Mapping[str, str], int], str | None]] = {
    "title_width": _cut_title,
    "title_blank": _title_of_description,
    "odd_characters": _without_odd,
    "undecodable_bytes": _without_odd,
    "outer_id_comma": _plain_code,
    "outer_id_space": _plain_code,
    "outer_id_twice": _other_code,
    "amount_form": _amount,
    "price_decimals": _whole_cents,
    "stock_form": _count,
    "category_missing": _category,
    "category_unmapped": _category,
    "condition_unknown": _condition,
    "template_form": _digits,
    "description_length": _longer_description,
    "forbidden_word": _without_word,
    "entity_residue": _unescaped,
}
"""Rule -> what makes the value; the other rules leave it to a person."""
