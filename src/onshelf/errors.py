"""Every error of onshelf. Its texts, in Chinese and English, are in the catalogue under `errors.<code>` and `errors.<code>.remedy`.

Error
├─ SettingsError              a setting or secret is missing, unknown or of the wrong form
├─ PlatformError              the platform: method, request_id
│  ├─ NotSent                 nothing happened, may be repeated: connect failed, `not_after` passed
│  │  └─ QuotaExceeded        our own quota, or the gateway's code 7 (refused before the work): retry_at_us
│  ├─ Unanswered              outcome unknown: no, cut or unreadable reply, HTTP 5xx, codes 1 and 10, isp.* on a create
│  └─ Refused                 the platform answered no: platform_code, sub_code
│     ├─ SignatureRefused     code 24, 25: app secret
│     ├─ SessionExpired       code 26, 27, 44: the shop must authorise again
│     │  └─ TierExpired       code 42, 53: for calls of this tier only
│     ├─ PermissionRefused    code 11, 12, 13: apply for the permission package
│     ├─ ServiceFault         isp.* on a read or an absolute update: may be repeated
│     └─ BusinessFault        isv.*: repeating is useless
├─ DataError
│  ├─ Unreadable              a file or feed is broken: where
│  └─ RowFaults               all faults of a row at once
├─ StoreError
│  ├─ Conflict                compare-and-set lost: read again
│  │  └─ InDoubt              nobody knows yet what became of writes of a shop
│  └─ LeaseLost               another worker has the line
├─ DeliveryError              a channel did not accept: channel, permanent
└─ AccessError                a role, a consent or a lock is missing
   └─ OtherSeller             another seller agreed than the one whose shop it is
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from onshelf.texts import Lang, Words, text


class Error(Exception):
    """Root of all; never raised itself. `context` holds what the texts name, never a secret."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, **context: Any) -> None:
        super().__init__(context)
        self.context = context

    def message(self, lang: Lang) -> str:
        """Says what happened."""
        return text(f"errors.{self.code}", lang, **self._values())

    def remedy(self, lang: Lang) -> str:
        """Says what to do about it."""
        return text(f"errors.{self.code}.remedy", lang, **self._values())

    def __str__(self) -> str:
        return f"{self.message('en')} {self.remedy('en')}".strip()

    def _values(self) -> dict[str, Any]:
        return self.context


class SettingsError(Error):
    """A setting is missing, unknown or malformed. Context: name, value (masked when secret), origin, expected.

    `expected`: a form that needs no language ("HH:MM"), or words of the catalogue (`expected`).
    """

    code = "settings"

    def __init__(self, name: str, *, value: str = "", origin: str = "", expected: str | Words = "") -> None:
        super().__init__(name=name, value=value, origin=origin, expected=expected)


def expected(name: str, /, **values: Any) -> Words:
    """Returns the words under `errors.expected.<name>`: what should have been given."""
    return Words(f"errors.expected.{name}", values)


class PlatformError(Error):
    """A call to a platform did not end in an answer that can be used."""

    code = "platform"

    def __init__(self, method: str, why: str = "", *, request_id: str = "", **context: Any) -> None:
        super().__init__(method=method, why=why, request_id=request_id, **context)
        self.method = method
        self.why = why
        self.request_id = request_id


class NotSent(PlatformError):
    """The request never left, or was refused before any work: repeating is safe."""

    code = "not_sent"
    retryable = True


class QuotaExceeded(NotSent):
    """No call is permitted now. `retry_at_us`: when the next may go; `sub_code`: the gateway's own word, or empty."""

    code = "quota_exceeded"

    def __init__(
        self, method: str, why: str = "", *, retry_at_us: int, sub_code: str = "", request_id: str = ""
    ) -> None:
        super().__init__(method, why, request_id=request_id, sub_code=sub_code)
        self.retry_at_us = retry_at_us
        self.sub_code = sub_code


class Unanswered(PlatformError):
    """The outcome is unknown: a write may have been done. Look before repeating."""

    code = "unanswered"


class Refused(PlatformError):
    """The platform answered no, and nothing was done."""

    code = "refused"

    def __init__(
        self,
        method: str,
        why: str = "",
        *,
        platform_code: int,
        sub_code: str = "",
        sub_message: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(
            method,
            why,
            request_id=request_id,
            platform_code=platform_code,
            sub_code=sub_code,
            sub_message=sub_message,
        )
        self.platform_code = platform_code
        self.sub_code = sub_code
        self.sub_message = sub_message

    def _values(self) -> dict[str, Any]:
        return {**self.context, "codes": f"{self.platform_code} {self.sub_code}".strip()}


class SignatureRefused(Refused):
    """The signature was not accepted: wrong app secret."""

    code = "signature_refused"


class SessionExpired(Refused):
    """The shop's authorisation is no longer good."""

    code = "session_expired"


class TierExpired(SessionExpired):
    """The authorisation is good, but no longer for calls of this tier: high-risk ones for instance."""

    code = "tier_expired"


class PermissionRefused(Refused):
    """The app may not call this method. `advice`: by language, what to apply for; empty when only the texts can tell."""

    code = "permission_refused"

    def __init__(
        self, method: str, why: str = "", *, advice: Mapping[Lang, str] | None = None, **refusal: Any
    ) -> None:
        super().__init__(method, why, **refusal)
        self.advice = dict(advice or {})

    def remedy(self, lang: Lang) -> str:
        return self.advice.get(lang) or super().remedy(lang)


class ServiceFault(Refused):
    """The platform itself is in trouble; a read or an absolute update may be repeated."""

    code = "service_fault"
    retryable = True


class BusinessFault(Refused):
    """A rule of the platform was broken; repeating the same is useless."""

    code = "business_fault"


class DataError(Error):
    """Data given by a person cannot be used."""

    code = "data"


class Unreadable(DataError):
    """A file or feed is broken. `where`: file, line or cell; `why`: text key under `unreadable.` with its values."""

    code = "unreadable"

    def __init__(self, where: str, why: str, **values: Any) -> None:
        super().__init__(where=where, **values)
        self.where = where
        self.why = why

    def message(self, lang: Lang) -> str:
        return text(
            "errors.unreadable",
            lang,
            where=self.where,
            why=text(f"unreadable.{self.why}", lang, **self.context),
        )

    def remedy(self, lang: Lang) -> str:
        return text(f"unreadable.{self.why}.remedy", lang, **self.context)


class RowFaults(DataError):
    """All faults of one row. `faults`: at least one, in the order of the check."""

    code = "row_faults"

    def __init__(self, row: int, faults: Sequence[Any]) -> None:
        super().__init__(row=row, count=len(faults))
        self.faults = tuple(faults)


class StoreError(Error):
    """The database did not do what was asked."""

    code = "store"

    def __init__(self, why: str = "", **context: Any) -> None:
        super().__init__(why=why, **context)


class Conflict(StoreError):
    """A compare-and-set found another value; the whole unit was rolled back. `index`: which write of the unit."""

    code = "conflict"

    def __init__(self, why: str = "", *, index: int = 0) -> None:
        super().__init__(why, index=index)
        self.index = index


class InDoubt(Conflict):
    """A shop cannot leave while nobody knows what became of writes to it. Context: shop, count of products."""

    code = "in_doubt"

    def __init__(self, shop: str, count: int) -> None:
        Error.__init__(self, shop=shop, count=count)
        self.index = 0


class LeaseLost(StoreError):
    """The lease of a line has passed to another worker; nothing was written."""

    code = "lease_lost"


class DeliveryError(Error):
    """A channel did not accept an alert. `permanent`: trying again is useless until somebody mends the channel."""

    code = "delivery"

    def __init__(
        self, channel: str, why: str, *, permanent: bool, retry_after_s: float | None = None
    ) -> None:
        super().__init__(channel=channel, why=why)
        self.channel = channel
        self.why = why
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class AccessError(Error):
    """A role, a consent or a lock is missing. Context: what, who."""

    code = "access"

    def __init__(self, what: str, who: str = "") -> None:
        super().__init__(what=what, who=who)


class OtherSeller(AccessError):
    """Another seller agreed than the one whose shop it is known to be: its products would go to the wrong shop."""

    code = "other_seller"

    def __init__(self, shop: str, *, known: str, came: str) -> None:
        Error.__init__(self, shop=shop, known=known, came=came)
