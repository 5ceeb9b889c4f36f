"""The REST API: one file a room, each with a `router`; a route translates, calls one verb of its room, translates back.

A new file needs one line here.
"""

from fastapi import APIRouter

from onshelf.guard.roles import Permission
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
from onshelf.web.bounds import Large

API = "/api/v1"
LARGE_BODIES = (
    Large(f"({API})?/shops/[^/]+/imports", imports.LARGEST_BYTES),
    Large(f"{API}/shops/[^/]+/pictures|/shops/[^/]+/imports/pictures", pictures.LARGEST_BYTES),
)
"""Where a mebibyte will not do, here and at the console; all of them ask for `BRINGS`."""
BRINGS = Permission.PRODUCTS


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
