"""From the event log to programs, over every database: nothing is lost, repeats carry the same id, long failure stops."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from onshelf.catalog.item import Reason, State
from onshelf.clock import DAY_US, SECOND_US, FakeClock
from onshelf.errors import Conflict, SettingsError
from onshelf.events import HookTrouble, ItemChanged, JobEnded, JobStarted
from onshelf.guard.vault import Vault
from onshelf.hooks import store
from onshelf.hooks.decide import GIVE_UP_US, Fate
from onshelf.hooks.directory import READER, HookDirectory, Tools
from onshelf.hooks.hook import Hook, HookState
from onshelf.hooks.hooks import KEPT_DAYS, Hooks
from onshelf.ids import JobId
from onshelf.jobs.ended import note_ended
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.transport import AsgiTransport
from onshelf.platforms.webhook import sign
from onshelf.store import log
from onshelf.store.db import Database

DAY_S = 24 * 3600
HALF_HOUR_US = 1800 * SECOND_US


@dataclass
class Receiver:
    """A web server that answers what it is told to, else accepts; status 0 drops the connection."""

    answers: list[int] = field(default_factory=list)
    always: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.got.append((headers, (await receive())["body"]))
        status = self.answers.pop(0) if self.answers else self.always
        if not status:
            raise ConnectionResetError("dropped")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


class House:
    """The room with one receiver, in one loop on one clock."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=db.busy)
        self.web = Receiver()
        tools = Tools(AsgiTransport(self.web, self.clock), self.clock, production=False)
        self.directory = HookDirectory(db, Vault([bytes(32)]), tools, random.Random(1))
        self.hooks = Hooks(db, self.directory, random.Random(2), LocalWaker())
        self.version = 0

    async def hook(self, **wishes: Any) -> Hook:
        found, _ = await self.directory.add("https://web.test/in", made_by="test", **wishes)
        return found

    async def happen(self, count: int = 1, shop: str = "a") -> None:
        writes = []
        for _ in range(count):
            self.version += 1
            now_us = self.clock.now_us()
            event = ItemChanged(
                shop, 1, self.version, "code-1", "连衣裙", State.ONSALE, State.INSTOCK, Reason.TAKEN_OFF,
                now_us, now_us, ours=False, evidence="slice",
            )  # fmt: skip
            writes.append(log.append(event, now_us))
        await self.db.commit(writes)

    async def later(self, seconds: float) -> int | None:
        self.clock.jump(seconds)
        return await self.hooks.drain_once()

    async def states(self, hook: Hook) -> list[JobState]:
        return [one.state for one in await self.directory.deliveries(hook.hook_id, limit=100)]

    async def events(self, kind: type) -> list[Any]:
        found = await log.read_from(self.db, log.START, 1000)
        return [entry.event for entry in found if isinstance(entry.event, kind)]


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_what_happens_is_told_once_and_signed(house: House) -> None:
    hook, secret = await house.directory.add("https://web.test/in", made_by="test")
    await house.happen()

    again_us = await house.hooks.drain_once()

    ((headers, body),) = house.web.got
    assert again_us is None
    assert headers["webhook-signature"] == sign(
        secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body
    )
    told = json.loads(body)
    assert (told["type"], told["version"]) == ("item.changed", 1)
    assert told["data"]["shop"] == "a"
    assert (told["data"]["from"], told["data"]["to"], told["data"]["cause"]) == (
        "onsale",
        "instock",
        "taken_off",
    )
    assert await house.states(hook) == [JobState.SUCCEEDED]


async def test_what_happened_before_a_webhook_was_made_is_no_news(house: House) -> None:
    await house.happen()
    house.clock.jump(1)
    await house.hook()

    await house.hooks.drain_once()

    assert house.web.got == []


async def test_each_hears_of_its_own_types_and_shops(house: House) -> None:
    every = await house.hook()
    shop_b = await house.hook(shops=["b"])
    jobs = await house.hook(types=["job.ended"])
    await house.happen(shop="a")
    await house.happen(shop="b")

    await house.hooks.drain_once()

    assert [len(await house.states(hook)) for hook in (every, shop_b, jobs)] == [2, 1, 0]


@pytest.mark.parametrize("first", [500, 0, 302, 404, 429])
async def test_what_is_not_accepted_is_tried_again_under_the_same_id(house: House, first: int) -> None:
    await house.hook()
    await house.happen()
    house.web.answers = [first, 200]

    again_us = await house.hooks.drain_once()
    assert again_us is not None
    rest_s = (again_us - house.clock.now_us()) / SECOND_US
    done = await house.later(rest_s)

    assert 2.5 <= rest_s <= 5
    assert done is None
    assert len(house.web.got) == 2
    assert house.web.got[0][1] == house.web.got[1][1]
    assert len(set(house.web.ids)) == 1


async def test_410_ends_a_webhook_and_says_so(house: House) -> None:
    hook = await house.hook()
    await house.happen(3)
    house.web.always = 410

    await house.hooks.drain_once()
    await house.happen()
    await house.hooks.drain_once()

    assert len(house.web.got) == 1
    assert (await house.directory.hook(hook.hook_id)).state is HookState.ENDED
    assert sorted(await house.states(hook)) == [JobState.CANCELLED, JobState.CANCELLED, JobState.FAILED]
    assert [(event.why, event.over) for event in await house.events(HookTrouble)] == [("gone", False)]


async def test_three_days_without_acceptance_stop_a_webhook_and_its_resuming_tells_what_waited(
    house: House,
) -> None:
    hook = await house.hook()
    await house.happen()
    house.web.always = 500
    begun_us = house.clock.now_us()
    while (again_us := await house.hooks.drain_once()) is not None:
        house.clock.jump((again_us - house.clock.now_us()) / SECOND_US)
    tries = len(house.web.got)
    stopped_after_us = house.clock.now_us() - begun_us
    await house.happen()
    await house.later(DAY_S)

    stopped = await house.directory.hook(hook.hook_id)
    assert (stopped.state, stopped.why) == (HookState.STOPPED, "HTTP 500")
    assert GIVE_UP_US <= stopped_after_us <= GIVE_UP_US + 3600 * SECOND_US
    assert 60 <= tries <= 200
    assert len(house.web.got) == tries
    assert [(event.why, event.over) for event in await house.events(HookTrouble)] == [("failing", False)]

    house.web.always = 200
    await house.directory.resume(hook.hook_id)
    await house.hooks.drain_once()

    assert house.web.told[-2]["type"] == "item.changed"  # what happened while it was stopped
    assert house.web.told[-1]["type"] == "webhook.trouble"
    assert [event.over for event in await house.events(HookTrouble)] == [False, True]
    assert await house.states(hook) == [JobState.SUCCEEDED] * 3 + [JobState.FAILED]


async def test_one_message_a_receiver_cannot_take_holds_up_no_other(house: House) -> None:
    hook = await house.hook()
    await house.happen(3)
    house.web.answers = [500]

    await house.hooks.drain_once()
    await house.later(10)

    assert set(await house.states(hook)) == {JobState.SUCCEEDED}


async def test_a_paused_webhook_hears_later_of_what_happened_meanwhile(house: House) -> None:
    hook = await house.hook()
    await house.directory.pause(hook.hook_id)
    await house.happen(2)
    await house.hooks.drain_once()
    assert house.web.got == []

    await house.directory.resume(hook.hook_id)
    await house.hooks.drain_once()

    assert [told["data"]["version"] for told in house.web.told] == [1, 2]


async def test_a_crash_between_acceptance_and_its_record_repeats_the_same_id(house: House) -> None:
    hook = await house.hook()
    await house.happen()
    await house.hooks.read()
    (held,) = await house.hooks._claim(await house.directory.hook(hook.hook_id), 1)
    await house.directory.send(hook, held.delivery_id, held.body)  # and here the process dies

    assert await house.later(1) is not None
    await house.later(60)

    assert house.web.ids == [held.delivery_id] * 2


async def test_a_lease_that_lapsed_records_nothing(house: House) -> None:
    hook = await house.hook()
    await house.happen()
    await house.hooks.read()
    (held,) = await house.hooks._claim(hook, 1)
    house.clock.jump(60)
    await house.hooks.drain_once()

    late = await house.hooks.send(hook, held)

    assert late is None
    assert await house.states(hook) == [JobState.SUCCEEDED]


async def test_two_readers_make_each_message_once(house: House) -> None:
    hook = await house.hook()
    await house.happen(3)
    other = Hooks(house.db, house.directory, random.Random(3), LocalWaker())

    read = await house.hooks.read() + await other.read()

    assert read == 3
    assert len(await house.states(hook)) == 3


async def test_a_message_is_replayed_under_its_id(house: House) -> None:
    hook = await house.hook()
    await house.happen()
    await house.hooks.drain_once()

    await house.directory.replay(hook.hook_id, house.web.ids[0])
    await house.hooks.drain_once()

    assert house.web.ids[0] == house.web.ids[1]
    assert house.web.got[0][1] == house.web.got[1][1]


async def test_a_replay_since_a_time_tells_what_a_webhook_never_heard(house: House) -> None:
    await house.happen()
    house.clock.jump(3600)
    since_us = house.clock.now_us()
    await house.happen(2)
    house.clock.jump(3600)
    hook = await house.hook()

    count = await house.directory.replay_since(hook, since_us)
    await house.hooks.drain_once()
    again = await house.directory.replay_since(hook, since_us)
    await house.hooks.drain_once()

    assert (count, again) == (2, 2)
    assert [told["data"]["version"] for told in house.web.told] == [2, 3, 2, 3]
    assert len(set(house.web.ids)) == 2


async def test_during_a_rotation_both_secrets_sign_and_then_the_new_one_alone(house: House) -> None:
    hook, old = await house.directory.add("https://web.test/in", made_by="test")
    new = await house.directory.rotate(hook.hook_id, overlap_s=3600)

    during = await house.directory.signing(hook.hook_id)
    house.clock.jump(3601)
    after = await house.directory.signing(hook.hook_id)

    assert (during, after) == (f"{new} {old}", new)


async def test_a_test_goes_to_a_paused_webhook_and_tells_the_true_answer(house: House) -> None:
    hook = await house.hook()
    await house.directory.pause(hook.hook_id)
    house.web.answers = [503]

    refused = await house.directory.send_test(hook.hook_id)
    accepted = await house.directory.send_test(hook.hook_id)

    assert (refused.state, refused.status, refused.note) == (JobState.FAILED, 503, "HTTP 503")
    assert (accepted.state, accepted.status) == (JobState.SUCCEEDED, 200)
    assert await house.states(hook) == [JobState.SUCCEEDED, JobState.FAILED]
    assert house.web.told[0]["type"] == "webhook.test"


async def test_old_messages_are_forgotten(house: House) -> None:
    hook = await house.hook()
    await house.happen()
    await house.hooks.drain_once()

    house.clock.jump(KEPT_DAYS * DAY_US / SECOND_US + 60)
    await house.happen()
    await house.hooks._forget()
    kept = await log.read_from(house.db, log.START, 10)

    assert await house.states(hook) == []
    assert len(kept) == 1  # of the log what is new alone: the old was read by all


async def test_a_new_home_begins_at_the_end_of_the_log(house: House) -> None:
    await house.happen(3)
    await house.hook()

    assert await log.behind(house.db, READER) == 0


@pytest.mark.parametrize(
    "url",
    ["ftp://web.test/", "https://", "web.test/in", "https://user:pass@web.test/", "https://web.test/ x", "https://[x"],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused(house: House, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        await house.directory.add(url, made_by="test")

    assert caught.value.context["name"] == "url"


async def test_an_unknown_type_is_refused(house: House) -> None:
    with pytest.raises(SettingsError):
        await house.directory.add("https://web.test/in", types=["item.exploded"], made_by="test")


async def test_a_removed_webhook_leaves_nothing(house: House) -> None:
    hook = await house.hook()
    await house.happen()
    await house.hooks.read()

    await house.directory.remove(hook.hook_id)
    await house.hooks.drain_once()

    assert house.web.got == []
    assert await house.directory.hooks() == []


async def test_a_job_tells_of_its_start_and_of_its_end_once(house: House) -> None:
    queue = Queue(house.db, house.clock, 10)
    job = Job(JobId("j1"), "publish", "a", JobState.QUEUED, house.clock.now_us(), "{}")
    await house.db.commit(queue.enqueue(job, [NewLine("one"), NewLine("two")]))
    before = await note_ended(house.db, house.clock)
    one, two = await queue.claim("publish", 2)
    await house.db.commit([queue.succeed(one, {}), queue.fail(two, {})])

    counted = [await note_ended(house.db, house.clock) for _ in range(2)]

    assert (before, counted) == (0, [1, 0])
    (started,) = await house.events(JobStarted)
    assert (started.job_id, started.lines) == ("j1", 2)
    (ended,) = await house.events(JobEnded)
    assert (ended.state, ended.succeeded, ended.failed) == ("failed", 1, 1)


async def test_a_job_that_is_retried_ends_again(house: House) -> None:
    queue = Queue(house.db, house.clock, 10)
    job = Job(JobId("j1"), "publish", "a", JobState.QUEUED, house.clock.now_us(), "{}")
    await house.db.commit(queue.enqueue(job, [NewLine("one")]))
    for outcome in (queue.fail, queue.succeed):
        (line,) = await queue.claim("publish", 1)
        await house.db.commit([outcome(line, {})])
        await note_ended(house.db, house.clock)
        await queue.retry_failed(JobId("j1"))

    assert [event.state for event in await house.events(JobEnded)] == ["failed", "succeeded"]


@pytest.mark.parametrize("shops", [{"a"}, set()])
async def test_a_webhook_of_fewer_shops_forgets_what_it_was_told_of_others(
    house: House, shops: set[str]
) -> None:
    """Whoever sees it from now on must neither read that nor have it sent again, to an address of its own."""
    hook = await house.hook()
    for shop in ("a", "b"):
        await house.happen(shop=shop)
    await house.hooks.drain_once()
    await house.happen(shop="b")
    await house.hooks.read()
    await house.directory.send_test(hook.hook_id)
    sent = len(house.web.got)
    await house.directory.change(hook, shops=shops)
    left = await house.directory.deliveries(hook.hook_id, limit=10)
    await house.hooks.drain_once()

    assert {one.shop_id for one in left} == {*shops, ""}
    assert len(house.web.got) == sent


async def test_parallel_changes_of_different_fields_are_all_kept(house: House) -> None:
    hook = await house.hook(about="old")

    await asyncio.gather(
        house.directory.change(hook, about="new"),
        house.directory.change(hook, url="https://web.test/other"),
        house.directory.change(hook, types=["item.changed"]),
    )

    after = await house.directory.hook(hook.hook_id)
    assert (after.about, after.url, after.types) == (
        "new",
        "https://web.test/other",
        frozenset(["item.changed"]),
    )


@pytest.mark.parametrize("shops", [frozenset("a"), frozenset("ab")])
@pytest.mark.parametrize(
    "wish",
    [{"shops": {"a", "c"}}, {"every_shop": True}, {"url": "https://web.test/other"}, {"about": "x"}, {"types": []}],
)  # fmt: skip
async def test_what_was_decided_for_other_shops_changes_nothing(
    house: House, shops: frozenset[str], wish: dict[str, Any]
) -> None:
    """A narrowing that came between must not be undone, and who saw it as its own must not lead it elsewhere."""
    seen = await house.hook(shops=["a", "b", "c"])
    narrowed = await house.directory.change(seen, shops=shops)

    with pytest.raises(Conflict):
        await house.directory.change(seen, **wish)

    assert narrowed.shops == shops
    assert await house.directory.hook(seen.hook_id) == narrowed


async def test_to_pause_a_webhook_writes_nothing_else(house: House) -> None:
    seen = await house.hook()
    await house.directory.change(seen, about="new")

    same = await house.directory.change(seen)
    await house.directory.pause(seen.hook_id)

    assert same == seen
    assert (await house.directory.hook(seen.hook_id)).about == "new"


async def test_a_new_secret_made_meanwhile_is_not_overwritten(house: House) -> None:
    hook = await house.hook()
    known = await store.secrets(house.db, hook.hook_id)
    assert known is not None
    new = await house.directory.rotate(hook.hook_id)

    with pytest.raises(Conflict):
        await house.db.commit([store.put_secrets(hook.hook_id, known, b"another")])

    assert (await house.directory.signing(hook.hook_id)).split()[0] == new


async def test_what_is_read_while_a_webhook_is_narrowed_is_not_kept_for_it(house: House) -> None:
    """The messages are made for the shops it has when they are written, not for those it had when it was read."""
    hook = await house.hook()
    await house.happen(shop="a")
    await house.happen(shop="b")
    entries, hooks = await log.read(house.db, READER, 10), await house.directory.hooks()
    await house.directory.change(hook, shops={"a"})

    with pytest.raises(Conflict):
        await house.hooks.keep(entries, hooks)
    await house.hooks.drain_once()

    assert [told["data"]["shop"] for told in house.web.told] == ["a"]


async def outage(house: House, messages: int = 2) -> Hook:
    """Lets a receiver be away until the rests are long, then back; returns its webhook, which rests."""
    hook = await house.hook()
    await house.happen(messages)
    house.web.always = 500
    while (
        rest_us := (await house.directory.hook(hook.hook_id)).rest_until_us - house.clock.now_us()
    ) < HALF_HOUR_US:
        again_us = await house.hooks.drain_once()
        assert again_us is not None
        if again_us - house.clock.now_us() < HALF_HOUR_US:
            house.clock.jump((again_us - house.clock.now_us()) / SECOND_US)
    house.web.always, house.web.got = 200, []
    assert rest_us >= HALF_HOUR_US
    return await house.directory.hook(hook.hook_id)


async def all_again(house: House, hook: Hook) -> None:
    assert await house.directory.replay_since(hook, 0) == 2


async def each_again(house: House, hook: Hook) -> None:
    for one in await house.directory.deliveries(hook.hook_id, limit=10):
        await house.directory.replay(hook.hook_id, one.delivery_id)


async def tried_out(house: House, hook: Hook) -> None:
    assert (await house.directory.send_test(hook.hook_id)).state is JobState.SUCCEEDED
    house.web.got.clear()


async def resumed(house: House, hook: Hook) -> None:
    await house.directory.pause(hook.hook_id)
    await house.directory.resume(hook.hook_id)


ACTS = pytest.mark.parametrize("act", [all_again, each_again, tried_out, resumed])
Act = Callable[[House, Hook], Awaitable[None]]


@ACTS
async def test_after_an_outage_a_person_need_not_wait_for_the_rest_to_end(house: House, act: Act) -> None:
    hook = await outage(house)

    before = await house.hooks.drain_once()
    await act(house, hook)
    after = await house.hooks.drain_once()

    assert before is not None
    assert after is None
    assert [told["data"]["version"] for told in house.web.told] == [1, 2]


@ACTS
async def test_when_it_fails_again_after_that_the_rests_begin_anew(house: House, act: Act) -> None:
    hook = await outage(house)
    await act(house, hook)
    house.web.answers = [500]

    again_us = await house.hooks.drain_once()

    assert again_us is not None
    assert again_us - house.clock.now_us() <= 5 * SECOND_US
    tries = max(one.attempt for one in await house.directory.deliveries(hook.hook_id, limit=10))
    assert tries > 1  # it counts on: it is the fence of later writes


async def test_a_test_that_is_refused_ends_no_rest(house: House) -> None:
    hook = await outage(house)
    house.web.answers = [500]

    await house.directory.send_test(hook.hook_id)

    assert await house.directory.hook(hook.hook_id) == hook


async def test_a_replay_says_nothing_of_whether_a_webhook_fails(house: House) -> None:
    hook = await outage(house)

    await house.directory.replay_since(hook, 0)

    after = await house.directory.hook(hook.hook_id)
    assert after == hook.rested()
    assert after.failing_us == hook.failing_us > 0


async def test_a_try_under_way_when_a_rest_is_ended_does_not_bring_it_back(house: House) -> None:
    hook = await outage(house, messages=3)
    house.clock.jump(3600)
    (held,) = await house.hooks._claim(hook, 1)
    house.web.answers = [500]

    count = await house.directory.replay_since(hook, 0)
    await house.hooks.send(hook, held)
    await house.hooks.drain_once()

    assert count == 2
    assert (await house.directory.hook(hook.hook_id)).rest_until_us == 0
    assert sorted(await house.states(hook)) == [JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.WAITING]


async def test_a_replay_lets_no_lapsed_lease_write(house: House) -> None:
    """Were tries counted from one again, the first holder and the one after the replay would hold the same."""
    hook = await house.hook()
    await house.happen()
    await house.hooks.read()
    (lapsed,) = await house.hooks._claim(hook, 1)
    house.clock.jump(60)
    house.web.answers = [500]
    await house.hooks.drain_once()
    await house.directory.replay_since(hook, 0)
    (held,) = await house.hooks._claim(hook, 1)

    late = await house.hooks.send(hook, lapsed)
    fate = await house.hooks.send(hook, held)

    assert (late, fate) == (None, Fate.ACCEPTED)


async def test_a_replay_counts_what_it_sends_again_and_its_rehearsal_the_same(house: House) -> None:
    hook = await house.hook()
    await house.happen(2)
    house.web.answers = [200, 500]
    await house.hooks.drain_once()
    await house.happen(2)
    await house.hooks.read()
    house.clock.jump(3600)
    await house.hooks._claim(hook, 1)

    would = await house.directory.would_replay(hook, 0)
    count = await house.directory.replay_since(hook, 0)
    again = await house.directory.replay_since(hook, 0)

    assert await house.states(hook) == [JobState.QUEUED, JobState.RUNNING, JobState.QUEUED, JobState.QUEUED]
    assert (would, count, again) == (2, 2, 0)


async def test_a_replay_for_other_shops_than_it_hears_of_is_refused(house: House) -> None:
    seen = await house.hook()
    await house.happen(shop="b")
    await house.directory.change(seen, shops={"a"})

    with pytest.raises(Conflict):
        await house.directory.replay_since(seen, 0)

    assert await house.states(seen) == []


async def test_the_next_try_is_told_with_the_rest_of_its_webhook(house: House) -> None:
    hook = await outage(house)
    again_us = await house.hooks.drain_once()
    told = [one.next_us(hook) for one in await house.directory.deliveries(hook.hook_id, limit=10)]
    await house.directory.pause(hook.hook_id)
    paused = await house.directory.hook(hook.hook_id)
    (one, _) = await house.directory.deliveries(hook.hook_id, limit=10)

    assert min(told) == again_us == hook.rest_until_us
    assert one.next_us(paused) == 0
