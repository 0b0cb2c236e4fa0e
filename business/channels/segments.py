"""What a text message holds, and how a text is brought to fit: segments of 160 characters of the GSM alphabet, or of 70 of any other; of a
text of several, 153 and 67, for each carries where it belongs (3GPP TS 23.038, 23.040)."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from business.channels.clusters import clusters

Encoding = Literal["gsm7", "ucs2"]

# GSM 03.38, and what costs two places of it.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€\f")
_SINGLE: dict[Encoding, int] = {"gsm7": 160, "ucs2": 70}
_PART: dict[Encoding, int] = {"gsm7": 153, "ucs2": 67}

# Signs that another of the alphabet says as well.
_SIGNS = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "‹": "'", "›": "'", "`": "'", "´": "'", "′": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "-", "·": "-", "‣": "-", "◦": "-",
        "…": "...", "×": "x", "→": "->", "←": "<-", "½": "1/2", "¼": "1/4", "¾": "3/4", "™": "(TM)", "®": "(R)", "©": "(C)",
        "º": "o", "ª": "a",
        "\t": " ", "\v": "\n", "\f": "\n", "\u2028": "\n", "\u2029": "\n\n",
        "\u200b": None, "\u2060": None, "\ufeff": None, "\u00ad": None, "\u200e": None, "\u200f": None,
    }
)  # fmt: skip
_MARKDOWN = re.compile(
    r"!\[([^\]\n]*)\]\([^)\n]*\)"  # an image: its name
    r"|\[([^\]\n]+)\]\(([^)\n]+)\)"  # a link: its words, its address
    r"|(https?://[^\s*`]+)"  # an address: kept as it is, its underscores may be a signature's
    r"|\*\*|__|`+"
    r"|^[ \t]{0,3}#{1,6}[ \t]+",
    re.MULTILINE,
)
_MIXED = re.compile(r"(?<=\d)(?=[½¼¾])")  # 1½ is 1 1/2, and not eleven halves
_LINKS = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)
_MORE = "..."
# A text that is cut ends with a whole sentence, where one ends this near to the cut.
_NEAR = 0.7


def encoding(text: str) -> Encoding:
    """How it travels: one character outside the GSM alphabet takes all of it out."""
    return "gsm7" if all(mark in _BASIC or mark in _DOUBLE for mark in text) else "ucs2"


def segments(text: str) -> int:
    """How many the text takes; 1 where it is empty. What takes two places is never parted, so this may be more than a division gives."""
    return len(parts(text))


def parts(text: str) -> list[str]:
    """The text as phones get it, segment by segment; they join them. An escape pair or a surrogate pair is never cut."""
    by = encoding(text)
    sizes = [_size(mark, by) for mark in text]
    if sum(sizes) <= _SINGLE[by]:
        return [text]
    return list(_parted(text, sizes, _PART[by]))


def most(count: int) -> int:
    """Characters of so many segments of the GSM alphabet."""
    return _SINGLE["gsm7"] if count == 1 else count * _PART["gsm7"]


def plain(text: str, *, emoji: bool = True) -> str:
    """Without marks that a phone shows as they are, and with the GSM alphabet's signs for quotes, dashes, dots and spaces. Letters that it
    lacks (á í ó ú) are spelled without their accents only where that saves a segment. `emoji`: False drops them."""
    bare = unicodedata.normalize("NFC", _MARKDOWN.sub(_bare, text).replace("\r\n", "\n").replace("\r", "\n"))
    bare = _MIXED.sub(" ", bare)
    kept = _spaced(bare.translate(_SIGNS) if emoji else _without_emoji(bare.translate(_SIGNS)))
    if encoding(kept) == "gsm7":
        return kept
    bare = spelled(kept)
    return bare if segments(bare) < segments(kept) else kept


def spelled(text: str) -> str:
    """With letters and signs of the GSM alphabet wherever it has one for them; a piece of a text as well as all of it."""
    return "".join(map(_spelled, text.translate(_SIGNS)))


def shorten(text: str, count: int, link: str = "") -> str:
    """The text in `count` segments at most; where it is longer, cut, with `link` (words may stand before its address) at its end. The cut
    falls between words, never within a link; within a word that alone is too long, between two characters that people see as such."""
    text = text.strip()
    if segments(text) <= count:
        return text
    places = [match.start() for match in re.finditer(r"\s+", text)]
    kept = _longest(text, places, count, link)
    if not kept and not _LINKS.match(text):
        kept = _longest(text, _inside(text, places[0] if places else len(text)), count, link)
    return _ended(kept, link)


def _longest(text: str, places: list[int], count: int, link: str) -> str:
    """What stands before the last of the places that leaves room for the end."""
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if segments(_joined(text[: places[middle]], _MORE, link)) <= count:
            low = middle + 1
        else:
            high = middle
    return text[: places[low - 1]].rstrip() if low else ""


def _inside(text: str, end: int) -> list[int]:
    """Where a long word may be cut."""
    places, at = [], 0
    for cluster in clusters(text[:end]):
        at += len(cluster)
        places.append(at)
    return places


def _ended(kept: str, link: str) -> str:
    """With how a text that was cut ends."""
    sentences = [match.end() for match in re.finditer(r"[.!?](?=\s|$)", kept)]
    if sentences and sentences[-1] >= len(kept) * _NEAR:
        return _joined(kept[: sentences[-1]], "", link)
    return _joined(kept.rstrip(" ,;:-"), _MORE, link) if kept else link


def _joined(kept: str, more: str, link: str) -> str:
    return f"{kept}{more} {link}" if link else f"{kept}{more}"


def _parted(text: str, sizes: list[int], room: int) -> Iterator[str]:
    begin, used = 0, 0
    for at, size in enumerate(sizes):
        if used + size > room:
            yield text[begin:at]
            begin, used = at, 0
        used += size
    yield text[begin:]


def _size(mark: str, by: Encoding) -> int:
    """Places that it takes: septets, or units of UTF-16."""
    return 2 if (mark in _DOUBLE if by == "gsm7" else ord(mark) > 0xFFFF) else 1


def _bare(mark: re.Match[str]) -> str:
    image, words, address, alone = mark.groups()
    if words is not None:
        return words if words == address else f"{words}: {address}"
    return image or alone or ""


def _spaced(text: str) -> str:
    """Every kind of space as the one that the alphabet has; other marks that are not seen, away."""
    return "".join(" " if mark != " " and unicodedata.category(mark) == "Zs" else mark for mark in text if mark == "\n" or _seen(mark))


def _seen(mark: str) -> bool:
    return unicodedata.category(mark) != "Cc"


def _without_emoji(text: str) -> str:
    """A cluster that begins with a pictograph goes, with the space that parted it."""
    kept = "".join("" if _is_emoji(cluster) else cluster for cluster in clusters(text))
    return re.sub(r"[ \t]+(?=\n|$)|(?<=\n)[ \t]+|(?<= ) +| +(?=[.,!?;:])", "", kept).strip(" ")


def _is_emoji(cluster: str) -> bool:
    first = cluster[0]
    return "\ufe0f" in cluster or "\u20e3" in cluster or (unicodedata.category(first) in ("So", "Cn") and ord(first) > 0x2000)


def _spelled(mark: str) -> str:
    if mark in _BASIC or mark in _DOUBLE:
        return mark
    letter = unicodedata.normalize("NFD", mark)[0]
    return letter if letter in _BASIC else mark
