"""Names that people and programs give to files, made harmless. Pure."""

_LONGEST = 200  # bytes
_PLAIN = frozenset(" ._-()（）【】[]+&,，")


def safe_name(name: str) -> str:
    """Makes a name that is one in any folder: the last part of a path, letters, digits and a few signs, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char if char.isalnum() or char in _PLAIN else "_" for char in last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        stem, suffix = plain, ""
    most = _LONGEST - len(suffix.encode()) - 1
    stem = stem.encode()[: max(most, 0)].decode("utf-8", "ignore") or "file"
    return f"{stem}.{suffix}"[:_LONGEST] if suffix else stem
