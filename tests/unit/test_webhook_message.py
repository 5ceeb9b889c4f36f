"""What a signed message carries, against published vectors, and how an answer is read."""

import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms import webhook

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("message_id", "at_s", "body", "signature"),
    [
        # Source: the test vector of the Standard Webhooks libraries.
        (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            '{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        # Source: computed with the package standardwebhooks 1.1.0.
        (
            "msg_0001",
            1700000000,
            '{"type":"listing.delisted","data":{"num_iid":123,"title":"连衣裙"}}',
            "v1,sE5DRDuIWseYMOb7+82e4ZT2qMvK1BrzAPHf1g4pKZU=",
        ),
    ],
)
def test_a_webhook_signs_as_the_vectors_say(message_id: str, at_s: int, body: str, signature: str) -> None:
    assert webhook.sign(WHSEC, message_id, at_s, body.encode()) == signature


def test_while_a_secret_is_rotated_both_sign() -> None:
    other = "whsec_" + base64.b64encode(bytes(24)).decode()

    both = webhook.sign(f"{WHSEC} {other}", "id", 1, b"{}")

    assert both.split() == [webhook.sign(WHSEC, "id", 1, b"{}"), webhook.sign(other, "id", 1, b"{}")]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:50", 30.0),
        ("Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        (" 7\x1f", 7.0),
        ("Tue, 14 Nov 2023 22:13:50 +99999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert webhook.retry_after_s(header, 1_700_000_000_000_000) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_header_breaks_the_webhook(header: str) -> None:
    rest_s = webhook.retry_after_s(header, 0)

    assert rest_s is None or rest_s >= 0


def test_a_new_secret_has_the_form_that_is_asked_of_given_ones() -> None:
    secret = webhook.new_secret(Random(1))

    assert webhook.checked_secrets(secret) == secret
    assert secret != webhook.new_secret(Random(2))


@pytest.mark.parametrize(
    ("status", "accepted", "gone"),
    [(200, True, False), (204, True, False), (302, False, False), (410, False, True), (500, False, False)],
)
def test_only_2xx_has_accepted_and_only_410_asks_to_stop(status: int, accepted: bool, gone: bool) -> None:
    answered = webhook.Answered(status)

    assert (answered.accepted, answered.gone) == (accepted, gone)
