"""What a text message holds: segments of 160 characters of the GSM alphabet, or of 70 of any other."""

import re
import unicodedata
from typing import Literal

# GSM 03.38, and what costs two places of it.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€")
_SINGLE_GSM, _PART_GSM = 160, 153
_SINGLE_WIDE, _PART_WIDE = 70, 67
_SPELLED = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "•": "-", "×": "x"}
_SPELLED |= {"\u00a0": " ", "\u202f": " ", "−": "-", "→": "->"}
_MARKDOWN = re.compile(
    r"!\[([^\]\n]*)\]\([^)\n]*\)"  # an image: its name
    r"|\[([^\]\n]+)\]\(([^)\n]+)\)"  # a link: its words, its address
    r"|\*\*|__|`+"
    r"|^[ \t]{0,3}#{1,6}[ \t]+",
    re.MULTILINE,
)


def encoding(text: str) -> Literal["gsm7", "ucs2"]:
    """The alphabet that it is sent in."""
    return "gsm7" if all(mark in _BASIC or mark in _DOUBLE for mark in text) else "ucs2"


def segments(text: str) -> int:
    """How many the text takes."""
    if any(mark not in _BASIC and mark not in _DOUBLE for mark in text):
        size = len(text.encode("utf-16-le")) // 2
        return 1 if size <= _SINGLE_WIDE else -(-size // _PART_WIDE)
    size = len(text) + sum(mark in _DOUBLE for mark in text)
    return 1 if size <= _SINGLE_GSM else -(-size // _PART_GSM)


def most(count: int) -> int:
    """Characters of so many segments."""
    return _SINGLE_GSM if count == 1 else count * _PART_GSM


def plain(text: str) -> str:
    """Without marks that a phone shows as they are, and in the GSM alphabet where it has a letter for it: `a` for `á`, for one `á` makes
    every segment less than half as long."""
    bare = _MARKDOWN.sub(_bare, text)
    return "".join(map(_spelled, bare))


def _bare(mark: re.Match[str]) -> str:
    image, words, address = mark.groups()
    if words is not None:
        return words if words == address else f"{words}: {address}"
    return image or ""


def _spelled(mark: str) -> str:
    if mark in _BASIC or mark in _DOUBLE:
        return mark
    if mark in _SPELLED:
        return _SPELLED[mark]
    letter = unicodedata.normalize("NFD", mark)[0]
    return letter if letter in _BASIC else mark
