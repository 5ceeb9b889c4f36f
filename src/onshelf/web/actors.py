"""What people call those whom records name by an id: `person:林`, `key:…`, `cli`. Pure."""

from onshelf.texts import Words

PLACES = frozenset({"cli", "seller", "nobody"})
"""Who acts without being a person or a key: the command line, a seller at the platform's page, somebody at our door."""


def actor_words(actor: str) -> Words | str:
    """Names who did something; a dash for nobody."""
    kind, _, name = actor.partition(":")
    if kind == "key":
        return Words("web.by.key", {"name": name})
    return Words(f"web.by.{actor}", {}) if actor in PLACES else (name or actor or "—")
