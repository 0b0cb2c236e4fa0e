"""The text of a PDF, page by page. Runs in a process of its own (child.py): a file may be made to take all time and memory there is."""

import io
import logging
import re
from typing import TYPE_CHECKING

from knowledge.corpus.faults import Unreadable
from knowledge.corpus.formats import Extracted
from knowledge.corpus.formats.lines import as_markdown
from knowledge.corpus.formats.plain import seen

if TYPE_CHECKING:
    from pypdf import PdfReader

PAGES_AT_MOST = 1_000
CHARACTERS_AT_MOST = 2_500_000
_NO_TITLE = re.compile(r"(?i)^(untitled|microsoft word - .*|.*\.(docx?|pdf|indd|pages|odt|tmp))$")


def read(raw: bytes) -> Extracted:
    """Raises Unreadable."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes what it cannot read
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("It is locked by a password. Save it without one and add it again.")
        count = len(reader.pages)
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise Unreadable("It is no whole PDF: it may be broken, or only a part of it arrived.") from error
    if count > PAGES_AT_MOST:
        raise Unreadable(f"It has more than {PAGES_AT_MOST} pages. Split it into several documents.")
    pages, remarks = _pages(reader, count)
    return Extracted(_joined(pages), _title(reader), remarks=tuple(remarks))


def _pages(reader: "PdfReader", count: int) -> tuple[dict[int, str], list[str]]:
    """Text by number, from 1, and what is to be said of pages without any."""
    pages: dict[int, str] = {}
    broken: list[int] = []
    empty: list[int] = []
    characters = 0
    for number in range(1, count + 1):
        try:
            text = as_markdown(seen(reader.pages[number - 1].extract_text()))
        except MemoryError:
            raise
        except Exception:  # whatever a broken page does to its reader, the others are read
            broken.append(number)
            continue
        if text.strip():
            pages[number] = text
        else:
            empty.append(number)
        characters += len(text)
        if characters > CHARACTERS_AT_MOST:
            raise Unreadable(f"It holds more than {CHARACTERS_AT_MOST:,} characters. Split it into several documents.")
    remarks = []
    if empty:
        remarks.append(f"{_named(empty)} no text. A scan or a picture cannot be read: write its words into a document of its own.")
    if broken:
        remarks.append(f"{_named(broken)} nothing that can be read: broken.")
    return pages, remarks


def _named(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (" and others" if len(numbers) > 10 else "")
    return f"Page {shown} holds" if len(numbers) == 1 else f"Pages {shown} hold"


def _joined(pages: dict[int, str]) -> str:
    """One page is a text; of several each is a section, by which it is cited."""
    if len(pages) == 1:
        return next(iter(pages.values()))
    return "\n\n".join(f"## p. {number}\n\n{text}" for number, text in pages.items())


def _title(reader: "PdfReader") -> str:
    try:
        said = reader.metadata.title if reader.metadata is not None else None
        title = " ".join(seen(said or "").split())
    except Exception:  # a title that cannot be read is none
        return ""
    return "" if len(title) > 150 or _NO_TITLE.match(title) else title
