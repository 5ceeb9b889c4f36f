"""The console: one file a page, each with a `router`; a page asks the verbs of the rooms and fills a template.

A new page needs one line here, and one in `view.MENU` when it stands in the menu.
"""

from fastapi import APIRouter

from onshelf.web.console import (
    account,
    alerts,
    audit,
    channels,
    consent,
    developer,
    imports,
    jobs,
    mending,
    openid,
    people,
    products,
    profile,
    publishing,
    quota,
    settings,
    shelf,
    shop,
    shops,
    sign_in,
    today,
)


def pages() -> tuple[APIRouter, ...]:
    """Returns the routes of all pages."""
    return (
        sign_in.router,
        today.router,
        openid.router,
        shelf.router,
        jobs.router,
        publishing.router,
        channels.router,
        alerts.router,
        shops.router,
        shop.router,
        consent.router,
        quota.router,
        products.router,
        imports.router,
        mending.router,
        profile.router,
        people.router,
        account.router,
        audit.router,
        settings.router,
        developer.router,
    )
