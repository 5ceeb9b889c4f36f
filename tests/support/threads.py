"""Work of `asyncio.to_thread`, counted, so that a virtual clock stands still while it is under way."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class CountedThreads(ThreadPoolExecutor):
    """The running loop's pool of threads. Work counts until the loop has been told that it ended."""

    def __init__(self) -> None:
        super().__init__(max_workers=4)
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(self)  # which also ends it with the loop
        self._under_way = 0

    def busy(self) -> bool:
        return self._under_way > 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future = super().submit(fn, *args, **kwargs)
        self._under_way += 1
        # Registered after the loop's own callback, so that whoever awaits the work is told first.
        self._loop.call_soon(future.add_done_callback, self._ended)
        return future

    def _ended(self, _: "Future[Any]") -> None:
        self._loop.call_soon_threadsafe(self._count_down)

    def _count_down(self) -> None:
        self._under_way -= 1
