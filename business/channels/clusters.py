"""Characters as people see them: a letter with its accents, an emoji with its joiners and skin tone, a flag, are one each."""

import unicodedata
from collections.abc import Iterator

_JOINER = "\u200d"


def clusters(text: str) -> Iterator[str]:
    """The text, piece by piece. After UAX 29 as far as it matters for where a text may be cut: never more pieces than it has, and never a
    cut that would change how one looks."""
    held = ""
    for mark in text:
        if held and not _joins(held, mark):
            yield held
            held = ""
        held += mark
    if held:
        yield held


def _joins(held: str, mark: str) -> bool:
    """Whether it belongs to what stands before it."""
    before = held[-1]
    if before == "\r":
        return mark == "\n"
    if unicodedata.category(before) == "Cc" or unicodedata.category(mark) == "Cc":
        return False
    if _is_flag_half(mark):
        return len(held) % 2 == 1 and all(map(_is_flag_half, held))
    return before == _JOINER or mark == _JOINER or _extends(mark)


def _extends(mark: str) -> bool:
    """Accents, variation selectors, skin tones, tags of flags."""
    return unicodedata.category(mark) in ("Mn", "Me", "Mc") or 0x1F3FB <= ord(mark) <= 0x1F3FF or 0xE0020 <= ord(mark) <= 0xE007F


def _is_flag_half(mark: str) -> bool:
    return 0x1F1E6 <= ord(mark) <= 0x1F1FF
