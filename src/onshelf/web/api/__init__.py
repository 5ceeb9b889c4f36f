"""The REST API: one file a room, each with a `router`; a route translates, calls one verb of its room, translates back.

A new file needs one line here.
"""

from fastapi import APIRouter

from onshelf.web.api import (
    alerts,
    audit,
    calendar,
    calls,
    changes,
    channels,
    checks,
    consents,
    events,
    imports,
    items,
    jobs,
    keys,
    matching,
    people,
    pictures,
    products,
    profile,
    publishing,
    quota,
    rules,
    settings,
    shops,
    today,
    webhooks,
)

API = "/api/v1"
LARGE_BODIES: dict[str, int] = {"/imports": imports.LARGEST_BYTES, "/pictures": pictures.LARGEST_BYTES}
"""End of a path -> bytes a body may have there, where a mebibyte will not do."""


def routers() -> tuple[APIRouter, ...]:
    """Returns all routes of the API, in the order of the reference."""
    return (
        shops.router,
        consents.router,
        quota.router,
        calendar.router,
        products.router,
        imports.router,
        pictures.router,
        checks.router,
        profile.router,
        publishing.router,
        jobs.router,
        calls.router,
        matching.router,
        items.router,
        changes.router,
        today.router,
        alerts.router,
        channels.router,
        rules.router,
        webhooks.router,
        events.router,
        people.router,
        keys.router,
        audit.router,
        settings.router,
    )
