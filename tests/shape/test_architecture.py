"""The architecture holds: imports point down, no cycles, and time, chance, sockets and output stay in their own files."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "onshelf"
FILES = sorted(SOURCE.rglob("*.py"))

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"cli"}),
    frozenset({"web", "worker", "function"}),
    frozenset({"working", "retiring", "acts"}),
    frozenset({"wiring"}),
    frozenset({"pushing"}),
    frozenset({"shops", "listing", "watch", "trades", "alerts", "hooks", "insight", "search"}),
    frozenset({"catalog"}),
    frozenset({"jobs", "guard"}),
    frozenset({"platforms", "store"}),
    frozenset({"errors", "events", "ids", "settings", "clock", "texts"}),
)
LEAVES = LAYERS[-1]
HEIGHT = {room: len(LAYERS) - level for level, layer in enumerate(LAYERS) for room in layer}
APART = "sandbox"


def module_of(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports_of(file: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Yields every onshelf module a file imports, late imports included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names if alias.name.startswith("onshelf"))
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("onshelf"):
            for alias in node.names:
                deeper = f"{node.module}.{alias.name}"
                yield node, deeper if is_module(deeper) else node.module


def is_module(name: str) -> bool:
    path = SOURCE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def may_import(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    if imported == APART:
        return importer == "cli"
    if importer == APART:
        return False
    if importer in LEAVES and imported in LEAVES:
        return True
    return HEIGHT[importer] > HEIGHT[imported]


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_down(file: Path) -> None:
    importer = room_of(module_of(file))
    upward = [
        name for _, name in imports_of(file) if room_of(name) and not may_import(importer, room_of(name))
    ]

    assert not upward, f"{module_of(file)} may not import {upward}"


def test_every_room_has_its_place_in_the_layers() -> None:
    rooms = {room_of(module_of(file)) for file in FILES} - {"", APART}

    assert rooms <= set(HEIGHT)


def test_there_is_no_import_cycle() -> None:
    graph = {module_of(file): {name for _, name in imports_of(file)} - {module_of(file)} for file in FILES}

    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_no_import_hides_in_a_function(file: Path) -> None:
    """Sub-commands load lazily for the start-up time; everywhere else imports stand at the top."""
    if room_of(module_of(file)) == "cli":
        return
    tree = ast.parse(file.read_text("utf-8"))
    late = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert not late, f"{file.name}: imports inside functions at lines {late}"


TIME_READERS = {"clock", "sandbox.clock"}
CALLS_OUTSIDE_THEIR_FILE: dict[str, set[str]] = {
    "time.time": TIME_READERS,
    "time.time_ns": TIME_READERS,
    "time.monotonic": TIME_READERS,
    "datetime.now": TIME_READERS,
    "datetime.utcnow": TIME_READERS,
    "date.today": set(),
    "asyncio.sleep": TIME_READERS,
    "random.random": set(),
    "random.randint": set(),
    "random.choice": set(),
    "loop.create_connection": {"platforms.http1"},
    "asyncio.open_connection": set(),
    "socket.socket": {"sandbox.server", "web.serve"},
    "os.getenv": set(),
}


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_time_chance_sockets_and_output_stay_in_their_own_files(file: Path) -> None:
    name = module_of(file).removeprefix("onshelf.")
    wrong = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            called = ast.unparse(node)
            if name not in CALLS_OUTSIDE_THEIR_FILE.get(called, {name}):
                wrong.append(f"{called} at line {node.lineno}")
            if called == "os.environ" and room_of(module_of(file)) not in {"cli", APART}:
                wrong.append(f"{called} at line {node.lineno}")
        if (
            isinstance(node, ast.Name)
            and node.id == "print"
            and room_of(module_of(file)) not in {"cli", APART}
        ):
            wrong.append(f"print at line {node.lineno}")

    assert not wrong, f"{name}: {wrong}"


PURE = [
    "catalog/check.py",
    "guard/lockout.py",
    "guard/roles.py",
    "catalog/pricing.py",
    "catalog/profile.py",
    "catalog/product.py",
    "catalog/item.py",
    "catalog/fill.py",
    "catalog/sales.py",
    "jobs/job.py",
    "listing/plan.py",
    "listing/decide.py",
    "watch/plan.py",
    "watch/compare.py",
    "watch/walk.py",
    "alerts/render.py",
    "hooks/hook.py",
    "hooks/told.py",
    "hooks/decide.py",
    "alerts/rules.py",
    "alerts/silence.py",
    "alerts/standing.py",
    "alerts/route.py",
    "alerts/decide.py",
    "platforms/retry.py",
    "platforms/window.py",
    "platforms/sight.py",
    "platforms/lanes.py",
    "platforms/closures.py",
    "platforms/forecast.py",
    "platforms/addresses.py",
    "platforms/top/classes.py",
    "shops/quota/limits.py",
    "platforms/top/protocol.py",
    "platforms/top/rows.py",
    "platforms/top/mend.py",
    "platforms/top/catalogue.py",
    "platforms/top/arguments.py",
    "platforms/top/request.py",
    "platforms/top/walk.py",
    "platforms/top/errorcodes.py",
    "platforms/top/call.py",
    "platforms/top/cacheable.py",
    "platforms/top/offsets.py",
    "platforms/top/lookup.py",
    "platforms/top/permissions.py",
    "platforms/top/callback.py",
    "platforms/top/tmc/frames.py",
    "platforms/top/tmc/session.py",
]


@pytest.mark.parametrize("path", PURE)
def test_pure_files_never_wait_and_never_touch_the_outside(path: str) -> None:
    tree = ast.parse((SOURCE / path).read_text("utf-8"))
    awaits = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    outside = {"asyncio", "socket", "aiohttp", "apsw", "asyncpg", "threading", "subprocess", "time", "random"}
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not awaits
    assert not imported & outside
