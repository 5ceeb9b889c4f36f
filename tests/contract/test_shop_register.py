"""The register of shops and the consents of their sellers, over every database."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, InDoubt, OtherSeller, SettingsError
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, JobId, ShopId
from onshelf.jobs import of_shop
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.jobs.schedule import Schedules
from onshelf.platforms.transport import Request, Response
from onshelf.settings import Secret
from onshelf.shops import register
from onshelf.shops.shop import Shop, ShopState
from onshelf.shops.standing import standings
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.consent import SENT_US, Consents, take_code
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.store.db import Database

BACK = "http://127.0.0.1:8787/oauth/callback"


class AuthServer:
    """A transport to a token address where one seller agrees to everything."""

    def __init__(self, nick: str) -> None:
        self.nick = nick

    async def send(self, request: Request) -> Response:
        code = parse_qs(request.body.decode())["code"][0]
        reply = {"access_token": f"session-{code}", "expires_in": 3600, "taobao_user_nick": self.nick}
        return Response(200, {}, msgspec.json.encode(reply))

    async def close(self) -> None: ...


class House:
    """An empty register on a clock of its own."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.clock = FakeClock(datetime(2026, 11, 10, 4, 0, tzinfo=UTC), busy=database.busy)
        self.store = ShopStore(database, Vault([b"k" * 32]))
        self.queue = Queue(database, self.clock, lease_s=60)
        self.schedules = Schedules(database, self.clock, 60)
        self.seller = AuthServer("小店")
        self.authoriser = Authoriser(self.store, self.seller, self.clock)
        self.sessions = ShopSessions(self.store, self.queue, self.clock, self.authoriser)
        self.consents = Consents(database, self.clock, Random(3))

    def new(self, name: str, app_key: str = "12345678") -> Shop:
        return register.new_shop(
            name,
            app_key,
            gateway="http://127.0.0.1:9/router/rest",
            oauth="http://127.0.0.1:9/oauth",
            tmc="",
            now_us=self.clock.now_us(),
        )

    async def add(self, name: str) -> Shop:
        shop = self.new(name)
        await register.add(self.store, shop, Secret("helloworld"))
        return shop

    async def enqueue(self, shop: Shop, job_id: str) -> None:
        job = Job(JobId(job_id), "publish", shop.shop_id, JobState.QUEUED, self.clock.now_us(), "{}")
        await self.db.commit(self.queue.enqueue(job, [NewLine("a", "{}"), NewLine("b", "{}")]))

    async def leaving(self, shop: Shop, in_doubt: int = 0) -> register.Leaving:
        return await register.leaving(self.store, self.schedules, shop, in_doubt)

    async def remove(self, shop: Shop, in_doubt: int = 0, *, force: bool = False) -> register.Leaving:
        gone = await self.leaving(shop, in_doubt)
        now_us = self.clock.now_us()
        await register.remove(
            self.store, self.schedules, self.sessions, shop, gone, now_us=now_us, force=force
        )
        return gone


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_second_shop_of_an_app_needs_no_secret_again(house: House) -> None:
    await house.add("a")
    await register.add(house.store, house.new("b"), None)

    assert [shop.shop_id for shop in await house.store.list()] == ["a", "b"]
    assert (await house.store.secret("12345678")).reveal() == "helloworld"


async def test_a_page_of_shops_goes_on_behind_a_name_and_holds_those_asked_for(house: House) -> None:
    for name in "abcd":
        await house.add(name)
    await house.db.commit([house.store.set_state(ShopId("c"), ShopState.AUTHORISED)])

    async def names(**wanted: Any) -> list[str]:
        return [shop.shop_id for shop in await house.store.page(**{"limit": 9, **wanted})]

    assert await names(limit=2) == ["a", "b"]
    assert await names(after="b") == ["c", "d"]
    assert await names(state=ShopState.NEW) == ["a", "b", "d"]
    assert await names(only=frozenset({"b", "c", "x"}), after="a") == ["b", "c"]
    assert await names(only=frozenset()) == []


async def test_a_shop_of_an_app_nobody_told_the_secret_of_is_refused(house: House) -> None:
    with pytest.raises(SettingsError, match="app_key"):
        await register.add(house.store, house.new("a", "999"), None)

    assert await house.store.list() == []


async def test_a_name_is_given_once(house: House) -> None:
    await house.add("a")

    with pytest.raises(Conflict):
        await register.add(house.store, house.new("a"), Secret("another"))

    assert (await house.store.secret("12345678")).reveal() == "helloworld"


@pytest.mark.parametrize("given", ["", "  \n", "two\nlines", "x" * 5000])
def test_a_secret_that_is_none_is_named_and_not_told(given: str) -> None:
    with pytest.raises(SettingsError) as refused:
        register.read_secret(given, "app_secret")

    assert refused.value.context["name"] == "app_secret"
    assert "x" not in refused.value.context["value"]


async def test_details_change_and_what_is_ill_formed_does_not(house: House) -> None:
    shop = await house.add("a")
    changed = await register.change(house.store, replace(shop, tmc="ws://127.0.0.1:9/"), None)
    with pytest.raises(SettingsError, match="gateway"):
        await register.change(house.store, replace(changed, gateway="nowhere"), None)

    assert await house.store.get("a") == changed
    assert changed.tmc == "ws://127.0.0.1:9/"


async def test_an_app_a_shop_leaves_is_forgotten_unless_another_uses_it(house: House) -> None:
    first, second = await house.add("a"), await house.add("b")
    await register.change(house.store, replace(first, app_key=AppKey("2")), Secret("two"))
    kept = (await house.store.secret("12345678")).reveal()
    await register.change(house.store, replace(second, app_key=AppKey("2")), None)

    assert kept == "helloworld"
    with pytest.raises(SettingsError):
        await house.store.secret("12345678")


async def test_with_a_shop_go_its_token_its_looks_and_its_open_work_but_not_an_app_others_use(
    house: House,
) -> None:
    shop, _ = await house.add("a"), await house.add("b")
    await register.put_session(house.sessions, shop, Secret("session-1"))
    await house.enqueue(shop, "job-1")
    payload = msgspec.json.encode({"shop_id": "a"}).decode()
    await house.db.commit(
        [
            house.schedules.ensure("watch:a", kind="watch", every_s=60, payload=payload),
            house.schedules.ensure("probe", kind="probe", every_s=60),
        ]
    )
    told = await house.leaving(shop)
    gone = await house.remove(shop)

    job = await house.queue.job(JobId("job-1"))
    assert told == gone == register.Leaving(True, ("watch:a",), 1, 2, app_secret=False, in_doubt=0)
    assert [one.shop_id for one in await house.store.list()] == ["b"]
    assert await house.store.token(shop.shop_id) is None
    assert [entry.name for entry in await house.schedules.entries()] == ["probe"]
    assert job is not None
    assert job.state is JobState.CANCELLED
    assert await of_shop.open_work(house.db, "a") == (0, 0)


async def test_the_last_shop_of_an_app_takes_its_secret_along(house: House) -> None:
    shop = await house.add("a")
    gone = await house.remove(shop)

    assert gone.app_secret
    with pytest.raises(SettingsError):
        await house.store.secret("12345678")


async def test_a_shop_added_again_by_its_old_name_has_no_session_of_before(house: House) -> None:
    shop = await house.add("a")
    await register.put_session(house.sessions, shop, Secret("old"))
    assert await house.sessions.session(shop.shop_id) == "old"
    await house.remove(shop)
    again = await house.add("a")

    (found,) = await standings(house.store, house.queue, [again], house.clock.now_us())
    assert found.authorisation is None
    assert found.shop.state is ShopState.NEW


async def test_a_shop_stays_while_writes_of_it_are_in_doubt_unless_forced(house: House) -> None:
    shop = await house.add("a")
    with pytest.raises(InDoubt) as refused:
        await house.remove(shop, in_doubt=3)
    still = await house.store.get("a")
    gone = await house.remove(shop, in_doubt=3, force=True)

    assert refused.value.context == {"shop": "a", "count": 3}
    assert still == shop
    assert gone.in_doubt == 3
    assert await house.store.list() == []


async def test_a_shop_leaves_once(house: House) -> None:
    shop = await house.add("a")
    gone = await house.leaving(shop)
    await house.remove(shop)

    with pytest.raises(Conflict):
        await register.remove(house.store, house.schedules, house.sessions, shop, gone, now_us=1)


async def test_a_consent_is_good_once_for_whom_it_is_meant_and_for_a_while(house: House) -> None:
    shop = await house.add("a")
    own, _ = await house.consents.ask(shop, redirect_uri=BACK, asked_by="person:lin", person_id="p1")
    sent, _ = await house.consents.ask(shop, redirect_uri=BACK, asked_by="person:lin")
    mine, anybodys = await house.consents.find(own), await house.consents.find(sent)

    assert mine is not None
    assert anybodys is not None
    assert [mine.is_for("p1"), mine.is_for("p2"), mine.is_for("")] == [True, False, False]
    assert [anybodys.is_for("p2"), anybodys.is_for("")] == [True, True]
    assert [await house.consents.use(own), await house.consents.use(own)] == [True, False]
    assert await house.consents.find(own) is None
    await house.clock.sleep(SENT_US / SECOND_US)
    assert await house.consents.find(sent) is None
    assert await house.consents.find("guessed") is None


async def test_nothing_kept_of_a_consent_tells_its_state(house: House) -> None:
    state, _ = await house.consents.ask(await house.add("a"), redirect_uri=BACK, asked_by="person:lin")

    rows = await house.db.fetch("SELECT * FROM asked_consent")
    assert state not in str(rows)


async def test_a_code_becomes_a_session_and_tells_the_sellers_name(house: House) -> None:
    shop = await house.add("a")
    await take_code(house.store, house.authoriser, house.sessions, shop, "c1", redirect_uri=BACK)

    found = await house.store.get("a")
    assert found is not None
    assert (found.nick, found.state) == ("小店", ShopState.AUTHORISED)
    assert await house.sessions.session(ShopId("a")) == "session-c1"


async def test_another_sellers_consent_is_refused_and_the_old_session_stays(house: House) -> None:
    shop = await house.add("a")
    await take_code(house.store, house.authoriser, house.sessions, shop, "c1", redirect_uri=BACK)
    known = await house.store.get("a")
    assert known is not None
    house.seller.nick = "别的店"
    with pytest.raises(OtherSeller, match="别的店"):
        await take_code(house.store, house.authoriser, house.sessions, known, "c2", redirect_uri=BACK)

    assert await house.sessions.session(ShopId("a")) == "session-c1"
    assert (await house.store.list())[0].nick == "小店"


async def test_the_lines_still_to_go_are_counted_by_job(house: House) -> None:
    shop, other = await house.add("a"), await house.add("b")
    await house.enqueue(shop, "job-1")
    await house.enqueue(other, "job-2")
    await house.queue.pause(JobId("job-2"))

    assert await of_shop.lines_to_go(house.db, "publish", frozenset({"a", "b"})) == {"job-1": 2}
    assert await of_shop.lines_to_go(house.db, "publish", frozenset()) == {}
