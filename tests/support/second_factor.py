"""The second factor as a person sees it: the secret on the page, and the code the phone shows now."""

import re

import pyotp
from service import Answer, Browser, Service


def secret_of(page: Answer) -> str:
    """Reads the secret a person would type into the phone."""
    found = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page.text)
    assert found, page.text
    return found[1].replace(" ", "")


def sealed_of(page: Answer) -> str:
    found = re.search(r'name="sealed" value="([0-9a-f]+)"', page.text)
    assert found
    return found[1]


def code_of(service: Service, secret: str, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(service.app.clock.now_us() // 1_000_000 + later)


async def with_second_factor(service: Service, lin: Browser) -> str:
    """Turns the second factor on; returns its secret."""
    page = await lin.get("/account/totp")
    secret = secret_of(page)
    form = {"sealed": sealed_of(page), "code": code_of(service, secret)}
    assert (await lin.post("/account/totp", form, page="/account/totp")).status == 200
    return secret
