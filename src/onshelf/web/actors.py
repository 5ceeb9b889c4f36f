"""What people call those whom records name by an id: `person:林`, `key:…`, `cli`. Pure."""

from onshelf.texts import Words


def actor_words(actor: str) -> Words | str:
    """Names who did something; a dash for nobody."""
    kind, _, name = actor.partition(":")
    if kind == "key":
        return Words("web.by.key", {"name": name})
    return Words("web.by.cli", {}) if actor == "cli" else (name or actor or "—")
