"""The sandbox for tests: as a child process, or in the same loop on a shared clock."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from onshelf.sandbox.clock import TimeSource
from onshelf.sandbox.server import Options, Sandbox

START_S = 30


@contextlib.asynccontextmanager
async def running(port: int = 0, **options: object) -> AsyncIterator[dict[str, Any]]:
    """Runs `python -m onshelf.sandbox` and yields its start-up line; `per_second=100` becomes `--per-second 100`.

    The child is told to stop at the end, and killed when it does not. Raises: RuntimeError when it does not start.
    """
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "onshelf.sandbox", "--port", str(port), *words]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert child.stdout is not None  # noqa: S101 asked for above; tells the type checker
        line = await asyncio.wait_for(child.stdout.readline(), START_S)
        if not line:
            raise RuntimeError(f"the sandbox did not start: {' '.join(command)}")
        yield msgspec.json.decode(line)
    finally:
        await _stop(child)


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(child.communicate(), START_S)
    except TimeoutError:
        child.kill()
        await child.communicate()


def in_process(clock: TimeSource | None = None, options: Options | None = None) -> Sandbox:
    """Returns a sandbox of the same loop: an ASGI app on the clock its client uses; cuts raise `ConnectionCut`."""
    return Sandbox(options, clock)
