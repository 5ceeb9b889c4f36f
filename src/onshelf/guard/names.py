"""What people and keys may be called: each name in one form, all of it seen, none that looks like another's. Pure.

Source: Unicode UAX #15 (NFKC) and UTS #39 (confusables): of its table the letters that look Latin in everyday fonts.
Chinese characters that look alike (己, 已) are told apart by nothing here.
"""

import re
import unicodedata

LONGEST_NAME = 64  # characters
_BLANKS = re.compile(r"\s+")
# letters and a symbol by their category, blank by their looks
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LIKE_LATIN = str.maketrans(
    {
        **dict(zip("аеорсухіјѕһԁԛԝкмтнвг", "aeopcyxijshdqwkmthbr", strict=True)),  # Cyrillic
        **dict(zip("αβεικνορτυχωγ", "abeikvoptuxwy", strict=True)),  # Greek
        **dict(zip("ɑɡıɩℓ01|", "agiiloll", strict=True)),
    }
)


def name_of(given: str) -> str:
    """Returns a name in the form it is kept and looked up in: wide letters made plain (ｌｉｎ is lin), blanks one."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", given)).strip()


def fault_of(name: str) -> str:
    """Tells what is wrong with a name that `name_of` gave: "no_name" (none, or too long), "odd_name"; empty: nothing.

    Odd is what holds a sign that cannot be seen or that turns the line around, or has no letter and no digit at all.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        return "no_name"
    if any(map(_is_unseen, name)) or not any(map(str.isalnum, name)):
        return "odd_name"
    return ""


def looks(name: str) -> frozenset[str]:
    """Returns what a name may be taken for; two names that share one of these look alike: Boss and bоss, lin and Iin."""
    plain = unicodedata.normalize("NFKD", name)
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign != " ")
    return frozenset(
        version.casefold().translate(_LIKE_LATIN).replace("rn", "m")
        for version in (bare, bare.replace("I", "l"))
    )


def _is_unseen(sign: str) -> bool:
    kind = unicodedata.category(sign)
    selects = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return kind[0] == "C" or (kind[0] == "Z" and sign != " ") or sign in _UNSEEN or selects
