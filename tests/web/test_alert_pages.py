"""The pages of alerts over HTTP: who may press what, foreign shops, plain forms without a script, secrets that stay inside."""

import pytest
from service import Browser, Service

from onshelf.alerts import board
from onshelf.alerts.rules import AlertState
from onshelf.catalog.item import Reason, State
from onshelf.events import ItemChanged
from onshelf.guard.roles import Role
from onshelf.store import log
from onshelf.store.db import Write
from onshelf.texts import catalogue, text

ONE = "/alerts/one/shop-a:1:left_the_shelf"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PAGES = ("/alerts", "/alerts/silences", "/alerts/rules", "/alerts/channels", "/alerts/deliveries", ONE)


async def happen(service: Service, *item_ids: int, shop: str = "shop-a") -> None:
    now_us = service.app.clock.now_us()
    for item_id in item_ids:
        event = ItemChanged(
            shop_id=shop,
            item_id=item_id,
            version=2,
            outer_id=f"SKU-{item_id}",
            title=f"<script>alert({item_id})</script>",
            old=State.ONSALE,
            new=State.INSTOCK,
            reason=Reason.SOLD_OUT,
            happened_us=now_us,
            seen_us=now_us,
            ours=False,
            evidence="slice",
        )
        await service.app.db.commit([log.append(event, now_us)])
    await service.app.alerts.read()


def zh(key: str) -> str:
    return catalogue("web")[f"web.{key}"]["zh"]


async def states(service: Service) -> list[AlertState]:
    return [one.state for one in await board.firing(service.app.db)]


async def add_channel(visitor: Browser, name: str = "erp", **form: str) -> int:
    given = {"kind": "webhook", "name": name, "field-url": "http://127.0.0.1:9/", "field-secret": SECRET}
    answer = await visitor.post("/alerts/channels/new", {**given, **form}, page="/alerts/channels")
    return answer.status


@pytest.mark.parametrize("path", PAGES)
async def test_a_title_is_shown_and_not_run(service: Service, path: str) -> None:
    await happen(service, 1)
    async with service.browser() as visitor:
        page = await visitor.get(path)

    assert page.status == 200
    assert "<script>alert" not in page.text


async def test_a_viewer_sees_and_has_nothing_to_press(service: Service) -> None:
    await happen(service, 1)
    async with service.browser(role=Role.VIEWER) as visitor:
        page = await visitor.get("/alerts")
        pressed = await visitor.post(f"{ONE}/acknowledge")
        form = await visitor.get("/alerts/channels/new")

    assert "SKU-1" in page.text
    assert "/acknowledge" not in page.text
    assert (pressed.status, form.status) == (403, 403)
    assert await states(service) == [AlertState.FIRING]


async def test_alerts_of_a_foreign_shop_are_not_there(service: Service) -> None:
    await service.add_shop("shop-b")
    await happen(service, 1)
    async with service.browser(role=Role.OPERATOR, shops=("shop-b",)) as visitor:
        page = await visitor.get("/alerts")
        one = await visitor.get(ONE)
        pressed = await visitor.post(f"{ONE}/acknowledge")
        group = await visitor.post("/alerts/acknowledge", {"shop_id": "shop-a", "cause": "sold_out"})
        quiet = await visitor.post("/alerts/silences", {"shop_id": "shop-a", "until": "hour"})

    assert "SKU-1" not in page.text
    assert {one.status, pressed.status, group.status, quiet.status} == {404}
    assert await states(service) == [AlertState.FIRING]


async def test_a_group_is_acknowledged_by_one_plain_form(service: Service) -> None:
    await happen(service, 1, 2, 3)
    async with service.browser(role=Role.OPERATOR) as visitor:
        form = {"shop_id": "shop-a", "cause": "sold_out", "back": "/alerts?state=acknowledged"}
        pressed = await visitor.post("/alerts/acknowledge", form)
        back = await visitor.post(f"{ONE}/give-back", {"back": "https://evil.example/"})

    assert (pressed.status, pressed.headers["Location"]) == (303, "/alerts?state=acknowledged")
    assert back.headers["Location"] == "/"
    assert sorted(await states(service)) == ["acknowledged", "acknowledged", "firing"]


async def test_a_silence_without_an_end_says_what_is_wrong(service: Service) -> None:
    await happen(service, 1)
    async with service.browser() as visitor:
        told = await visitor.post("/alerts/silences", {"shop_id": "shop-a", "until": "own", "own": ""})

    assert told.status == 422
    assert "22:00" in told.text
    assert await states(service) == [AlertState.FIRING]


async def test_a_form_with_a_wrong_field_comes_back_filled_and_without_its_secrets(service: Service) -> None:
    async with service.browser() as visitor:
        given = {"kind": "webhook", "name": "erp", "field-url": "ftp://x.example", "field-secret": SECRET}
        page = await visitor.post("/alerts/channels/new", given, page="/alerts/channels")

    assert page.status == 422
    assert 'aria-invalid="true"' in page.text
    assert "ftp://x.example" in page.text
    assert SECRET not in page.text


async def test_a_secret_left_empty_stays_and_an_optional_field_can_be_emptied(service: Service) -> None:
    async with service.browser() as visitor:
        robot = {"kind": "dingtalk", "name": "群", "field-url": "http://127.0.0.1:9/r?access_token=t"}
        added = await visitor.post(
            "/alerts/channels/new", {**robot, "field-keyword": "上新"}, page="/alerts/channels"
        )
        changed = await visitor.post(
            "/alerts/channels/群",
            {"field-url": "", "field-keyword": "", "least": "critical"},
            page="/alerts/channels/群",
        )
    found = await service.app.directory.find("群")

    assert (added.status, changed.status) == (303, 303)
    assert found is not None
    assert (found.secrets, found.config["keyword"], found.route.least) == (("url",), "", "critical")


async def test_a_test_of_a_dead_address_shows_why_and_a_taken_name_is_refused(service: Service) -> None:
    async with service.browser() as visitor:
        first, second = await add_channel(visitor), await add_channel(visitor)
        page = await visitor.post("/alerts/channels/erp/test", page="/alerts/channels/erp")

    assert (first, second) == (303, 422)
    assert zh("channels.tested.bad") in page.text
    assert SECRET not in page.text


async def test_who_has_some_shops_sets_up_channels_of_those_alone(service: Service) -> None:
    await service.add_shop("shop-b")
    async with service.browser(role=Role.APPROVER, shops=("shop-b",)) as visitor:
        every = await add_channel(visitor)
        own = await add_channel(visitor, "own", shops="shop-b")
        foreign = await add_channel(visitor, "foreign", shops="shop-a")

    assert (every, own, foreign) == (422, 303, 422)
    assert [one.name for one in await service.app.directory.records()] == ["own"]


async def test_who_has_some_shops_is_told_that_channels_of_every_shop_hear_theirs_without_their_names(
    service: Service,
) -> None:
    await service.add_shop("shop-b")
    await happen(service, 1)
    async with service.browser("chief") as administrator:
        assert await add_channel(administrator, "night-duty") == 303
    async with service.browser(role=Role.OPERATOR, shops=("shop-a",)) as visitor:
        pages = {path: (await visitor.get(path)).text for path in ("/", *PAGES)}

    heard = text("web.channels.others", "zh", count=1)
    assert heard in pages["/alerts"]
    assert heard in pages["/alerts/channels"]
    assert text("web.alerts.rules.others", "zh", count=1) in pages["/alerts/rules"]
    for page in pages.values():
        assert "night-duty" not in page
        for nobody in ("alerts.no_channel", "channels.none", "today.need.no_channel"):
            assert f">{zh(nobody)}<" not in page


async def test_who_has_some_shops_is_told_when_nobody_hears_of_theirs(service: Service) -> None:
    await service.add_shop("shop-b")
    async with service.browser("chief") as administrator:
        assert await add_channel(administrator, shops="shop-b") == 303
    async with service.browser(role=Role.OPERATOR, shops=("shop-a",)) as visitor:
        alerts, today = await visitor.get("/alerts"), await visitor.get("/")

    assert zh("alerts.no_channel") in alerts.text
    assert zh("today.need.no_channel") in today.text


async def test_a_stopped_channel_of_every_shop_is_told_without_its_name(service: Service) -> None:
    await service.add_shop("shop-b")
    async with service.browser("chief") as administrator:
        assert await add_channel(administrator, "night-duty") == 303
    await service.app.db.commit([Write("UPDATE channel SET stopped = 'gone'")])
    async with service.browser(role=Role.OPERATOR, shops=("shop-a",)) as visitor:
        alerts, today = await visitor.get("/alerts"), await visitor.get("/")

    for page in (alerts.text, today.text):
        assert text("web.alerts.others_stopped", "zh", count=1) in page
        assert "night-duty" not in page
