"""`onshelf errors [CODE]`: what the platform's codes mean, what to do, who does it, and whether to repeat."""

import re
from typing import Any

import click

from onshelf.cli.door import reads_settings
from onshelf.cli.main import ENDED_WELL, FAILED
from onshelf.cli.out import Out
from onshelf.platforms.top.errorcodes import Meaning, article_lists, codes, invented, old_codes, sub_codes
from onshelf.platforms.top.lookup import Found, Sort, look_up
from onshelf.platforms.top.outcomes import NOT_PERMITTED, ban_named
from onshelf.platforms.top.permissions import allow_list, package_of, permission_remedy, scope_ids
from onshelf.platforms.top.protocol import Refusal, Unparsable, parse_reply
from onshelf.settings import Settings
from onshelf.texts import Lang, catalogue, text

PLACE = re.compile(r"\{\d\}")
"""Where a pattern's meaning takes up what the sub_code names."""


@click.command("errors")
@click.argument("code", required=False)
@click.option("--method", default="")
@click.option("--text", "message", default="")
@reads_settings
def errors(settings: Settings, out: Out, code: str | None, method: str, message: str) -> int:
    if code is None:
        return list_all(out)
    if refusal := pasted(code):
        code, message = refusal.sub_code or str(refusal.code), message or refusal.sub_msg
    found = look_up(code)
    told = told_of(found, method, message, out.lang)
    if refusal:
        told["reply"] = {"code": refusal.code, "msg": refusal.msg, "sub_msg": refusal.sub_msg}
    show(out, told, refusal)
    out.data(told)
    return FAILED if found.sort is Sort.UNKNOWN else ENDED_WELL


def pasted(given: str) -> Refusal | None:
    """Reads a whole reply of the platform, JSON or XML; None when it is none."""
    form = given.lstrip()[:1]
    if form not in {"{", "<"}:
        return None
    try:
        found = parse_reply(given.encode(), "", dict, "xml" if form == "<" else "json")
    except Unparsable:
        return None
    return found if isinstance(found, Refusal) else None


def told_of(found: Found, method: str, message: str, lang: Lang) -> dict[str, Any]:
    """Returns everything there is to say of a look-up, in one language."""
    told: dict[str, Any] = {"given": found.given, "sort": found.sort, **_said(found, lang)}
    if is_permission(found):
        package = package_of(method)
        asked = permission_remedy(method, message, lang)
        # else it names packages, and not what to do with them
        whole = bool(method) or allow_list(message) is not None
        told["remedy"] = asked if whole else f"{told['remedy']} {asked}".strip()
        told["package"] = package.name(lang) if package else None
        told["scope_ids"] = scope_ids(message)
        told["allow_list"] = allow_list(message)
    if (seconds := ban_named(message)) is not None:
        told["ban_s"] = seconds
    told["lists"] = [{"list": one.list, "truth": one.truth(lang)} for one in found.lists]
    return told


def is_permission(found: Found) -> bool:
    """Tells whether a look-up is about the app's permissions."""
    return found.code == str(NOT_PERMITTED) or found.given.startswith("isv.permission-")


def _said(found: Found, lang: Lang) -> dict[str, Any]:
    """Returns meaning, remedy, whether to repeat and who acts; for what is no code, the truth about it."""
    if found.invented is not None:
        return {"meaning": found.invented.truth(lang), "remedy": "", "see": list(found.invented.see)}
    if found.meaning is not None and found.sort is not Sort.CONTAINER:
        return _row(found.meaning, lang)
    key = f"platforms.lookup.{found.sort}"
    inner = found.meaning.meaning(lang) if found.meaning else ""
    remedy = text(f"{key}.do", lang) if f"{key}.do" in catalogue("platforms") else ""
    return {"meaning": text(key, lang, code=found.given, meaning=inner), "remedy": remedy}


def _row(meaning: Meaning, lang: Lang) -> dict[str, Any]:
    return {
        "msg": meaning.msg,
        "meaning": meaning.meaning(lang),
        "remedy": meaning.remedy(lang),
        "repeat": meaning.retry,
        "who": meaning.who,
        "scope": meaning.scope,
    }


def show(out: Out, told: dict[str, Any], refusal: Refusal | None) -> None:
    """Prints a look-up for people. `refusal`: the reply it was found in."""
    said = told.get("msg", "")
    heading = told["given"] if said.casefold() in told["given"].casefold() else f"{told['given']} {said}"
    if refusal:
        heading = " ".join(part for part in (str(refusal.code), refusal.msg, refusal.sub_code) if part)
    out.plain(heading, style="bold")
    if told["meaning"] != told.get("msg"):
        out.plain(told["meaning"])
    if told["remedy"]:
        out.say("errors.do", remedy=told["remedy"])
    if "repeat" in told:
        repeat, who = (
            text(f"platforms.{kind}.{told[name]}", out.lang)
            for kind, name in (("retry", "repeat"), ("who", "who"))
        )
        out.say("errors.repeat", retry=repeat, who=who)
    if "ban_s" in told:
        out.say("errors.ban", seconds=told["ban_s"])
    if told.get("see"):
        out.say("errors.see", codes=", ".join(told["see"]))
    for one in told["lists"]:
        out.say("errors.list", list=one["list"], truth=one["truth"])


def list_all(out: Out) -> int:
    """Prints every code and form of sub_code, and what articles claim."""
    lang, numbers = out.lang, codes() | old_codes()
    out.table(
        ["code", "meaning", "repeat", "who"],
        [
            (name, PLACE.sub("…", meaning.meaning(lang)), *_words(meaning, lang))
            for name, meaning in [*numbers.items(), *sub_codes().items()]
        ],
    )
    for one in article_lists():
        out.say("errors.list", list=one.list, truth=one.truth(lang))
    out.say("errors.foot", codes=len(numbers), sub_codes=len(sub_codes()))
    out.data(
        {
            "codes": {code: _row(meaning, lang) for code, meaning in numbers.items()},
            "sub_codes": {pattern: _row(meaning, lang) for pattern, meaning in sub_codes().items()},
            "invented": {
                code: {"meaning": one.truth(lang), "see": one.see} for code, one in invented().items()
            },
            "lists": [{"list": one.list, "truth": one.truth(lang)} for one in article_lists()],
        }
    )
    return ENDED_WELL


def _words(meaning: Meaning, lang: Lang) -> tuple[str, str]:
    retry, who = f"platforms.retry.{meaning.retry}", f"platforms.who.{meaning.who}"
    return text(retry, lang), text(who, lang)
