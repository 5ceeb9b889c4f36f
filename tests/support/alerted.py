"""The alerts room with its receivers, in one loop on one clock: what tests of deliveries, answers and silences share."""

import json
import random
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from onshelf.alerts.alerts import Alerts
from onshelf.alerts.channels.kind import Tools
from onshelf.alerts.decide import Timing
from onshelf.alerts.deliver import Outcome
from onshelf.alerts.directory import Directory
from onshelf.alerts.route import Route
from onshelf.catalog.item import Reason, State
from onshelf.clock import SECOND_US, FakeClock
from onshelf.events import ItemChanged
from onshelf.guard.vault import Vault
from onshelf.jobs.waker import LocalWaker
from onshelf.platforms.transport import AsgiTransport
from onshelf.store import log
from onshelf.store.db import Database

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROBOT_SECRET = "SECtest0123456789"
TIMING = Timing(wait_s=5, interval_s=30)


class Receivers:
    """A web server of two receivers, `/hook` and `/robot`, that answers what it is told to, else accepts."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.answers: dict[str, list[tuple[int, dict[str, str], object]]] = {"/hook": [], "/robot": []}
        self.received: dict[str, list[tuple[str, Any]]] = {"/hook": [], "/robot": []}
        self.refused: list[str] = []
        self.slow_s: dict[str, float] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        path = scope["path"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = json.loads((await receive())["body"])
        await self.clock.sleep(self.slow_s.get(path, 0.0))
        status, more, answer = (
            self.answers[path].pop(0) if self.answers[path] else (200, {}, {"errcode": 0, "errmsg": "ok"})
        )
        message_id = headers.get("webhook-id", "")
        if status == 200 and answer == {"errcode": 0, "errmsg": "ok"}:
            self.received[path].append((message_id, body))
        else:
            self.refused.append(message_id)
        raw = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def hooked(self) -> list[dict[str, Any]]:
        """Every change the webhook got, in order of arrival."""
        return [item for _, body in self.received["/hook"] for item in body["data"]["items"]]


class House:
    """The room with its receivers, in one loop on one clock."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC), busy=db.busy)
        self.web = Receivers(self.clock)
        self.tools = Tools(AsgiTransport(self.web, self.clock), self.clock, production=False)
        self.directory = Directory(db, Vault([bytes(32)]), self.tools, random.Random(1))
        self.waker = LocalWaker()
        self.alerts = self.room()
        self.versions: dict[int, int] = {}

    def room(self) -> Alerts:
        return Alerts(
            self.db, self.directory, self.clock, random.Random(2), self.waker, timing=TIMING, tick_s=1.0
        )

    async def hook(self, name: str = "hook", **route: Any) -> None:
        await self.directory.add(
            Route(name, **route), "webhook", {"url": "http://web.test/hook", "secret": SECRET}
        )

    async def robot(self) -> None:
        config = {"url": "http://web.test/robot?access_token=t0ken", "secret": ROBOT_SECRET}
        await self.directory.add(Route("robot"), "dingtalk", config)

    async def happen(self, *steps: tuple[int, Reason], shop: str = "a") -> None:
        """Writes what watch writes: the items' changes, one event each."""
        writes = []
        for item_id, reason in steps:
            self.versions[item_id] = version = self.versions.get(item_id, 1) + 1
            back = reason == Reason.LISTED
            gone = State.DELETED if reason == Reason.DELETED else State.INSTOCK
            event = ItemChanged(
                shop_id=shop,
                item_id=item_id,
                version=version,
                outer_id=f"code-{item_id}",
                title=f"连衣裙 {item_id}",
                old=State.INSTOCK if back else State.ONSALE,
                new=State.ONSALE if back else gone,
                reason=reason,
                happened_us=self.clock.now_us() - SECOND_US,
                seen_us=self.clock.now_us(),
                ours=False,
                evidence="slice",
            )
            writes.append(log.append(event, self.clock.now_us()))
        await self.db.commit(writes)

    async def later(self, seconds: float) -> dict[Outcome, int]:
        self.clock.jump(seconds)
        return (await self.alerts.drain_once()).sent
