"""Markdown, with front matter where it likes: a few lines `title: ...` and `language: en` between two lines `---`."""

import re
from dataclasses import dataclass

from knowledge.corpus.formats import Extracted
from knowledge.corpus.formats.plain import decoded, seen
from knowledge.corpus.placeholders import tidy

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,2000}?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^(title|language)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_FIRST_HEADING = re.compile(r"\A\s*# +(.+?)[ #]*$", re.MULTILINE)
# Of a comment nobody sees anything, and of HTML in Markdown we show none.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEAD = 4_000  # bytes in which a front matter stands


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Empty where it does not say."""

    title: str = ""
    language: str = ""


def front_matter(raw: bytes) -> FrontMatter:
    """What a document says of itself; its first heading is its title where it names none."""
    head = seen(raw[:_HEAD].decode(errors="ignore"))
    found = _FRONT.match(head)
    says = {name: value.strip("\"'") for name, value in _LINE.findall(found[1])} if found else {}
    heading = _FIRST_HEADING.match(_FRONT.sub("", head))
    return FrontMatter(says.get("title") or (heading[1] if heading else ""), says.get("language", "").lower())


def read(raw: bytes) -> Extracted:
    """Raises Unreadable."""
    says = front_matter(raw)
    text = _FRONT.sub("", seen(decoded(raw)), count=1)
    return Extracted(tidy(_COMMENT.sub("", text)).strip("\n"), says.title, says.language)
