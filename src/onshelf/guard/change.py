"""An act, and what is kept of it: the fields that differ, before and after, in short; never a secret, never a buyer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onshelf.guard.buyers import is_buyers_name
from onshelf.guard.chain import kept
from onshelf.guard.mask import DOTS, is_secret_name, mask
from onshelf.settings import Secret

MOST_FIELDS = 30
LONGEST = 120  # characters of a value
_SHOP_FIRST = ("shop.", "product.", "picture.", "pictures.", "platform.")
_WORDS = ("categories.", "sales_properties.")
"""Begin the names of fields that are words of the seller's own files (手机壳), not names of a buyer's data (手机)."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, whichever door it came through. Only the fields that differ are kept, as `change_of` tells them."""

    action: str  # its name: "shop.paused"
    subject: str = ""  # what it was done to: a shop, "shop/code", a job, a person's name
    before: Mapping[str, object] = field(default_factory=dict)  # empty: it is new, or nothing was changed
    after: Mapping[str, object] = field(default_factory=dict)  # empty: it is gone

    @property
    def change(self) -> dict[str, list[str | None]]:
        return change_of(self.before, self.after)

    @property
    def shop_id(self) -> str:
        """The shop it concerned; empty: none, or several."""
        return shop_of(self.action, self.subject, {**self.before, **self.after})


def change_of(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[str | None]]:
    """Returns {field: [before, after]} of the fields that differ; None: there was none, or an empty text.

    Fields within a field are told apart, as `a.b`. A field named as a secret's, and any `Secret`, says that it changed and
    nothing more; one of a buyer's is left out; long values are cut; more fields than `MOST_FIELDS` are counted under "…".
    """
    before, after = _flat(before), _flat(after)
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    told = {
        kept(name): [_shown(name, side.get(name)) for side in (before, after)]
        for name in names[:MOST_FIELDS]
        if name.startswith(_WORDS) or not any(map(is_buyers_name, name.split(".")))
    }
    return told if len(names) <= MOST_FIELDS else {**told, "…": [None, str(len(names) - MOST_FIELDS)]}


def _flat(fields: Mapping[str, object], path: str = "") -> dict[str, object]:
    """Lays fields within fields side by side; under a secret's name nothing is told apart."""
    found: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping) and not is_secret_name(str(name)):
            found |= _flat(value, f"{path}{name}.")
        else:
            found[f"{path}{name}"] = None if value == "" or value == Secret("") else value
    return found


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Secret) or any(map(is_secret_name, name.split("."))):
        return DOTS
    if isinstance(value, Mapping):  # within a list
        value = {key: _shown(str(key), inner) for key, inner in value.items() if not is_buyers_name(str(key))}
    elif isinstance(value, list | tuple | set | frozenset):
        parts = sorted(map(str, value)) if isinstance(value, set | frozenset) else value
        value = "、".join(_shown(name, one) or "—" for one in parts)
    text = mask(kept(str(value)))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def shop_of(action: str, subject: str, details: Mapping[str, object]) -> str:
    """Returns the shop an act concerned, as its details or its subject tell; empty: none, or several."""
    told = details.get("shop")
    if isinstance(told, str) and told:
        return told
    if action.startswith(_SHOP_FIRST):
        return subject.partition("/")[0]
    return subject.partition(":")[0] if action.startswith("alert.") and ":" in subject else ""
