"""Sessions over every database, against an authorisation server that rotates its refresh tokens."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, NotSent, Refused, SessionExpired, SettingsError
from onshelf.events import ShopTrouble
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, JobId, ShopId
from onshelf.jobs.failure import HELD_EXPIRED
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.jobs.schedule import Entry
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response
from onshelf.settings import Secret
from onshelf.shops.apps import AppSecrets
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.shops.upkeep import HELD_PAUSED, Upkeep, pause, resume
from onshelf.store import log
from onshelf.store.db import Database

SHOP = ShopId("我的小店")
HOUR_S = 3600
DAY_S = 24 * HOUR_S
REDIRECT = "http://localhost/back"


class AuthServer:
    """A transport to a token address: each refresh token is good once, each token lives a day and can be refreshed for ten."""

    def __init__(self, clock: FakeClock) -> None:
        self.calls = 0
        self.fault: Exception | Response | None = None
        self._clock = clock
        self._good = {"code-1"}

    async def send(self, request: Request) -> Response:
        self.calls += 1
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        await self._clock.sleep(1)
        if isinstance(self.fault, Exception):
            raise self.fault
        if self.fault:
            return self.fault
        given = form.get("code") or form["refresh_token"]
        if form["client_secret"] != "helloworld" or given not in self._good:
            return answer(400, error="invalid_grant", error_description="refresh_token is invalidate")
        self._good = {f"refresh-{self.calls}"}
        return answer(
            200,
            access_token=f"session-{self.calls}",
            expires_in=DAY_S,
            refresh_token=f"refresh-{self.calls}",
            re_expires_in=10 * DAY_S,
            taobao_user_nick="%E5%B0%8F%E5%BA%97",
        )

    async def close(self) -> None: ...


def answer(status: int, **fields: object) -> Response:
    return Response(status, {}, msgspec.json.encode(fields))


class House:
    """One process's view of the shop: what wiring would build."""

    def __init__(self, database: Database, clock: FakeClock, server: AuthServer) -> None:
        self.store = ShopStore(database, Vault([b"k" * 32]))
        self.queue = Queue(database, clock, lease_s=60)
        self.authoriser = Authoriser(self.store, server, clock)
        self.sessions = ShopSessions(self.store, self.queue, clock, self.authoriser, margin_s=2 * HOUR_S)

    async def state(self) -> ShopState:
        shop = await self.store.get(SHOP)
        assert shop is not None
        return shop.state


@pytest.fixture
def clock(database: Database) -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=database.busy)


@pytest.fixture
def server(clock: FakeClock) -> AuthServer:
    return AuthServer(clock)


@pytest.fixture
async def house(database: Database, clock: FakeClock, server: AuthServer) -> House:
    house = House(database, clock, server)
    shop = Shop(
        shop_id=SHOP,
        platform="taobao",
        app_key=AppKey("12345678"),
        gateway="http://gw/router/rest",
        oauth="http://gw/oauth",
        tmc="",
        nick="",
        state=ShopState.NEW,
        created_us=clock.now_us(),
    )
    await database.commit(house.store.add(shop, Secret("helloworld")))
    return house


@pytest.fixture
async def authorised(house: House) -> House:
    """The seller has clicked: session-1 lives for a day."""
    shop = await house.store.get(SHOP)
    assert shop is not None
    token = await house.authoriser.exchange(shop, "code-1", redirect_uri=REDIRECT)
    await house.sessions.accept(SHOP, token)
    return house


async def test_the_link_names_the_app_and_brings_the_state_back(house: House) -> None:
    shop = await house.store.get(SHOP)
    assert shop is not None

    link = house.authoriser.link(shop, redirect_uri=REDIRECT, state="s1")

    query = parse_qs(urlsplit(link).query)
    assert link.startswith("http://gw/oauth/authorize?")
    assert (query["client_id"], query["state"], query["redirect_uri"]) == (["12345678"], ["s1"], [REDIRECT])


async def test_a_shop_never_authorised_has_no_session(house: House) -> None:
    with pytest.raises(SessionExpired):
        await house.sessions.session(SHOP)
    assert not await house.sessions.refused(SHOP, "any")


async def test_a_session_string_from_a_file_serves_until_it_is_refused(
    house: House, clock: FakeClock, server: AuthServer
) -> None:
    await house.sessions.accept(SHOP, session_only("6100abc"))
    clock.jump(400 * DAY_S)

    assert await house.sessions.session(SHOP) == "6100abc"
    assert not await house.sessions.refused(SHOP, "6100abc")
    assert (await house.state(), server.calls) == (ShopState.EXPIRED, 0)


async def test_a_token_is_refreshed_before_its_end_once_for_all_who_ask(
    authorised: House, clock: FakeClock, server: AuthServer
) -> None:
    before = await authorised.sessions.session(SHOP)
    clock.jump(22 * HOUR_S)

    after = await asyncio.gather(*(authorised.sessions.session(SHOP) for _ in range(20)))

    assert (before, set(after), server.calls) == ("session-1", {"session-2"}, 2)


async def test_ten_days_pass_unattended(authorised: House, clock: FakeClock, server: AuthServer) -> None:
    for _ in range(9 * 24):
        clock.jump(HOUR_S)
        await authorised.sessions.session(SHOP)

    assert server.calls == 10  # one a day, early
    assert await authorised.state() is ShopState.AUTHORISED


async def test_a_failed_early_refresh_keeps_the_living_session_and_is_tried_again_after_a_minute(
    authorised: House, clock: FakeClock, server: AuthServer
) -> None:
    clock.jump(23 * HOUR_S)
    server.fault = ConnectFailed("refused")
    during = [await authorised.sessions.session(SHOP) for _ in range(5)]
    calls = server.calls
    server.fault = None
    clock.jump(61)

    after = await authorised.sessions.session(SHOP)

    assert (set(during), calls, after) == ({"session-1"}, 2, "session-3")


@pytest.mark.parametrize("fault", [ConnectFailed("refused"), NoReply("cut"), answer(502)])
async def test_a_dead_token_that_cannot_be_renewed_now_is_not_sent_and_pauses_nothing(
    authorised: House, clock: FakeClock, server: AuthServer, fault: Exception | Response
) -> None:
    clock.jump(25 * HOUR_S)
    server.fault = fault

    with pytest.raises(NotSent):
        await authorised.sessions.session(SHOP)
    server.fault = None

    assert await authorised.state() is ShopState.AUTHORISED
    assert await authorised.sessions.session(SHOP) == "session-3"


async def test_a_wrong_app_secret_is_told_as_such_and_buries_no_token(
    authorised: House, clock: FakeClock, server: AuthServer
) -> None:
    clock.jump(25 * HOUR_S)
    server.fault = answer(400, error="invalid_client", error_description="client_secret is invalidate")

    with pytest.raises(Refused, match="client_secret") as refused:
        await authorised.sessions.session(SHOP)

    assert not isinstance(refused.value, SessionExpired)
    assert await authorised.state() is ShopState.AUTHORISED


async def test_a_refused_refresh_pauses_the_jobs_and_a_new_authorisation_lets_them_go_on(
    authorised: House, clock: FakeClock, server: AuthServer
) -> None:
    job = Job(JobId("j1"), "publish", SHOP, JobState.QUEUED, clock.now_us(), "{}")
    await authorised.store.db.commit(authorised.queue.enqueue(job, [NewLine("1")]))
    server.fault = answer(400, error="invalid_grant", error_description="refresh_token expire")

    another = await authorised.sessions.refused(SHOP, "session-1")
    paused = await authorised.queue.job(job.job_id)
    expired = await authorised.state()
    with pytest.raises(SessionExpired):
        await authorised.sessions.session(SHOP)
    await authorised.sessions.accept(SHOP, session_only("6100new"))

    resumed = await authorised.queue.job(job.job_id)
    assert paused is not None
    assert resumed is not None
    assert (another, expired, paused.state) == (False, ShopState.EXPIRED, JobState.PAUSED)
    assert (await authorised.state(), resumed.state) == (ShopState.AUTHORISED, JobState.QUEUED)
    assert await authorised.sessions.session(SHOP) == "6100new"


async def test_a_refused_session_is_replaced_by_a_refresh(authorised: House, server: AuthServer) -> None:
    assert await authorised.sessions.refused(SHOP, "session-1")
    assert await authorised.sessions.refused(SHOP, "session-1")

    assert (await authorised.sessions.session(SHOP), server.calls) == ("session-2", 2)


async def test_a_session_another_process_has_renewed_is_taken_without_a_refresh(
    authorised: House, database: Database, clock: FakeClock, server: AuthServer
) -> None:
    await authorised.sessions.session(SHOP)
    other = House(database, clock, server)
    await other.sessions.refused(SHOP, "session-1")

    assert await authorised.sessions.refused(SHOP, "session-1")
    assert (await authorised.sessions.session(SHOP), server.calls) == ("session-2", 2)


async def test_two_processes_refresh_once(
    authorised: House, database: Database, clock: FakeClock, server: AuthServer
) -> None:
    other = House(database, clock, server)
    clock.jump(25 * HOUR_S)

    both = await asyncio.gather(authorised.sessions.session(SHOP), other.sessions.session(SHOP))

    assert (set(both), server.calls) == ({"session-2"}, 2)


async def test_two_processes_whose_refresh_is_refused_tell_it_once(
    authorised: House, database: Database, clock: FakeClock, server: AuthServer
) -> None:
    other = House(database, clock, server)
    clock.jump(25 * HOUR_S)
    server.fault = answer(400, error="invalid_grant", error_description="refresh_token is invalidate")

    both = await asyncio.gather(
        authorised.sessions.session(SHOP), other.sessions.session(SHOP), return_exceptions=True
    )

    assert [type(one) for one in both] == [SessionExpired, SessionExpired]
    assert await authorised.state() is ShopState.EXPIRED
    events = [entry.event for entry in await log.read(database, "test", 100)]
    ended = [one for one in events if isinstance(one, ShopTrouble) and one.cause == "authorisation_ended"]
    assert [one.over for one in ended] == [True, False]


async def test_a_process_that_died_while_refreshing_holds_the_others_up_for_its_lease_only(
    authorised: House, clock: FakeClock
) -> None:
    clock.jump(25 * HOUR_S)
    now_us = clock.now_us()
    died = await authorised.store.begin_refresh(SHOP, 1, now_us=now_us, until_us=now_us + 60 * SECOND_US)

    session = await authorised.sessions.session(SHOP)

    assert died
    assert session == "session-2"
    assert 60 <= (clock.now_us() - now_us) / SECOND_US < 63


async def test_upkeep_frees_a_living_shop_that_a_late_report_has_held(
    authorised: House, clock: FakeClock
) -> None:
    await authorised.store.db.commit(authorised.queue.pause_shop(SHOP, HELD_EXPIRED))
    upkeep = Upkeep(authorised.store, authorised.queue, authorised.sessions, clock)

    await upkeep.run(Entry("shops", "shops", "{}", 1, 0, 0, 0, 0, "", 0))

    assert await authorised.queue.held_shops() == {}


async def test_only_a_person_ends_a_persons_pause(authorised: House) -> None:
    await pause(authorised.store, authorised.queue, SHOP)
    await authorised.sessions.accept(SHOP, session_only("6100new"))
    during = await authorised.state(), await authorised.queue.held_shops()

    left = await resume(authorised.store, authorised.queue, SHOP)

    assert during == (ShopState.PAUSED, {SHOP: [HELD_PAUSED]})
    assert left is await authorised.state() is ShopState.AUTHORISED
    assert await authorised.queue.held_shops() == {}


async def test_secrets_rest_sealed(authorised: House, database: Database) -> None:
    rows = await database.fetch("SELECT sealed FROM shop_token")
    rows += await database.fetch("SELECT secret FROM app")

    at_rest = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    assert at_rest
    for secret in (b"session-1", b"refresh-1", b"helloworld"):
        assert secret not in at_rest


async def test_the_client_gets_an_apps_secret_and_a_changed_one_after_a_minute(
    house: House, clock: FakeClock
) -> None:
    apps = AppSecrets(house.store, clock)
    before = await apps.secret("12345678")
    await house.store.db.commit([house.store.put_secret(AppKey("12345678"), Secret("changed"))])
    at_once = await apps.secret("12345678")
    clock.jump(60)

    assert (before, at_once, await apps.secret("12345678")) == ("helloworld", "helloworld", "changed")
    with pytest.raises(SettingsError, match="87654321"):
        await apps.secret("87654321")


async def test_a_shop_is_changed_by_name_and_its_name_is_taken(house: House) -> None:
    [shop] = await house.store.list()

    await house.store.db.commit([house.store.update(replace(shop, nick="小店"))])

    assert await house.store.get(SHOP) == replace(shop, nick="小店")
    with pytest.raises(Conflict):
        await house.store.db.commit(house.store.add(shop, Secret("x")))
    with pytest.raises(Conflict):
        await house.store.db.commit([house.store.update(replace(shop, shop_id=ShopId("other")))])


async def test_a_shop_can_be_removed_once(authorised: House) -> None:
    await authorised.store.db.commit(authorised.store.remove(SHOP))

    assert await authorised.store.list() == []
    assert await authorised.store.token(SHOP) is None
    with pytest.raises(Conflict):
        await authorised.store.db.commit(authorised.store.remove(SHOP))
