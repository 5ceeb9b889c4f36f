"""Who may do what: five roles, what each permits, and which platform methods each may call. Pure.

A principal is a person who signed in or a key a program shows. It has one role, and the shops it may touch.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Role(StrEnum):
    """From the least to the most; each row of `PERMITS` says what it adds."""

    VIEWER = "viewer"  # looks
    OPERATOR = "operator"  # brings products in, puts them on the shelf, answers alerts
    APPROVER = "approver"  # also decides: profiles, prices, undecided rows, channels, quota
    DEVELOPER = "developer"  # connects programs: platform calls, webhooks; lists nothing by hand
    ADMINISTRATOR = "administrator"  # all, people and shops too


class Permission(StrEnum):
    """What a route or a page asks for; each asks for one."""

    READ = "read"  # products, items, jobs, alerts, shops, quota
    PRODUCTS = "products"  # import and edit products
    PUBLISH = "publish"  # start, pause, resume, cancel, retry jobs; relist
    ALERTS = "alerts"  # acknowledge and silence
    # profiles and mappings, undecided rows, channels, rules, promotion calendar, quota limits
    APPROVE = "approve"
    CALL = "call"  # call platform methods
    HOOKS = "hooks"  # webhooks that tell other systems
    AUDIT = "audit"  # read the audit log and the settings
    SHOPS = "shops"  # add and authorise shops
    PEOPLE = "people"  # people, roles, keys


_OPERATES = frozenset({Permission.READ, Permission.PRODUCTS, Permission.PUBLISH, Permission.ALERTS})

PERMITS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.OPERATOR: _OPERATES | {Permission.CALL},
    Role.APPROVER: _OPERATES | {Permission.CALL, Permission.APPROVE, Permission.AUDIT},
    Role.DEVELOPER: frozenset({Permission.READ, Permission.CALL, Permission.HOOKS, Permission.AUDIT}),
    Role.ADMINISTRATOR: frozenset(Permission),
}

_READS = (
    "taobao.*.get",
    "taobao.*.search",
    "taobao.*.query",
    "tmall.*.get",
    "alibaba.*.get",
    "taobao.time.get",
)

METHODS: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: (),
    Role.OPERATOR: _READS,
    Role.APPROVER: _READS,
    Role.DEVELOPER: ("*",),
    Role.ADMINISTRATOR: ("*",),
}
"""Patterns of the platform methods a role may call by name. Jobs call what their kind needs and ask for `PUBLISH` instead."""

_GIVES_ACCESS = re.compile(r"secret|token|session|authsign|authcode|cert|\bauth\b", re.IGNORECASE)
"""In names of reads whose answer is itself a way in, as taobao.top.secret.get: not for roles that only read."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking."""

    name: str  # as the audit log has it: "person:lin" or "key:erp"
    role: Role
    shops: frozenset[str] | None = None  # None: every shop, those to come too
    person_id: str = ""  # empty: a program with a key
    key_id: str = ""  # empty: a person

    @property
    def caller_id(self) -> str:
        """Tells callers apart whatever they are called: the id of the person or of the key."""
        return self.person_id or self.key_id

    def may(self, permission: Permission) -> bool:
        """Tells whether the role permits it."""
        return permission in PERMITS[self.role]

    def sees(self, shop_id: str) -> bool:
        """Tells whether the shop is one of its own."""
        return self.shops is None or shop_id in self.shops

    def may_give(self, role: Role, shops: frozenset[str] | None) -> bool:
        """Tells whether it has all that somebody of this role and these shops has: nobody gives more than that."""
        within = self.shops is None or (shops is not None and shops <= self.shops)
        return within and PERMITS[role] <= PERMITS[self.role]

    def may_call(self, method: str) -> bool:
        """Tells whether the role may call a platform method by name."""
        patterns = METHODS[self.role]
        reads = any(fnmatchcase(method, pattern) for pattern in patterns)
        return reads and ("*" in patterns or not _GIVES_ACCESS.search(method))
