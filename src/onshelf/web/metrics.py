"""`/metrics`: what the service counts, in the text form of Prometheus and OpenMetrics, read when somebody asks.

It names shops and apps: from other machines it is for keys that see every shop.
"""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from onshelf.guard.roles import Permission
from onshelf.web.entrance import Entrance
from onshelf.web.problem import Problem
from onshelf.web.samples import Samples
from onshelf.web.shown import is_near
from onshelf.wiring import App


class _Last(Collector):
    """What was read last, in the form a registry takes: reading waits for the database, and a registry cannot wait."""

    def __init__(self) -> None:
        self.metrics: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        return self.metrics


async def check_key(request: Request) -> None:
    """Lets on whose key or session sees every shop. Raises Problem 401, 403."""
    who = await Entrance(Permission.READ).identify(request)
    if who.shops is not None:
        raise Problem(403, "others_shops")


def routes(app: App) -> APIRouter:
    """Returns the route. Its registry belongs to this service alone; the process's own CPU and memory are in it."""
    found, samples, last = APIRouter(tags=["metrics"]), Samples(app), _Last()
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(last)

    @found.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        """Raises Problem 401 (another machine, without a key), 403 (a key of some shops)."""
        if not is_near(request.scope):
            await check_key(request)
        last.metrics = await samples.read()
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})

    return found
