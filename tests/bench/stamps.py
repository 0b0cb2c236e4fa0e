"""A token that carries the time it was sent: seven letters, so that a guard that looks for figures has nothing to hold.

Units: microseconds of CLOCK_MONOTONIC, which all processes of a machine share, modulo 26^7 (2 h 13 min: no token is that late).
"""

import time
from array import array

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
LENGTH = 7
WRAP = len(LETTERS) ** LENGTH
# int() reads base 26 as 0-9a-p; our letters are shifted there in one pass of C.
_DIGITS = bytes.maketrans(LETTERS, b"0123456789abcdefghijklmnop")


def now_us() -> int:
    """The clock of the stamps."""
    return time.monotonic_ns() // 1000


def encode(at_us: int) -> str:
    """The stamp of a time."""
    rest = at_us % WRAP
    out = bytearray(LENGTH)
    for place in range(LENGTH - 1, -1, -1):
        rest, digit = divmod(rest, 26)
        out[place] = LETTERS[digit]
    return out.decode()


def decode(stamp: bytes) -> int:
    """The time modulo WRAP. Raises ValueError where it is no stamp."""
    return int(stamp.translate(_DIGITS), 26)


class Tally:
    """Tokens that arrived: how many, and how late each was, in microseconds. Counts only while `open`."""

    def __init__(self) -> None:
        self.open = False
        self.late_us: array[int] = array("q")

    def take(self, text: bytes, at_us: int) -> None:
        """Every stamp of a piece of text, which arrived at this time."""
        if self.open:
            for word in text.split():
                if len(word) == LENGTH:
                    self.late_us.append((at_us - decode(word)) % WRAP)

    def close(self) -> list[float]:
        """Stop counting; the latenesses in milliseconds, sorted."""
        self.open = False
        late, self.late_us = self.late_us, array("q")
        return sorted(value / 1000 for value in late)

    def begin(self) -> None:
        """Count from now on."""
        self.late_us = array("q")
        self.open = True
