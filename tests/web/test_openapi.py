"""The API does what its description says: thousands of requests, good and odd, end in answers that are described there.

`make fuzz` sends far more of both kinds (ONSHELF_TEST_FUZZ=long).
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Container
from pathlib import Path
from urllib.parse import unquote

import pytest
from furnished import furnish
from service import Service, served
from starlette.types import Receive, Scope, Send

from onshelf.guard.roles import Role
from onshelf.store.db import Row

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
PLATFORM_AWAY = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", 502, 503, 504]\n'
"""There is no platform behind the shop of these tests: what calls it says so, and that is no fault of the service."""
LONG = os.environ.get("ONSHELF_TEST_FUZZ") == "long"
ODD = ("examples,coverage,fuzzing", 50) if LONG else ("examples,fuzzing", 4)
"""Phases and examples of requests made up freely, most of which name nothing that there is."""
REAL = ("coverage,fuzzing", 50) if LONG else ("coverage", 1)
"""The same of requests to what there is: each value a parameter may just have; in the long form also just not."""
LASTING = ("examples,coverage,fuzzing,stateful", 30)
"""The same of requests in earnest, and of those that follow from the answers of others (long form alone)."""
UNASKED = "" if LONG else '[phases.coverage]\nunexpected-methods = []\n[generation]\nmode = "positive"\n'
"""What the short form leaves out: methods that a route does not take, and bodies that do not fit (`ODD` has such)."""
STREAM = "/api/v1/events"  # its answer does not end: it has tests of its own
SEED, PATIENCE_S = 20261121, 3600 if LONG else 280
MAY_CHANGE = {"api_key", "kept_answer", "audit", "audit_seal"}
"""Tables in which a dry run leaves a trace: who called, and what was refused."""


async def requests(service: Service, folder: Path, how: tuple[str, int], *, config: str = "") -> str:
    """Sends what schemathesis makes up from the description; returns its report, empty when all was well.

    how: its phases, and examples a route.
    """
    file = folder / "schemathesis.toml"
    file.write_text(config + PLATFORM_AWAY, "utf-8")
    child = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("--config-file", file, "run", f"{service.address}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {await service.key(Role.ADMINISTRATOR)}"),
        *("--checks", CHECKS, "--max-examples", str(how[1]), "--seed", str(SEED)),
        *("--phases", how[0], "--generation-database", "none", "--exclude-path", STREAM),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
    )
    try:
        report, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    finally:
        if child.returncode is None:
            child.kill()
    sys.stdout.write(report.decode()[-2000:])  # how many there were: shown by `pytest -s`
    return "" if child.returncode == 0 else report.decode()


async def tables(service: Service) -> dict[str, list[Row]]:
    """Returns all rows of all tables but those that a dry run may change; what is still to be noted is noted first."""
    await service.app.audit.flush()
    names = [
        str(name)
        for (name,) in await service.app.db.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    return {
        name: await service.app.db.fetch(f"SELECT * FROM {name}")
        for name in sorted(names)
        if name not in MAY_CHANGE and not name.startswith("sqlite_")
    }


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 60)
async def test_no_request_breaks_the_service_or_is_answered_otherwise_than_described(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=10_000_000) as service:
        await service.add_shop()
        report = await requests(service, tmp_path, ODD)

    assert not report, report[-6000:]


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 60)
async def test_no_dry_run_changes_anything(tmp_path: Path) -> None:
    """Every route is entered: its path names what there is."""
    async with served(tmp_path / "home", api_per_minute=10_000_000) as service:
        await service.add_shop()
        there = await furnish(service)
        names = "".join(f"'path.{name}' = '{value}'\n" for name, value in there.items())
        before = await tables(service)
        rehearse(service)
        report = await requests(service, tmp_path, REAL, config=f"[parameters]\n{names}{UNASKED}")
        after = await tables(service)

    assert not report, report[-6000:]
    assert {name for name in after if after[name] != before[name]} == set()


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="make fuzz: takes an hour")
@pytest.mark.timeout(PATIENCE_S + 60)
async def test_no_write_to_what_there_is_breaks_the_service(tmp_path: Path) -> None:
    """In earnest. What the paths name, and the caller's own key, are ended in dry runs alone; what is made meanwhile may end."""
    async with served(tmp_path / "home", api_per_minute=10_000_000) as service:
        await service.add_shop()
        there = await furnish(service)
        names = "".join(f"'path.{name}' = '{value}'\n" for name, value in there.items())
        own = (await service.key(Role.ADMINISTRATOR)).removeprefix("onshelf_").partition("_")[0]
        rehearse(service, ending={*there.values(), own})
        report = await requests(service, tmp_path, LASTING, config=f"[parameters]\n{names}")

    assert not report, report[-6000:]


def rehearse(service: Service, *, ending: Container[str] | None = None) -> None:
    """Makes requests for a change dry runs from now on, whatever they say: all of them, or those alone that end one of `ending`."""
    stack = service.web.middleware_stack
    assert stack is not None

    def wanted(method: str, path: str) -> bool:
        if ending is None:
            return method not in ("GET", "HEAD", "OPTIONS")
        ends = method == "DELETE" or path.endswith("/end")
        return ends and unquote(path.removesuffix("/end").rpartition("/")[2]) in ending

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and wanted(scope["method"], scope["path"]):
            query = scope["query_string"] + b"&" if scope["query_string"] else b""
            scope = {**scope, "query_string": query + b"dry_run=true"}
        await stack(scope, receive, send)

    service.web.middleware_stack = asked
