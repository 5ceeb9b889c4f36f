"""The description of the API (OpenAPI 3.1): what FastAPI finds in the routes, and what is the same for all of them."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from onshelf.guard.roles import Permission
from onshelf.web.api import API, routers
from onshelf.web.entrance import Entrance
from onshelf.web.problem import MEDIA_TYPE, ProblemOut
from onshelf.web.reference import example, sample
from onshelf.web.words import MEANINGS

TITLE = "onshelf"
ABOUT = (
    "Products, jobs, items, alerts and shops of onshelf. Show a key as `Authorization: Bearer onshelf_…`. Errors are problem "
    "documents (RFC 9457), in Chinese or English by `Accept-Language`. Every write takes `?dry_run=true` and an "
    "`Idempotency-Key`, whose first answer is kept for a day. Parameters and fields that are not described here are refused."
)
PROBLEMS = {
    "400": "The body cannot be read at all: not UTF-8, or broken off.",
    "401": "No key, or one that is not good.",
    "403": "The role does not permit it.",
    "404": "There is no such thing, or it belongs to another shop.",
    "408": "The body came too slowly.",
    "409": "Something has changed meanwhile, or the same request is under way.",
    "410": "It is no longer kept.",
    "412": "It has changed since it had the ETag of `If-Match`.",
    "413": "The body is too large.",
    "415": "The body is compressed, which is not taken.",
    "422": "What was given cannot be used; `faults` names each field.",
    "429": "Too often: see `Retry-After`.",
    "500": "A defect of ours; `error_id` stands in our log too.",
    "502": "The platform refused.",
    "503": "Not possible now: nothing was done, ask again.",
    "504": "The platform did not answer: look before asking again.",
}
READS = ("401", "403", "404", "415", "422", "429", "500", "503")
"""What a read may be answered instead; a write may be any of them."""
_WRITES = ("post", "put", "patch", "delete")
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "chosen by the caller for one write: whoever asks again with it gets the first answer again",
}
_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "the `ETag` of an earlier answer: 304 when it would be the same again",
}
_HEADERS = {
    "RateLimit-Limit": ("integer", "calls a minute"),
    "RateLimit-Remaining": ("integer", "calls left now"),
    "RateLimit-Reset": ("integer", "seconds until the next is free"),
    "Retry-After": ("integer", "seconds to wait before asking again"),
    "ETag": ("string", "of this answer, for `If-None-Match`"),
    "Idempotency-Replayed": ("string", "`true`: the first answer to this `Idempotency-Key`, given again"),
}
_LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def described(service: FastAPI) -> Callable[[], dict[str, Any]]:
    """Returns the function that FastAPI asks for the description; it is put together once."""

    def describe() -> dict[str, Any]:
        if service.openapi_schema is None:
            service.openapi_schema = _describe(service)
        return service.openapi_schema

    return describe


def api_routes() -> list[APIRoute]:
    """Returns every route of the API; their paths are told without the prefix `API`."""
    return [route for router in routers() for route in router.routes if isinstance(route, APIRoute)]


def permission_of(route: APIRoute) -> Permission | None:
    """Returns what a route asks for; None: it lets everybody in."""
    return next((one.permission for one in _entrances(route.dependant)), None)


def _entrances(dependant: Dependant) -> list[Entrance]:
    found = [dependant.call] if isinstance(dependant.call, Entrance) else []
    return found + [one for deeper in dependant.dependencies for one in _entrances(deeper)]


def _describe(service: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=TITLE, version=service.version, description=ABOUT, routes=service.routes)
    parts = schema.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = ProblemOut.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    parts["schemas"].update(parts["schemas"]["Problem"].pop("$defs", {}))
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    parts["headers"] = {
        name: {"schema": {"type": kind}, "description": about} for name, (kind, about) in _HEADERS.items()
    }
    parts["responses"] = {status: _problem(status, about) for status, about in PROBLEMS.items()}
    parts["parameters"] = {one["name"]: one for one in (_ONCE, _KNOWN)}
    _add_meanings(parts["schemas"])
    for route in api_routes():
        permission = permission_of(route)
        for verb in map(str.lower, route.methods or ()):
            path = API + route.path_format
            operation = cast("dict[str, Any]", schema["paths"][path][verb])
            operation["operationId"] = route.name
            _add_words(operation)
            if permission is not None:
                _add_common(operation, verb, permission)
            _add_examples(schema, verb, path, operation)
    return _plainly_named(schema)


def _plainly_named(schema: dict[str, Any]) -> dict[str, Any]:
    """Names what comes in and goes out in two shapes so that generated clients tell them apart: `RuleFormIn`, `RuleFormOut`."""
    told = msgspec.json.encode(schema).replace(b'-Input"', b'In"').replace(b'-Output"', b'Out"')
    plain: dict[str, Any] = msgspec.json.decode(told)
    for name, model in plain["components"]["schemas"].items():
        model["title"] = name
    return plain


def _problem(status: str, about: str) -> dict[str, Any]:
    headers = _refs(*_LIMITS, *(["Retry-After"] if status in ("409", "429", "503") else ()))
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": about, "headers": headers, "content": content}


def _refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _add_meanings(schemas: dict[str, Any]) -> None:
    """Says of each field that does not itself what its name means everywhere."""
    for model in schemas.values():
        model.setdefault("description", "One page of a list.")
        for name, field in model.get("properties", {}).items():
            if "description" not in field and name in MEANINGS:
                field["description"] = MEANINGS[name]


def _add_words(operation: dict[str, Any]) -> None:
    operation["summary"] = operation["description"].partition("\n")[0].partition(". ")[0].rstrip(".")
    for one in operation.get("parameters", ()):
        if "description" not in one and one["name"] in MEANINGS:
            one["description"] = MEANINGS[one["name"]]


def _add_common(operation: dict[str, Any], verb: str, permission: Permission) -> None:
    operation["security"] = [{"key": []}]
    operation["x-permission"] = permission.value
    common = _ONCE if verb in _WRITES else _KNOWN
    given = operation.setdefault("parameters", [])
    conditional = any(one["name"].lower() == "if-match" for one in given)
    given.append({"$ref": f"#/components/parameters/{common['name']}"})
    answers = operation["responses"]
    answers.pop("422", None)
    for status, found in answers.items():
        if found["description"] == "Successful Response":
            found["description"] = "It was done." if verb in _WRITES else "What was asked for."
        found.setdefault("headers", {}).update(_refs(*_LIMITS))
        if verb in _WRITES:
            found["headers"].update(_refs("Idempotency-Replayed"))
        elif status == "200":
            found["headers"].setdefault("ETag", _refs("ETag")["ETag"])
    usual = READS if verb == "get" else set(PROBLEMS) - {"410", "412"}
    for status in PROBLEMS:
        if status in usual or status in answers or (status == "412" and conditional):
            answers[status] = {"$ref": f"#/components/responses/{status}"}
    if verb == "get":
        answers["304"] = {"description": "Not changed since the `ETag` of `If-None-Match`."}


def _add_examples(schema: dict[str, Any], verb: str, path: str, operation: dict[str, Any]) -> None:
    """Gives the example of the reference: the command, and the body it sends."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        body["example"] = sample(schema, body["schema"])
    source = "curl " + example(schema, verb.upper(), path, operation).replace("{base}", "$ONSHELF_URL")
    operation["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": source}]
