"""The service of `onshelf up`: health for whoever keeps it running, on one address, gone with the process."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from command_line import Cli, wait_until
from fastapi.responses import StreamingResponse

from onshelf.settings import read_settings
from onshelf.web.app import create_app
from onshelf.web.serve import listen, serving
from onshelf.wiring import App, open_app


@asynccontextmanager
async def served(home: Path) -> AsyncIterator[tuple[App, str]]:
    async with (
        open_app(read_settings({"home": str(home)}, {})) as app,
        serving(create_app(app), listen("127.0.0.1:0", "test")) as address,
    ):
        yield app, address


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        return reply.status, await reply.text()


async def readiness(address: str) -> tuple[int, Any]:
    status, text = await get(f"{address}/readyz")
    return status, json.loads(text)


async def test_it_is_ready_once_a_worker_runs(home: Path) -> None:
    async with served(home) as (app, address):
        before = await readiness(address)
        assert app.lock.try_acquire()
        after = await readiness(address)
        app.lock.release()
        released = await readiness(address)

    assert before == released == (503, {"ready": False, "checks": {"database": True, "worker": False}})
    assert after == (200, {"ready": True, "checks": {"database": True, "worker": True}})


async def test_a_worker_of_another_process_is_a_worker(home: Path) -> None:
    async with (
        open_app(read_settings({"home": str(home)}, {})) as other,
        served(home) as (_, address),
    ):
        assert other.lock.try_acquire()

        assert await readiness(address) == (
            200,
            {"ready": True, "checks": {"database": True, "worker": True}},
        )


async def test_without_its_database_it_lives_but_is_not_ready(home: Path) -> None:
    async with served(home) as (app, address):
        await app.audit.close()
        await app.db.close()

        assert await get(f"{address}/healthz") == (200, "ok\n")
        status, said = await readiness(address)

    assert (status, said["checks"]["database"]) == (503, False)


async def test_a_name_of_somebody_else_for_this_machine_is_refused(home: Path) -> None:
    """So that no page of the network can read it through a name that it lets point here."""
    async with served(home) as (_, address):
        status, _text = await get(f"{address}/healthz", Host="shelf.example.com")

    assert status == 400


async def test_it_is_gone_after_the_block(home: Path) -> None:
    async with served(home) as (_, address):
        pass

    with pytest.raises(aiohttp.ClientConnectionError):
        await get(f"{address}/healthz")


async def test_what_breaks_in_a_route_is_answered_with_an_id(home: Path) -> None:
    async with open_app(read_settings({"home": str(home)}, {})) as app:
        service = create_app(app)

        @service.get("/api/v1/breaks")
        def breaks() -> None:
            raise RuntimeError("secret of ours")

        async with serving(service, listen("127.0.0.1:0", "test")) as address:
            status, text = await get(f"{address}/api/v1/breaks")

    assert status == 500
    assert json.loads(text)["error_id"]
    assert "secret" not in text


def test_up_tells_where_it_serves_and_stops_cleanly(cli: Cli) -> None:
    child = cli.start("up", "--json", service="127.0.0.1:0")
    assert child.stdout is not None
    address = json.loads(child.stdout.readline())["service"]
    wait_until(lambda: fetch(address) == 200, "it is ready")

    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=60)

    assert child.returncode == 0
    assert fetch(address) == 0


def fetch(address: str) -> int:
    """Returns the status of `/readyz`; 0 when nobody listens."""
    host, port = address.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as link:
            link.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(link.recv(64).split()[1])
    except ConnectionRefusedError:
        return 0


def test_a_taken_port_stops_up_with_one_line(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        done = cli.run("up", service=taken, lang="en")

    assert done.code == 2
    assert taken in done.err
    assert len(done.err.splitlines()) == 1


def test_without_the_setting_nothing_is_served(cli: Cli) -> None:
    child = cli.start("up", "--json")
    assert child.stdout is not None
    begun = json.loads(child.stdout.readline())
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=60)

    assert begun["service"] == ""


@pytest.mark.parametrize("module", ["onshelf.cli.main", "onshelf.cli.up", "onshelf.wiring"])
def test_no_command_loads_the_framework_that_does_not_serve(module: str) -> None:
    loads = f"import sys, {module}; sys.exit(bool(sys.modules.keys() & {{'fastapi', 'prometheus_client'}}))"

    assert subprocess.run([sys.executable, "-c", loads], check=False, timeout=60).returncode == 0


async def test_an_answer_without_end_does_not_keep_it_from_stopping(home: Path) -> None:
    """As of a page that is told what happens while it is open."""
    async with open_app(read_settings({"home": str(home)}, {})) as app:
        service = create_app(app)

        async def words() -> AsyncIterator[bytes]:
            while True:
                yield b"on\n"
                await app.clock.sleep(0.05)

        @service.get("/endless")
        async def endless() -> StreamingResponse:
            return StreamingResponse(words())

        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(60), serving(service, listen("127.0.0.1:0", "test")) as address:
                reply = await session.get(f"{address}/endless")
                first = await reply.content.readline()
            reply.close()

    assert first == b"on\n"


async def test_a_server_that_cannot_begin_says_why() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as none:
        none.bind(("127.0.0.1", 0))

        async with asyncio.timeout(60) as patience:
            with pytest.raises(ValueError, match="Stream Socket"):
                async with serving(create_app_of_nothing, none):
                    pass

    assert not patience.expired()


async def create_app_of_nothing(scope: object, receive: object, send: object) -> None:
    """An application that answers nobody."""
