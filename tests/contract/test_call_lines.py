"""Calls by name as jobs: a write whose worker died is told as unanswered, and only a person has it made again."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import cast

import pytest

from onshelf.clock import FakeClock
from onshelf.guard.vault import Vault, load_vault
from onshelf.ids import JobId
from onshelf.jobs.acts import Act, act
from onshelf.jobs.job import JobState
from onshelf.jobs.queue import Queue
from onshelf.platforms.port import ShopRef
from onshelf.platforms.top.client import TopClient
from onshelf.settings import Secret
from onshelf.shops.calls import CALL, CallLines, CallRequest, call_end, enqueue_call
from onshelf.store.db import Database

pytestmark = pytest.mark.parametrize("database_url", ["memory"], indirect=True)
LEASE_S = 60.0


class Reached(Exception):
    """The call would have been made."""


async def no_shop(shop_id: str) -> ShopRef:
    raise Reached(shop_id)


def calls(queue: Queue, vault: Vault) -> CallLines:
    """The handler without a client: a call that is made ends at the shop it asks for."""
    return CallLines(cast("TopClient", None), queue, vault, no_shop)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return load_vault(Secret(""), tmp_path)


async def killed(queue: Queue, clock: FakeClock, method: str) -> JobId:
    """Asks for a call, lets a worker claim it and die; returns the job."""
    asked = CallRequest(method, {})
    job_id = await enqueue_call(queue, "shop", asked, clock=clock, random=Random(1), by="key:erp")
    await queue.claim(CALL, 1, shop_id="shop")
    clock.jump(LEASE_S + 1)
    return job_id


async def test_a_write_whose_worker_died_is_told_as_unanswered_and_not_made(
    database: Database, clock: FakeClock, vault: Vault
) -> None:
    queue = Queue(database, clock, LEASE_S)
    job_id = await killed(queue, clock, "taobao.item.add")

    await calls(queue, vault).run(await queue.claim(CALL, 1, shop_id="shop"))
    end = await call_end(queue, vault, job_id)

    assert end is not None
    assert (end.reply, end.state, end.outcome["unanswered"]) == (None, JobState.FAILED, True)
    assert end.outcome["code"] == "errors.unanswered"


async def test_a_read_whose_worker_died_is_made_again(
    database: Database, clock: FakeClock, vault: Vault
) -> None:
    queue = Queue(database, clock, LEASE_S)
    await killed(queue, clock, "taobao.item.seller.get")

    with pytest.raises(Reached):
        await calls(queue, vault).run(await queue.claim(CALL, 1, shop_id="shop"))


async def test_a_write_that_a_person_retries_is_made(
    database: Database, clock: FakeClock, vault: Vault
) -> None:
    queue = Queue(database, clock, LEASE_S)
    job_id = await killed(queue, clock, "taobao.item.add")
    await calls(queue, vault).run(await queue.claim(CALL, 1, shop_id="shop"))
    await act(queue, job_id, Act.RETRY)

    with pytest.raises(Reached):
        await calls(queue, vault).run(await queue.claim(CALL, 1, shop_id="shop"))
