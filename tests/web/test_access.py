"""Every route × every role × own and foreign shop: who may comes in, who may not is refused, and a foreign shop is not there."""

import pytest
from fastapi.routing import APIRoute
from service import Service

from onshelf.guard.roles import PERMITS, Permission, Role
from onshelf.texts import catalogue
from onshelf.web.openapi import api_routes, permission_of

CALLS = [(verb, route) for route in api_routes() for verb in sorted(route.methods or ())]
STREAMS = ("/events",)
"""Routes whose answer does not end: only their refusals are looked at."""


def path_of(verb: str, route: APIRoute, shop: str) -> str:
    """Fills a path: the shop as told, whatever else it names with something there is not; a write is a dry run."""
    values = {name: shop if name == "shop" else "0" for name in route.param_convertors}
    return route.path_format.format(**values) + ("" if verb == "GET" else "?dry_run=true")


@pytest.mark.parametrize(("verb", "route"), CALLS, ids=[f"{verb} {route.path}" for verb, route in CALLS])
async def test_each_role_enters_where_it_may(service: Service, verb: str, route: APIRoute) -> None:
    permission = permission_of(route)
    await service.add_shop("shop-b")
    nobody = await service.api(verb, path_of(verb, route, "shop-a"), role=None)
    assert nobody.status == 401
    for role in Role:
        may = permission in PERMITS[role]
        if may and route.path in STREAMS:
            continue
        own = await service.api(verb, path_of(verb, route, "shop-a"), role=role, shops=("shop-a",))
        refused = own.status == 403 and own.json["code"] == "not_permitted"
        assert refused != may, f"{role} {own.status} {own.text}"
        assert own.status < 500 or own.status in (502, 503, 504), f"{role} {own.status} {own.text}"
        if may and "shop" in route.param_convertors:
            foreign = await service.api(verb, path_of(verb, route, "shop-b"), role=role, shops=("shop-a",))
            assert (foreign.status, foreign.json["code"]) == (404, "no_shop")


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "小王 的角色是“运营”，没有“查看操作记录和设置”的权限。"),
        ("en", "小王 has the role “operator”, which may not read the audit log and the settings."),
    ],
)
async def test_a_refusal_names_person_role_and_permission_in_words(
    service: Service, lang: str, told: str
) -> None:
    async with service.browser("小王", Role.OPERATOR) as visitor:
        page = await visitor.get("/audit", headers={"Accept-Language": lang})

    assert page.status == 403
    assert told in page.text
    assert "person:" not in page.text


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_its_words(permission: Permission) -> None:
    assert f"web.permission.{permission}" in catalogue("web")


def test_only_administrators_let_people_in() -> None:
    assert {role for role in Role if "people" in PERMITS[role]} == {Role.ADMINISTRATOR}
    assert PERMITS[Role.ADMINISTRATOR] >= frozenset().union(*PERMITS.values())
