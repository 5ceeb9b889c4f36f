"""What the page of the shelf is asked for: read from an address, written into one, kept as a saved filter. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from onshelf.catalog.item import Reason, State
from onshelf.catalog.item_list import ItemFilter
from onshelf.clock import DAY_US
from onshelf.watch.figures import begin_of, day_of

WITHIN = ("1", "7", "30")
"""Days a person may ask for."""
LONGEST = 120
_MOST_WORDS = 8
FIELDS = ("shop", "state", "cause", "code", "words", "within")
DOUBTFUL = "doubtful"
"""The tab beside the states: items that the last reads did not show."""
LEFT = "left"
"""Another: items that left the shelf today, in Beijing, and are still off it. Today's page counts them."""


def today_us(now_us: int) -> int:
    """Returns when the day of Beijing began."""
    return begin_of(day_of(now_us))


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the page; an empty one lets all through. What is no choice of ours counts as empty."""

    shop: str = ""
    state: str = ""  # catalog.item.State, "doubtful" or "left"
    cause: str = ""
    code: str = ""
    words: str = ""
    within: str = ""  # days

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        """Reads the fields from an address or a form."""
        told = {name: str(given.get(name, "")).strip()[:LONGEST] for name in FIELDS}
        choices = {"state": (*State, DOUBTFUL, LEFT), "cause": tuple(Reason), "within": WITHIN}
        return cls(**{name: one if one in choices.get(name, (one,)) else "" for name, one in told.items()})

    def query(self) -> dict[str, str]:
        """Returns the fields that say something."""
        return {name: value for name in FIELDS if (value := getattr(self, name))}

    def address(self, path: str = "/shelf", **other: str) -> str:
        """Writes an address with some fields told otherwise; an empty one is left out."""
        told = {**self.query(), **other}
        given = {name: value for name, value in told.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def wanted(self, now_us: int) -> ItemFilter:
        """Says it as the list of items takes it."""
        return ItemFilter(
            state=State(self.state) if self.state in tuple(State) else None,
            reason=Reason(self.cause) if self.cause else None,
            code=self.code,
            words=tuple(self.words.split()[:_MOST_WORDS]),
            since_us=now_us - int(self.within) * DAY_US if self.within else 0,
            doubtful=True if self.state == DOUBTFUL else None,
            left_since_us=today_us(now_us) if self.state == LEFT else None,
        )

    @property
    def narrowed(self) -> bool:
        """Tells whether anything but the shop and the tab is asked for."""
        return bool(self.cause or self.code or self.words or self.within)
