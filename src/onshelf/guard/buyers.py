"""Hides secrets and what tells who a buyer is in calls and replies of the platform, so that they can be kept in a file. Pure.

Shapes stay: texts become dots, numbers 0. JSON and XML inside a text are gone through as well; JSON that is broken off is
hidden whole.
"""

import re
from html import escape, unescape
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from onshelf.guard.mask import DOTS, is_secret_name, mask

_PERSON = r"buyer|receiver|consignee|recipient|donee|rater|rated|payer|hk|o2o_service|car_taker|id_?card|real"
_BUYER = re.compile(
    rf"(?:{_PERSON})s?(?:_\w+)?"
    r"|\w*(?:alipay_(?:no|id|account)|mobile|phone|telephone|tel|email|oaid|ouid|open_?u?id|openuid|mix_nick)s?(?:_\w+)?"
    r"|(?:\w+_)?(?:addr|address|addresses|zip|zip_code|memo|contact|contact_name|contacter|linkman|full_name|invoice_name)"
    r"|(?:refund_)?messages?|(?:\w+_)?plate_number|rate_content|customization|(?:verify|consume|pick_up)_code|image_input_title|file_?name"
    r"|(?:identity|cert|passport)_(?:no|num|number|code)"
    r"|(?:收货|收件|买家|购买).*|.*(?:手机|电话|地址|邮编|身份证|留言|备注).*",
    re.IGNORECASE,
)
_OF_THEIRS: dict[str, frozenset[str]] = {
    "trade_rate": frozenset({"nick", "content", "reply"}),
    "refund": frozenset({"desc"}),
}
"""Fields that tell of a buyer in one kind of object only. Source: the replies of traderates.get and refunds.receive.get."""

_WHOLLY_SECRET = re.compile(
    r"taobao\.(?:top\.(?:auth|secret|oaid)|tmc\.auth|user\.buyer|openuid)\..*|.*\.oaid\.\w*decrypt", re.ASCII
)
_ID = re.compile(r"(?:\w+_)?[a-z]{0,3}ids?", re.ASCII)
_IDS = re.compile(r"[\d, ]+", re.ASCII)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LIKE_JSON = re.compile(r"""[\[{]\s*(?:["{\[]|\\+")""")
_ENCODED = re.compile(r"%(?:7B|5B|22|3D)", re.IGNORECASE)
_HEAD = re.compile(
    r"""(?P<quote>\\*["'])(?P<quoted>\w{2,60})(?P=quote)\s*[:=]\s*|(?<!["'\w])(?P<bare>\w{2,60})\s?[=:：]\s?"""
)
"""The name of a value in a text: `"name":` with quotes of any depth, `name=`, `name: `."""
_VALUE = re.compile(r"""(?P<open>"|\\+"|')(?:\\[^"]|\\"(?<=\w\\")|(?!(?P=open))[^\\])*|[^\s,;&}\])"'\\<>]+""")

_XML = re.compile(
    r"(?P<skip><!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z))|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|<(?P<end>/?)(?P<tag>[\w.:-]+)(?P<attributes>[^<>]*?)(?P<empty>/?)>|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_MARKUP = re.compile(r"<[\w!?/]")
_ATTRIBUTE = re.compile(r"""([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NAMING = frozenset({"name", "key", "field", "id"})
"""Attributes whose value names the element: `<arg name="buyer_nick">`."""
_OF_FORM = frozenset({"list", "type"})
_DEEPEST = 100
"""Levels that are gone through; what lies deeper is hidden whole."""


def is_buyers_name(name: str) -> bool:
    """Tells whether a field of this name tells who a buyer is, where they live, or what they or we wrote about them."""
    return _BUYER.fullmatch(_HUMP.sub("_", name)) is not None


def is_wholly_secret(method: str) -> bool:
    """Tells whether everything that is sent to and answered by a method is a secret or about a buyer."""
    return _WHOLLY_SECRET.fullmatch(method) is not None


def hide(value: Any, name: str = "") -> Any:
    """Hides what must not be kept in a value of any shape; `name`: of the field it stands in."""
    return _hide(value, name, "", _is_hidden(name), 0)


def _hide(value: Any, name: str, kind: str, whole: bool, depth: int) -> Any:
    """`kind`: the object the value is of, by the name it stands under. `whole`: nothing of it may be kept."""
    whole = whole or depth > _DEEPEST
    if isinstance(value, dict) and depth <= _DEEPEST:
        return {
            mask(str(key)): _hide(inner, str(key), name, whole or _is_hidden(str(key), name), depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple) and depth <= _DEEPEST:
        return [_hide(inner, name, kind, whole, depth + 1) for inner in value]
    if isinstance(value, bool) or value is None or value == "":
        return value
    if whole:
        return 0 if isinstance(value, int | float) else DOTS
    return _hide_text(value, name, depth) if isinstance(value, str) else value


def _is_hidden(name: str, kind: str = "") -> bool:
    return bool(name) and (
        is_secret_name(name) or is_buyers_name(name) or name in _OF_THEIRS.get(kind, frozenset())
    )


def _hide_text(text: str, name: str, depth: int) -> str:
    if _ID.fullmatch(name) and _IDS.fullmatch(text):
        return text  # an item's id of eleven digits is no telephone
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        try:
            found = msgspec.json.decode(start)
        except (msgspec.DecodeError, RecursionError):
            if _LIKE_JSON.match(start):
                return DOTS  # broken off: which name a value belongs to is not known for sure
        else:
            hidden = _hide(found, name, "", False, depth + 1)
            return text if hidden == found else msgspec.json.encode(hidden).decode()
    if depth > _DEEPEST:
        return DOTS
    if _MARKUP.match(start):
        return _hide_markup(text, depth + 1)
    if _ENCODED.search(text) and (plain := unquote(text)) != text:
        hidden = _hide_text(plain, name, depth + 1)
        return text if hidden == plain else quote(hidden)
    return mask(_hide_named(text))


def _hide_named(text: str) -> str:
    """Hides the values of buyers' fields in a text of any other form."""
    pieces, at = [], 0
    for head in _HEAD.finditer(text):
        value = _VALUE.match(text, head.end()) if _is_hidden(head["quoted"] or head["bare"]) else None
        if value is not None and head.start() >= at:
            pieces += [text[at : head.end()], value["open"] or "", DOTS]
            at = value.end()
    return "".join([*pieces, text[at:]])


def hide_xml(text: str) -> str:
    """Hides the same in a text of XML, or of no form we know; XML that is broken off stays broken off."""
    return _hide_text(text, "", 0)


def _hide_markup(text: str, depth: int) -> str:
    """Goes through the elements in their order, knowing which stand open."""
    open_elements: list[tuple[str, bool]] = []

    def content(plain: str) -> str:
        name, whole = open_elements[-1] if open_elements else ("", False)
        if not plain.strip():
            return plain
        return DOTS if whole else _hide_text(plain, name, depth)

    def piece(found: re.Match[str]) -> str:
        if found["skip"] is not None:
            return mask(_hide_named(found[0]))
        if found["cdata"] is not None:
            return f"<![CDATA[{content(found['cdata'])}]]>"
        if found["text"] is not None:
            plain = unescape(found["text"])
            kept = content(plain)
            return found["text"] if kept == plain else escape(kept, quote=False)
        if found["end"]:
            while open_elements and open_elements.pop()[0] != found["tag"]:
                pass
            return found[0]
        parent, whole = open_elements[-1] if open_elements else ("", False)
        whole = whole or _is_hidden(found["tag"].rpartition(":")[2], parent)
        attributes = {key: value or other for key, value, other in _ATTRIBUTE.findall(found["attributes"])}
        called = any(_is_hidden(attributes[key]) for key in attributes if key in _NAMING)
        if not found["empty"]:
            open_elements.append((found["tag"], whole or called))
        kept = _ATTRIBUTE.sub(lambda one: _attribute(one, whole=whole, called=called), found["attributes"])
        return f"<{found['tag']}{kept}{found['empty']}>"

    return _XML.sub(piece, text)


def _attribute(found: re.Match[str], *, whole: bool, called: bool) -> str:
    """`whole`: the element is a buyer's by its tag or place; `called`: by an attribute that names it."""
    name, value = found[1], found[2] if found[2] is not None else found[3]
    if not value or name in _OF_FORM or (name in _NAMING and not whole):
        return found[0]
    plain = unescape(value)
    hidden = DOTS if whole or called or _is_hidden(name) else _hide_text(plain, name, _DEEPEST)
    return found[0] if hidden == plain else f'{name}="{escape(hidden)}"'
