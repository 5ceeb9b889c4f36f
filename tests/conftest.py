"""What tests share: real files, and databases: SQLite in a file and in memory, PostgreSQL on a server of this process."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from postgres_server import Schemas, postgres_server
from redis_server import redis_server
from schema_copy import copy_schema

from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("same")  # what passed once passes again; `make fuzz` looks for new examples

PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
# by default a traceback shows all its values, which takes a tenth of a second each time
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], PLAIN])

# Commands that tests start must hear Ctrl-C, and that their terminal has gone: what a shell starts in the background does not,
# nor does what `nohup` starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

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
    """Starts a private server.

    Each test process has its own: on a shared one, an open transaction of another test would rightly hold the event log back.
    """
    with postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def schemas(postgres_url: str) -> Schemas:
    """The schemas of that server."""
    return Schemas(postgres_url)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Starts a private Redis on a socket in a temporary folder, without a file behind it."""
    with redis_server() as server:
        yield server.url


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Gives what `open_database` takes: a place that is this test's alone. Takes the backend as its parameter.

    It is empty; for a test of `database` all tables are there already, but in memory: to migrate anew each time takes a while.
    """
    backend = getattr(request, "param", "file")
    whole = "database" in request.fixturenames
    if backend == "memory":
        yield ":memory:"
    elif backend == "postgres":
        schemas: Schemas = request.getfixturevalue("schemas")
        async with schemas.whole() if whole else schemas.bare() as address:
            yield address
    else:
        path = tmp_path / "onshelf.db"
        if whole:
            await copy_schema(path)
        yield str(path)


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    """Opens a database without any table; parametrise `database_url` indirectly to choose the backends."""
    db = await open_database(database_url)
    yield db
    await db.close()


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """Opens a database with the whole schema: the steps that `database_url` has not brought are taken."""
    await migrate(empty_database)
    return empty_database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the slow ones: a process that begins one of them last lets the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs every contract test over every backend, unless it chooses its own."""
    in_contract = "contract" in metafunc.definition.path.parts
    chosen = any(
        "database_url" in str(mark.args[:1]) for mark in metafunc.definition.iter_markers("parametrize")
    )
    if in_contract and "database_url" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("database_url", BACKENDS, indirect=True)
