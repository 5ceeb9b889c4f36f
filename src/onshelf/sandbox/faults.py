"""Faults on demand: rules that decide, deterministically from a seed, what goes wrong with which call. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.wire import Json

BEFORE = frozenset(("cut_before", "isp", "http_5xx", "ban", "expire_session", "cut_then_done"))
AFTER = frozenset(
    ("cut_after", "isp_after", "http_5xx_after", "truncate", "slow_body", "bad_json", "wrong_type")
)
SIDE = frozenset(("delay", "lag"))  # go together with any other
KINDS = BEFORE | AFTER | SIDE
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
    """A fault rule as it is sent; with none of share, count, at it hits every call it covers."""

    kind: str
    method: str = ""
    share: float | None = None  # of the covered calls, 0 to 1
    count: int | None = None  # at most so many
    at: int | list[int] | None = None  # the n-th covered calls, from 1
    seconds: float = 1.0  # delay, cut_then_done, lag, ban, slow_body
    seed: int | None = None
    sub_code: str = ""  # isp, isp_after, ban
    status: int = 502  # http_5xx
    ids: bool = False  # lag: reads by id lag too


@dataclass
class Rule:
    """A fault rule at work."""

    id: int
    order: Order
    seed: int
    covered: int = 0
    fired: int = 0
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def fires(self, method: str) -> bool:
        """Decides one call; each covered call moves the rule's own counter and random numbers on."""
        order = self.order
        if not covers(order.method, method):
            return False
        self.covered += 1
        hit = order.share is None or self.dice.random() < order.share
        if order.at is not None:
            hit = hit and self.covered in (order.at if isinstance(order.at, list) else [order.at])
        if order.count is not None:
            hit = hit and self.fired < order.count
        self.fired += hit
        return hit

    def shown(self) -> Json:
        """Returns the rule for the control page."""
        return {
            "id": self.id,
            **msgspec.to_builtins(self.order),
            "seed": self.seed,
            "covered": self.covered,
            "fired": self.fired,
        }


@dataclass(slots=True)
class Fate:
    """What goes wrong with one call."""

    main: Order | None = None  # the first rule of a kind other than delay and lag that fired
    delay_s: float = 0.0
    lag_s: float = 0.0
    lag_ids: bool = False

    @property
    def kinds(self) -> Iterator[str]:
        """Yields the kinds of fault that struck."""
        if self.delay_s:
            yield "delay"
        if self.lag_s:
            yield "lag"
        if self.main:
            yield self.main.kind


NO_FATE = Fate()


class Faults:
    """The rules in the order they were given."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._last = 0
        self.rules: list[Rule] = []

    def add(self, order: Order) -> Rule:
        """Adds a rule. Raises: ControlError naming the field."""
        if order.kind not in KINDS:
            raise ControlError("kind", f"use one of {', '.join(sorted(KINDS))}")
        if order.share is not None and not 0 <= order.share <= 1:
            raise ControlError("share", "use a number from 0 to 1")
        if order.seconds < 0:
            raise ControlError("seconds", "use 0 or more")
        if order.kind == "lag" and order.method and not _may_write(order.method):
            raise ControlError(
                "method", "for lag name the write whose effect is late, or leave it out for all writes"
            )
        self._last += 1
        rule = Rule(self._last, order, self._seed * 1000 + self._last if order.seed is None else order.seed)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int | None) -> int:
        """Removes one rule, or all with None; returns how many."""
        before = len(self.rules)
        self.rules = [] if rule_id is None else [rule for rule in self.rules if rule.id != rule_id]
        return before - len(self.rules)

    def decide(self, method: str) -> Fate:
        """Decides one call: delays add up, the longest lag counts, of the others the first that fires."""
        if not self.rules:
            return NO_FATE
        fate = Fate()
        for rule in self.rules:
            kind = rule.order.kind
            if kind not in SIDE and fate.main is not None:
                continue
            if kind == "lag" and not is_write(method):
                continue
            if not rule.fires(method):
                continue
            if kind == "delay":
                fate.delay_s += rule.order.seconds
            elif kind == "lag":
                fate.lag_s = max(fate.lag_s, rule.order.seconds)
                fate.lag_ids = fate.lag_ids or rule.order.ids
            else:
                fate.main = rule.order
        return fate

    def decide_lag(self, method: str) -> Fate:
        """Decides only the lag of work that is done long after its call."""
        fate = Fate()
        for rule in self.rules:
            if rule.order.kind == "lag" and is_write(method) and rule.fires(method):
                fate.lag_s = max(fate.lag_s, rule.order.seconds)
                fate.lag_ids = fate.lag_ids or rule.order.ids
        return fate


def _may_write(pattern: str) -> bool:
    return pattern == "writes" or pattern.endswith("*") or is_write(pattern)
