"""`/rules`: which events become alerts, how loud they are, and which channels hear of them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from onshelf.alerts.render import cause_remedy, cause_words
from onshelf.alerts.route import Route, hears
from onshelf.alerts.rules import CAUSES, RULES, Severity
from onshelf.guard.roles import Permission
from onshelf.texts import Lang, text
from onshelf.web import alerting
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, Fields, Limit, Page, Row, page, place_of

router = APIRouter(tags=["rules"])


class CauseOut(BaseModel):
    """One cause a rule tells of."""

    cause: str = Field(description="stable, for programs")
    about: str = Field(description="what happened")
    remedy: str
    severities: list[Severity] = Field(description="how loud it can be")
    channels: list[str] = Field(description="your channels that hear of it, of some shop at least")


class RuleOut(Row):
    """One rule."""

    rule: str = Field(description="its name, stable, for programs")
    about: str = Field(description="when it fires")
    over: str = Field(description="when it is over")
    causes: list[CauseOut] = Field(description="what it tells of")

    @classmethod
    def of(cls, rule: str, routes: list[Route], lang: Lang) -> "RuleOut":
        causes = [
            CauseOut(
                cause=cause,
                about=cause_words(cause, lang),
                remedy=cause_remedy(cause, lang),
                severities=list(severities),
                channels=[one.receiver for one in routes if hears(one, rule, cause)],
            )
            for cause, severities in CAUSES[rule].items()
        ]
        return cls(
            rule=rule,
            about=text(f"alerts.rule.{rule}", lang),
            over=text(f"alerts.rule.{rule}.over", lang),
            causes=causes,
        )


@router.get("/rules", response_model=Page[RuleOut])
async def list_rules(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists the rules in words, and who hears of each."""
    after = place_of(cursor, str)
    routes = [one.route for one in await alerting.channels_of(door)]
    rules = [rule for rule in sorted(RULES) if after is None or rule > after[0]]
    rows = [RuleOut.of(rule, routes, door.lang) for rule in rules[: limit + 1]]
    return page(rows, limit, lambda row: (row.rule,), fields)
