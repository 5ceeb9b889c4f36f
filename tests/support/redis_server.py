"""A Redis of a test's own, on a socket in a temporary folder."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

START_S = 20


class Server:
    """A server that can be stopped and started again at the same address; it keeps nothing over that."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "socket"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Starts it and waits until it listens."""
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            ["redis-server", *options], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        give_up = time.monotonic() + START_S
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise RuntimeError("redis-server does not start")
            time.sleep(0.01)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Lets nobody reach it while the block runs; it keeps what it has."""
        hidden = self._socket.with_name("hidden")
        self._socket.rename(hidden)
        with Redis(unix_socket_path=str(hidden)) as client:
            client.client_kill_filter(_type="normal", skipme=True)
        try:
            yield
        finally:
            hidden.rename(self._socket)

    def stop(self) -> None:
        """Ends it and waits for that."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(START_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._socket.unlink(missing_ok=True)


@contextmanager
def redis_server() -> Iterator[Server]:
    """Runs a server while the block runs; skips the test, loudly, where there is none."""
    if shutil.which("redis-server") is None:
        pytest.skip("!!! REDIS TESTS SKIPPED: no server here (Debian: apt-get install redis-server) !!!")
    folder = Path(tempfile.mkdtemp(prefix="onshelf-redis-"))
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
