"""Provinces and cities as the platform writes them: without 省 and 市. Pure.

Data: onshelf/reference/areas.json (GB/T 2260), which has not every city: what is not known here may be right.
"""

from functools import cache
from importlib.resources import files

import msgspec

_PROVINCE, _CITY = 2, 3


class _Area(msgspec.Struct):
    type: int
    name: str


class _Areas(msgspec.Struct):
    areas: list[_Area]


@cache
def _areas() -> list[_Area]:
    data = files("onshelf.reference").joinpath("areas.json").read_bytes()
    return msgspec.json.decode(data, type=_Areas).areas


def provinces() -> list[str]:
    """Returns the provinces."""
    return [area.name for area in _areas() if area.type == _PROVINCE]


def cities() -> list[str]:
    """Returns the cities that are known, each once."""
    return list(dict.fromkeys(area.name for area in _areas() if area.type == _CITY))
