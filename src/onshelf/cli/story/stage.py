"""The stage of the demo: the sandbox as a process of its own, and a seller and receivers one can look at."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from onshelf.sandbox.launch import running

TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Stage:
    """A running sandbox. `info` is its start-up line."""

    info: dict[str, Any]

    async def act(self, action: str, item_id: int) -> None:
        """Lets the seller (or the platform's staff) do something to an item."""
        await self._ask("seller", {"action": action, "num_iid": item_id})

    async def received(self) -> list[dict[str, Any]]:
        """Returns what the mailbox, the robot and the webhook accepted, oldest first."""
        return [one for one in await self._ask("received") if one["accepted"]]

    async def stats(self) -> dict[str, Any]:
        """Returns the gateway's own counts."""
        found: dict[str, Any] = await self._ask("stats")
        return found

    async def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.info['control']}/{path}", data=data)  # noqa: S310 our own child's http address

        def exchange() -> Any:
            with urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310
                return json.load(reply)

        return await asyncio.to_thread(exchange)


@contextlib.asynccontextmanager
async def set_stage(log: Path, *, per_second: int, per_day: int) -> AsyncIterator[Stage]:
    """Runs the sandbox with these limits until the block ends; what it complains of goes into `log`."""
    async with running(log=log, per_second=per_second, per_day=per_day, seed=7) as info:
        yield Stage(info)
