"""What numbers and names a control takes; msgspec checks them, and names the field of one that is out of bounds."""

from typing import Annotated

from msgspec import Meta

LONGEST_S = 10 * 365 * 86400.0

Seconds = Annotated[float, Meta(ge=0, le=LONGEST_S)]
SomeSeconds = Annotated[float, Meta(ge=0.01, le=LONGEST_S)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Limit = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
