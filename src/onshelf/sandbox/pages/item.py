"""An item's own page, as buyers would see that it is there: what the platform has at item.taobao.com."""

from html import escape
from importlib.resources import files
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from onshelf.sandbox.pages.answer import route
from onshelf.sandbox.pages.desk import HEADERS
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.shelf import Item

_SHOWN = (
    "<h1>{title}</h1><p><strong>¥{price}</strong></p><dl><dt>状态 state</dt><dd>{state}</dd><dt>库存 stock</dt><dd>{stock}</dd>"
    "<dt>商家编码 outer_id</dt><dd>{code}</dd><dt>num_iid</dt><dd>{number}</dd></dl>"
)
_GONE = "<h1>宝贝不存在或已删除</h1><p>There is no such item, or it was deleted.</p>"


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the route of the page."""

    async def item(request: Request) -> Response:
        """Shows one item, whichever seller's it is, in words."""
        number = request.query_params.get("id", "")
        found = _find(platform, int(number)) if number.isascii() and number.isdecimal() else None
        return _html(_GONE, 404) if found is None or found.deleted else _html(_words(found))

    return [route("/item.htm", item, "GET")]


def _find(platform: Platform, number: int) -> Item | None:
    found = (shop.shelf.items.get(number) for shop in platform.world.shops.values())
    return next((item for item in found if item is not None), None)


def _words(item: Item) -> str:
    wire = item.wire
    return _SHOWN.format(
        title=escape(str(wire.get("title", ""))),
        price=escape(str(wire.get("price", ""))),
        state="在架 on sale" if item.on_sale else f"仓库中 in the warehouse ({escape(item.banner)})",
        stock=escape(str(wire.get("num", ""))),
        code=escape(str(wire.get("outer_id") or "—")),
        number=item.num_iid,
    )


def _html(content: str, status: int = 200) -> Response:
    template = Template(files("onshelf.sandbox.pages").joinpath("authorize.html").read_text("utf-8"))
    page = template.substitute(content=content).replace("<title>授权", "<title>宝贝")
    return HTMLResponse(page, status, HEADERS)
