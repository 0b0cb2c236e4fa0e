"""What a file is, by its first bytes, and the name that it may carry. Pure values; what a sender says of a file counts for nothing."""

import unicodedata
from dataclasses import dataclass

from kernel.errors import BadRequest

LARGEST = 10 * 1024 * 1024
SNIFFED = 16  # bytes that tell a kind


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken. `inline`: a browser may show it in place."""

    type: str
    suffixes: tuple[str, ...]
    inline: bool = True


PNG = Kind("image/png", (".png",))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"))
GIF = Kind("image/gif", (".gif",))
WEBP = Kind("image/webp", (".webp",))
PDF = Kind("application/pdf", (".pdf",), inline=False)
KINDS = {kind.type: kind for kind in (PNG, JPEG, GIF, WEBP, PDF)}


def kind_of(head: bytes) -> Kind:
    """By the first bytes. Raises BadRequest where it is nothing that is taken."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    raise BadRequest("Only pictures (PNG, JPEG, WebP, GIF) and PDF files can be sent.")


def file_name(given: str, kind: Kind) -> str:
    """The last part of a path, printable, at most 120 characters, ending as its kind does."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    shown = " ".join("".join(c for c in last if c.isprintable() and c not in '<>:"|?*').split()).lstrip(".")
    stem, dot, ending = shown.rpartition(".")
    if dot and f".{ending.lower()}" in kind.suffixes:
        return f"{stem[:110] or 'file'}.{ending.lower()}"
    return f"{shown[:110] or 'file'}{kind.suffixes[0]}"
