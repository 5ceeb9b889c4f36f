"""The two parts of a mail: plain text, and HTML that mail programs of every age can show (tables, styles inline)."""

from html import escape

from onshelf.alerts.render import Digest, Entry
from onshelf.texts import Lang, text

_FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Segoe UI',Helvetica,Arial,sans-serif"
_GREY = "color:#6b7280;font-size:13px;line-height:20px"


def plain(words: Digest, lang: Lang) -> str:
    """Lays a digest out as text."""
    parts = [
        words.subject,
        words.summary,
        *(_plain_entry(n, e, lang) for n, e in enumerate(words.entries, 1)),
    ]
    if words.more:
        parts.append(words.more)
    return "\n\n".join([*parts, f"{words.office}: {words.office_url}", f"-- \n{words.footer}"]) + "\n"


def _plain_entry(number: int, entry: Entry, lang: Lang) -> str:
    lines = [
        f"{number}. {entry.title}",
        f"{entry.badge} · {entry.change}",
        *(f"{label}: {value}" for label, value in _facts(entry, lang)),
        f"{text('alerts.label.remedy', lang)}: {entry.remedy}",
        entry.url,
    ]
    return "\n   ".join(lines)


def html(words: Digest, lang: Lang) -> str:
    """Lays a digest out as HTML; everything that comes from outside is escaped."""
    rows = "".join(_html_entry(entry, lang) for entry in words.entries)
    more = f'<tr><td style="padding:12px 24px;{_GREY}">{escape(words.more)}</td></tr>' if words.more else ""
    button = (
        "display:inline-block;padding:10px 20px;border-radius:6px;background:#1f2937;color:#ffffff;"
        "text-decoration:none;font-size:14px"
    )
    return f"""<!doctype html>
<html lang="{"zh-CN" if lang == "zh" else "en"}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(words.subject)}</title></head>
<body style="margin:0;padding:24px 8px;background:#f3f4f6;{_FONT}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;margin:0 auto;background:#ffffff;border-radius:8px;border-top:4px solid {words.colour}">
<tr><td style="padding:20px 24px 4px;font-size:18px;line-height:26px;font-weight:600;color:{words.colour}">{escape(words.subject)}</td></tr>
<tr><td style="padding:0 24px 16px;font-size:14px;line-height:22px;color:#374151">{escape(words.summary)}</td></tr>
{rows}{more}<tr><td style="padding:20px 24px"><a href="{escape(words.office_url)}" style="{button}">{escape(words.office)}</a></td></tr>
<tr><td style="padding:12px 24px 20px;border-top:1px solid #e5e7eb;color:#6b7280;font-size:12px;line-height:18px">{escape(words.footer)}</td></tr>
</table>
</body>
</html>
"""  # noqa: E501


def _html_entry(entry: Entry, lang: Lang) -> str:
    colour = ("#c62828" if entry.loud else "#b26a00") if entry.firing else "#2e7d32"
    badge = (
        f"background:{colour};color:#ffffff;border-radius:4px;padding:1px 8px;font-size:12px;line-height:18px;"
        "white-space:nowrap"
    )
    facts = " &nbsp;·&nbsp; ".join(
        f'<span style="white-space:nowrap">{escape(label)} {escape(value)}</span>'
        for label, value in _facts(entry, lang)
    )
    return f"""<tr><td style="padding:14px 24px;border-top:1px solid #e5e7eb">
<div style="font-size:15px;line-height:22px"><span style="{badge}">{escape(entry.badge)}</span>&nbsp; <a href="{escape(entry.url)}" style="color:#111827;font-weight:600;text-decoration:none">{escape(entry.title)}</a></div>
<div style="font-size:14px;line-height:24px;color:#111827">{escape(entry.change)}</div>
<div style="{_GREY}">{facts}</div>
<div style="font-size:13px;line-height:20px;color:#374151">{escape(text("alerts.label.remedy", lang))}: {escape(entry.remedy)}</div>
</td></tr>
"""  # noqa: E501


def _facts(entry: Entry, lang: Lang) -> list[tuple[str, str]]:
    values = {
        "shop": entry.shop,
        "code": entry.code,
        "item": str(entry.item_id),
        "happened": entry.happened,
        "seen": entry.seen,
    }
    named = {"shop", "happened", "seen"} if not entry.item_id else values.keys()
    return [(text(f"alerts.label.{name}", lang), value) for name, value in values.items() if name in named]
