"""taobao.top.auth.token.*: code to token and refresh over the gateway; the answer is a text that holds JSON."""

from collections.abc import Mapping

import msgspec

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.tokens import TokenRefused, from_code, refresh
from onshelf.sandbox.wire import Json


def token_create(call: Call) -> Json:
    """Trades a code of the authorise page for a token."""
    return _answer(call, refreshing=False)


def token_refresh(call: Call) -> Json:
    """Trades a refresh token for a new token; needs no session."""
    return _answer(call, refreshing=True)


def _answer(call: Call, *, refreshing: bool) -> Json:
    try:
        if refreshing:
            token = refresh(call.world, call.app.app_key, call.text["refresh_token"], call.now)
        else:
            token = from_code(call.world, call.app.app_key, call.text["code"], call.now)
    except TokenRefused as refusal:
        raise BusinessError(f"isv.{refusal.error.replace('_', '-')}", refusal.description) from refusal
    return {"token_result": msgspec.json.encode(token).decode()}


METHODS: Mapping[str, Handler] = {
    "taobao.top.auth.token.create": token_create,
    "taobao.top.auth.token.refresh": token_refresh,
}
