"""Areas and carriers, as the package carries them; data shared, code not. Categories have a file of their own.

Data: onshelf/reference/areas.json and carriers.json; what is not the platform's own is marked `invented` there.
"""

from functools import cache
from importlib.resources import files

import msgspec

from onshelf.sandbox.wire import Json


@cache
def areas() -> list[Json]:
    """Returns countries, provinces and cities, parents first."""
    rows: list[Json] = msgspec.json.decode(files("onshelf.reference").joinpath("areas.json").read_bytes())[
        "areas"
    ]
    return rows


@cache
def carriers() -> list[Json]:
    """Returns the carriers a parcel may go by."""
    rows: list[Json] = msgspec.json.decode(files("onshelf.reference").joinpath("carriers.json").read_bytes())[
        "carriers"
    ]
    return rows
