"""What of a document may be said: its sentences as people read them, each read by the figure guard under the profile's licence alone.

A document vouches for nothing. A figure that one of the profile's placeholders gave is the profile's, and passes for what it is the
figure of; a figure, a link, a promise or a guarantee of the document's own takes its sentence with it, and the others stay.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence, readings
from kernel.wire.base import visible

# A longer sentence is a text without sentences: nobody quotes it.
SENTENCE_AT_MOST = 600
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|iframe|object|system|assistant|user|instructions?|prompt|tool_?calls?|function_?calls?|invoke)\b"
    r".*?(?:</\1\s*>|\Z)|^(```|~~~).*?(?:^\2|\Z)",
    re.I | re.S | re.M,
)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)?|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_MARKUP = re.compile(r"\*\*|__|`+|~~|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)")
_HEADING = re.compile(r"\s*#{1,6}\s|\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+(.*)")
_RULE_OF_TABLE = re.compile(r"[\s|:-]*-[\s|:-]*")
_END = re.compile(r"(?<![ap]\.m\.)(?<!e\.g\.)(?<!i\.e\.)(?<=[.!?…])[\"'”»)]*\s+")
# As they stand in the formats of models; no tags, which would be gone with what they say.
_FRAME = re.compile(r"<[<|]+|[>|]+>")
# Speech of machines: frames of roles, calls, codes that nobody reads aloud.
_MACHINE = re.compile(
    r"[{}⟪⟫]|\[/?(?:INST|SYS)|={4,}|\S{36,}|\b[a-z]+_[a-z_]+\b"
    r"|^\W*(?:system|assistant|user|developer|tool|sistema|asistente)\s*(?:\W*:|\]|\))",
    re.I,
)


class _Strict(Licence):
    """By which an amount of the document's own passes only for what the words say that it is; one that was `given`, as usual."""

    given: frozenset[str]

    @staticmethod
    def of(licence: Licence, given: Iterable[str]) -> "_Strict":
        made = _Strict(licence.language, licence.names, licence.claims, licence.figures, licence.statements)
        said = frozenset(value for text in given for one in readings(text, licence.language) for value in one.values)
        object.__setattr__(made, "given", said)
        return made

    def allows(self, kind: str, values: Iterable[str], groups: Iterable[frozenset[str]] = ()) -> bool:
        said, wanted = tuple(values), tuple(groups)
        if not wanted and kind in ("money", "percent") and not self.given & set(said):
            return False
        return super().allows(kind, said, wanted)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`item`: a line of a list or a table. `block`: which paragraph or list of the text it stands in, from 0."""

    text: str
    item: bool
    block: int


def sentences(markdown: str) -> Iterator[Sentence]:
    """Every sentence and every line of a list, as people read them: without markup, links' addresses, and what is not shown."""
    # Twice: what was written as entities may be markup.
    text = visible(html.unescape(_UNSEEN.sub("\n", html.unescape(visible(markdown)))))
    text = _FRAME.sub(lambda match: "⟪" if "<" in match[0] else "⟫", text)
    text = _TAG.sub(" ", _LINK.sub(r"\1", _IMAGE.sub("", _UNSEEN.sub("\n", text))))
    block, paragraph, of_items = 0, list[str](), False
    for line in [*text.splitlines(), ""]:
        item = _item(line)
        if item is None and line.strip() and not _HEADING.match(line) and not _RULE_OF_TABLE.fullmatch(line):
            if of_items and line[:1].isspace():
                continue  # of an item that goes on: the item stands for itself
            block, of_items = block + of_items, False
            paragraph.append(line.strip(" >\t"))
            continue
        if paragraph:
            yield from (Sentence(one, False, block) for one in _split(" ".join(paragraph)))
            paragraph.clear()
            block += 1
        if item:
            of_items = True
            yield Sentence(item, True, block)
        elif not line.strip():
            block, of_items = block + of_items, False


def sayable(markdown: str, licence: Licence, suspect: Callable[[str], bool], given: Iterable[str] = ()) -> tuple[Sentence, ...]:
    """The sentences that may be said to a customer. `suspect`: whether a sentence speaks to a machine and not to people. `given`: what the
    placeholders were filled with; an amount of the document's own passes only where the words name what it is the price of."""
    kept: list[Sentence] = []
    strict = _Strict.of(licence, given)
    said = ""
    for sentence in sentences(markdown):
        text = sentence.text
        if len(text) > SENTENCE_AT_MOST or _MACHINE.search(text) or suspect(text):
            continue
        # What stands before names the next figure: a lie in two sentences is one.
        if not _passes(text, strict, said) or not _passes(text, strict, ""):
            continue
        kept.append(sentence)
        said = f"{said}{text}\n" if sentence.item else f"{said}{text} "
    return tuple(kept)


def joined(chosen: Iterable[Sentence]) -> str:
    """As Markdown: sentences of a paragraph in a line, items one under the other."""
    text, last = "", None
    for sentence in chosen:
        if last is not None:
            text += (
                " "
                if not sentence.item and not last.item and sentence.block == last.block
                else "\n"
                if last.item and sentence.item
                else "\n\n"
            )
        text += f"- {sentence.text}" if sentence.item else sentence.text
        last = sentence
    return text


def _passes(text: str, licence: Licence, before: str) -> bool:
    guard = FigureGuard(licence, after=before)
    guard.feed(f"{text}\n")
    guard.end()
    return guard.refused is None


def _item(line: str) -> str | None:
    """A line of a list or a table as one text; None where it is none."""
    if line.lstrip().startswith("|"):
        cells = [cell.strip() for cell in _plain(line).strip().strip("|").split("|")]
        return None if _RULE_OF_TABLE.fullmatch(line) else ": ".join(cell for cell in cells if cell)
    match = _ITEM.match(line)
    return _plain(match[1]) if match else None


def _split(paragraph: str) -> list[str]:
    return [one for part in _END.split(_plain(paragraph)) if (one := part.strip())]


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub("", text).split())
