"""Descriptions cut to named HTML tags, with what was taken out. Pure."""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

import nh3

ALLOWED = frozenset(
    {
        "p",
        "br",
        "div",
        "span",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "sub",
        "sup",
        "img",
    }
)
_ATTRIBUTES = {
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_PICTURE_SPACE = (
    ".alicdn.com",
    ".taobaocdn.com",
    ".tbcdn.cn",
)  # other pictures would not be shown by the platform
_IS_MARKUP = re.compile(r"<[a-zA-Z/!]|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);").search
_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)([^>]*)")
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z-]+)\s*=""")
_BARE_PICTURE = re.compile(r"<img(?![^>]*\ssrc=)[^>]*>")
_ADDRESSED_PICTURE = re.compile(r"<img[^>]*\ssrc=")
_LINE_ENDS = re.compile(r"\r\n|[\r\n\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A description fit to publish."""

    html: str
    removed: tuple[str, ...] = ()  # "<script>", "style=", "<img> example.com": each once, sorted


def clean(text: str) -> Cleaned:
    """Cuts HTML to the allowed tags; plain text becomes HTML of the same look. `text`: no lone surrogates."""
    if not _IS_MARKUP(text):
        return Cleaned(_LINE_ENDS.sub("<br>", escape(text, quote=False)))
    html = _CLEANER.clean(text)
    return Cleaned(text) if html == text else Cleaned(_BARE_PICTURE.sub("", html), _removed(text, html))


def _filter(tag: str, name: str, value: str) -> str | None:
    return value if (tag, name) != ("img", "src") or _in_picture_space(value) else None


def _in_picture_space(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return host.endswith(_PICTURE_SPACE)


def _removed(before: str, after: str) -> tuple[str, ...]:
    """Names what stands in the markup before and not after; a picture that lost its address is named as the picture."""
    tags = [(tag.lower(), rest) for tag, rest in _TAG.findall(before)]
    lost = {f"<{tag}>" for tag, _ in tags if tag not in ALLOWED}
    kept = {name.lower() for _, rest in _TAG.findall(after) for name in _ATTRIBUTE.findall(rest)}
    for tag, rest in tags:
        if tag in ALLOWED - {"img"}:
            lost |= {f"{name.lower()}=" for name in _ATTRIBUTE.findall(rest) if name.lower() not in kept}
    if sum(tag == "img" for tag, _ in tags) > len(_ADDRESSED_PICTURE.findall(after)):
        lost.add("<img>")
    return tuple(sorted(lost))


_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    link_rel=None,
    url_schemes={"https", "http"},
)
