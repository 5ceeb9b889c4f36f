"""A shop's publishing profile: all that a listing needs and files mostly lack. A record of the shop, kept as JSON."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from onshelf.catalog.amounts import is_number
from onshelf.catalog.pricing import PriceRule
from onshelf.errors import Unreadable

Id = Annotated[int, msgspec.Meta(gt=0, lt=10**18)]
Condition = Literal["new", "second", "unused"]


class SalesProperty(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The platform's sales property that stands for an option of ours."""

    property_id: Id
    # our word -> value id; other words become custom values with their text as alias
    values: dict[str, int] = {}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is put in where a row says nothing. Everything has a default, so an empty profile is a profile."""

    category_id: Id | None = None  # leaf category of rows that name none; None: such rows are faulty
    categories: dict[str, Id] = {}  # the file's own words (类目, Type) -> leaf category
    condition: Condition = "new"
    province: str = ""
    city: str = ""
    delivery_template_id: Id | None = None  # None: the seller pays, no template
    description: str = "<p>{title}</p>"  # HTML of rows without a description; {title} is the only placeholder
    properties: str = ""  # "pid:vid;pid:vid" of rows without properties
    sales_properties: dict[str, SalesProperty] = {}  # option name -> property
    price_rule: PriceRule | None = None  # None: every row needs a price of its own
    # of rows that name none; None: such rows are faulty
    stock: Annotated[int, msgspec.Meta(ge=0)] | None = None
    pictures_optional: bool = False  # a row without a picture we can read is a warning instead of a fault
    forbidden_words: tuple[str, ...] = ()

    def category_of(self, words: Iterable[str]) -> int | None:
        """Returns the leaf category of the first word that is a number or mapped, else the default."""
        for word in words:
            if is_number(word):
                return int(word)
            if word in self.categories:
                return self.categories[word]
        return self.category_id


def encode_profile(profile: Profile) -> str:
    """Writes a profile as JSON."""
    return msgspec.json.encode(profile).decode()


def decode_profile(text: str | bytes, *, where: str) -> Profile:
    """Reads a profile from JSON; raises Unreadable naming the entry, also for one that no profile has. `where`: file or shop."""
    try:
        return msgspec.json.decode(text, type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(where, "profile", detail=str(error)) from None
