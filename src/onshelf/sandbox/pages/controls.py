"""What a test or a person switches on the sandbox: faults, barriers, quota, clock, and what has been counted."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.barriers import Arm
from onshelf.sandbox.clock import read_time
from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.faults import Order
from onshelf.sandbox.pages.answer import answer, read, route
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.receivers.inbox import Strike

LONGEST_WAIT_S = 60
LONGEST_FOLLOW_S = 20.0
LAST = 253_000_000_000.0  # seconds since the epoch, in the year 9987: what is due after it needs a date too


class ClockOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A change of the clock; one of these at a time."""

    pause: bool = False
    resume: bool = False
    jump_s: float = 0.0
    set: str = ""  # `yyyy-MM-dd HH:mm:ss` in GMT+8
    wait: int | None = None  # answer when the version is another than this one, or after some seconds


class ReleaseOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Lets held calls go; without an id, all."""

    id: int | None = None
    cut: bool = False  # close their connections instead of going on


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the switches."""
    return Switches(platform).routes()


class Switches:
    """The switches of one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._gateway = platform.gateway

    def routes(self) -> list[BaseRoute]:
        return [
            route("/_sandbox/faults", self.faults, "GET", "POST", "DELETE"),
            route("/_sandbox/quota", self.quota, "GET", "POST", "DELETE"),
            route("/_sandbox/barrier", self.barrier, "GET", "POST"),
            route("/_sandbox/barrier/release", self.release, "POST"),
            route("/_sandbox/clock", self.time, "GET", "POST"),
            route("/_sandbox/stats", self.stats, "GET"),
            route("/_sandbox/reset", self.reset, "POST"),
        ]

    async def faults(self, request: Request) -> Response:
        """Shows, adds or clears faults, of calls and of receivers."""
        now = self._platform.clock.now()
        if request.method == "GET":
            return answer(
                [rule.shown(now) for rule in self._gateway.faults.rules]
                + self._platform.receivers.inbox.strikes()
            )
        if request.method == "DELETE":
            return answer({"removed": _remove_faults(self._platform, request.query_params.get("id"))})
        raw = await read(request, dict[str, Any])
        if "receiver" in raw:
            strike = self._platform.receivers.inbox.arm(await read(request, Strike))
            return answer(msgspec.to_builtins(strike))
        return answer(self._gateway.faults.add(await read(request, Order), now).shown(now))

    async def quota(self, request: Request) -> Response:
        """Shows, sets or lifts limits."""
        if request.method == "POST":
            limits = await read(request, Limits)
            limits.app_key = limits.app_key or self._platform.options.app_key
            if limits.app_key not in self._platform.world.apps:
                raise ControlError("app_key", f"no such app: {limits.app_key}; add it at /_sandbox/apps")
            self._gateway.quota.set(limits)
        elif request.method == "DELETE":
            self._gateway.quota.gates.clear()
        return answer([gate.shown(self._platform.clock.now()) for gate in self._gateway.quota.gates.values()])

    async def barrier(self, request: Request) -> Response:
        """Arms a barrier, shows all, or waits until one holds a call."""
        if request.method == "POST":
            return answer(self._gateway.barriers.arm(await read(request, Arm)).shown())
        if "wait" in request.query_params:
            await _wait(self._platform, request.query_params.get("id", ""))
        return answer([one.shown() for one in self._gateway.barriers.all.values()])

    async def release(self, request: Request) -> Response:
        """Lets held calls go."""
        order = await read(request, ReleaseOrder)
        return answer({"released": self._gateway.barriers.release(order.id, cut=order.cut)})

    async def time(self, request: Request) -> Response:
        """Shows or moves the clock, or waits until it is moved."""
        clock = self._platform.clock
        if request.method == "POST":
            order = await read(request, ClockOrder)
            _set_clock(self._platform, order)
            if order.wait is not None:
                await clock.moved(order.wait, LONGEST_FOLLOW_S)
        now = clock.now()
        shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        return answer({"now": shown, "epoch": now, "paused": clock.paused, "version": clock.version})

    async def stats(self, _request: Request) -> Response:
        """Shows what has been counted, and codes that are on sale more than once."""
        self._gateway.settle_all()
        counts = self._platform.world.stats
        doubles = [code for shop in self._platform.world.shops.values() for code in shop.shelf.doubles()]
        return answer({**msgspec.to_builtins(counts), "doubles": doubles})

    async def reset(self, _request: Request) -> Response:
        """Starts over."""
        self._platform.reset()
        return answer({"reset": True})


def _remove_faults(platform: Platform, rule_id: str | None) -> int:
    """Removes one rule or all; without lag rules lists catch up at once."""
    if rule_id is not None and not rule_id.isdecimal():
        raise ControlError("id", f"use the id of a rule, not {rule_id!r}")
    removed = platform.gateway.faults.remove(int(rule_id) if rule_id else None)
    if rule_id is None:
        removed += platform.receivers.inbox.disarm()
    if not any(rule.order.kind == "lag" for rule in platform.gateway.faults.rules):
        for shop in platform.world.shops.values():
            shop.lag(0)
            shop.settle(float("inf"))
    return removed


async def _wait(platform: Platform, barrier_id: str) -> None:
    """Waits until the barrier holds a call, at most a minute. Raises: ControlError when there is no such barrier."""
    barriers = platform.gateway.barriers.all
    if not barrier_id.isdecimal() or int(barrier_id) not in barriers:
        raise ControlError("id", f"no such barrier: {barrier_id!r}; arm one by POST /_sandbox/barrier")
    try:
        await asyncio.wait_for(barriers[int(barrier_id)].reached.wait(), LONGEST_WAIT_S)
    except TimeoutError:
        return


def _set_clock(platform: Platform, order: ClockOrder) -> None:
    clock = platform.clock
    if order.pause:
        clock.pause()
    if order.set:
        clock.jump(_within("set", _moment(order.set)) - clock.now())
    if order.jump_s < 0:
        raise ControlError("jump_s", "time only goes forward; use set to go elsewhere")
    if order.jump_s:
        _within("jump_s", clock.now() + order.jump_s)
        clock.jump(order.jump_s)
    if order.resume:
        clock.resume()


def _moment(text: str) -> float:
    try:
        return read_time(text)
    except ValueError as error:
        raise ControlError("set", "use yyyy-MM-dd HH:mm:ss in GMT+8") from error


def _within(name: str, at: float) -> float:
    if not 0 <= at <= LAST:
        raise ControlError(name, "time goes from 1970 to 9987")
    return at
