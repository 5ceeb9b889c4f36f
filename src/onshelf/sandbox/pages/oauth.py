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
from onshelf.sandbox.tokens import TokenRefused, from_code, issue_code, refresh
from onshelf.sandbox.wire import Json


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of OAuth."""

    async def authorize(request: Request) -> Response:
        """Shows the page, and takes the click on it."""
        asked = dict(request.query_params)
        if asked.get("client_id") not in platform.world.apps:
            return _html(_UNKNOWN.format(app=escape(asked.get("client_id", ""))), 400)
        if request.method == "GET":
            return _page(platform.world, asked)
        chosen = dict(parse_qsl((await request.body()).decode()))
        return _decided(platform, asked, chosen.get("nick", ""))

    async def token(request: Request) -> Response:
        """Answers a token, or why there is none, as HTTP 400."""
        asked = dict(request.query_params) | dict(parse_qsl((await request.body()).decode()))
        fate = platform.gateway.faults.decide("oauth.token", platform.clock.now())
        await platform.clock.sleep(fate.delay_s)
        if fate.main and fate.main.kind == "cut_before":
            raise ConnectionCut(fate.main.kind)
        if fate.main and fate.main.kind == "http_5xx":
            return answer({"error": "server_error"}, fate.main.status)
        reply = _reply(platform.world, asked, platform.clock.now())
        if fate.main and fate.main.kind == "cut_after":
            raise ConnectionCut(fate.main.kind)
        return reply

    return [route("/oauth/authorize", authorize, "GET", "POST"), route("/oauth/token", token, "POST")]


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
_UNKNOWN = """<h1>client_id</h1>
<p>没有应用 <code>{app}</code>。<br><span class="soft">There is no such app.</span></p>"""


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


def _decided(platform: Platform, asked: Json, nick: str) -> Response:
    """Sends the browser back with a code, or with the refusal; without a redirect_uri the code is shown."""
    if nick in platform.world.shops:
        result = {"code": issue_code(platform.world, asked["client_id"], nick, platform.clock.now())}
    else:
        result = {"error": "access_denied", "error_description": "authorize reject"}
    if "state" in asked:
        result["state"] = asked["state"]
    target = asked.get("redirect_uri", "")
    if not target.startswith(("http://", "https://")):
        rows = "".join(
            f"<dt>{escape(name)}</dt><dd><code>{escape(one)}</code></dd>" for name, one in result.items()
        )
        return _html(
            _SHOW.format(title="已授权 Authorised" if "code" in result else "已拒绝 Refused", rows=rows)
        )
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(result)}", 302)


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
        return from_code(world, app.app_key, asked.get("code", ""), now)
    if asked.get("grant_type") == "refresh_token":
        return refresh(world, app.app_key, asked.get("refresh_token", ""), now)
    raise TokenRefused("unsupported_grant_type", "grant_type is invalidate")
