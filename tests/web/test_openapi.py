"""The API does what its description says: thousands of requests, good and odd, end in answers that are described there."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from service import Service, served

from onshelf.guard.roles import Role
from onshelf.store.db import Row

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
PLATFORM_AWAY = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", 502, 503, 504]\n'
"""There is no platform behind the shop of these tests: what calls it says so, and that is no fault of the service."""
DRY = "[parameters]\n'query.dry_run' = true\n"
SEED, EXAMPLES, PATIENCE_S = 20261121, 12, 280
MAY_CHANGE = {"api_key", "kept_answer", "audit", "audit_seal"}
"""Tables in which a dry run leaves a trace: who called, and what was refused."""


async def requests(service: Service, folder: Path, *, config: str = "") -> str:
    """Sends what schemathesis makes up from the description; returns its report, empty when all was well."""
    file = folder / "schemathesis.toml"
    file.write_text(config + PLATFORM_AWAY, "utf-8")
    child = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("--config-file", file, "run", f"{service.address}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {await service.key(Role.ADMINISTRATOR)}"),
        *("--checks", CHECKS, "--max-examples", str(EXAMPLES), "--seed", str(SEED)),
        *("--phases", "examples,coverage,fuzzing", "--generation-database", "none"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
    )
    try:
        report, _ = await asyncio.wait_for(child.communicate(), PATIENCE_S)
    finally:
        if child.returncode is None:
            child.kill()
    return "" if child.returncode == 0 else report.decode()


async def tables(service: Service) -> dict[str, list[Row]]:
    """Returns all rows of all tables but those that a dry run may change."""
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
async def test_no_request_breaks_the_service_or_is_answered_otherwise_than_described(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=10_000_000) as service:
        await service.add_shop()
        report = await requests(service, tmp_path)

    assert not report, report[-6000:]


@pytest.mark.slow
async def test_no_dry_run_changes_anything(tmp_path: Path) -> None:
    async with served(tmp_path / "home", api_per_minute=10_000_000) as service:
        await service.add_shop()
        await service.key()
        before = await tables(service)
        report = await requests(service, tmp_path, config=DRY)
        after = await tables(service)

    assert not report, report[-6000:]
    assert after == before
