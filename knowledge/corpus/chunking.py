"""A document in pieces, as they are found and cited: by its headings, and what is long by its paragraphs, rows and sentences.

The same text gives the same pieces. None of it is lost, no piece is longer than the ruler says, and none ends inside a placeholder.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from knowledge.corpus.placeholders import PLACEHOLDER

if TYPE_CHECKING:
    from markdown_it.token import Token

TOKENS_AT_MOST = 220  # of the 256 that the encoder reads; title and headings stand before them
BETWEEN = " › "
HEADINGS_AT_MOST = 300  # characters of the path of headings
BLOCK = 8_000  # characters that are split in one go
# One character of private use for each placeholder while a text is split: nothing is cut inside of it.
_FIRST_PRIVATE = 0xE000
_PRIVATE_AT_MOST = 0xF8FF - _FIRST_PRIVATE

Measure = Callable[[str], int]  # tokens of a text, placeholders filled


@dataclass(frozen=True, slots=True)
class Part:
    """A piece to be. `heading`: the headings above it, outermost first. `number`: which of that heading's."""

    heading: str
    text: str
    number: int

    def id(self, document: UUID) -> UUID:
        """The same for the same place in the same document, however often it is read."""
        return uuid5(document, f"{self.heading}\n{self.number}")


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    text: str


def split(text: str, title: str, measure: Measure, at_most: int = TOKENS_AT_MOST) -> tuple[Part, ...]:
    """The pieces of a Markdown text in its order; a heading that only repeats the title is none."""
    numbers: dict[str, int] = {}
    parts: list[Part] = []
    for section in _sections(text, title):
        for piece in _fitting(section.text, measure, at_most):
            number = numbers[section.heading] = numbers.get(section.heading, 0) + 1
            parts.append(Part(section.heading, piece, number))
    return tuple(parts)


def searched(title: str, heading: str, indexed: str) -> str:
    """What is embedded of a piece: a short answer says little without the question above it."""
    above = BETWEEN.join(name for name in (title, heading) if name)
    return f"{above}\n{indexed}"


def _sections(text: str, title: str) -> Iterator[_Section]:
    """What stands under each heading. One with nothing under it, and none below it, is a section of its own words."""
    lines = text.split("\n")
    path: list[tuple[int, str]] = []
    begin, bare = 0, False
    for level, name, start, end in _headings(text):
        body = "\n".join(lines[begin:start]).strip("\n")
        if body.strip():
            yield _Section(_path(path, title), body)
        elif bare and path and level <= path[-1][0]:
            yield _Section(_path(path[:-1], title), path[-1][1])
        path = [above for above in path if above[0] < level]
        if name:
            path.append((level, name))
        begin, bare = end, bool(name) and name != title
    body = "\n".join(lines[begin:]).strip("\n")
    if body.strip():
        yield _Section(_path(path, title), body)
    elif bare and path:
        yield _Section(_path(path[:-1], title), path[-1][1])


def _headings(text: str) -> Iterator[tuple[int, str, int, int]]:
    """Level, words, first line and the line after it, of every heading that is not inside of something else."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            yield int(token.tag[1:]), _words(tokens[at + 1]), token.map[0], token.map[1]


def _words(inline: "Token") -> str:
    said = (child.content if child.type != "softbreak" else " " for child in inline.children or ())
    return " ".join("".join(said).split())


def _path(path: list[tuple[int, str]], title: str) -> str:
    names = [name for _, name in path]
    if names and names[0] == title:
        names = names[1:]
    return BETWEEN.join(names)[:HEADINGS_AT_MOST]


def _fitting(text: str, measure: Measure, at_most: int) -> list[str]:
    """The text in pieces that fit, whole where it does."""
    if measure(text) <= at_most:
        return [text]
    from semantic_text_splitter import MarkdownSplitter

    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))[:_PRIVATE_AT_MOST]
    marks = {name: chr(_FIRST_PRIVATE + number) for number, name in enumerate(names)}
    back = {mark: f"{{{{{name}}}}}" for name, mark in marks.items()}

    def restored(part: str) -> str:
        return _MARK.sub(lambda match: back.get(match[0], match[0]), part)

    marked = PLACEHOLDER.sub(lambda match: marks.get(match[1], match[0]), text)

    def size(part: str) -> int:
        return measure(restored(part))

    splitter = MarkdownSplitter.from_callback(size, at_most)
    parts = (part for block in _blocks(marked) for part in splitter.chunks(block))
    return [restored(small) for part in parts for small in _halved(part, size, at_most) if small.strip()]


def _blocks(text: str) -> Iterator[str]:
    """The splitter takes more than its time for what is very long: it gets that in parts, cut between paragraphs where it may be."""
    while len(text) > BLOCK:
        ends = (text.rfind(end, BLOCK // 2, BLOCK) for end in ("\n\n", "\n", " "))
        at = next((at for at in ends if at > 0), BLOCK)
        yield text[:at]
        text = text[at:]
    yield text


def _halved(part: str, size: Measure, at_most: int) -> list[str]:
    """The splitter takes nothing apart that has fewer bytes than it may have tokens, which a few placeholders have."""
    if len(part) < 2 or size(part) <= at_most:
        return [part]
    middle = len(part) // 2
    at = part.rfind(" ", 1, middle) if " " in part[1:middle] else middle
    return [*_halved(part[:at].strip(), size, at_most), *_halved(part[at:].strip(), size, at_most)]


_MARK = re.compile("[\ue000-\uf8ff]")
