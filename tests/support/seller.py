"""A seller at the sandbox's authorisation page, and somebody who copies the code."""

from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from command_line import Cli


class NoRedirect(HTTPRedirectHandler):
    """Keeps the answer that would lead back to the callback."""

    def redirect_request(self, *_: object) -> None:
        return None


def authorise(shop: Cli) -> None:
    """The seller agrees, and somebody copies the code."""
    address = "https://shop.example/back"
    link = shop.good("shop", "auth", shop.name, "--redirect-uri", address)["link"]
    form = urlencode({"nick": shop.info["seller_nick"]}).encode()
    try:
        build_opener(NoRedirect).open(link, form, timeout=30)
    except OSError as redirect:
        location = str(redirect.headers["Location"])  # type: ignore[attr-defined]
    code = parse_qs(urlsplit(location).query)["code"][0]
    shop.good("shop", "auth", shop.name, "--code", code, "--redirect-uri", address)
