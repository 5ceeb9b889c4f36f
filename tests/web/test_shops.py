"""Shops by the API: added, changed, authorised, probed, removed; what each answer tells, and what none ever does."""

from urllib.parse import parse_qs, urlsplit

import pytest
from service import Service

from onshelf.errors import SettingsError
from onshelf.guard.roles import Role
from onshelf.listing.intent import Intent, State
from onshelf.listing.store import load_intents, save
from onshelf.store.db import Row

NEW = {
    "shop": "shop-n",
    "app_key": "777",
    "app_secret": "the-secret",
    "gateway": "http://127.0.0.1:9/router/rest",
}


async def kept(service: Service) -> list[list[Row]]:
    """Returns what a dry run must leave as it is; that it was asked for is noted all the same."""
    tables = (
        "shop",
        "app",
        "shop_token",
        "shop_probe",
        "asked_consent",
        "schedule",
        "audit WHERE kind = 'act'",
    )
    await service.app.audit.flush()
    return [await service.app.db.fetch(f"SELECT * FROM {table}") for table in tables]


async def test_a_shop_is_added_and_stands_in_the_list_without_its_secret(service: Service) -> None:
    added = await service.api("POST", "/shops", json=NEW)
    listed = await service.api("GET", "/shops")

    assert added.status == 201, added.text
    assert (added.json["state"], added.json["authorisation"]) == ("new", None)
    assert [shop["shop"] for shop in listed.json["items"]] == ["shop-a", "shop-n"]
    assert "the-secret" not in added.text + listed.text
    assert (await service.app.shops.secret("777")).reveal() == "the-secret"


async def test_a_shop_with_a_session_is_authorised_at_once(service: Service) -> None:
    added = await service.api("POST", "/shops", json={**NEW, "session": "the-session"})
    shown = await service.api("GET", "/shops/shop-n")

    assert added.json == shown.json | {"authorisation": added.json["authorisation"]}
    assert (shown.json["state"], shown.json["authorisation"]["ends"]) == ("authorised", None)
    assert "the-session" not in added.text + shown.text


@pytest.mark.parametrize(
    ("given", "status", "named"),
    [
        ({"shop": "shop-a"}, 409, "shop-a"),
        ({"shop": "-x"}, 422, "NAME"),
        ({"gateway": "nowhere"}, 422, "gateway"),
        ({"tmc": "http://127.0.0.1/"}, 422, "tmc"),
        ({"app_secret": " "}, 422, "app_secret"),
        ({"app_secret": None}, 422, "app_key"),
        ({"app_key": "a b"}, 422, "body.app_key"),
    ],
)
async def test_what_cannot_be_a_shop_is_named_and_nothing_is_kept(
    service: Service, given: dict[str, object], status: int, named: str
) -> None:
    before = await kept(service)
    refused = await service.api("POST", "/shops", json={**NEW, **given})

    assert refused.status == status, refused.text
    assert named in refused.text
    assert "the-secret" not in refused.text
    assert await kept(service) == before


async def test_who_works_for_named_shops_adds_none_besides(service: Service) -> None:
    refused = await service.api("POST", "/shops", json=NEW, shops=("shop-a",))

    assert (refused.status, refused.json["code"]) == (403, "shop_not_yours")


async def test_what_is_left_out_of_a_change_stays(service: Service) -> None:
    changed = await service.api("PATCH", "/shops/shop-a", json={"tmc": "ws://127.0.0.1:9/", "nick": ""})
    shop = await service.app.shops.get("shop-a")

    assert changed.status == 200, changed.text
    assert shop is not None
    assert (shop.tmc, shop.nick, shop.app_key) == ("ws://127.0.0.1:9/", "", "12345678")
    assert changed.json["push"]["state"] == "ended"


async def test_a_dry_run_of_any_write_changes_nothing_and_asks_nobody(service: Service) -> None:
    """The gateway of these shops answers nobody: whoever asked it would be told so."""
    before = await kept(service)
    answers = [
        await service.api(verb, f"{path}?dry_run=true", json=body)
        for verb, path, body in (
            ("POST", "/shops", {**NEW, "session": "s"}),
            ("PATCH", "/shops/shop-a", {"oauth": "http://127.0.0.1:9/oauth", "app_secret": "other"}),
            ("PUT", "/shops/shop-a/session", {"session": "other"}),
            ("POST", "/shops/shop-a/probe", None),
            ("DELETE", "/shops/shop-a", None),
        )
    ]

    assert [one.status for one in answers] == [201, 200, 200, 200, 200]
    assert answers[0].json["state"] == "authorised"
    assert (answers[3].json["at"], len(answers[3].json["allowed"])) == (None, 5)
    assert answers[4].json["authorisation"] is True
    assert await kept(service) == before
    assert service.app.tally.calls.calls == {}


async def test_a_link_names_the_app_and_the_way_back_and_its_state_is_kept_as_a_digest(
    service: Service,
) -> None:
    await service.api("PATCH", "/shops/shop-a", json={"oauth": "http://127.0.0.1:9/oauth"})
    made = (await service.api("POST", "/shops/shop-a/authorise")).json
    asked = {name: values[0] for name, values in parse_qs(urlsplit(made["link"]).query).items()}

    assert made["link"].startswith("http://127.0.0.1:9/oauth/authorize?")
    assert (asked["client_id"], asked["redirect_uri"]) == ("12345678", f"{service.address}/oauth/callback")
    assert asked["state"] not in str(await service.app.db.fetch("SELECT * FROM asked_consent"))


async def test_a_dry_runs_link_is_good_for_nothing(service: Service) -> None:
    await service.api("PATCH", "/shops/shop-a", json={"oauth": "http://127.0.0.1:9/oauth"})
    made = await service.api("POST", "/shops/shop-a/authorise?dry_run=true")

    assert made.status == 200
    assert await service.app.db.fetch("SELECT * FROM asked_consent") == []


async def test_a_shop_without_an_authorisation_address_has_no_link(service: Service) -> None:
    refused = await service.api("POST", "/shops/shop-a/authorise")

    assert refused.status == 422
    assert "oauth" in refused.json["title"]


async def test_a_session_by_hand_replaces_the_one_before(service: Service) -> None:
    put = await service.api("PUT", "/shops/shop-a/session", json={"session": "by-hand"})

    assert put.status == 200
    assert "by-hand" not in put.text
    assert await service.app.sessions.session((await service.app.shops.list())[0].shop_id) == "by-hand"


async def test_a_probe_tells_what_is_wrong_and_is_kept(service: Service) -> None:
    probed = await service.api("POST", "/shops/shop-a/probe", role=Role.OPERATOR)
    shown = await service.api("GET", "/shops/shop-a")

    assert probed.status == 200, probed.text
    assert probed.json["well"] is False
    assert probed.json["faults"][0]["method"] == "taobao.time.get"
    assert shown.json["probe"] == probed.json


async def test_removing_says_what_goes_and_only_administrators_may(service: Service) -> None:
    refused = await service.api("DELETE", "/shops/shop-a", role=Role.APPROVER)
    gone = await service.api("DELETE", "/shops/shop-a")
    again = await service.api("DELETE", "/shops/shop-a")

    assert refused.status == 403
    assert (gone.json["authorisation"], gone.json["app_secret"]) == (True, True)
    assert (again.status, again.json["code"]) == (404, "no_shop")
    with pytest.raises(SettingsError):
        await service.app.shops.secret("12345678")


async def test_a_shop_whose_writes_are_in_doubt_stays_unless_forced(service: Service) -> None:
    doubtful = Intent("shop-a", "A-1", state=State.UNANSWERED)
    await service.app.db.commit([save(doubtful, None)[1]])
    told = await service.api("DELETE", "/shops/shop-a?dry_run=true&force=true")
    refused = await service.api("DELETE", "/shops/shop-a")
    still = await service.api("GET", "/shops/shop-a")
    gone = await service.api("DELETE", "/shops/shop-a?force=true")

    assert (told.status, told.json["in_doubt"]) == (200, 1)
    assert (refused.status, refused.json["code"]) == (409, "in_doubt")
    assert "force=true" in refused.json["remedy"]
    assert still.status == 200
    assert gone.status == 200
    assert (await load_intents(service.app.db, "shop-a", ["A-1"]))["A-1"].state is State.UNANSWERED


async def test_what_is_done_to_a_shop_stands_in_the_audit_log(service: Service) -> None:
    await service.api("POST", "/shops", json=NEW)
    await service.api("POST", "/shops/shop-n/pause")
    await service.api("DELETE", "/shops/shop-n")
    await service.app.audit.flush()

    acts = await service.app.db.fetch(
        "SELECT action FROM audit WHERE subject = 'shop-n' AND kind = 'act' ORDER BY number"
    )
    assert acts == [("shop.added",), ("shop.paused",), ("shop.removed",)]
