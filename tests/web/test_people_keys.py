"""People, keys, the audit log and the settings over the API: who gives what to whom, what is shown once, what is kept of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service import PASSWORD, Service

from onshelf.guard.change import Act
from onshelf.guard.people import People
from onshelf.guard.roles import Role


async def invited(service: Service, *, http: Any, name: str, **given: Any) -> str:
    """Invites somebody over the API and accepts; returns the person's id."""
    made = await service.api("POST", "/invitations", json={"role": "operator", **given})
    assert made.status == 201, made.text
    path = made.json["link"].removeprefix(service.address)
    joined = await service.ask(
        "POST", path, http=http, data={"name": name, "password": PASSWORD, "again": PASSWORD}
    )
    assert joined.status == 303, joined.text
    people = (await service.api("GET", "/people")).json["items"]
    return next(str(one["person"]) for one in people if one["name"] == name)


async def test_a_program_learns_who_it_is_and_what_it_may_do(service: Service) -> None:
    me = (await service.api("GET", "/me", role=Role.OPERATOR, shops=("shop-a",))).json

    assert (me["kind"], me["role"], me["shops"]) == ("key", "operator", ["shop-a"])
    assert "publish" in me["permissions"]
    assert "people" not in me["permissions"]


async def test_an_invitation_is_listed_until_it_is_used_or_withdrawn(service: Service) -> None:
    await service.api("POST", "/invitations", json={"role": "viewer", "name": "王芳"})
    waiting = (await service.api("GET", "/invitations")).json["items"]
    gone = await service.api("DELETE", f"/invitations/{waiting[0]['invitation']}")
    again = await service.api("DELETE", f"/invitations/{waiting[0]['invitation']}")

    assert [(one["name"], one["role"]) for one in waiting] == [("王芳", "viewer")]
    assert (gone.status, again.status) == (204, 404)
    assert (await service.api("GET", "/invitations")).json["items"] == []


async def test_another_role_counts_from_the_next_request_on(service: Service) -> None:
    async with service.browser("boss"), service.browser("lin", Role.OPERATOR) as lin:
        people = (await service.api("GET", "/people")).json["items"]
        person = next(one["person"] for one in people if one["name"] == "lin")
        changed = await service.api("PUT", f"/people/{person}", json={"role": "viewer", "shops": ["shop-a"]})
        refused = await lin.post("/shops/shop-a/pause", page="/shops")

    assert changed.json["role"] == "viewer"
    assert refused.status == 403


async def test_whoever_is_ended_is_out_at_once_and_a_new_link_lets_in_again(service: Service) -> None:
    async with service.browser("boss"), service.browser("lin", Role.OPERATOR) as lin:
        people = (await service.api("GET", "/people")).json["items"]
        person = next(one["person"] for one in people if one["name"] == "lin")
        await service.api("POST", f"/people/{person}/end")
        out = await lin.get("/shops")
        right = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        link = (await service.api("POST", f"/people/{person}/reset")).json["link"]
        new = {"password": "another-horse-9", "again": "another-horse-9"}
        accepted = await service.ask("POST", link.removeprefix(service.address), data=new)
        old = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        fresh = await service.ask("POST", "/sign-in", data={"name": "lin", "password": "another-horse-9"})

    assert (out.status, right.status) == (303, 401)
    assert accepted.status == 303
    assert (old.status, fresh.status) == (401, 303)


@pytest.mark.parametrize("way", ["end", "change"])
async def test_the_last_administrator_stays(service: Service, way: str) -> None:
    async with service.browser("boss"):
        person = (await service.api("GET", "/people")).json["items"][0]["person"]
        refused = (
            await service.api("POST", f"/people/{person}/end")
            if way == "end"
            else await service.api("PUT", f"/people/{person}", json={"role": "viewer"})
        )

    assert (refused.status, refused.json["code"]) == (409, "last_administrator")


@pytest.mark.parametrize(
    ("verb", "path", "given"),
    [
        ("POST", "/keys", {"name": "x", "role": "viewer"}),
        ("POST", "/keys", {"name": "x", "role": "administrator", "shops": None}),
        ("POST", "/invitations", {"role": "administrator"}),
    ],
)
async def test_an_administrator_of_one_shop_gives_nobody_more_than_that(
    service: Service, verb: str, path: str, given: dict[str, Any]
) -> None:
    refused = await service.api(verb, path, shops=("shop-a",), json=given)
    within = await service.api(verb, path, shops=("shop-a",), json={**given, "shops": ["shop-a"]})
    foreign = await service.api(verb, path, shops=("shop-a",), json={**given, "shops": ["shop-b"]})

    assert (refused.status, refused.json["code"]) == (403, "cannot_give")
    assert within.status == 201
    assert (foreign.status, foreign.json["code"]) == (404, "no_shop")


async def test_an_administrator_of_one_shop_touches_nobody_above(service: Service) -> None:
    async with service.browser("boss"):
        person = (await service.api("GET", "/people")).json["items"][0]["person"]
        refused = [
            (await service.api("POST", f"/people/{person}/{act}", shops=("shop-a",))).json["code"]
            for act in ("end", "reset", "unlock")
        ]

    assert refused == ["above_you"] * 3


async def test_a_key_is_shown_once_works_and_ends(service: Service) -> None:
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await service.api("POST", "/keys", json={"name": "erp", "role": "viewer", "until": until})
    shown = {"Authorization": f"Bearer {made.json['secret']}"}
    works = await service.ask("GET", "/api/v1/me", headers=shown)
    listed = (await service.api("GET", f"/keys/{made.json['key']}")).json
    ended = await service.api("POST", f"/keys/{made.json['key']}/end")
    after = await service.ask("GET", "/api/v1/me", headers=shown)
    twice = await service.api("POST", f"/keys/{made.json['key']}/end")

    assert (works.status, works.json["name"]) == (200, "key:erp")
    assert "secret" not in listed
    assert listed["used"] is not None
    assert (ended.json["ended"], after.status, twice.status) == (True, 401, 409)


async def test_a_secret_is_not_kept_for_whoever_asks_again(service: Service) -> None:
    asked: dict[str, Any] = {
        "json": {"name": "erp", "role": "viewer"},
        "headers": {"Idempotency-Key": "k-1"},
    }
    made = await service.api("POST", "/keys", **asked)
    again = await service.api("POST", "/keys", **asked)
    kept = await service.app.db.fetch("SELECT body FROM kept_answer")
    names = [one["name"] for one in (await service.api("GET", "/keys")).json["items"]]

    assert (made.status, again.status, again.json["code"]) == (201, 409, "shown_once")
    assert len(kept) == 1
    assert names.count("erp") == 1


async def test_a_rehearsed_key_and_invitation_are_not_made(service: Service) -> None:
    key = await service.api("POST", "/keys?dry_run=true", json={"name": "erp", "role": "viewer"})
    link = await service.api("POST", "/invitations?dry_run=true", json={"role": "viewer"})

    assert (key.status, key.json["secret"], link.status, link.json["link"]) == (201, "", 201, "")
    assert "erp" not in [one["name"] for one in (await service.api("GET", "/keys")).json["items"]]
    assert (await service.api("GET", "/invitations")).json["items"] == []


async def test_keys_and_people_come_page_by_page(service: Service) -> None:
    for number in range(5):
        await service.api("POST", "/keys", json={"name": f"k{number}", "role": "viewer"})
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await service.api("GET", f"/keys?limit=2{cursor}")).json
        seen += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen[:5] == ["k4", "k3", "k2", "k1", "k0"]
    assert len(seen) == len(set(seen))


async def test_the_log_tells_who_changed_what_from_what_to_what(service: Service) -> None:
    async with service.browser("boss"), service.browser("lin", Role.OPERATOR):
        people = (await service.api("GET", "/people")).json["items"]
        person = next(one["person"] for one in people if one["name"] == "lin")
        await service.api("PUT", f"/people/{person}", json={"role": "viewer", "shops": ["shop-a"]})
    told = (await service.api("GET", "/audit?action=person.changed")).json["items"]

    assert [(one["actor"].split(":")[0], one["subject"]) for one in told] == [("key", "lin")]
    assert told[0]["change"] == {
        "role": {"before": "operator", "after": "viewer"},
        "shops": {"before": "*", "after": "shop-a"},
    }


async def test_whoever_is_limited_to_shops_sees_their_acts_and_its_own(service: Service) -> None:
    await service.add_shop("shop-b")
    for shop in ("shop-a", "shop-b"):
        await service.api("POST", f"/shops/{shop}/pause")
    seen = (await service.api("GET", "/audit?limit=200", role=Role.APPROVER, shops=("shop-a",))).json["items"]
    every = (await service.api("GET", "/audit?limit=200", role=Role.APPROVER)).json["items"]

    assert {one["subject"] for one in seen} == {"shop-a"}
    assert {"shop-a", "shop-b"} <= {one["subject"] for one in every}


async def test_the_log_is_read_page_by_page_from_its_end_and_by_day(service: Service) -> None:
    for number in range(5):
        service.app.audit.acted("tester", Act("test.act", str(number)))
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await service.api("GET", f"/audit?actor=tester&limit=2{cursor}")).json
        seen += [one["subject"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    none = (await service.api("GET", "/audit?actor=tester&before=2020-01-01T00:00:00Z")).json["items"]

    assert seen == ["4", "3", "2", "1", "0"]
    assert none == []


async def test_a_forged_change_is_found_and_a_forgotten_one_leaves_the_log_whole(service: Service) -> None:
    from onshelf.store.db import Write

    service.app.audit.acted("boss", Act("profile.changed", "shop-a", {"price": "1"}, {"price": "2"}))
    whole = (await service.api("GET", "/audit/verification")).json
    await service.app.db.commit([Write("UPDATE audit_change SET told = '{}'")])
    forged = (await service.api("GET", "/audit/verification")).json
    await service.app.db.commit([Write("DELETE FROM audit_change")])
    forgotten = (await service.api("GET", "/audit/verification")).json

    assert (whole["whole"], forged["whole"], forgotten["whole"]) == (True, False, True)
    assert [one["flaw"] for one in forged["findings"]] == ["retold"]


async def test_settings_tell_their_origin_and_no_secret(service: Service) -> None:
    rows = (await service.api("GET", "/settings?limit=200", role=Role.DEVELOPER)).json["items"]
    found = {one["name"]: one for one in rows}

    assert (found["home"]["origin"], found["concurrency"]["origin"]) == ("argument", "default")
    assert found["database"]["value"] == ""
    assert (await service.api("GET", "/settings/nonsense")).status == 404


async def test_many_guesses_at_once_are_counted_like_one_after_the_other(service: Service) -> None:
    """A thousand tries that all begin before the first has failed must not be a thousand tries."""
    async with service.browser("lin"):
        guesses = [{"name": "lin", "password": f"guess-{number}"} for number in range(40)]
        await asyncio.gather(*(service.ask("POST", "/sign-in", data=one) for one in guesses))
        right = await service.ask("POST", "/sign-in", data={"name": "lin", "password": PASSWORD})
        person = await People(service.app.db, service.app.clock, service.app.random).named("lin")

    assert right.status == 401
    assert person is not None
    assert person.attempts.failures == 5
