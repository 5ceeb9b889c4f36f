"""What a fault does to a call before its work and to its result, and what the seller does behind the caller's back."""

from dataclasses import replace
from random import Random

from onshelf.sandbox import errors
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.faults import Fate, Order, Rule
from onshelf.sandbox.quota import Quota
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.shelf import ONSALE, Item, Query
from onshelf.sandbox.spoil import Reply, degrade, http_error, shift_page
from onshelf.sandbox.state import Shop, World
from onshelf.sandbox.timetable import next_midnight
from onshelf.sandbox.wire import Json

DAY_GONE = "accesscontrol.limited-by-app-access-count"
PAGE_SIZE = 40  # unless told
EDITED = "-E"  # what the seller adds to a code


def strike_before(call: Call, fault: Order, quota: Quota) -> Reply | None:
    """Lets a fault strike before the work; None lets the call go on. Raises: ConnectionCut, ApiError."""
    match fault.kind:
        case "cut_before":
            raise errors.ConnectionCut(fault.kind)
        case "cut_then_done":
            nick = call.session.nick if call.session else ""
            call.world.later(call.now + fault.seconds, "call", nick, call=pack(call))
            raise errors.ConnectionCut(fault.kind)
        case "isp":
            raise errors.BusinessError(fault.sub_code or "isp.remote-service-error", "调用后端服务出错")
        case "ban":
            raise quota.ban(call.app.app_key, call.now, fault.seconds, fault.sub_code)
        case "day_quota_gone":
            raise quota.ban(call.app.app_key, call.now, next_midnight(call.now) - call.now, DAY_GONE)
        case "expire_session" if call.session:
            call.session.expires_at = call.now
            raise errors.InvalidSession
        case "http_5xx":
            return http_error(fault)
    return None


def pack(call: Call) -> Json:
    """Returns a call as plain data, to be worked on later."""
    return {
        "method": call.method.name,
        "text": dict(call.text),
        "files": {name: bytes(content) for name, content in call.files.items()},
        "app_key": call.app.app_key,
        "session": call.session.token if call.session else "",
        "request_id": call.request_id,
        "attempt": call.attempt,
    }


def strike_result(call: Call, handler: Handler, result: Json, fate: Fate) -> Json:
    """Changes what a call answers though its work is right: a page that shifted, fields left out."""
    if fate.shift_rows and call.number("page_no") > 1:
        size = call.number("page_size", PAGE_SIZE)
        result = shift_page(result, fate.shift_rows, size, lambda: _neighbour(call, handler, fate.shift_rows))
    if fate.degraded:
        result = degrade(result, fate.degraded)
    return result


def _neighbour(call: Call, handler: Handler, rows: int) -> Json:
    page_no = call.number("page_no") + (1 if rows > 0 else -1)
    try:
        return handler(replace(call, text={**call.text, "page_no": str(page_no)}))
    except errors.BusinessError:  # the page after the deepest one allowed
        return {}


def act_after(call: Call, result: Json, fate: Fate) -> None:
    """Lets the seller act on the item a call was about, or on any when it was about none."""
    if fate.main and fate.dice and call.session:
        about = result.get("item")
        number = about.get("num_iid", 0) if isinstance(about, dict) else call.number("num_iid")
        act(call.world, call.shop, fate.main.kind, fate.dice, call.now, num_iid=number)


def act_by_schedule(world: World, rule: Rule, at: float) -> None:
    """Does what a rule does by itself at its time: in the shop it names, or in all."""
    for shop in [shop for nick, shop in world.shops.items() if rule.order.nick in ("", nick)]:
        if rule.order.kind == "expire_session":
            for session in world.sessions.values():
                if session.nick == shop.nick:
                    session.expires_at = min(session.expires_at, at)
        else:
            act(world, shop, rule.order.kind, rule.dice, at)


def act(world: World, shop: Shop, kind: str, dice: Random, now: float, *, num_iid: int = 0) -> None:
    """Lets the seller copy an item or edit its code: the one named, else one on sale by chance; none at all, nothing."""
    item = shop.shelf.items.get(num_iid) or _any_item(shop, dice)
    if item is None or item.deleted:
        return
    counter = Counter(world, shop, Cause(now, "seller"))
    if kind == "second_item":
        counter.copy(item)
    elif kind == "edit_code":
        counter.change(item, {"outer_id": f"{item.wire['outer_id']}{EDITED}"})


def _any_item(shop: Shop, dice: Random) -> Item | None:
    _, total = shop.shelf.index.page(Query(ONSALE, page_size=0))
    if not total:
        return None
    (item,), _ = shop.shelf.index.page(Query(ONSALE, page_no=dice.randrange(total) + 1, page_size=1))
    return item
