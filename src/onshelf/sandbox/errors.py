"""Refusals of the platform with their exact codes and texts, and the ways a call gets no proper answer at all.

Casing of the texts follows recorded replies. Source: reference/top-protocol.md 4.2, 4.3 and 14.
"""

from onshelf.sandbox.wire import Json


class ApiError(Exception):
    """A refusal: HTTP 200 with `error_response`."""

    code = 15
    msg = "Remote service error"

    def __init__(self, sub_code: str = "", sub_msg: str = "", *, detail: str = "") -> None:
        super().__init__(sub_code or self.msg)
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.text = self.msg + detail

    def fields(self) -> Json:
        """Returns the error's fields in the platform's order; sub fields only when there are some."""
        found: Json = {"code": self.code, "msg": self.text}
        if self.sub_code:
            found["sub_code"] = self.sub_code
        if self.sub_msg:
            found["sub_msg"] = self.sub_msg
        return found


class BusinessError(ApiError):
    """A rule of the shop was broken (`isv.*`), or a backend failed (`isp.*`): code 15, the sub_code says which."""


class UploadFail(ApiError):
    """A picture cannot be read."""

    code, msg = 3, "Upload Fail"


class CallLimited(ApiError):
    """Flow control: refused before any work, for a stated number of seconds."""

    code, msg = 7, "App Call Limited"

    def __init__(self, sub_code: str, seconds: int) -> None:
        super().__init__(sub_code, f"This ban will last for {seconds} more seconds")


class HttpActionNotAllowed(ApiError):
    """The method may not be called by this HTTP verb."""

    code, msg = 9, "Http action not allowed"


class PermissionDenied(ApiError):
    """The app has not been given the permission package of this method."""

    code, msg = 11, "Insufficient isv permissions"


class MissingMethod(ApiError):
    """No `method` was sent."""

    code, msg = 21, "Missing method"

    def __init__(self) -> None:
        super().__init__(sub_msg="http传入的参数加入method字段")


class InvalidMethod(ApiError):
    """The method is in no catalogue."""

    code, msg = 22, "Invalid method"


class InvalidFormat(ApiError):
    """`format` is neither json nor xml."""

    code, msg = 23, "Invalid format"


class MissingSignature(ApiError):
    """No `sign` was sent."""

    code, msg = 24, "Missing signature"


class InvalidSignature(ApiError):
    """The signature does not match what was received."""

    code, msg = 25, "Invalid signature"


class MissingSession(ApiError):
    """The method acts for a seller and no session was sent."""

    code, msg = 26, "Missing session"


class InvalidSession(ApiError):
    """The session is unknown, expired, cancelled, or of another app."""

    code, msg = 27, "Invalid session"

    def __init__(self, sub_code: str = "invalid-sessionkey", sub_msg: str = "") -> None:
        super().__init__(sub_code, sub_msg or "非法或过期的SessionKey参数，请使用有效的SessionKey参数")


class MissingAppKey(ApiError):
    """No `app_key` was sent."""

    code, msg = 28, "Missing app key"


class InvalidAppKey(ApiError):
    """No such app."""

    code, msg = 29, "Invalid app Key"

    def __init__(self) -> None:
        super().__init__("isv.appkey-not-exists")


class MissingTimestamp(ApiError):
    """No `timestamp` was sent."""

    code, msg = 30, "Missing timestamp"


class InvalidTimestamp(ApiError):
    """The timestamp is unreadable or more than 10 minutes off."""

    code, msg = 31, "Invalid timestamp"


class MissingVersion(ApiError):
    """No `v` was sent."""

    code, msg = 32, "Missing version"


class InvalidVersion(ApiError):
    """`v` is not a version number."""

    code, msg = 33, "Invalid version"


class UnsupportedVersion(ApiError):
    """`v` is not 2.0."""

    code, msg = 34, "Unsupported version"


class MissingArguments(ApiError):
    """A required argument is absent or blank."""

    code, msg = 40, "Missing required arguments"

    def __init__(self, name: str) -> None:
        super().__init__(detail=f":{name}")


class InvalidArguments(ApiError):
    """An argument breaks its type or limit."""

    code, msg = 41, "Invalid arguments"

    def __init__(self, name: str, sub_msg: str = "") -> None:
        super().__init__(sub_msg=sub_msg, detail=f":{name}")


class InsufficientSession(ApiError):
    """The short authorisation for high-risk calls has ended while the session lives. Source: top-protocol.md 5.3."""

    code, msg = 42, "Insufficient session permissions"


class InvalidEncoding(ApiError):
    """The parameters are not UTF-8."""

    code, msg = 47, "Invalid encoding"


class InsufficientSecurity(ApiError):
    """A tier of the authorisation has lapsed while the session lives: the recorded, older form of 42."""

    code, msg = 53, "Insufficient security level"


class ConnectionCut(Exception):
    """The caller gets no answer: the connection is closed. In one process the app raises this to its transport."""


class ControlError(Exception):
    """A control of the sandbox was used wrongly: which field, and what to send instead."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")
        self.field = field
        self.remedy = remedy
