"""The console: one file a page, each with a `router`; a page asks the verbs of the rooms and fills a template.

A new page needs one line here, and one in `view.MENU` when it stands in the menu.
"""

from fastapi import APIRouter

from onshelf.web.console import imports, openid, products, profile, shelf, shops, sign_in


def pages() -> tuple[APIRouter, ...]:
    """Returns the routes of all pages."""
    return (
        sign_in.router,
        openid.router,
        shelf.router,
        shops.router,
        products.router,
        imports.router,
        profile.router,
    )
