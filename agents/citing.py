"""Which passages an answer rests on: by the marks that a model sets, which never reach anybody, else by the words that it shares.

A model marks a sentence with the number of its passage, `[2]`. Marks are taken out as the text flows, before anybody else reads it, and
become sources; a number that no passage has becomes nothing.
"""

import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing

from agents.ensemble.chunks import Chunk, Restart, Text
from agents.ensemble.model import Model, ModelRequest
from agents.likeness import share
from agents.passages import Piece

_MARK = re.compile(r"[ \t]*\[(\d{1,2}(?:\s?[,;]\s?\d{1,2})*)\]")
# What may become a mark: the blank before it, too, for a sentence ends without one.
_BEGUN = re.compile(r"[ \t]*(?:\[[\d,; ]{0,24})?\Z")
# An answer carries a passage where it has so much of the words of its nearest sentence; short sentences say nothing.
CARRIES = 0.6


class Marks:
    """Takes marks out of a text that comes in pieces. `seen`: their numbers so far, each once, in the order of the text."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self._held = ""

    def feed(self, text: str) -> str:
        """What of the text is no mark and cannot become one."""
        whole = self._taken(self._held + text)
        begun = _BEGUN.search(whole)
        assert begun is not None
        self._held = whole[begun.start() :]
        return whole[: begun.start()]

    def end(self) -> str:
        """The rest: no more text comes."""
        rest, self._held = self._held, ""
        return rest

    def clear(self) -> None:
        """The text begins anew."""
        self.seen.clear()
        self._held = ""

    def _taken(self, text: str) -> str:
        for match in _MARK.finditer(text):
            self.seen += [number for number in map(int, re.findall(r"\d+", match[1])) if number not in self.seen]
        return _MARK.sub("", text)


class Citing:
    """A model whose marks are taken out as it speaks; for one reply, all its rounds and corrections together."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.marks = Marks()

    @property
    def name(self) -> str:
        return self._model.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        async with aclosing(self._model.stream(request)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(text):
                        if out := self.marks.feed(text):
                            yield Text(out)
                    case Restart():
                        self.marks.clear()
                        yield chunk
                    case _:
                        if rest := self.marks.end():
                            yield Text(rest)
                        yield chunk


def without_marks(text: str) -> str:
    """A whole text as people read it."""
    return _MARK.sub("", text)


def rests_on(text: str, pieces: Sequence[Piece], marked: Iterable[int]) -> tuple[Piece, ...]:
    """Of the pieces that a model was shown, those that its answer rests on: as it marked them, else as its words tell."""
    if cited := [pieces[number - 1] for number in marked if 1 <= number <= len(pieces)]:
        return tuple(cited)
    return tuple(piece for piece in pieces if carries(text, piece))


def carries(text: str, piece: Piece) -> bool:
    """Whether an answer says what a piece says, by their words."""
    return any(share(sentence.text, text) >= CARRIES for sentence in piece.sentences)
