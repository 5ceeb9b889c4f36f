"""The description of the API (OpenAPI 3.1): what FastAPI finds in the routes, and what is the same for all of them."""

from collections.abc import Callable
from typing import Any, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from onshelf.guard.roles import Permission
from onshelf.web.api import API, routers
from onshelf.web.entrance import Entrance
from onshelf.web.problem import MEDIA_TYPE, ProblemOut

TITLE = "onshelf"
ABOUT = (
    "Products, jobs, items, alerts and shops of onshelf. Show a key as `Authorization: Bearer onshelf_…`. Errors are problem "
    "documents (RFC 9457). Every write takes `?dry_run=true` and an `Idempotency-Key`, whose first answer is kept for a day."
)
PROBLEMS = {
    "400": "The body cannot be read at all: not UTF-8, or broken off.",
    "401": "No key, or one that is not good.",
    "403": "The role does not permit it.",
    "404": "There is no such thing, or it belongs to another shop.",
    "409": "Something has changed meanwhile, or the same request is under way.",
    "412": "It has changed since it had the ETag of `If-Match`.",
    "413": "The body is too large.",
    "422": "What was given cannot be used; `faults` names each field.",
    "429": "Too often: see `Retry-After`.",
    "502": "The platform refused.",
    "503": "Not possible now: nothing was done, ask again.",
    "504": "The platform did not answer: look before asking again.",
}
_WRITES = ("post", "put", "patch", "delete")
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "chosen by the caller for one write: whoever asks again with it gets the first answer again",
}
_LIMITS = {
    name: {"schema": {"type": "integer"}, "description": about}
    for name, about in {
        "RateLimit-Limit": "calls a minute",
        "RateLimit-Remaining": "calls left now",
        "RateLimit-Reset": "seconds until the next is free",
    }.items()
}


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
    for route in api_routes():
        permission = permission_of(route)
        if permission is not None:
            for verb in route.methods or ():
                _add_common(
                    cast("dict[str, Any]", schema["paths"][API + route.path_format][verb.lower()]),
                    verb.lower(),
                    permission,
                )
    return schema


def _add_common(operation: dict[str, Any], verb: str, permission: Permission) -> None:
    operation["security"] = [{"key": []}]
    operation["x-permission"] = permission.value
    if verb in _WRITES:
        operation.setdefault("parameters", []).append(_ONCE)
    answers = operation["responses"]
    for found in answers.values():
        found.setdefault("headers", {}).update(_LIMITS)
    for status, about in PROBLEMS.items():
        answers[status] = {
            "description": about,
            "headers": _LIMITS,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if verb == "get":
        answers["304"] = {"description": "Not changed since the `ETag` of `If-None-Match`."}
