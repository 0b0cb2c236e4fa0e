"""Bytes to text that people can see: the encoding found out, line ends the same, invisible and private characters gone."""

import codecs
import re

from kernel.wire.base import visible
from knowledge.corpus.faults import Unreadable

# Of text files that say nothing: what is no UTF-8 was written on Windows more often than anywhere else.
_FALLBACK = "cp1252"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Characters of private use are pictures of some font; halves of characters are nothing.
_UNREADABLE = re.compile("[\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff\ufffe\uffff]")
_MANY_LINES = re.compile(r"\n{4,}")


def decoded(raw: bytes) -> str:
    """The text of a file, in UTF-8, UTF-16 or UTF-32 as its first bytes say, else UTF-8, else Windows-1252. Raises Unreadable."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _as(raw, encoding)
    if b"\0" in raw:
        raise Unreadable("It is no text. Take a file of Markdown, HTML, PDF or plain text.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(_FALLBACK, "replace")


def _as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("Its first bytes name an encoding in which the rest of it is not written. Save it as UTF-8.") from None


def seen(text: str) -> str:
    """What a person would see of it. Tags, selectors and zero widths, by which instructions are smuggled past a reader, are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").replace("\v", "\n")
    # As it is read by people: three empty lines say no more than one.
    return _MANY_LINES.sub("\n\n", _UNREADABLE.sub("", visible(text))).strip("\n")
