"""Tells whether two requests ask for the same: by method, address and body, none of which is kept in memory."""

from hashlib import blake2b

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

UPLOAD = "multipart/form-data"


class Asked:
    """A request, told by its digest while its body passes.

    Of an upload the length counts, not the body: it holds a mark that clients make up anew for each request.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self._receive = receive
        self._is_upload = headers.get("content-type", "").startswith(UPLOAD)
        self._whole = False
        self._found = blake2b(f"{scope['method']} {scope['path']}?".encode(), digest_size=32)
        self._found.update(scope["query_string"])
        if self._is_upload:
            self._found.update(b" " + headers.get("content-length", "").encode())
        self.address = self._found.digest()

    @property
    def said(self) -> bytes:
        """Returns the digest: of everything once the body has passed whole, of all but the body before."""
        return self._found.digest() if self._whole else self.address

    async def receive(self) -> Message:
        """Passes a part of the request on."""
        message = await self._receive()
        if message["type"] == "http.request" and not (self._is_upload or self._whole):
            self._found.update(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        return message

    async def is_again(self, said: bytes) -> bool:
        """Tells whether an earlier request, told by its `said`, asked for the same; reads on to the end when it must."""
        if said == self.address:  # its body did not matter: nothing read it
            return True
        while not (self._whole or self._is_upload):
            if (await self.receive())["type"] == "http.disconnect":
                return False
        return said == self.said
