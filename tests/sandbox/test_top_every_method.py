"""Every typed method is called against the sandbox in every form: each reply is read, or refused in the platform's words."""

from typing import Any

import pytest
from top_bench import TopBench
from top_requests import filled, given

from onshelf.errors import PlatformError, SignatureRefused
from onshelf.platforms.top.catalogue import names
from onshelf.platforms.top.generated import REQUESTS

FORMS: list[dict[str, Any]] = [{"sign_method": "md5"}, {"reply_format": "xml"}, {"simplify": True}]
BAD_FORM = {21, 22, 23, 24, 25, 28, 29, 30, 31, 32, 33, 34, 40, 41}
pytestmark = pytest.mark.filterwarnings("ignore:.* has left the public catalogue")


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_every_typed_method_is_answered_or_refused_in_the_platforms_words(form: dict[str, Any]) -> None:
    bench = TopBench(**form)
    wrong: dict[str, str] = {}
    for method in REQUESTS:
        request = filled(method)
        try:
            reply = await bench.top.ask(request)
        except PlatformError as error:
            code = getattr(error, "platform_code", 0)
            if isinstance(error, SignatureRefused) or code in BAD_FORM or not code:
                wrong[method] = str(error)
        else:
            assert isinstance(reply, request.REPLY)

    assert wrong == {}
    assert {record.method for record in bench.calls} == set(REQUESTS)


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_methods_of_the_whole_catalogue_are_called_by_name_in_every_form(form: dict[str, Any]) -> None:
    """Every twentieth; `make clients` tries them all."""
    top = TopBench(**form).top
    for method in [name for name in names() if name not in REQUESTS][::20]:
        assert isinstance(await top.call(method, given(method)), dict), method
