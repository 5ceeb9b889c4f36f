"""What to do for one product, from what we want and what we know. Pure; the preview and the publisher ask the same function.

A field that somebody edited on the platform is overwritten only when our own product changed in that field since we last
published it: the operator's newer word wins, and everything else a seller edited by hand stays as it is.
"""

from collections.abc import Collection, Container
from dataclasses import dataclass
from enum import StrEnum

from onshelf.listing.content import Content, changed_fields, same
from onshelf.listing.intent import Doing, Intent, State


class Kind(StrEnum):
    """What is to be done."""

    CREATE = "create"
    REPEAT = "repeat"  # a create into the warehouse; never planned, a look decides it
    CHANGE = "change"
    ACT = "act"  # list, delist or delete: `Action.doing`
    LOOK = "look"  # an outcome is unknown, or a read-back is due
    SKIP = "skip"
    QUESTION = "question"  # a person must choose first


@dataclass(frozen=True, slots=True)
class Action:
    """What to do and why. `reason` is a text key under `listing.plan.`."""

    kind: Kind
    reason: str
    fields: frozenset[str] = frozenset()  # of a change
    doing: Doing | None = None  # of an act


def plan(wanted: Content, intent: Intent | None, deleted: Container[int] = ()) -> Action:
    """Decides for a product that is to be published. `deleted`: items that our record of the shelf holds as deleted."""
    if intent is None:
        return Action(Kind.CREATE, "new")
    if intent.state is State.GIVEN_UP:
        return Action(Kind.SKIP, "given_up")
    if question := question_of(intent, deleted):
        return Action(Kind.QUESTION, question)
    if intent.doubtful:
        return Action(Kind.LOOK, "unanswered")
    if intent.item_id is None:
        return Action(Kind.CREATE, "new")
    return _plan_linked(wanted, intent)


def plan_act(doing: Doing, intent: Intent | None) -> Action:
    """Decides for a product whose item is to be listed, delisted or deleted."""
    if intent is not None and intent.state is State.UNDECIDED:
        return Action(Kind.QUESTION, "undecided")
    if intent is not None and intent.doubtful:
        return Action(Kind.LOOK, "unanswered")
    if intent is None or intent.item_id is None:
        return Action(Kind.QUESTION, "no_item")
    return Action(Kind.ACT, doing.value, doing=doing)


def question_of(intent: Intent, deleted: Container[int] = ()) -> str:
    """Names the open question, as a reason of a plan; empty: none is open. `deleted`: as in `plan`."""
    if intent.at_rest and intent.item_id in deleted:
        return "gone"
    if intent.asking:
        return "gone" if intent.lost else "undecided"
    return ""


def edited_fields(published: Content, shown: Content) -> frozenset[str]:
    """Names the fields somebody else changed on the platform since we published them."""
    return frozenset(field for field, value in shown.items() if not same(published.get(field, value), value))


def still_needed(fields: Collection[str], wanted: Content, shown: Content) -> frozenset[str]:
    """Leaves out the fields of a change that the platform shows already."""
    return frozenset(field for field in fields if not same(shown.get(field), wanted[field]))


def _plan_linked(wanted: Content, intent: Intent) -> Action:
    """Compares with what was published, or with what is under way: a write without an answer is repeated whole."""
    if intent.answered:
        fields = changed_fields(wanted, intent.sent)
    else:
        fields = changed_fields(wanted, intent.published) | changed_fields(intent.sent, intent.published)
    if fields:
        linked = not intent.published and intent.item_id in (intent.prior_ids or ())
        return Action(Kind.CHANGE, "linked" if linked else "changed", fields)
    return Action(Kind.SKIP, "unchanged") if intent.verified_us else Action(Kind.LOOK, "unverified")
