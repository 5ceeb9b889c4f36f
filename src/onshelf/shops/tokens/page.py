"""What a seller's browser shows after the visit to the callback page: one answer of HTTP. Pure."""

from html import escape

from onshelf.texts import Lang, text

STATUS = {"code": 200, "declined": 200, "failed": 502, "not_ours": 400, "not_found": 404, "used": 410}
"""What can become of a visit, and its HTTP status."""
_STYLE = """
body{margin:0;background:#f6f6f4;color:#1c1e21;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:30em;margin:12vh auto 0;padding:0 1em}
section{background:#fff;border:1px solid #dcdcd8;border-top:4px solid #a3261b;border-radius:10px;padding:1em 1.25em}
section.code{border-top-color:#1a7f37}
h1{font-size:1.2em;margin:.2em 0 .6em}
p{margin:.4em 0}
small{color:#65676b}
"""


def page(verdict: str, name: str, why: str, lang: Lang) -> bytes:
    """Writes the answer. `name`: the shop's; `why`: the platform's words or ours, "" for none."""
    told = text(f"shops.callback.{verdict}", lang, name=name)
    then = text(f"shops.callback.{verdict}.next", lang, name=name)
    words = f"<p><small>{escape(text('shops.callback.why', lang, why=why))}</small></p>" if why else ""
    body = (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>onshelf · {escape(told)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style>'
        f'<main><section class="{verdict}"><h1>{escape(told)}</h1><p>{escape(then)}</p>{words}</section>'
        "<p><small>onshelf</small></p></main></html>"
    ).encode()
    head = (
        f"HTTP/1.1 {STATUS[verdict]} onshelf\r\nContent-Type: text/html;charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n"
    )
    return head.encode("ascii") + body
