"""How a page is made: the template engine, the words of both languages, the menu, and what stands on every page."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from onshelf.clock import BEIJING, from_us
from onshelf.guard.roles import Permission
from onshelf.texts import LANGS, Lang, text, words_of
from onshelf.web.actors import actor_words
from onshelf.web.console.agent import shown_agent
from onshelf.web.console.visit import Visit
from onshelf.web.entrance import is_secure, lang_of, session_cookie
from onshelf.web.house import House
from onshelf.web.problem import ProblemOut

_WEB = Path(str(files("onshelf.web")))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `name` is its word `web.menu.<name>` and its picture in `icons.html`."""

    name: str
    path: str
    permission: Permission


MENU = (
    Entry("today", "/", Permission.READ),
    Entry("products", "/products", Permission.READ),
    Entry("jobs", "/jobs", Permission.READ),
    Entry("shelf", "/shelf", Permission.READ),
    Entry("alerts", "/alerts", Permission.READ),
    Entry("shops", "/shops", Permission.READ),
    Entry("people", "/people", Permission.PEOPLE),
    Entry("audit", "/audit", Permission.AUDIT),
    Entry("settings", "/settings", Permission.AUDIT),
    Entry("developer", "/developer", Permission.HOOKS),
)
"""In the order shown; a line is shown to those who may open it."""


class Views:
    """Renders templates. Everything is escaped unless a template says otherwise, and none does for what people wrote."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pages = Environment(
            loader=FileSystemLoader(_WEB / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals["asset"] = asset
        self._pages.filters.update(moment=shown_moment, day=shown_day, count=shown_count, money=shown_money)
        self._pages.filters.update(begin=sentence, agent=shown_agent)

    def page(
        self, request: Request, template: str, visit: Visit, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Fills a template for who is visiting; `current` names the line of the menu it belongs to."""
        lang = visit.door.lang
        body = self._render(
            template,
            lang,
            path=request.url.path,
            door=visit.door,
            who=visit.person,
            csrf=visit.csrf,
            menu=[entry for entry in MENU if visit.door.who.may(entry.permission)],
            may=lambda name: visit.door.who.may(Permission(name)),
            **values,
        )
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})

    def bare(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Fills a template for somebody who has not signed in."""
        body = self._render(template, lang_of(request), path=request.url.path, who=None, **values)
        return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})

    async def problem(self, request: Request, problem: ProblemOut) -> Response:
        """Tells a person what went wrong; who is not signed in is led to the door."""
        asked_by_script = "hx-request" in request.headers
        if problem.status == 401:
            door = f"/sign-in?next={quote(request.url.path)}" if request.method == "GET" else "/sign-in"
            if asked_by_script:
                return Response(status_code=204, headers={"HX-Redirect": door})
            return RedirectResponse(door, 303)
        template = "problem_part.html" if asked_by_script else "problem.html"
        return self.bare(request, template, status=problem.status, problem=problem)

    def _render(self, template: str, lang: Lang, **values: Any) -> str:
        def words(key: str, /, **filled: Any) -> str:
            return text(key, lang, **filled)

        def t(key: str, /, **filled: Any) -> str:
            return text(f"web.{key}", lang, **filled)

        return self._pages.get_template(template).render(
            t=t,
            words=words,
            lang=lang,
            langs=LANGS,
            by=lambda actor: shown_actor(actor, lang),
            environment=self._house.app.settings["environment"],
            **values,
        )


_TAGS: dict[str, str] = {}


def asset(name: str) -> str:
    """Returns the address of a file under `static/`, with a tag of its content: a browser fetches it anew when it changes."""
    if name not in _TAGS:
        _TAGS[name] = hashlib.sha256((_WEB / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={_TAGS[name]}"


def shown_moment(at: datetime | int | None) -> str:
    """Shows a time as people in China read it; nothing for none."""
    found = from_us(at) if isinstance(at, int) else at
    return "—" if found is None or at == 0 else f"{found.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def shown_day(at: datetime | int | None) -> str:
    """Shows a date."""
    return shown_moment(at)[:10]


def shown_count(count: float | None) -> str:
    """Shows a number with its thousands apart."""
    return "—" if count is None else f"{count:,}"


def shown_actor(actor: str, lang: Lang) -> str:
    """Shows who did something, as the records name them: `person:林`, `key:…`, `cli`; a dash for nobody."""
    shown: str = words_of(actor_words(actor), lang)
    return shown


def sentence(words: str) -> str:
    """Lets words of the catalogue, which may stand within a sentence, begin one."""
    return words[:1].upper() + words[1:]


def shown_money(price: Decimal | None) -> str:
    """Shows yuan."""
    return "—" if price is None else f"¥{price:,.2f}"


def signed_in(request: Request, response: Response, token: str) -> Response:
    """Hands a session to the browser: out of reach of scripts, and not sent along from other sites' forms."""
    response.set_cookie(
        session_cookie(request), token, httponly=True, secure=is_secure(request), samesite="lax", path="/"
    )
    return response
