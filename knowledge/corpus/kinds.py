"""What a file is, by its content. Its name decides only between two ways of reading the same text. Pure."""

import re
from pathlib import PurePath

from kernel.errors import BadRequest
from knowledge.corpus.incoming import Kind

_HEAD = 1024  # bytes among which a PDF says what it is
_MARKS_OF_TEXT = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|article|main|section|div|h1|p|table)\b", re.I | re.S
)
_MARKDOWN = re.compile(r"^(?:#{1,6} |[-*+] |\d+\. |> |```|\|.*\|$|---$)|\[[^\]]+\]\([^)]+\)|\*\*\S", re.MULTILINE)
REFUSED = "This is no Markdown, HTML, PDF or plain text. Save it as one of these and add it again."


def kind_of(raw: bytes, name: str) -> Kind:
    """`pdf`, `html`, `markdown` or `text`. Raises BadRequest where it is none of them."""
    if b"%PDF-" in raw[:_HEAD]:
        return "pdf"
    head = raw[: 4 * _HEAD]
    utf16 = head.startswith(_MARKS_OF_TEXT[1:])
    if not utf16 and (b"\0" in head or _controls(head)):
        raise BadRequest(REFUSED)
    if utf16:
        head = head.decode("utf-16", "ignore").encode()
    if _HTML.match(head.removeprefix(_MARKS_OF_TEXT[0])):
        return "html"
    written = PurePath(name).suffix.lower() in (".md", ".markdown") or _MARKDOWN.search(head.decode("utf-8", "ignore"))
    return "markdown" if written else "text"


def _controls(head: bytes) -> bool:
    """Whether it holds what no text holds: a picture, an archive, a program."""
    return sum(byte < 9 or 13 < byte < 27 for byte in head) > len(head) // 100
