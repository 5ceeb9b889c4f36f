"""Several processes on the sandbox's clock: a pause and a jump there are seen here, and production refuses to follow."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import SettingsError
from onshelf.platforms.followed import NoClock, following
from onshelf.platforms.http1 import SocketTransport
from onshelf.sandbox.launch import running
from onshelf.settings import read_settings
from onshelf.wiring import open_app

WITHIN_S = 60.0
START_S = 60.0  # a child on a busy machine
HOUR_S = 3600


class Stage:
    """A sandbox process, and the clock of another process that follows it."""

    def __init__(self, info: dict[str, Any], clock: Clock, http: aiohttp.ClientSession) -> None:
        self.info, self.clock, self._http = info, clock, http

    async def order(self, change: dict[str, Any]) -> dict[str, Any]:
        async with self._http.post(f"{self.info['control']}/clock", json=change) as reply:
            told: dict[str, Any] = await reply.json()
            return told

    async def apart_s(self) -> float:
        """Tells how far the two clocks are from each other."""
        epoch: float = (await self.order({}))["epoch"]
        return abs(epoch - self.clock.now_us() / SECOND_US)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    transport = SocketTransport()
    async with running() as info, aiohttp.ClientSession() as http:
        async with following(f"{info['control']}/clock", transport) as clock:
            yield Stage(info, clock, http)
        await transport.close()


async def test_both_show_the_same_time_from_the_start() -> None:
    """The sandbox is an hour ahead of the machine; on a busy one its answer may come late."""
    transport = SocketTransport()
    async with running() as info, aiohttp.ClientSession() as http:
        address = f"{info['control']}/clock"
        await http.post(address, json={"jump_s": HOUR_S})
        async with following(address, transport) as clock:
            assert await Stage(info, clock, http).apart_s() < HOUR_S / 10
        await transport.close()


async def test_a_sleep_of_an_hour_ends_with_a_jump_of_the_sandbox(stage: Stage) -> None:
    sleeper = asyncio.create_task(stage.clock.sleep(HOUR_S))
    await stage.order({"pause": True})

    await stage.order({"jump_s": HOUR_S + 1})

    await asyncio.wait_for(sleeper, WITHIN_S)
    assert await stage.apart_s() < 1e-3


async def test_a_paused_sandbox_stops_the_time_here(stage: Stage) -> None:
    paused = await stage.order({"pause": True})
    await asyncio.wait_for(stands_at(stage.clock, paused["epoch"]), WITHIN_S)
    sleeper = asyncio.create_task(stage.clock.sleep(0.001))

    done, _ = await asyncio.wait({sleeper}, timeout=0.05)
    await stage.order({"resume": True})
    await asyncio.wait_for(sleeper, WITHIN_S)

    assert not done


async def stands_at(clock: Clock, epoch: float) -> None:
    while abs(clock.now_us() / SECOND_US - epoch) > 1e-3:  # noqa: ASYNC110 told by another task
        await asyncio.sleep(0.001)


FOLLOWER = """
import asyncio, sys
from onshelf.platforms.followed import following
from onshelf.platforms.http1 import SocketTransport

async def main():
    transport = SocketTransport()
    async with following(sys.argv[1], transport) as clock:
        print("follows", flush=True)
        await clock.sleep(float(sys.argv[2]))
        print(clock.now_us(), flush=True)
    await transport.close()

asyncio.run(main())
"""


async def test_other_processes_wait_in_the_one_time_and_wake_at_its_jumps_each_at_its_own(
    stage: Stage,
) -> None:
    address, pipe = f"{stage.info['control']}/clock", asyncio.subprocess.PIPE
    paused = await stage.order({"pause": True})
    waits = (HOUR_S, 2 * HOUR_S)
    command = [sys.executable, "-c", FOLLOWER, address]
    children = [await asyncio.create_subprocess_exec(*command, str(wait), stdout=pipe) for wait in waits]
    try:
        for child in children:
            assert await told(child) == "follows"

        woken = []
        for child in children:
            await stage.order({"jump_s": HOUR_S})
            woken.append(int(await told(child)) / SECOND_US - paused["epoch"])
        ends = [await asyncio.wait_for(child.wait(), WITHIN_S) for child in children]
    finally:
        for child in children:
            if child.returncode is None:
                child.kill()

    assert woken == [pytest.approx(wait) for wait in waits]
    assert ends == [0, 0]


async def told(child: asyncio.subprocess.Process) -> str:
    assert child.stdout
    return (await asyncio.wait_for(child.stdout.readline(), START_S)).decode().strip()


async def test_an_application_is_built_on_the_clock_its_settings_name(tmp_path: Path) -> None:
    async with running() as info, aiohttp.ClientSession() as http:
        address = f"{info['control']}/clock"
        async with http.post(address, json={"set": "2027-01-01 00:00:00", "pause": True}) as reply:
            epoch = (await reply.json())["epoch"]

        async with open_app(read_settings({"home": str(tmp_path), "clock": address}, {})) as app:
            assert app.clock.now_us() == round(epoch * SECOND_US)


@pytest.mark.parametrize("environment", ["production", "development"])
async def test_a_clock_that_may_not_or_cannot_be_followed_is_refused_by_its_setting(
    tmp_path: Path, environment: str
) -> None:
    settings = read_settings(
        {"home": str(tmp_path), "environment": environment},
        {"ONSHELF_CLOCK": "http://127.0.0.1:1/_sandbox/clock"},
    )

    with pytest.raises(SettingsError, match="clock"):
        async with open_app(settings):
            pass


async def test_an_address_that_is_no_clock_is_told(stage: Stage) -> None:
    transport = SocketTransport()

    with pytest.raises(NoClock):
        async with following(f"{stage.info['control']}/reset", transport):
            pass

    await transport.close()


async def test_time_goes_on_when_the_sandbox_is_gone(tmp_path: Path) -> None:
    transport = SocketTransport()
    async with running() as info:
        following_it = following(f"{info['control']}/clock", transport)
        clock = await following_it.__aenter__()

    await asyncio.wait_for(clock.sleep(0.01), WITHIN_S)

    await following_it.__aexit__(None, None, None)
    await transport.close()
