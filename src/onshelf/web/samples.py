"""Turns what the rooms count into metrics. The calls, waits and hits are this process's since it began; work, deliveries and
messages that wait are counted in the database, so they are the home's, whichever process did the work."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from onshelf.alerts.fates import fates
from onshelf.clock import SECOND_US
from onshelf.errors import StoreError
from onshelf.jobs.depth import depth
from onshelf.platforms.forecast import UNLIMITED
from onshelf.platforms.port import Lane
from onshelf.platforms.tally import Spread
from onshelf.shops.push.counted import unhandled
from onshelf.shops.tokens.expiry import ends_us
from onshelf.watch.detection import Detections
from onshelf.wiring import App

Labels = TypeVar("Labels", bound=tuple[str, ...])


class Samples:
    """Reads all metrics of a service. What is new in the event log counts from the first reading on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._detections = Detections(app.db)

    async def read(self) -> list[Metric]:
        """Returns every metric there is now; those of a database that does not answer are absent."""
        own = [*self._calls(), *(await self._quotas()), *self._cache(), self._received()]
        try:
            kept = [
                *(await self._work()),
                await self._watch(),
                await self._waiting(),
                await self._alerts(),
                await self._tokens(),
            ]
        except StoreError:
            kept = []
        answers = {(): float(bool(kept))}
        return [
            *own,
            *kept,
            _gauge("onshelf_database_answers", "1: the database answers; else 0.", (), answers),
        ]

    def _calls(self) -> Iterator[Metric]:
        calls = self._app.tally.calls
        yield _counter(
            "onshelf_calls",
            "Attempts of platform calls on the wire.",
            ("method", "outcome", "code"),
            {(method, outcome, str(code)): count for (method, outcome, code), count in calls.calls.items()},
        )
        yield _histogram(
            "onshelf_call_seconds",
            "From the send to the reply, or until it was given up.",
            ("method",),
            {(method,): spread for method, spread in calls.took.items()},
        )

    async def _quotas(self) -> list[Metric]:
        quotas = self._app.client.quotas.known()
        for quota in quotas.values():
            await quota.refresh()
        free = {(app_key, lane): quota.free(lane) for app_key, quota in quotas.items() for lane in Lane}
        return [
            _histogram(
                "onshelf_quota_wait_seconds",
                "How long calls waited for the quota, those that waited.",
                ("app", "lane"),
                {
                    (key, lane): spread
                    for key, one in quotas.items()
                    for lane, spread in one.waits.waited.items()
                },
            ),
            _counter(
                "onshelf_quota_given_up",
                "Calls that no slot came for in time; none of them was sent.",
                ("app", "lane"),
                {
                    (key, lane): count
                    for key, one in quotas.items()
                    for lane, count in one.waits.given_up.items()
                },
            ),
            _gauge(
                "onshelf_quota_free_now",
                "Calls that may go at once.",
                ("app", "lane"),
                {labels: math.inf if one.now == UNLIMITED else one.now for labels, one in free.items()},
            ),
            _gauge(
                "onshelf_quota_left_today",
                "Calls left of the day; absent without a daily limit.",
                ("app", "lane"),
                {labels: one.today for labels, one in free.items() if one.today is not None},
            ),
        ]

    def _cache(self) -> Iterator[Metric]:
        counts = self._app.cache.counts
        found = {("hit",): counts.hits, ("joined",): counts.shared, ("miss",): counts.misses}
        yield _counter("onshelf_cache_reads", "Reads that accepted a kept reply.", ("outcome",), found)

    async def _work(self) -> list[Metric]:
        found = await depth(self._app.db)
        labels = ("kind", "state")
        return [
            _gauge("onshelf_jobs", "Jobs by kind and state.", labels, found.jobs),
            _gauge("onshelf_job_lines", "Lines of jobs by kind and state.", labels, found.lines),
        ]

    async def _watch(self) -> Metric:
        await self._detections.read_on()
        found = {(evidence,): spread for evidence, spread in self._detections.by_evidence.items()}
        told = "From a change of the shelf to its detection, by what named the item."
        return _histogram("onshelf_watch_detection_seconds", told, ("evidence",), found)

    def _received(self) -> Metric:
        found = {(topic,): count for topic, count in self._app.tally.messages.items()}
        return _counter(
            "onshelf_push_messages", "Pushed messages received, repeats included.", ("topic",), found
        )

    async def _waiting(self) -> Metric:
        found = {(state,): count for state, count in (await unhandled(self._app.db)).items()}
        return _gauge(
            "onshelf_push_unhandled", "Kept messages that wait or were set aside.", ("state",), found
        )

    async def _alerts(self) -> Metric:
        found = await fates(self._app.db)
        told = "Messages to people: succeeded means accepted by the channel, failed that the channel must be mended."
        return _gauge("onshelf_alert_deliveries", told, ("receiver", "state"), found)

    async def _tokens(self) -> Metric:
        shops, left = self._app.shops, {}
        now_us = self._app.clock.now_us()
        for shop in await shops.list():
            stored = await shops.token(shop.shop_id)
            if stored is not None and (end_us := 0 if stored.dead else ends_us(stored.token)) is not None:
                left[(shop.shop_id,)] = max(0.0, (end_us - now_us) / SECOND_US)
        told = "Until only a person can renew a shop's authorisation; 0: it has ended. Absent where that is not known."
        return _gauge("onshelf_token_seconds_left", told, ("shop",), left)


def _counter(name: str, told: str, labels: Sequence[str], found: Mapping[Labels, float]) -> Metric:
    family = CounterMetricFamily(name, told, labels=labels)
    return _filled(family, found)


def _gauge(name: str, told: str, labels: Sequence[str], found: Mapping[Labels, float]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    return _filled(family, found)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, found: Mapping[Labels, float]) -> Metric:
    for values, count in found.items():
        family.add_metric(values, count)
    return family


def _histogram(name: str, told: str, labels: Sequence[str], found: Mapping[Labels, Spread]) -> Metric:
    family = HistogramMetricFamily(name, told, labels=labels)
    for values, spread in found.items():
        family.add_metric(values, list(_buckets(spread)), spread.sum_us / SECOND_US)
    return family


def _buckets(spread: Spread) -> Iterable[tuple[str, float]]:
    """Yields each bound with how many times are not above it."""
    below = 0
    bounds = (*(f"{bound_us / SECOND_US:g}" for bound_us in spread.bounds_us), "+Inf")
    for bound, count in zip(bounds, spread.counts, strict=True):
        below += count
        yield bound, below
