"""What an error looks like to a program: `application/problem+json` (RFC 9457) with our code, the remedy and all faults."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from onshelf.catalog.product import Fault
from onshelf.errors import (
    AccessError,
    BusinessFault,
    Conflict,
    DataError,
    Error,
    NotSent,
    PlatformError,
    QuotaExceeded,
    RowFaults,
    SettingsError,
    StoreError,
    Unanswered,
)
from onshelf.texts import Lang, text
from onshelf.web.misread import field_of, value_of, words_of

MEDIA_TYPE = "application/problem+json"


class Problem(Error):
    """What only a door can find wrong: its texts are `web.problem.<why>` and `web.problem.<why>.remedy`."""

    code = "web"

    def __init__(
        self,
        status: int,
        why: str,
        *,
        headers: Mapping[str, str] | None = None,
        faults: "Sequence[FaultOut]" = (),
        **values: Any,
    ) -> None:
        super().__init__(**values)
        self.status = status
        self.why = why
        self.headers = dict(headers or {})
        self.faults = tuple(faults)

    def message(self, lang: Lang) -> str:
        return text(f"web.problem.{self.why}", lang, **_said(self.context, lang))

    def remedy(self, lang: Lang) -> str:
        return text(f"web.problem.{self.why}.remedy", lang, **_said(self.context, lang))


def _said(values: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Writes out values that are several."""
    comma = "、" if lang == "zh" else ", "
    return {name: comma.join(one) or "—" if isinstance(one, tuple) else one for name, one in values.items()}


class FaultOut(BaseModel):
    """One fault of what was given."""

    field: str = Field(description="where: the field, as `price` or `body.skus.0.price`")
    value: str = Field(description="what stood there, shortened")
    rule: str = Field(description="the rule that was broken; stable, for programs")
    message: str = Field(description="what is wrong, for people")
    remedy: str


class ProblemOut(BaseModel):
    """The body of every answer that is an error."""

    type: str = Field(description="`urn:onshelf:problem:<code>`")
    title: str = Field(description="what happened, for people")
    status: int = Field(description="the HTTP status, again")
    code: str = Field(description="stable, for programs")
    remedy: str = Field(description="what to do about it")
    faults: list[FaultOut] = Field(
        default_factory=list, description="all that was wrong with the input, at once"
    )
    error_id: str | None = Field(default=None, description="for status 500: stands in our log too")


# The first row that fits an error decides.
_STATUS: tuple[tuple[type[Error], int], ...] = (
    (SettingsError, 422),
    (QuotaExceeded, 429),
    (NotSent, 503),
    (Unanswered, 504),
    (BusinessFault, 422),
    (PlatformError, 502),
    (DataError, 422),
    (Conflict, 409),
    (StoreError, 503),
    (AccessError, 403),
)


def status_of(error: Error) -> int:
    """Returns the HTTP status of an error of ours."""
    if isinstance(error, Problem):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def code_of(error: Error) -> str:
    """Returns the stable code of an error of ours."""
    return error.why if isinstance(error, Problem) else error.code


def problem_of(error: Error, lang: Lang) -> ProblemOut:
    """Puts an error into words and codes."""
    if isinstance(error, SettingsError):
        return _of_field(error, lang)
    if isinstance(error, Problem):
        faults = error.faults
    else:
        rows = error.faults if isinstance(error, RowFaults) else ()
        faults = tuple(fault_out(one, lang) for one in rows)
    return ProblemOut(
        type=f"urn:onshelf:problem:{code_of(error)}",
        title=error.message(lang),
        status=status_of(error),
        code=code_of(error),
        remedy=error.remedy(lang),
        faults=list(faults),
    )


def _of_field(error: SettingsError, lang: Lang) -> ProblemOut:
    """Words for a field a room found wrong: what calls it a setting is for the terminal."""
    of = error.context
    message = text("web.problem.field", lang, field=of["name"], expected=of["expected"])
    remedy = text("web.misread.remedy", lang, expected=of["expected"])
    fault = FaultOut(
        field=of["name"], value=str(of["value"])[:80], rule="field", message=message, remedy=remedy
    )
    return ProblemOut(
        type="urn:onshelf:problem:field",
        title=message,
        status=status_of(error),
        code="field",
        remedy=remedy,
        faults=[fault],
    )


def fault_out(fault: Fault, lang: Lang) -> FaultOut:
    """Puts one fault of a product into words."""
    return FaultOut(
        field=fault.field,
        value=fault.value,
        rule=fault.rule,
        message=fault.message(lang),
        remedy=fault.remedy(lang),
    )


def misread(error: RequestValidationError, lang: Lang) -> ProblemOut:
    """Says what of a request could not be read: every field at once."""
    return ProblemOut(
        type="urn:onshelf:problem:request",
        title=text("web.problem.request", lang),
        status=422,
        code="request",
        remedy=text("web.problem.request.remedy", lang),
        faults=[_misread(one, lang) for one in error.errors()],
    )


def _misread(one: Mapping[str, Any], lang: Lang) -> FaultOut:
    message, remedy = words_of(one, lang)
    return FaultOut(
        field=field_of(one), value=value_of(one), rule=str(one["type"]), message=message, remedy=remedy
    )


def of_http(error: HTTPException, lang: Lang) -> ProblemOut:
    """Words for what the framework itself answers: no such route, no such method, a body that it cannot take apart."""
    why = {400: "bad_body", 404: "no_route", 405: "no_method"}.get(error.status_code, "refused")
    return ProblemOut(
        type=f"urn:onshelf:problem:{why}",
        title=text(f"web.problem.{why}", lang),
        status=error.status_code,
        code=why,
        remedy=text(f"web.problem.{why}.remedy", lang),
    )


def answer(problem: ProblemOut, headers: Mapping[str, str] | None = None) -> Response:
    """Returns the answer for a problem. What was sent may stand in it, halves of characters too, which no answer can carry."""
    words = json.dumps(problem.model_dump(exclude_none=True), ensure_ascii=False, separators=(",", ":"))
    return Response(
        words.encode("utf-8", "replace"),
        problem.status,
        {**(headers or {}), "Content-Type": MEDIA_TYPE},
    )
