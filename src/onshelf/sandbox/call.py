"""One admitted call as the methods see it: arguments, who calls, for which shop, and when. No HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from onshelf.sandbox.arguments import Method, project
from onshelf.sandbox.errors import BusinessError, InvalidArguments
from onshelf.sandbox.market.till import Till
from onshelf.sandbox.rules import whole
from onshelf.sandbox.selling import Cause, Counter
from onshelf.sandbox.state import App, Session, Shop, World
from onshelf.sandbox.wire import Json, read_json

T = TypeVar("T")


@dataclass(slots=True)
class Call:
    """A call that has passed every check of the gateway."""

    world: World
    method: Method
    text: Mapping[str, str]  # protocol parameters included
    files: Mapping[str, memoryview]
    app: App
    session: Session | None  # None: the method needs none and none was sent
    now: float  # seconds since the epoch
    request_id: str
    attempt: int = 0  # of a create, see Cause

    @property
    def shop(self) -> Shop:
        """Returns the shop the session acts for. Raises: BusinessError when the call has no session."""
        if self.session is None:
            raise BusinessError("isv.invalid-permission", "缺少卖家授权")
        return self.world.shops[self.session.nick]

    def counter(self) -> Counter:
        """Returns the verbs of the shop's items, in the name of this call."""
        return Counter(self.world, self.shop, self._cause())

    def till(self, shop: Shop | None = None) -> Till:
        """Returns the verbs of the shop's trades, or of another shop's, in the name of this call."""
        return Till(self.world, shop or self.shop, self._cause())

    def _cause(self) -> Cause:
        return Cause(self.now, "call", self.method.name, self.request_id, self.app.app_key, self.attempt)

    def get(self, name: str, default: str = "") -> str:
        """Returns an argument; blank counts as absent."""
        return self.text.get(name) or default

    def number(self, name: str, default: int = 0) -> int:
        """Returns a whole-number argument."""
        return int(self.text.get(name) or default)

    def numbers(self, name: str) -> list[int]:
        """Returns the whole numbers of a comma list; what is none is passed over."""
        found = (whole(one.strip()) for one in self.get(name).split(","))
        return [one for one in found if one is not None]

    def json(self, name: str, kind: type[T]) -> T:
        """Reads an argument that holds JSON. Raises: InvalidArguments when it is of another shape."""
        try:
            return read_json(self.text[name], kind, strict=False)
        except msgspec.DecodeError as error:
            raise InvalidArguments(name) from error

    def pick(self, row: Mapping[str, object]) -> Json:
        """Returns the fields of a row that the call asks for."""
        return project(row, self.method.pick(self.text.get("fields", "")))

    def at(self, now: float) -> "Call":
        """Returns the same call made at another time."""
        return replace(self, now=now)


Handler = Callable[[Call], Json]
