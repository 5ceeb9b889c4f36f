"""Every rule a product is held to before any call, all faults at once. Pure: pictures were looked at before.

Sources of the limits: the platform's documents of item.add, as the list in `rules.py` names them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from onshelf.catalog.amounts import is_number
from onshelf.catalog.fill import Candidate
from onshelf.catalog.markup import ALLOWED, clean
from onshelf.catalog.product import Fault, Product
from onshelf.catalog.profile import Profile
from onshelf.catalog.rules import broken, escape, is_odd, waive
from onshelf.catalog.variants import Offer, check_code, check_variants

TITLE_WIDTH = 60
DESCRIPTION_LEAST, DESCRIPTION_LIMIT = 5, 25_000  # characters
PICTURE_LEAST = 800  # pixels, both ways
PICTURES_LIMIT = 5

_PLAIN = "\x20-\x7e\xa0-\xac\xae-\xff\u2010-\u2027\u2030-\u205e\u3000-\u303f\u3041-\u3096\u3099-\u30ff\u4e00-\u9fff\uff01-\uff5e"
_SUSPECT = re.compile(f"[^{_PLAIN}]").search  # all else is asked of the character table, which is slower
_SUSPECT_IN_LINES = re.compile(f"[^\t\n\r{_PLAIN}]").search
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_CONDITIONS = frozenset({"new", "second", "unused"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a file's rows are checked against besides the platform's own limits."""

    profile: Profile
    encoding: str  # of the file, for the texts
    forbidden: re.Pattern[str] | None

    @classmethod
    def of(cls, profile: Profile, *, encoding: str = "utf-8") -> "Terms":
        words = sorted(filter(None, profile.forbidden_words), key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
        return cls(profile, encoding, pattern)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found where a row names a picture."""

    source: str  # as written
    path: str = ""  # absolute; empty with a problem
    problem: str = ""  # the broken rule
    facts: dict[str, str | int] = field(default_factory=dict)
    width: int = 0  # pixels; 0: not opened
    height: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one product."""

    product: Product | None  # None: at least one fault stops it
    faults: tuple[Fault, ...]  # warnings too


def check(candidate: Candidate, looks: Sequence[Look], terms: Terms, *, source: str) -> Checked:
    """Holds a candidate to every rule. `looks`: what its pictures are, in order; `source`: file and row, for people."""
    faults: list[Fault] = []
    faults += _title(candidate)
    faults += _code(candidate)
    faults += _texts(candidate, terms)
    faults += _terms_of_sale(candidate)
    description = _description(candidate, faults)
    pictures = _pictures(looks, optional=terms.profile.pictures_optional, faults=faults)
    offer = check_variants(candidate, terms.profile, faults)
    if any(fault.severity == "fault" for fault in faults):
        return Checked(None, tuple(faults))
    return Checked(_product(candidate, description, pictures, offer, source), tuple(faults))


def _product(
    candidate: Candidate, description: str, pictures: tuple[str, ...], offer: Offer, source: str
) -> Product:
    """Puts together what passed."""
    return Product(
        outer_id=candidate.outer_id,
        title=candidate.title,
        price=min(offer.prices),
        stock=sum(offer.stocks),
        category_id=candidate.category_id or 0,
        description=description,
        condition=candidate.condition,
        province=candidate.province,
        city=candidate.city,
        delivery_template_id=int(candidate.delivery_template) if candidate.delivery_template else None,
        properties=offer.properties,
        property_alias=offer.alias,
        skus=offer.skus,
        pictures=pictures,
        source=source,
        outer_id_derived=candidate.outer_id_derived,
    )


def width_of(title: str) -> int:
    """Measures a title as the platform does: a code point above U+00FF counts 2."""
    return 2 * len(title) - len(title.encode("latin-1", "ignore"))


def _title(candidate: Candidate) -> Iterator[Fault]:
    title = candidate.title
    if not title:
        yield broken("title_blank", "title")
    elif len(title) * 2 > TITLE_WIDTH and (width := width_of(title)) > TITLE_WIDTH:
        over = width - TITLE_WIDTH
        yield broken("title_width", "title", title, width=width, limit=TITLE_WIDTH, over=over)
    if candidate.title_row:
        yield broken("title_repeated", "title", title, row=candidate.title_row)


def _code(candidate: Candidate) -> Iterator[Fault]:
    code = candidate.outer_id
    if not code:
        yield broken("outer_id_blank", "outer_id")
        return
    yield from check_code("outer_id", code)
    if code != code.strip():
        yield broken("outer_id_space", "outer_id", code)
    if candidate.code_row:
        yield broken("outer_id_twice", "outer_id", code, row=candidate.code_row)


def _texts(candidate: Candidate, terms: Terms) -> Iterator[Fault]:
    """Looks into every text for what a broken conversion leaves behind, and for forbidden words."""
    short = {
        "title": candidate.title,
        "outer_id": candidate.outer_id,
        "province": candidate.province,
        "city": candidate.city,
    }
    if _SUSPECT("".join(short.values())):
        for name, text in short.items():
            yield from _odd(name, text, terms.encoding)
    if candidate.variants[0].options:
        for text in _option_texts(candidate):
            yield from _odd("sku", text, terms.encoding)
    if candidate.described and _SUSPECT_IN_LINES(candidate.description):
        yield from _odd("description", candidate.description, terms.encoding, allowed="\t\n\r")
    if (
        "&" in candidate.title
        and (found := _ENTITY.search(candidate.title))
        and unescape(found[0]) != found[0]
    ):
        yield broken("entity_residue", "title", candidate.title, word=found[0])
    if terms.forbidden:
        own = {"title": candidate.title, "description": candidate.description if candidate.described else ""}
        for name, text in own.items():
            if found := terms.forbidden.search(text):
                yield broken("forbidden_word", name, text, word=found[0])


def _option_texts(candidate: Candidate) -> Iterator[str]:
    """Yields the texts of the variants that need a closer look, each once."""
    texts = {
        text: None
        for variant in candidate.variants
        for text in (variant.outer_id, *(part for option in variant.options for part in option))
    }
    return filter(_SUSPECT, texts)


def _odd(field: str, text: str, encoding: str, *, allowed: str = "") -> Iterator[Fault]:
    """Names the odd characters of a text with the place of the first, counted from 1."""
    places = [place for place, char in enumerate(text) if is_odd(char) and char not in allowed]
    undecoded = [place for place in places if 0xDC80 <= ord(text[place]) <= 0xDCFF]
    others = [place for place in places if place not in undecoded]
    for rule, found in (("undecodable_bytes", undecoded), ("odd_characters", others)):
        if found:
            names = " ".join(dict.fromkeys(escape(text[place]) for place in found[:8]))
            facts: dict[str, str | int] = {"encoding": encoding} if rule == "undecodable_bytes" else {}
            yield broken(
                rule, field, text, position=found[0] + 1, characters=names, count=len(found), **facts
            )


def _terms_of_sale(candidate: Candidate) -> Iterator[Fault]:
    word = candidate.category_word
    if not candidate.category_id:
        yield broken("category_missing", "category", word)
    elif word:
        yield broken("category_unmapped", "category", word, default=candidate.category_id)
    if not candidate.province:
        yield broken("place_missing", "province")
    if not candidate.city:
        yield broken("place_missing", "city")
    if candidate.condition not in _CONDITIONS:
        yield broken("condition_unknown", "condition", candidate.condition)
    template = candidate.delivery_template
    if template and not is_number(template):
        yield broken("template_form", "delivery_template", template)


def _description(candidate: Candidate, faults: list[Fault]) -> str:
    """Returns the description as HTML of the allowed tags, adding its faults; empty when its bytes are broken."""
    if any(fault.rule in ("undecodable_bytes", "odd_characters") for fault in faults):
        return ""  # bytes that are no text cannot be parsed, and the row is stopped anyway
    cleaned = clean(candidate.description)
    if cleaned.removed:
        allowed = " ".join(sorted(ALLOWED))
        removed = " ".join(cleaned.removed)
        faults.append(
            broken("description_cut", "description", candidate.description, removed=removed, allowed=allowed)
        )
    length = len(cleaned.html)
    if not DESCRIPTION_LEAST < length < DESCRIPTION_LIMIT:
        facts = {"length": length, "least": DESCRIPTION_LEAST + 1, "limit": DESCRIPTION_LIMIT - 1}
        faults.append(broken("description_length", "description", candidate.description, **facts))
    return cleaned.html


def _pictures(looks: Sequence[Look], *, optional: bool, faults: list[Fault]) -> tuple[str, ...]:
    """Returns the pictures that can be published, main picture first, adding the faults of all."""
    if not looks:
        missing = broken("picture_missing", "picture")
        faults.append(waive(missing) if optional else missing)
    for look in looks:
        if look.problem:
            fault = broken(look.problem, "picture", look.source, **look.facts)
            faults.append(waive(fault) if optional and look.problem == "picture_remote" else fault)
    good = [look for look in looks if look.path]
    if good and good[0].width and min(good[0].width, good[0].height) < PICTURE_LEAST:
        size = {"width": good[0].width, "height": good[0].height, "least": PICTURE_LEAST}
        faults.append(broken("picture_small", "picture", good[0].source, **size))
    if len(good) > PICTURES_LIMIT:
        faults.append(broken("pictures_many", "picture", count=len(good), limit=PICTURES_LIMIT))
    return tuple(look.path for look in good[:PICTURES_LIMIT])
