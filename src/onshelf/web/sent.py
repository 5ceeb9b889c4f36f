"""What every body that a program sends has in common."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Sent(BaseModel):
    """A body; a field it does not know is refused: it is most likely one written wrongly."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _of_whole_characters(cls, given: Any) -> Any:
        """Refuses halves of characters (`\\ud800` alone), which JSON can write and nothing can keep."""
        if not all(map(_is_whole, _strings(given))):
            raise PydanticCustomError("string_unicode", "a half of a character stands in the body")
        return given


def _strings(given: Any) -> Iterator[str]:
    """Yields every string in a body, names of fields too."""
    waiting = [given]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
