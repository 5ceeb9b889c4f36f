"""Why a signature is wrong: the string the gateway signs beside the one the caller must have signed, found by trying the
mistakes callers make, alone and in pairs. Pure.

Source: reference/top-protocol.md 2. The texts of mistakes are in onshelf/reference/texts/sandbox.json.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, islice
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

import msgspec

from onshelf.sandbox.wire import SIGN_METHODS, Json

Pairs = list[tuple[str, str]]
MOST_ATTEMPTS = 5_000
MOST_CHARACTERS = 20_000_000  # hashed for one explanation
AROUND = 24  # characters shown each side of a difference


class Signed(msgspec.Struct):
    """What a call brought that its signature stands on."""

    text: dict[str, str]  # all parameters as decoded, in the order received, `sign` included
    secret: str
    query: bytes = b""
    body: str = ""  # of a batch
    secrets: dict[str, str] = {}  # app key → secret, of the other apps


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a signature; the defaults are the right one, save for `hash`, which the call names."""

    values: str = ""
    order: str = ""
    join: str = ""
    names: str = ""
    secret: str = ""
    charset: str = ""
    hash: str = "md5"


_VALUES: Mapping[str, Callable[[str], str]] = {
    "": lambda value: value,
    "encoded": lambda value: quote(value, safe=""),
    "encoded.plus": quote_plus,
    "encoded.slash": quote,
    "encoded.browser": lambda value: quote(value, safe="~()*!'"),
    "encoded_twice": unquote,
    "encoded_twice.plus": unquote_plus,
    "plus_lost": lambda value: value.replace(" ", "+"),
    "stripped": str.strip,
}
_ORDERS: Mapping[str, Callable[[Pairs], Pairs]] = {
    "": sorted,
    "caseless": lambda pairs: sorted(pairs, key=lambda pair: pair[0].lower()),
    "unsorted": list,
    "reversed": lambda pairs: sorted(pairs, reverse=True),
}
_JOINS: Mapping[str, tuple[str, str]] = {  # between name and value, between pairs
    "": ("", ""),
    "joined": ("=", "&"),
    "joined.equals": ("=", ""),
    "joined.ampersand": ("", "&"),
    "joined.colon": (":", ""),
}
_CHARSETS = {"": "utf-8", "gbk": "gbk", "latin": "latin-1"}
_HASHES: Mapping[str, tuple[str, bool, bool, bool]] = {  # digest, keyed, secret before, secret after
    "md5": ("md5", False, True, True),
    "md5.tail": ("md5", False, False, True),
    "md5.head": ("md5", False, True, False),
    "md5.bare": ("md5", False, False, False),
    "hmac": ("md5", True, False, False),
    "hmac-sha256": ("sha256", True, False, False),
    "hmac-sha1": ("sha1", True, False, False),
    "sha1": ("sha1", False, True, True),
    "sha256": ("sha256", False, True, True),
    "hmac.wrapped": ("md5", True, True, True),
    "hmac-sha256.wrapped": ("sha256", True, True, True),
}
_PROTOCOL = frozenset(
    ("app_key", "format", "method", "session", "sign_method", "simplify", "timestamp", "v", "partner_id")
)


def explain(signed: Signed) -> Json:
    """Explains a signature.

    `verdict` is `missing`, `right`, `explained` (the mistakes are named and `your_string` is known) or `unexplained`.
    `first_difference` is where `your_string` leaves `my_string`.
    """
    sent = signed.text.get("sign", "")
    right = [Recipe(hash=name) for name in _named_hashes(signed)]
    mine = _string(signed, right[0])
    shown: Json = {
        "sign_method": signed.text.get("sign_method", ""),
        "sent": sent,
        "expected": _digest(signed, right[0]),
        "my_string": mine,
    }
    if not sent:
        return {**shown, "verdict": "missing", "mistakes": []}
    found = _search(signed, right, sent.upper())
    if found is None:
        return {**shown, "verdict": "unexplained", "mistakes": []}
    mistakes = _mistakes(found, signed) + ([] if sent == sent.upper() else [{"mistake": "lower_case"}])
    named = shown["sign_method"]
    if named and named not in SIGN_METHODS:
        others = [one for one in mistakes if one["mistake"] != "hash.other"]  # it was hashed as it is called
        mistakes = [{"mistake": "sign_method", "detail": named}, *others]
    if not mistakes:
        return {**shown, "verdict": "right", "mistakes": []}
    yours = _string(signed, found)
    return {**shown, "verdict": "explained", "mistakes": mistakes, **compare(mine, yours)}


def compare_own(signed: Signed, yours: str) -> Json:
    """Sets a string the caller says it signed beside the gateway's, and tells whether that string gives the sent signature."""
    explained = explain(signed)
    sent = signed.text.get("sign", "").upper()
    gives = [name for name in _HASHES if _hash(name, yours, _secret(signed, "")) == sent]
    return {**explained, **compare(explained["my_string"], yours), "gives_sent": bool(gives)}


def compare(mine: str, yours: str) -> Json:
    """Returns both strings and where they part; `first_difference` is None when they are equal."""
    shortest = min(len(mine), len(yours))
    at = next((place for place in range(shortest) if mine[place] != yours[place]), shortest)
    difference = None
    if mine != yours:
        start = max(0, at - AROUND)
        difference = {"at": at, "mine": mine[start : at + AROUND], "yours": yours[start : at + AROUND]}
    return {"your_string": yours, "first_difference": difference}


def _named_hashes(signed: Signed) -> list[str]:
    named = signed.text.get("sign_method", "")
    return [named if named in ("hmac", "hmac-sha256") else "md5"] + ([] if named else ["md5.tail"])


def _search(signed: Signed, right: list[Recipe], sent: str) -> Recipe | None:
    """Finds the recipe that gives the signature with the fewest mistakes, at most two."""
    for recipe in right:
        for names in ("", "blank"):  # both count as right
            fine = replace(recipe, names=names)
            if _digest(signed, fine) == sent:
                return recipe
    for tried in islice(_one_or_two_mistakes(signed, right[0]), _attempts(signed)):
        if _digest(signed, tried) == sent:
            return tried
    return None


def _one_or_two_mistakes(signed: Signed, right: Recipe) -> Iterator[Recipe]:
    changes = _changes(signed)
    yield from (replace(right, **dict([change])) for change in changes)
    pairs = combinations(changes, 2)
    yield from (replace(right, **dict(pair)) for pair in pairs if pair[0][0] != pair[1][0])


def _attempts(signed: Signed) -> int:
    """Returns how many recipes are tried: fewer for a large call, so that explaining one stays a matter of moments."""
    size = sum(len(name) + len(value) for name, value in signed.text.items()) + len(signed.body)
    return min(MOST_ATTEMPTS, MOST_CHARACTERS // (size + 1))


def _changes(signed: Signed) -> list[tuple[str, str]]:
    """Returns every single mistake that would change something of this call: (part of the recipe, what was done instead)."""
    plain = _pairs(signed, Recipe())
    values = [name for name, turn in _VALUES.items() if any(turn(value) != value for _, value in plain)]
    orders = [name for name, turn in _ORDERS.items() if turn(plain) != sorted(plain)]
    charsets = [] if all(value.isascii() for _, value in plain) else ["gbk", "latin"]
    own = _named_hashes(signed)[0]
    return [
        *(("hash", name) for name in _HASHES if name != own),
        *(("secret", name) for name in _secret_names(signed)),
        *(("values", name) for name in values),
        *(("join", name) for name in _JOINS if name),
        *(("order", name) for name in orders),
        *(("names", name) for name in _name_sets(signed)),
        *(("charset", name) for name in charsets),
    ]


def _secret_names(signed: Signed) -> Iterator[str]:
    yield from ("ampersand", "newline", "upper", "lower", "none", "app_key", "session")
    yield from (f"of:{app_key}" for app_key, secret in signed.secrets.items() if secret != signed.secret)


def _secret(signed: Signed, name: str) -> str:
    if name.startswith("of:"):
        return signed.secrets[name.removeprefix("of:")]
    secret = signed.secret
    return {
        "": secret,
        "ampersand": secret + "&",
        "newline": secret + "\n",
        "upper": secret.upper(),
        "lower": secret.lower(),
        "none": "",
        "app_key": signed.text.get("app_key", ""),
        "session": signed.text.get("session", ""),
    }[name]


def _name_sets(signed: Signed) -> Iterator[str]:
    yield from (f"without:{name}" for name in signed.text if name != "sign")
    yield from ("blank", "business", "protocol")
    if signed.query:
        yield from ("query", "body")


def _pairs(signed: Signed, recipe: Recipe) -> Pairs:
    pairs = [pair for pair in signed.text.items() if pair[0] != "sign"]
    kind, _, name = recipe.names.partition(":")
    match kind:
        case "without":
            return [pair for pair in pairs if pair[0] != name]
        case "blank":
            return [pair for pair in pairs if pair[1].strip()]
        case "business" | "protocol":
            return [pair for pair in pairs if (pair[0] in _PROTOCOL) is (kind == "protocol")]
        case "query" | "body":
            sent = dict(parse_qsl(signed.query.decode("latin-1"), keep_blank_values=True))
            return [pair for pair in pairs if (pair[0] in sent) is (kind == "query")]
    return pairs


def _string(signed: Signed, recipe: Recipe) -> str:
    """Returns the text that is hashed."""
    turn = _VALUES[recipe.values]
    between, after = _JOINS[recipe.join]
    pairs = _ORDERS[recipe.order]([(name, turn(value)) for name, value in _pairs(signed, recipe)])
    text = after.join(name + between + value for name, value in pairs) + signed.body
    _, _, head, tail = _HASHES[recipe.hash]
    secret = _secret(signed, recipe.secret)
    return f"{secret if head else ''}{text}{secret if tail else ''}"


def _digest(signed: Signed, recipe: Recipe) -> str:
    charset = _CHARSETS[recipe.charset]
    return _hash(recipe.hash, _string(signed, recipe), _secret(signed, recipe.secret), charset)


def _hash(name: str, text: str, secret: str, charset: str = "utf-8") -> str:
    digest, keyed, _, _ = _HASHES[name]
    content = text.encode(charset, "replace")
    if keyed:
        return hmac.digest(secret.encode(), content, digest).hex().upper()
    return hashlib.new(digest, content, usedforsecurity=False).hexdigest().upper()


def _mistakes(recipe: Recipe, signed: Signed) -> list[Json]:
    """Names what a recipe does otherwise than the right one, each as the key of its text with a detail."""
    own = _named_hashes(signed)
    parts = {
        "values": recipe.values,
        "order": recipe.order,
        "join": recipe.join,
        "names": "" if recipe.names == "blank" else recipe.names,
        "secret": recipe.secret,
        "charset": recipe.charset,
        "hash": "" if recipe.hash in own else recipe.hash,
    }
    return [
        {"mistake": f"{part}.{done.partition('.')[0].partition(':')[0]}", "detail": done.partition(":")[2]}
        if part != "hash"
        else {"mistake": f"hash.{_hash_mistake(done, own[0])}", "detail": done}
        for part, done in parts.items()
        if done
    ]


def _hash_mistake(done: str, own: str) -> str:
    if done.endswith(".wrapped"):
        return "wrapped"
    if done.startswith("md5.") and own == "md5":
        return "secret_place"
    return "other"
