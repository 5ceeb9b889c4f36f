"""Passwords: which will do; kept by argon2id, checked away from the event loop, and as slowly for a name that nobody has."""

import asyncio
import base64
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_PASSWORD = 10  # characters
LEAST_DIFFERENT = 5
"""Different characters there must be in one."""
AT_ONCE = 2
"""So many are worked on at a time: each takes 64 MiB, and guessers must not have them all."""
_ENDINGS = "!@#$%^&*.,?~_-+= "
_COMMON = frozenset(
    """
    12345678910 123456789a a123456789 aa123456789 abc123456789 123456789abc 1234567890a a1234567890 q123456789 w123456789
    z123456789 123456789q qq123456789 123456789qq 1122334455 147258369 1472583690 789456123 7894561230 1470258369 5201314520
    1314520520 woaini1314 woaini520 woaini123 woaini521 woaini1314520 woaini5201314 wodemima123 mima123456 nihao123456
    qwertyuiop qwertyuiop1 qwerty1234 qwerty12345 qwerty123456 qwer123456 qwer12345678 1qaz2wsx3edc 1qaz2wsx3edc4rfv
    qazwsxedcrfv 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 q1w2e3r4t5y6 asdfghjkl asdfghjkl1 asdf123456 asd123456789 zxcvbnm123
    zxcvbnm1234 zaq12wsxcde3 abcd123456 abcd1234567 abcd12345678 abc1234567 abcdef123456 123456abcdef 123456qwerty
    password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123 p@ssword123 p@ssw0rd12 admin12345 admin123456
    admin1234567 administrator administrator1 admin@12345 admin@123456 root123456 test123456 test1234567 user123456
    guest123456 changeme123 welcome123 welcome1234 letmein123 iloveyou123 iloveyou1314 iloveyou520 sunshine123 football123
    taobao1234 taobao12345 taobao123456 tmall12345 tmall123456 alibaba123 alibaba123456 alipay123456 dianpu123456
    """.split()  # noqa: SIM905 - a hundred quoted words are no list that anybody reads
)
"""Of ten characters and more, what guessers try first: the heads of published lists, and the trade's own."""


def fault_of(password: str, name: str) -> str:
    """Tells what is wrong with a new password: "short_password", "common_password"; empty: nothing.

    Common is what guessers try first: on the list (with signs at its end, too), few different characters, a run as
    1234567890, or little beside the person's own name.
    """
    if len(password) < LEAST_PASSWORD:
        return "short_password"
    plain = password.casefold()
    own = plain.replace(name.casefold(), "").replace("onshelf", "") if name else plain
    guessed = (
        plain.rstrip(_ENDINGS) in _COMMON or _is_run(plain.rstrip(_ENDINGS)) or len(own) < LEAST_PASSWORD // 2
    )
    return "common_password" if guessed or len(set(plain)) < LEAST_DIFFERENT else ""


def _is_run(text: str) -> bool:
    """Tells whether nearly every character is the next, or the one before, of its neighbour."""
    steps = [ord(later) - ord(before) for before, later in pairwise(text)]
    return max(steps.count(1), steps.count(-1)) > 0.8 * len(steps)


class Passwords:
    """Hashes and checks. Tests pass a hasher that takes less time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = _nobodys(self._hasher)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Returns what is kept of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, kept: str, password: str) -> bool:
        """Tells whether a password is the one kept; with nothing kept it takes as long and is wrong."""
        async with self._turns:
            return await asyncio.to_thread(self._verify, kept, password)

    def is_dated(self, kept: str) -> bool:
        """Tells whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobodys, password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def _nobodys(hasher: PasswordHasher) -> str:
    """Returns a hash of no known password with the hasher's own parameters: checking it costs what a real one costs."""
    salt, hashed = (
        base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    return (
        f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${hashed}"
    )
