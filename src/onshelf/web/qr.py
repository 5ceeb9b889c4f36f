"""A QR code as squares to draw: byte mode, error correction M, versions 1 to 15, always mask 0. Pure.

Readers take any mask; choosing the one that looks best is left out. Source: ISO/IEC 18004:2015.
"""

from functools import cache

_CHECK_BYTES = (
    0,
    10,
    16,
    26,
    18,
    24,
    16,
    18,
    22,
    22,
    26,
    30,
    22,
    22,
    24,
    24,
)  # a block, by version (table 9)
_BLOCKS = (0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10)
_LEVEL_M_MASK_0 = 0b00_000
_FORMAT_MASK = 0b101010000010010
_FIELD = 0x11D  # the polynomial of GF(256)

Squares = list[list[bool]]


def squares_of(text: str) -> Squares:
    """Returns rows of squares, True is dark, without the quiet border of 4. Raises ValueError for more than 412 bytes."""
    data = text.encode()
    version = next(
        (one for one in range(1, len(_BLOCKS)) if len(data) + _head_bytes(one) <= _data_bytes(one)), 0
    )
    if not version:
        raise ValueError(f"{len(data)} bytes are too many for one code")
    grid = _Grid(version)
    grid.place(_woven(_padded(data, version), version))
    return grid.dark


def path_of(squares: Squares) -> str:
    """Returns the squares as the `d` of one SVG path."""
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(squares) for x, dark in enumerate(row) if dark)


def _head_bytes(version: int) -> int:
    return 2 if version < 10 else 3  # four bits of mode, 8 or 16 of length


def _data_bytes(version: int) -> int:
    return _raw_bits(version) // 8 - _CHECK_BYTES[version] * _BLOCKS[version]


def _raw_bits(version: int) -> int:
    """Counts the squares that hold data: all but finders, timing, alignment, format and version."""
    bits = (16 * version + 128) * version + 64
    if version >= 2:
        beside = version // 7 + 2
        bits -= (25 * beside - 10) * beside - 55
    return bits - 36 if version >= 7 else bits


def _padded(data: bytes, version: int) -> bytes:
    length_bits = 8 if version < 10 else 16
    bits = f"0100{len(data):0{length_bits}b}" + "".join(f"{byte:08b}" for byte in data)
    size = _data_bytes(version)
    bits += "0" * min(4, size * 8 - len(bits))
    bits += "0" * (-len(bits) % 8)
    found = bytes(int(bits[start : start + 8], 2) for start in range(0, len(bits), 8))
    return found + bytes((0xEC, 0x11)[number % 2] for number in range(size - len(found)))


def _woven(data: bytes, version: int) -> bytes:
    """Splits the data into blocks, adds the check bytes of each, and weaves them."""
    count, check = _BLOCKS[version], _CHECK_BYTES[version]
    short = len(data) // count
    longer = len(data) % count  # so many blocks at the end have one byte more
    blocks, start = [], 0
    for number in range(count):
        size = short + (number >= count - longer)
        blocks.append(data[start : start + size])
        start += size
    checks = [_remainder(block, check) for block in blocks]
    columns = [block[place] for place in range(short + 1) for block in blocks if place < len(block)]
    return bytes(columns + [block[place] for place in range(check) for block in checks])


def _times(one: int, other: int) -> int:
    found = 0
    for bit in range(7, -1, -1):
        found = (found << 1) ^ ((found >> 7) * _FIELD)
        found ^= ((other >> bit) & 1) * one
    return found


@cache
def _divisor(degree: int) -> tuple[int, ...]:
    found = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        found = [
            _times(value, root) ^ (found[place + 1] if place + 1 < degree else 0)
            for place, value in enumerate(found)
        ]
        root = _times(root, 2)
    return tuple(found)


def _remainder(data: bytes, degree: int) -> bytes:
    divisor = _divisor(degree)
    found = [0] * degree
    for byte in data:
        factor = byte ^ found.pop(0)
        found.append(0)
        found = [value ^ _times(part, factor) for value, part in zip(found, divisor, strict=True)]
    return bytes(found)


class _Grid:
    """The squares, and which of them are no data."""

    def __init__(self, version: int) -> None:
        self._version = version
        self._size = version * 4 + 17
        self.dark = [[False] * self._size for _ in range(self._size)]
        self._fixed = [[False] * self._size for _ in range(self._size)]
        self._timing()
        for x, y in ((3, 3), (self._size - 4, 3), (3, self._size - 4)):
            self._rings(x, y, 4)
        self._alignments()
        self._format()
        self._versions()

    def place(self, data: bytes) -> None:
        """Writes the data in columns of two, up and down from the right, under the mask."""
        bits = iter("".join(f"{byte:08b}" for byte in data))
        upward = True
        for right in (*range(self._size - 1, 6, -2), *range(5, 0, -2)):
            for step in range(self._size):
                y = self._size - 1 - step if upward else step
                for x in (right, right - 1):
                    if not self._fixed[y][x]:
                        self.dark[y][x] = (next(bits, "0") == "1") != ((x + y) % 2 == 0)
            upward = not upward

    def _set(self, x: int, y: int, dark: bool) -> None:
        self.dark[y][x], self._fixed[y][x] = dark, True

    def _timing(self) -> None:
        for place in range(self._size):
            self._set(6, place, place % 2 == 0)
            self._set(place, 6, place % 2 == 0)

    def _rings(self, x: int, y: int, reach: int) -> None:
        """Draws a finder with its light border (reach 4), or an alignment pattern (reach 2)."""
        for down in range(-reach, reach + 1):
            for across in range(-reach, reach + 1):
                ring = max(abs(across), abs(down))
                if 0 <= x + across < self._size and 0 <= y + down < self._size:
                    self._set(x + across, y + down, ring not in ((2, 4) if reach == 4 else (1,)))

    def _alignments(self) -> None:
        if self._version == 1:
            return
        count = self._version // 7 + 2
        step = (self._version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
        places = [6, *sorted(self._size - 7 - number * step for number in range(count - 1))]
        last = len(places) - 1
        for i, x in enumerate(places):
            for j, y in enumerate(places):
                if (i, j) not in ((0, 0), (0, last), (last, 0)):
                    self._rings(x, y, 2)

    def _format(self) -> None:
        bits = ((_LEVEL_M_MASK_0 << 10) | _left_over(_LEVEL_M_MASK_0, 10, 0x537)) ^ _FORMAT_MASK
        for number, (first, second) in enumerate(_format_places(self._size)):
            for x, y in (first, second):
                self._set(x, y, bool(bits >> number & 1))
        self._set(8, self._size - 8, True)

    def _versions(self) -> None:
        if self._version < 7:
            return
        bits = (self._version << 12) | _left_over(self._version, 12, 0x1F25)
        for number in range(18):
            far, near = self._size - 11 + number % 3, number // 3
            self._set(far, near, bool(bits >> number & 1))
            self._set(near, far, bool(bits >> number & 1))


def _left_over(value: int, bits: int, divisor: int) -> int:
    """Returns the remainder of a value's BCH code."""
    found = value
    for _ in range(bits):
        found = (found << 1) ^ ((found >> (bits - 1)) * divisor)
    return found


def _format_places(size: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Returns where each of the 15 bits of the format stands, twice."""
    around = [(8, place) for place in (0, 1, 2, 3, 4, 5, 7, 8)] + [
        (place, 8) for place in (7, 5, 4, 3, 2, 1, 0)
    ]
    apart = [(size - 1 - place, 8) for place in range(8)] + [(8, size - 15 + place) for place in range(8, 15)]
    return list(zip(around, apart, strict=True))
