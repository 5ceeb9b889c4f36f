"""Receivers stub."""

import contextlib
from collections.abc import AsyncIterator

from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.wire import Json


class Receivers:
    def __init__(self, clock: SandboxClock) -> None: ...
    def clear(self) -> None: ...
    def info(self, base: str) -> Json:
        return {}

    @contextlib.asynccontextmanager
    async def listening(self, host: str) -> AsyncIterator[None]:
        yield
