"""What tests share: real files, and databases: SQLite in a file and in memory, PostgreSQL on a server of this process."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis_server import redis_server

from onshelf.store.db import Database, Write
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("same")  # what passed once passes again; `make fuzz` looks for new examples

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
BACKENDS = ["file", "memory", POSTGRES]
DURABLE = ["file", POSTGRES]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Returns the folder of real files that are not shipped: ONSHELF_DATA, else `shared/data` beside the project."""
    folder = Path(os.environ.get("ONSHELF_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not (folder / "titles-real.txt").is_file():
        pytest.skip(f"!!! TESTS ON REAL FILES SKIPPED: {folder} is not there (set ONSHELF_DATA) !!!")
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Starts a private server on a socket in a temporary folder.

    Each test process has its own: on a shared one, an open transaction of another test would rightly hold the event log back.
    """
    on_path = shutil.which("postgres")
    binaries = [Path(on_path)] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not binaries:
        pytest.skip("!!! POSTGRESQL TESTS SKIPPED: no server here (Debian: apt-get install postgresql) !!!")
    folder = Path(tempfile.mkdtemp(prefix="onshelf-pg-"))
    try:
        yield from _serve(binaries[-1].parent, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(binaries: Path, folder: Path) -> Iterator[str]:
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(data), *arguments]
        subprocess.run(
            command, check=True, cwd=folder, user=user, env={}, stdout=subprocess.DEVNULL, timeout=60
        )

    options = "-c listen_addresses='' -c deadlock_timeout=20ms"
    run("initdb", "-A", "trust", "-U", "onshelf", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -F {options}", "start")
    try:
        yield f"postgresql://onshelf@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Starts a private Redis on a socket in a temporary folder, without a file behind it."""
    with redis_server() as server:
        yield server.url


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Gives what `open_database` takes: a place that is empty and this test's alone. Takes the backend as its parameter."""
    backend = getattr(request, "param", "file")
    if backend != "postgres":
        yield ":memory:" if backend == "memory" else str(tmp_path / "onshelf.db")
        return
    server = request.getfixturevalue("postgres_url")
    schema = f"t{os.urandom(8).hex()}"
    db = await open_database(server)
    await db.commit([Write(f"CREATE SCHEMA {schema}")])
    yield f"{server}&search_path={schema}"
    await db.commit([Write(f"DROP SCHEMA {schema} CASCADE")])
    await db.close()


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    """Opens a database without any table; parametrise `database_url` indirectly to choose the backends."""
    db = await open_database(database_url)
    yield db
    await db.close()


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """Opens a database with the whole schema."""
    await migrate(empty_database)
    return empty_database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs every contract test over every backend, unless it chooses its own."""
    in_contract = "contract" in metafunc.definition.path.parts
    chosen = any(
        "database_url" in str(mark.args[:1]) for mark in metafunc.definition.iter_markers("parametrize")
    )
    if in_contract and "database_url" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("database_url", BACKENDS, indirect=True)
