"""Answers calls from a recording: who asks what was asked then is answered what was answered then.

A line is one attempt as `--record` writes it: `method`, `params` and `reply`, other fields are passed over. What was
hidden (`•••`) matches any value, also as a part of a text or inside JSON, where a hidden number is 0. Equal calls are
answered in their recorded order, and the last answer stays.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from onshelf.sandbox.errors import ApiError
from onshelf.sandbox.wire import Json

HIDDEN = "•••"
MASKED = ("****",)
"""Within a telephone number."""
_PROTOCOL = frozenset(
    (
        "app_key",
        "format",
        "method",
        "partner_id",
        "session",
        "sign",
        "sign_method",
        "simplify",
        "timestamp",
        "v",
    )
)


class Line(msgspec.Struct):
    """One recorded attempt; what had no reply, or one that was kept back, answers nothing."""

    method: str
    params: dict[str, str] | None = None
    reply: Json | None = None


class Replayed(ApiError):
    """A recorded refusal."""

    def __init__(self, recorded: Json) -> None:
        super().__init__(str(recorded.get("sub_code", "")), str(recorded.get("sub_msg", "")))
        self.code = int(recorded.get("code", 15))
        self.text = str(recorded.get("msg", ""))


class UnreadableRecording(Exception):
    """A line of a file is no recorded call."""

    def __init__(self, file: Path, line: int) -> None:
        super().__init__(f"{file}: line {line} is no recorded call")
        self.line = line


class Recording:
    """The lines of one file, by method, in their order."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines: dict[str, list[Line]] = {}
        for line in lines:
            if line.params is not None and line.reply:
                self._lines.setdefault(line.method, []).append(line)

    @classmethod
    def load(cls, file: Path) -> "Recording":
        """Reads a file. Raises: UnreadableRecording."""
        lines = []
        for number, text in enumerate(file.read_bytes().splitlines(), start=1):
            try:
                lines.append(msgspec.json.decode(text, type=Line))
            except msgspec.MsgspecError as error:
                raise UnreadableRecording(file, number) from error
        return cls(lines)

    def answer(self, method: str, text: Mapping[str, str]) -> Json | None:
        """Returns the recorded result of a call, or None when it was not recorded. Raises: ApiError for a refusal."""
        asked = {name: value for name, value in text.items() if name not in _PROTOCOL and value.strip()}
        fitting = [line for line in self._lines.get(method, ()) if _fits(line.params or {}, asked)]
        if not fitting:
            return None
        if len(fitting) > 1:
            self._lines[method].remove(fitting[0])
        return _result(fitting[0].reply or {})


def _fits(recorded: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    return recorded.keys() == asked.keys() and all(
        _is_same(value, asked[name]) for name, value in recorded.items()
    )


def _is_same(recorded: str, asked: str) -> bool:
    if recorded == asked or not any(mark in recorded for mark in (HIDDEN, *MASKED)):
        return recorded == asked
    if recorded[:1] in ("{", "["):
        try:
            return _is_same_value(msgspec.json.decode(recorded), msgspec.json.decode(asked))
        except msgspec.DecodeError:
            pass
    return _pattern(recorded).fullmatch(asked) is not None


def _is_same_value(recorded: object, asked: object) -> bool:
    match recorded, asked:
        case dict(), dict():
            return recorded.keys() == asked.keys() and all(
                _is_same_value(value, asked[name]) for name, value in recorded.items()
            )
        case list(), list():
            return len(recorded) == len(asked) and all(map(_is_same_value, recorded, asked))
        case str(), str():
            return _is_same(recorded, asked)
        case int() | float(), int() | float():
            return recorded in (0, asked)
    return recorded == asked


def _pattern(recorded: str) -> re.Pattern[str]:
    """Reads what was hidden in a text as any text."""
    whole = re.escape(recorded).replace(re.escape(HIDDEN), ".*")
    for mark in MASKED:
        whole = whole.replace(re.escape(mark), r"[\d -]{4,6}")
    return re.compile(whole, re.DOTALL)


def _result(reply: Json) -> Json:
    """Returns what stands inside a reply's root, or in a simplified reply, without its request_id."""
    if "error_response" in reply:
        raise Replayed(reply["error_response"])
    inner = next(iter(reply.values())) if len(reply) == 1 else reply
    found = inner if isinstance(inner, dict) else reply
    return {name: value for name, value in found.items() if name != "request_id"}
