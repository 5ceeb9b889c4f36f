"""The platform's calls without async, for scripts and notebooks: the same client, on a loop in a thread of its own.

The thread is what lets it work where a loop runs already, as in a notebook; a call then holds that loop up until it is answered.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator, Sequence
from types import TracebackType
from typing import Any, TypeVar

from onshelf.platforms.quota import Limit
from onshelf.platforms.top.client import ClientOptions
from onshelf.platforms.top.connect import GATEWAY, connect
from onshelf.platforms.top.protocol import Format
from onshelf.platforms.top.request import Listing, R, Request, Row

T = TypeVar("T")
_NOT_HERE = (
    "this client is closed, or belongs to the process this one was forked from: make one where it is used"
)


class Client:
    """One shop. `with Client(app_key, app_secret, session) as top: top.call("taobao.time.get")`.

    Several threads may share one. A process that is forked from one that has a client makes a client of its own.
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        session: str = "",
        *,
        gateway: str = GATEWAY,
        limits: Sequence[Limit] = (),
        options: ClientOptions | None = None,
    ) -> None:
        """As of `connect`. A client that is not used in a `with` is to be closed."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="onshelf-top", daemon=True)
        self._thread.start()
        self._opened = connect(app_key, app_secret, session, gateway=gateway, limits=limits, options=options)
        try:
            self._top = self._wait(self._opened.__aenter__())
        except BaseException:
            self._end_loop()
            raise

    def call(self, method: str, /, *, reply_format: Format | None = None, **params: Any) -> dict[str, Any]:
        """Calls any method by name; a parameter whose name has a dot is given as `**{"location.state": "浙江"}`."""
        return self._wait(self._top.call(method, params, reply_format=reply_format))

    def ask(self, request: Request[R]) -> R:
        """Makes one typed call."""
        return self._wait(self._top.ask(request))

    def rows(self, request: Listing[R, Row]) -> Generator[Row, None, None]:
        """Reads a list whole, row by row."""
        found = self._top.rows(request)
        try:
            while (row := self._wait(_next(found))) is not None:
                yield row
        finally:
            if self._thread.is_alive():
                self._wait(found.aclose())

    def batch(self, requests: Sequence[Request[Any]]) -> list[Any]:
        """Makes at most 20 calls in one request; returns each one's reply or error."""
        return self._wait(self._top.batch(requests))

    def close(self) -> None:
        """Ends the connections and the thread; closing twice is harmless, and so is closing in a forked process."""
        if not self._thread.is_alive():
            return
        try:
            self._wait(self._opened.__aexit__(None, None, None))
        finally:
            self._end_loop()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs work on the loop; when the waiting is broken off (Ctrl-C), so is the work.

        Raises RuntimeError where the loop does not run: after closing, in a forked process, and from the loop's own callbacks.
        """
        if not self._thread.is_alive() or self._thread is threading.current_thread():
            work.close()
            raise RuntimeError(_NOT_HERE)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


async def _next(found: AsyncGenerator[Row, None]) -> Row | None:
    """Returns the next row, None after the last."""
    return await anext(found, None)
