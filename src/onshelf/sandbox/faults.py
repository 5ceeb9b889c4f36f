"""Faults on demand and by schedule: rules that decide, deterministically from a seed, what goes wrong with which call. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from onshelf.sandbox.bounds import Count, Seconds, Share, SomeSeconds
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.timetable import Timetable, read_timetable
from onshelf.sandbox.wire import Json

BEFORE = frozenset(
    ("cut_before", "isp", "http_5xx", "ban", "day_quota_gone", "expire_session", "cut_then_done")
)
AFTER = frozenset(
    (
        *("cut_after", "cut_body", "isp_after", "http_5xx_after"),
        *("truncate", "slow_body", "bad_json", "wrong_type", "second_item", "edit_code"),
    )
)
ANSWERS = frozenset(("shift_page", "degrade"))  # change what a read answers
SIDE = frozenset(("delay", "lag")) | ANSWERS  # go together with any other
MESSAGE = frozenset(("lose_message", "double_message", "swap_messages"))  # `method` names their topics
KINDS = BEFORE | AFTER | SIDE | MESSAGE
ACTS = frozenset(("expire_session", "second_item", "edit_code"))  # by schedule they happen without a call
HEAVY_FIELDS = ("desc", "item_imgs", "prop_imgs", "skus")
_READ_VERBS = frozenset(("get", "query", "search", "count", "check", "consume", "list"))
_NOT_WRITES = ("taobao.top.", "taobao.tmc.", "taobao.time.", "oauth.")


def is_write(method: str) -> bool:
    """Tells whether a method changes the shop; authorisation and messages are neither reads nor writes of it."""
    return method.rpartition(".")[2] not in _READ_VERBS and not method.startswith(_NOT_WRITES)


def covers(pattern: str, method: str) -> bool:
    """Tells whether a pattern names a method: exact, `taobao.item.*`, `writes`, `reads`; "" is all."""
    if pattern in ("writes", "reads"):
        return is_write(method) == (pattern == "writes")
    if pattern.endswith("*"):
        return method.startswith(pattern[:-1])
    return not pattern or pattern == method


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """A fault rule as it is sent; with none of share, count, at, at_time, every it hits every call it covers."""

    kind: str
    method: str = ""
    share: Share | None = None  # of the covered calls, 0 to 1
    count: Count | None = None  # at most so many
    at: Count | Annotated[list[Count], Meta(min_length=1)] | None = None  # the n-th covered calls, from 1
    at_time: str = ""  # `03:00` each day, or `yyyy-MM-dd HH:mm:ss` once; GMT+8, on the sandbox's clock
    every: Seconds = 0.0  # seconds between two times
    lasts: SomeSeconds | None = None  # seconds each time lasts; None: until it has struck once
    seconds: Seconds = 1.0  # delay, cut_then_done, lag, ban, slow_body; swap_messages: how late
    seed: int | None = None
    sub_code: str = ""  # isp, isp_after, ban
    status: Annotated[int, Meta(ge=400, le=599)] = 502  # http_5xx
    ids: bool = False  # lag: reads by id lag too
    # shift_page: so many rows are missed between two pages; below 0: seen twice
    rows: Annotated[int, Meta(ge=-200, le=200)] = 1
    fields: tuple[str, ...] = HEAVY_FIELDS  # degrade: left out of answers
    nick: str = ""  # by schedule: of this shop only


@dataclass
class Rule:
    """A fault rule at work."""

    id: int
    order: Order
    seed: int
    timetable: Timetable | None = None  # None: at any time
    covered: int = 0
    fired: int = 0
    struck_at: float = 0.0  # which time of the timetable it has struck for
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def fires(self, method: str, now: float) -> bool:
        """Decides one call; each covered call moves the rule's own counter and random numbers on."""
        order = self.order
        if not covers(order.method, method) or not self._is_time(now):
            return False
        self.covered += 1
        hit = order.share is None or self.dice.random() < order.share
        if order.at is not None:
            hit = hit and self.covered in (order.at if isinstance(order.at, list) else [order.at])
        hit = hit and not self._is_spent()
        self._note(now, hit=hit)
        return hit

    def _is_time(self, now: float) -> bool:
        if self.timetable is None:
            return True
        begun = self.timetable.latest(now)
        if begun is None:
            return False
        lasts = self.order.lasts
        return begun > self.struck_at if lasts is None else now < begun + lasts

    def _is_spent(self) -> bool:
        return self.order.count is not None and self.fired >= self.order.count

    def _note(self, now: float, *, hit: bool) -> None:
        self.fired += hit
        if hit and self.timetable:
            self.struck_at = self.timetable.latest(now) or 0.0

    def take_due(self, now: float) -> float | None:
        """Decides a rule that acts by itself: the time it acts at, once for each; times jumped over count as one."""
        due = self.timetable.latest(now) if self.timetable else None
        if due is None or due <= self.struck_at or self._is_spent():
            return None
        self.covered += 1
        hit = self.order.share is None or self.dice.random() < self.order.share
        self.struck_at, self.fired = due, self.fired + hit
        return due if hit else None

    def save(self) -> "SavedRule":
        """Returns the rule with its counters and its dice."""
        dice = self.dice.getstate()
        return SavedRule(
            self.id, self.order, self.seed, self.timetable, self.covered, self.fired, self.struck_at, dice
        )

    @classmethod
    def load(cls, saved: "SavedRule") -> "Rule":
        """Returns the rule that goes on from there."""
        rule = cls(
            saved.id, saved.order, saved.seed, saved.timetable, saved.covered, saved.fired, saved.struck_at
        )
        rule.dice.setstate(saved.dice)
        return rule

    def shown(self, now: float) -> Json:
        """Returns the rule for the control page; `next_at` is when its time comes, "" without a timetable or never again."""
        due = self.timetable.next(now) if self.timetable else None
        return {
            "id": self.id,
            **msgspec.to_builtins(self.order),
            "seed": self.seed,
            "next_at": wire_time(due) if due is not None else "",
            "covered": self.covered,
            "fired": self.fired,
        }


class SavedRule(msgspec.Struct):
    """A rule at work as a value."""

    id: int
    order: Order
    seed: int
    timetable: Timetable | None
    covered: int
    fired: int
    struck_at: float
    dice: tuple[int, tuple[int, ...], float | None]


@dataclass(slots=True)
class Fate:
    """What goes wrong with one call."""

    main: Order | None = None  # the first rule of a kind that goes with no other
    dice: random.Random | None = None  # of the main rule
    delay_s: float = 0.0
    lag_s: float = 0.0
    lag_ids: bool = False
    shift_rows: int = 0
    degraded: frozenset[str] = frozenset()

    @property
    def kinds(self) -> Iterator[str]:
        """Yields the kinds of fault that struck."""
        if self.delay_s:
            yield "delay"
        if self.lag_s:
            yield "lag"
        if self.shift_rows:
            yield "shift_page"
        if self.degraded:
            yield "degrade"
        if self.main:
            yield self.main.kind

    def take(self, rule: Rule) -> None:
        """Adds a rule that fired: delays add up, the longest lag counts, of those that go with no other the first."""
        order = rule.order
        match order.kind:
            case "delay":
                self.delay_s += order.seconds
            case "lag":
                self.lag_s = max(self.lag_s, order.seconds)
                self.lag_ids = self.lag_ids or order.ids
            case "shift_page":
                self.shift_rows += order.rows
            case "degrade":
                self.degraded |= frozenset(order.fields)
            case _:
                self.main, self.dice = order, rule.dice


NO_FATE = Fate()


class Faults:
    """The rules in the order they were given."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._last = 0
        self.rules: list[Rule] = []

    def add(self, order: Order, now: float = 0.0) -> Rule:
        """Adds a rule at a time of the sandbox's clock. Raises: ControlError naming the field."""
        _check(order)
        timetable = read_timetable(order.at_time, order.every, now)
        if order.lasts is not None and timetable is None:
            raise ControlError("lasts", "goes with at_time or every")
        self._last += 1
        seed = self._seed * 1000 + self._last if order.seed is None else order.seed
        rule = Rule(self._last, order, seed, timetable)
        self.rules.append(rule)
        return rule

    def save(self) -> list[SavedRule]:
        """Returns all rules as they stand."""
        return [rule.save() for rule in self.rules]

    def load(self, saved: list[SavedRule]) -> None:
        """Puts saved rules in place of the present ones."""
        self.rules = [Rule.load(one) for one in saved]
        self._last = max((rule.id for rule in self.rules), default=self._last)

    def remove(self, rule_id: int | None) -> int:
        """Removes one rule, or all with None; returns how many."""
        before = len(self.rules)
        self.rules = [] if rule_id is None else [rule for rule in self.rules if rule.id != rule_id]
        return before - len(self.rules)

    def decide(self, method: str, now: float) -> Fate:
        """Decides one call."""
        if not self.rules:
            return NO_FATE
        fate = Fate()
        for rule in self.rules:
            kind = rule.order.kind
            if kind not in SIDE and fate.main is not None:
                continue
            if kind in MESSAGE or _acts_by_itself(rule) or not _concerns(kind, method):
                continue
            if rule.fires(method, now):
                fate.take(rule)
        return fate

    def decide_message(self, topic: str, now: float) -> Order | None:
        """Decides what goes wrong with a message on its way to one group; None lets it pass."""
        fired = (rule.order for rule in self.rules if rule.order.kind in MESSAGE and rule.fires(topic, now))
        return next(fired, None)

    def decide_lag(self, method: str, now: float) -> Fate:
        """Decides only the lag, of work that is done long after its call or without one."""
        fate = Fate()
        for rule in self.rules:
            if rule.order.kind == "lag" and is_write(method) and rule.fires(method, now):
                fate.take(rule)
        return fate

    def take_due(self, now: float) -> list[tuple[float, Rule]]:
        """Returns the rules that act by themselves by now, in order of their time."""
        if not self.rules:
            return []
        timed = [(rule.take_due(now), rule) for rule in self.rules if _acts_by_itself(rule)]
        return sorted(
            ((at, rule) for at, rule in timed if at is not None), key=lambda pair: (pair[0], pair[1].id)
        )


def _concerns(kind: str, method: str) -> bool:
    """Tells whether a kind of fault means something to a method: writes lag, answers of reads change."""
    if kind == "lag":
        return is_write(method)
    return kind not in ANSWERS or not is_write(method)


def _acts_by_itself(rule: Rule) -> bool:
    return rule.timetable is not None and rule.order.kind in ACTS


def _check(order: Order) -> None:
    if order.kind not in KINDS:
        raise ControlError("kind", f"use one of {', '.join(sorted(KINDS))}")
    if order.kind == "shift_page" and not order.rows:
        raise ControlError("rows", "use 1 or more: rows missed; -1 or less: rows seen twice")
    if order.kind == "lag" and order.method and not _may_write(order.method):
        raise ControlError(
            "method", "for lag name the write whose effect is late, or leave it out for all writes"
        )


def _may_write(pattern: str) -> bool:
    return pattern == "writes" or pattern.endswith("*") or is_write(pattern)
