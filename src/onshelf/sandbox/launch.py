"""The sandbox for tests: as a child process, or in the same loop on a shared clock, with a plain caller of its own."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from onshelf.sandbox.clock import TimeSource, wire_time
from onshelf.sandbox.platform import Options
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json, sign

START_S, STOP_S = 120, 30  # for what takes a second on a machine with nothing else to do


@contextlib.asynccontextmanager
async def running(
    port: int = 0, *, log: Path | None = None, **options: object
) -> AsyncIterator[dict[str, Any]]:
    """Runs `python -m onshelf.sandbox` and yields its start-up line; `per_second=100` becomes `--per-second 100`.

    The child is told to stop at the end, and killed when it does not. `log`: the file for what it complains of; None: our
    own error output, which it then holds open. Raises: RuntimeError when it does not start.
    """
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "onshelf.sandbox", "--port", str(port), *words]
    with contextlib.nullcontext() if log is None else log.open("ab") as complaints:
        child = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=complaints
        )
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
        await asyncio.wait_for(child.communicate(), STOP_S)
    except TimeoutError:
        child.kill()
        await child.communicate()


def in_process(clock: TimeSource | None = None, options: Options | None = None) -> Sandbox:
    """Returns a sandbox of the same loop: an ASGI app on the clock its client uses; cuts raise `ConnectionCut`."""
    return Sandbox(options, clock)


async def request(
    sandbox: Sandbox, verb: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Sends one HTTP request in process and returns status, headers and body. Raises: ConnectionCut."""
    parts, sent = urlsplit(url), [{"type": "http.request", "body": body}]
    status, given, pieces = 0, {}, []

    async def receive() -> MutableMapping[str, Any]:
        return sent.pop() if sent else await asyncio.get_running_loop().create_future()

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, given
        if message["type"] == "http.response.start":
            status = message["status"]
            given = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            pieces.append(message.get("body", b""))

    scope = {
        "type": "http",
        "method": verb,
        "path": parts.path,
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    await sandbox(scope, receive, send)
    return status, given, b"".join(pieces)


def signed(sandbox: Sandbox, method: str, arguments: Mapping[str, object]) -> dict[str, str]:
    """Returns a call's parameters, signed for the sandbox's first app and session; an argument may replace any of them."""
    options = sandbox.options
    fields = {
        "app_key": options.app_key,
        "format": "json",
        "method": method,
        "session": options.session,
        "sign_method": "hmac-sha256",
        "timestamp": wire_time(sandbox.clock.now()),
        "v": "2.0",
        **{name: str(value) for name, value in arguments.items()},
    }
    return {**fields, "sign": sign(fields.items(), options.app_secret, fields["sign_method"])}


async def ask(sandbox: Sandbox, method: str, /, **arguments: object) -> Json:
    """Makes one signed call in process and returns what stands inside the reply's root, or inside `error_response`."""
    body = urlencode(signed(sandbox, method, arguments)).encode()
    _status, _headers, reply = await request(sandbox, "POST", "/router/rest", body)
    (inner,) = msgspec.json.decode(reply, type=dict[str, dict[str, Any]]).values()
    return inner


async def control(sandbox: Sandbox, path: str, order: Json | None = None, verb: str = "") -> Any:
    """Uses a control in process: POST with an order, else GET; returns the JSON answer."""
    body = b"" if order is None else msgspec.json.encode(order)
    verb = verb or ("GET" if order is None else "POST")
    return msgspec.json.decode((await request(sandbox, verb, f"/_sandbox/{path}", body))[2])
