"""What code 11 asks for: which permission package, or which address on the allow-list. Pure. Data: `reference/permissions.json`."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, cast

import msgspec

from onshelf.texts import Lang, text

_SCOPES = re.compile(r"scope ids? (?:is|are)[ :]*([\d ,]+)")
_ALLOW_LIST = re.compile(
    r"appkey (\d+) is only allowed to call from ([\w.:,/ ]+?),? but your ip is ([\w.:]+)"
)


@dataclass(frozen=True, slots=True)
class Package:
    """A kind of permission package, as the platform's console groups its methods."""

    zh: str
    en: str

    def name(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class AllowList:
    """What a refusal for the caller's address tells."""

    app_key: str
    allowed: tuple[str, ...]  # addresses, as written
    ours: str  # the address the platform saw


@cache
def _packages() -> list[dict[str, Any]]:
    raw = (files("onshelf") / "reference" / "permissions.json").read_bytes()
    return cast("list[dict[str, Any]]", msgspec.json.decode(raw)["packages"])


@lru_cache(maxsize=256)
def package_of(method: str) -> Package | None:
    """Returns the package a method belongs to by its family; None when only the method's own page can tell."""
    for row in _packages():
        if any(fnmatchcase(method, pattern) for pattern in row["patterns"]):
            return Package(row["zh"], row["en"])
    return None


def scope_ids(sub_msg: str) -> tuple[str, ...]:
    """Reads the numbers of the packages of which any one would do: "scope ids is 381 11655"; empty when none are named.

    Source: top-protocol 4.2 and 14, recorded replies.
    """
    found = _SCOPES.search(sub_msg)
    return tuple(re.findall(r"\d+", found.group(1))) if found else ()


def allow_list(sub_msg: str) -> AllowList | None:
    """Reads a refusal for the address the call came from; None when it is none. Source: top-protocol 14."""
    found = _ALLOW_LIST.search(sub_msg)
    if found is None:
        return None
    allowed = tuple(part.strip() for part in found.group(2).split(",") if part.strip())
    return AllowList(found.group(1), allowed, found.group(3))


def permission_remedy(method: str, sub_msg: str, lang: Lang) -> str:
    """Says what to apply for after code 11, and who does it; "" when neither method nor text tells."""
    if limit := allow_list(sub_msg):
        return text(
            "platforms.permission.address",
            lang,
            app_key=limit.app_key,
            ours=limit.ours,
            allowed=", ".join(limit.allowed),
        )
    parts = [_apply_for(method, lang)] if method else []
    if scopes := scope_ids(sub_msg):
        parts.append(text("platforms.permission.scopes", lang, scopes=", ".join(scopes)))
    return " ".join(parts)


def _apply_for(method: str, lang: Lang) -> str:
    package = package_of(method)
    if package is None:
        return text("platforms.permission.unknown", lang, method=method)
    return text("platforms.permission.package", lang, package=package.name(lang), method=method)
