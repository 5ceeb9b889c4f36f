"""Every outcome of a publish line has its text, and a remedy where a person has to act."""

import re
from pathlib import Path

from onshelf.listing.work import asks, remedy_of
from onshelf.texts import LANGS, catalogue

ROOM = Path(__file__).parents[2] / "src" / "onshelf" / "listing"
LITERAL = re.compile(r'"(listing\.[a-z_.]+)"')
PLANNED = re.compile(r'Action\(Kind\.\w+, "(\w+)"|else "(\w+)", fields\)')


def sources() -> str:
    return "\n".join(file.read_text("utf-8") for file in ROOM.glob("*.py"))


def test_every_code_an_outcome_can_have_is_in_the_catalogue() -> None:
    log_events = {"listing.lease_lost", "listing.moved_on", "listing.not_noted"}
    written = set(LITERAL.findall(sources())) - log_events
    words = {f"listing.{word}" for word in ("created", "changed", "listed", "delisted", "deleted")}

    assert {code for code in written | words if not code.endswith(".")} <= set(catalogue("listing"))


def test_every_reason_of_a_plan_is_in_the_catalogue() -> None:
    reasons = {first or second for first, second in PLANNED.findall((ROOM / "plan.py").read_text("utf-8"))}

    assert reasons
    assert {f"listing.plan.{reason}" for reason in reasons} <= set(catalogue("listing"))


def test_every_question_has_a_remedy() -> None:
    undecided = set(re.findall(r'_ask\("(\w+)"', sources()))
    asked = set(re.findall(r'(?:ask|fail|_doubt)\(\s*work, "(listing\.[a-z_.]+)"', sources()))
    codes = {f"listing.undecided.{why}" for why in undecided} | asked

    assert len(undecided) >= 6
    assert {remedy_of(code) for code in codes} <= set(catalogue("listing"))
    assert all(asks(f"listing.undecided.{why}") for why in undecided)


def test_no_remedy_sends_a_person_at_the_console_to_a_terminal() -> None:
    told = [words[lang] for words in catalogue("listing").values() for lang in LANGS]

    assert not [words for words in told if "onshelf " in words]
