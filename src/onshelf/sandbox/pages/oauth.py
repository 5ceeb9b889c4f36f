"""The authorise page a person can click through, and the token endpoint. Source: reference/top-protocol.md 5.1.

Faults reach the token endpoint by the method name `oauth.token`: delay, cut_before, cut_after, http_5xx.
"""

from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from onshelf.sandbox.errors import ConnectionCut
from onshelf.sandbox.pages.answer import answer, route
from onshelf.sandbox.pages.desk import HEADERS, POLICY
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.state import World
from onshelf.sandbox.tokens import TokenRefused, from_code, in_fragment, issue_code, refresh
from onshelf.sandbox.wire import Json


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of OAuth."""

    async def authorize(request: Request) -> Response:
        """Shows the page, and takes the click on it."""
        asked = dict(request.query_params)
        if asked.get("client_id") not in platform.world.apps:
            return _stranger(platform.world, asked.get("client_id", ""))
        if asked.get("response_type") not in ("code", "token"):
            return _back(
                asked, {"error": "unsupported_response_type", "error_description": _TYPES}, status=400
            )
        if request.method == "GET":
            return _page(platform.world, asked)
        chosen = _fields(await request.body())
        return _decided(platform, asked, chosen.get("nick", ""))

    async def token(request: Request) -> Response:
        """Answers a token, or why there is none, as HTTP 400."""
        asked = dict(request.query_params) | _fields(await request.body())
        fate = platform.gateway.faults.decide("oauth.token", platform.clock.now())
        await platform.clock.sleep(fate.delay_s)
        if fate.main and fate.main.kind == "cut_before":
            raise ConnectionCut(fate.main.kind)
        if fate.main and fate.main.kind == "http_5xx":
            return answer({"error": "server_error"}, fate.main.status)
        if "client_id" not in asked and "authorization" in request.headers:
            return answer({"error": "invalid_client", "error_description": _IN_THE_FORM}, 400)
        reply = _reply(platform.world, asked, platform.clock.now())
        if fate.main and fate.main.kind == "cut_after":
            raise ConnectionCut(fate.main.kind)
        return reply

    roots = ("/oauth", "")  # the platform has a host of its own for both: a client may know the host alone
    return [
        page
        for root in roots
        for page in (
            route(f"{root}/authorize", authorize, "GET", "POST"),
            route(f"{root}/token", token, "POST"),
        )
    ]


_ASK = """<h1>授权 Authorise</h1>
<p>应用 <code>{app}</code> 请求以卖家身份访问店铺，请选择店铺。<br>
<span class="soft">The app asks to act for a seller: choose the shop.</span></p>
<form method="post" action="/oauth/authorize?{query}">
{sellers}
<button class="bad" name="nick" value="">拒绝 Refuse</button>
</form>"""
_SHOW = """<h1>{title}</h1>
<p>没有可跳回的 redirect_uri，结果显示在这里。<br>
<span class="soft">There is no redirect_uri to go back to, so here is the result.</span></p>
<dl>{rows}</dl>"""
_IN_THE_FORM = (
    "client_id is invalidate: client_id and client_secret belong in the form, no Authorization header is read"
)
_TYPES = "response_type is invalidate, use code or token"
_UNKNOWN = """<h1>client_id</h1>
<p>没有应用 <code>{app}</code>，有的是 <code>{apps}</code>；<code>POST /_sandbox/apps</code> 可以添加。<br>
<span class="soft">There is no such app; those listed there are, and that control makes more.</span></p>"""


def _html(content: str, status: int = 200) -> Response:
    template = Template(files("onshelf.sandbox.pages").joinpath("authorize.html").read_text("utf-8"))
    # Without form-action: some browsers hold the redirect after a form to it as well.
    policy = POLICY.replace("; form-action 'self'", "")
    return HTMLResponse(
        template.substitute(content=content), status, {**HEADERS, "content-security-policy": policy}
    )


def _page(world: World, asked: Json) -> Response:
    sellers = "\n".join(
        f'<button name="nick" value="{escape(nick)}">{escape(nick)}</button>' for nick in world.shops
    )
    return _html(_ASK.format(app=escape(asked["client_id"]), query=escape(urlencode(asked)), sellers=sellers))


def _stranger(world: World, app_key: str) -> Response:
    return _html(_UNKNOWN.format(app=escape(app_key or "?"), apps=escape(", ".join(world.apps))), 400)


def _fields(body: bytes) -> dict[str, str]:
    """Reads a form; what is not UTF-8 is read with marks in its place, and so matches nothing."""
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _decided(platform: Platform, asked: Json, nick: str) -> Response:
    """Sends the browser back with a code, with a token in the fragment when that was asked for, or with the refusal."""
    world, now = platform.world, platform.clock.now()
    app_key, redirect_uri = asked["client_id"], asked.get("redirect_uri", "")
    if nick not in world.shops:
        return _back(asked, {"error": "access_denied", "error_description": "authorize reject"})
    if asked["response_type"] == "code":
        return _back(asked, {"code": issue_code(world, app_key, nick, now, redirect_uri)})
    result = in_fragment(world, world.apps[app_key], nick, now, asked.get("state"))
    return _back(asked, result, joint="#")


def _back(asked: Json, result: dict[str, str], *, joint: str = "", status: int = 200) -> Response:
    """Redirects with a result in the query (or after `joint`); without a redirect_uri the result is shown, with `status`."""
    if "state" in asked and not joint:
        result = {**result, "state": asked["state"]}
    target = asked.get("redirect_uri", "")
    if target.startswith(("http://", "https://")):
        joint = joint or ("&" if "?" in target else "?")
        return RedirectResponse(f"{target}{joint}{urlencode(result)}", 302)
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd><code>{escape(one)}</code></dd>" for name, one in result.items()
    )
    title = "已拒绝 Refused" if "error" in result else "已授权 Authorised"
    return _html(_SHOW.format(title=title, rows=rows), status)


def _reply(world: World, asked: Json, now: float) -> Response:
    try:
        return answer(_token(world, asked, now))
    except TokenRefused as refusal:
        return answer({"error": refusal.error, "error_description": refusal.description}, 400)


def _token(world: World, asked: Json, now: float) -> Json:
    app = world.apps.get(asked.get("client_id", ""))
    if app is None:
        raise TokenRefused("invalid_client", "client_id is invalidate")
    if asked.get("client_secret") != app.app_secret:
        raise TokenRefused("invalid_client", "client_secret is invalidate")
    if asked.get("grant_type") == "authorization_code":
        return from_code(world, app.app_key, asked.get("code", ""), now, asked.get("redirect_uri", ""))
    if asked.get("grant_type") == "refresh_token":
        return refresh(world, app.app_key, asked.get("refresh_token", ""), now)
    raise TokenRefused("unsupported_grant_type", "grant_type is invalidate")
