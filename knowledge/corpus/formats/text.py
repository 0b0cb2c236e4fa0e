"""Plain text, in whatever encoding."""

from knowledge.corpus.formats import Extracted
from knowledge.corpus.formats.lines import as_markdown
from knowledge.corpus.formats.plain import decoded, seen
from knowledge.corpus.placeholders import tidy


def read(raw: bytes) -> Extracted:
    """Raises Unreadable."""
    return Extracted(tidy(as_markdown(seen(decoded(raw)))))
