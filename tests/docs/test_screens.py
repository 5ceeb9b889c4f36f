"""Every page of the console has its picture in docs/screens, small, and shown by the page there with one line."""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from screens import SCREENS, Screen

from onshelf.web.console import pages

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SHOWN = (FOLDER / "README.md").read_text("utf-8")
MOST_BYTES, MOST_TOGETHER = 80_000, 3_000_000
NO_PAGE = {
    "/categories": "part of a form",
    "/jobs/{job}/lines": "part of a job's page",
    "/jobs/{job}/live": "part of a job's page",
    "/shelf/rows": "part of the shelf",
    "/shops/{shop}/delivery-templates": "part of the profile",
    "/shops/{shop}/publishing/plan": "part of the plan",
    "/today/jobs": "part of the first page",
    "/audit/export": "a file",
    "/jobs/{job}/report.xlsx": "a file",
    "/jobs/{job}/failed-rows.xlsx": "a file",
    "/shops/{shop}/imports/{import_id}/failed-rows.xlsx": "a file",
    "/shops/{shop}/product/picture": "a picture",
    "/products": "leads to a shop's",
    "/publishing": "leads to a shop's",
    "/quota": "leads to an app's",
    "/oauth/callback": "comes back from the platform",
    "/sign-in/openid": "leads to a provider",
    "/sign-in/openid/back": "comes back from a provider",
    "/pulse": "tells a page that something changed",
}
ROUTES = [
    route
    for router in pages()
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and route.path not in NO_PAGE
]


def path_of(screen: Screen) -> str:
    """Returns a path of the screen's form, without what is asked."""
    place = re.sub(r"\{(\w+)\}", lambda name: "/welcome/x" if name[1] == "link" else "x", screen.path)
    return place.partition("?")[0]


@pytest.mark.parametrize("route", [pytest.param(one, id=one.path) for one in ROUTES])
def test_every_page_has_a_picture(route: APIRoute) -> None:
    seen = [one for one in SCREENS if route.path_regex.match(path_of(one))]

    assert seen, f"{route.path} is not among tests/support/screens.py"


def test_the_pictures_are_those_of_the_screens_each_with_its_line_and_small() -> None:
    wanted = {f"{one.name}.png" for one in SCREENS} | {
        f"{one.name}.en.phone.png" for one in SCREENS if one.phone
    }
    kept = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}

    assert set(kept) == wanted
    assert set(re.findall(r"\]\(([\w.-]+\.png)\)", SHOWN)) == wanted
    assert [one.name for one in SCREENS if one.shows not in SHOWN] == []
    assert {name: size for name, size in kept.items() if size > MOST_BYTES} == {}
    assert sum(kept.values()) <= MOST_TOGETHER
