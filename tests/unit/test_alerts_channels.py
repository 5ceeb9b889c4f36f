"""The pure parts of the channels: signatures against published vectors, verdicts, and the checks of a configuration."""

import ast
import smtplib
from pathlib import Path

import msgspec
import pytest

from onshelf.alerts.channels import KINDS, dingtalk, email
from onshelf.alerts.channels.kind import check_config
from onshelf.errors import DeliveryError, SettingsError
from onshelf.platforms.transport import Response
from onshelf.texts import LANGS, text

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_dingtalk_signs_as_the_vector_says() -> None:
    assert (
        dingtalk.sign("SECtest0123456789", 1_700_000_000_000)
        == "yBKp5IlG6qCzcQWmgyRK/ziJBdVNJmHfFE2ST/CzT/g="
    )


def verdict(body: object, status: int = 200) -> DeliveryError | None:
    return dingtalk.read_verdict("robot", Response(status, {}, msgspec.json.encode(body)))


def test_only_errcode_zero_in_a_good_reply_has_accepted() -> None:
    assert verdict({"errcode": 0, "errmsg": "ok"}) is None


@pytest.mark.parametrize(
    ("body", "permanent", "rest_s"),
    [
        ({"errcode": 310000, "errmsg": "keywords not in content"}, True, None),
        ({"errcode": 300005, "errmsg": "token is not exist"}, True, None),
        ({"errcode": 400106, "errmsg": "bot missing"}, True, None),
        ({"errcode": 40035, "errmsg": "missing param"}, True, None),
        ({"errcode": -1, "errmsg": "system busy"}, False, 30.0),
        ({"errcode": 130101, "errmsg": "send too fast"}, False, 600.0),
        ({"errcode": 410100}, False, 600.0),
        ({"status": 1111, "wait": 5, "source": "x5", "punish": "deny"}, False, 600.0),
        ({"errcode": 99999, "errmsg": "new"}, False, None),
        ({}, False, None),
        ([], False, None),
    ],
)
def test_an_error_inside_http_200_is_an_error(body: object, permanent: bool, rest_s: float | None) -> None:
    refusal = verdict(body)

    assert refusal is not None
    assert (refusal.permanent, refusal.retry_after_s) == (permanent, rest_s)


def test_errcode_zero_in_a_bad_reply_has_not_accepted() -> None:
    assert verdict({"errcode": 0}, status=502) is not None


@pytest.mark.parametrize(
    ("refused", "permanent"),
    [
        ({"a@b": (550, b"no such user")}, True),
        ({"a@b": (450, b"try later")}, False),
        ({"a@b": (550, b"no"), "c@d": (451, b"later")}, False),
    ],
)
def test_when_every_recipient_is_refused_nothing_was_accepted(
    refused: dict[str, tuple[int, bytes]], permanent: bool
) -> None:
    with pytest.raises(DeliveryError) as caught:
        email.receipt("mail", refused, len(refused))

    assert caught.value.permanent is permanent


def test_partly_refused_recipients_are_noted_and_those_that_may_pass_tried_again() -> None:
    receipt = email.receipt("mail", {"gone@b": (550, b"no such user"), "full@b": (452, b"full")}, 3)

    assert receipt.remaining == ("full@b",)
    assert "gone@b: 550 no such user" in receipt.note


@pytest.mark.parametrize(
    ("error", "permanent", "rest_s"),
    [
        (smtplib.SMTPAuthenticationError(535, b"bad code"), True, None),
        (smtplib.SMTPSenderRefused(553, b"not yours", "a@b"), True, None),
        (smtplib.SMTPDataError(451, b"later"), False, None),
        (smtplib.SMTPDataError(554, b"DT:SPM 163"), False, 120.0),
        (smtplib.SMTPServerDisconnected("gone"), False, None),
        (ConnectionRefusedError(111, "refused"), False, None),
        (TimeoutError(), False, None),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), True, None),
    ],
)
def test_what_a_mail_server_says_is_passing_or_for_good(
    error: Exception, permanent: bool, rest_s: float | None
) -> None:
    fault = email.fault("mail", error)

    assert (fault.permanent, fault.retry_after_s) == (permanent, rest_s)


MAIL = {"host": "smtp.qq.com", "sender": "a@qq.com", "to": "b@qq.com"}
ROBOT = {"url": "https://oapi.dingtalk.com/robot/send?access_token=helloworld"}
HOOK = {"url": "https://hook.example/in", "secret": WHSEC}


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("email", {**MAIL, "to": "not an address"}, "to"),
        ("email", {**MAIL, "to": ""}, "to"),
        ("email", {**MAIL, "sender": "a@b\r\nBcc: c@d"}, "sender"),
        ("email", {**MAIL, "port": "70000"}, "port"),
        ("email", {**MAIL, "security": "none"}, "security"),
        ("email", {**MAIL, "ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ("email", {"host": "smtp.qq.com", "to": "b@qq.com"}, "sender"),
        ("email", {**MAIL, "prot": "465"}, "prot"),
        ("dingtalk", {}, "url"),
        ("dingtalk", {**ROBOT, "at": "zhang"}, "at"),
        ("dingtalk", {"url": "ftp://x?access_token=helloworld"}, "url"),
        ("dingtalk", {"url": "https://oapi.dingtalk.com/robot/send"}, "url"),
        ("webhook", {**HOOK, "url": "https://user:pass@hook.example/"}, "url"),
        ("webhook", {**HOOK, "secret": "helloworld"}, "secret"),
        ("webhook", {**HOOK, "secret": "whsec_c2hvcnQ="}, "secret"),
    ],
)
def test_a_bad_configuration_names_the_field_and_never_a_secret(
    kind: str, config: dict[str, str], field: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        check_config("mine", KINDS[kind], config)

    assert caught.value.context["name"] == field
    assert caught.value.context["expected"]
    assert "helloworld" not in str(caught.value)


@pytest.mark.parametrize(("kind", "config"), [("email", MAIL), ("dingtalk", ROBOT), ("webhook", HOOK)])
def test_the_least_configuration_is_enough_and_checking_it_twice_changes_nothing(
    kind: str, config: dict[str, str]
) -> None:
    once = check_config("mine", KINDS[kind], config, production=True)

    assert check_config("mine", KINDS[kind], once, production=True) == once


def test_production_refuses_plain_http() -> None:
    plain = {**HOOK, "url": "http://hook.example/in"}

    assert check_config("mine", KINDS["webhook"], plain)["url"] == plain["url"]
    with pytest.raises(SettingsError):
        check_config("mine", KINDS["webhook"], plain, production=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_channel_is_explained_in_both_languages(kind: str) -> None:
    assert all(text(f"alerts.{kind}.{field.name}", lang) for field in KINDS[kind].fields for lang in LANGS)


def test_every_channel_file_is_in_the_registry() -> None:
    folder = Path(dingtalk.__file__).parent
    channels = {
        file.stem
        for file in folder.glob("*.py")
        if any(
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "KIND"
            for node in ast.parse(file.read_text("utf-8")).body
        )
    }

    assert channels == set(KINDS)
