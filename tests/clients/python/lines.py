"""The line protocol of the adapters: an order as JSON on each line of the input, its outcome on a line of the output.

An adapter is a client nobody here wrote plus the few lines that hand it an order. `node/lines.js` speaks the same.
"""

import base64
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """A call to make."""

    method: str
    params: Json
    session: str  # "" for none
    app_key: str
    secret: str
    verb: str = ""  # "GET" where the client lets its user choose
    files: dict[str, str] = field(default_factory=dict)  # parameter → content in base 64

    def opened(self) -> dict[str, io.BytesIO]:
        """Returns the files as a client takes them."""
        return {name: io.BytesIO(base64.b64decode(content)) for name, content in self.files.items()}


class Refused(Exception):
    """The client told its user of a platform error: `args` are code and sub_code."""


def serve(call: Callable[[Order], Any]) -> None:
    """Answers orders until the input ends. What a client prints goes to the error output."""
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        out.write(json.dumps(_outcome(call, line)) + "\n")
        out.flush()


def _outcome(call: Callable[[Order], Any], line: str) -> Json:
    try:
        return {"answer": call(Order(**json.loads(line)))}
    except Refused as refusal:
        return {"refused": refusal.args}
    except Exception as error:  # noqa: BLE001 whatever a stranger raises is what its user sees
        return {"failed": f"{type(error).__name__}: {error}"}
