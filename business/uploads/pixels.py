"""How many pixels a picture has, by what its file says: a few kilobytes may be a picture that fills the memory of whoever looks at it.

Nothing is unpacked. What cannot be read has none: no browser shows it either.
"""

from pathlib import Path

from business.uploads.kinds import GIF, JPEG, PNG, WEBP, Kind
from kernel.errors import TooLarge

MOST = 64_000_000
"""A telephone's largest pictures have 50 million."""
_START = 32  # bytes that are enough, but of a JPEG
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without anything behind them


def check(path: Path, kind: Kind) -> None:
    """Raises TooLarge."""
    if pixels(path, kind) > MOST:
        raise TooLarge(f"A picture has at most {MOST // 1_000_000} million pixels.")


def pixels(path: Path, kind: Kind) -> int:
    """Its width times its height; 0 where the file does not say, or is no picture."""
    if kind is JPEG:
        return _of_jpeg(path.read_bytes())
    with path.open("rb") as file:
        head = file.read(_START)
    if kind is PNG and head[12:16] == b"IHDR":
        return int.from_bytes(head[16:20]) * int.from_bytes(head[20:24])
    if kind is GIF:
        return int.from_bytes(head[6:8], "little") * int.from_bytes(head[8:10], "little")
    return _of_webp(head) if kind is WEBP else 0


def _of_webp(head: bytes) -> int:
    match head[12:16]:
        case b"VP8X":
            return (int.from_bytes(head[24:27], "little") + 1) * (int.from_bytes(head[27:30], "little") + 1)
        case b"VP8L":
            packed = int.from_bytes(head[21:25], "little")
            return ((packed & 0x3FFF) + 1) * ((packed >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            return (int.from_bytes(head[26:28], "little") & 0x3FFF) * (int.from_bytes(head[28:30], "little") & 0x3FFF)
    return 0


def _of_jpeg(content: bytes) -> int:
    """The largest that any of its frames says, up to where the picture begins. Between segments a decoder skips what it does not know."""
    found, at = 0, 2
    while (at := content.find(b"\xff", at)) >= 0 and at + 4 <= len(content):
        marker = content[at + 1]
        if marker == 0xDA:
            break
        if marker in (0x00, 0xFF) or marker in _BARE:
            at += 1
            continue
        if marker in _FRAMES:
            found = max(found, int.from_bytes(content[at + 5 : at + 7]) * int.from_bytes(content[at + 7 : at + 9]))
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return found
