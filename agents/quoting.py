"""The house's own answer from the corpus: the nearest piece's best sentences, word for word, where it is near enough; else nothing.

Near enough is measured in tests/agents/quoting: what nothing answers must stay unanswered, since "I don't know" beats a guess.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from agents.guard.of_corpus import Sentence, joined
from agents.likeness import stems, weight
from agents.passages import Piece
from knowledge.embedding.encoder import Encoder
from knowledge.embedding.weights import Absent

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

# By meaning and words, and by words alone where the encoder does not know the language, or is not there.
FLOOR = 1.20
FLOOR_OF_WORDS = 1.10
MEANING, WORDS = 1.5, 0.3
ENCODED = frozenset({"en"})
SENTENCES = 3
CHARACTERS = 420
ITEMS = 8
KEPT = 512


@dataclass(frozen=True, slots=True)
class Near:
    """A piece and how near it is to a question, in shares of what is `enough` for an answer."""

    piece: Piece
    score: float
    enough: bool


class Nearness:
    """Ranks pieces for a question by what stands above them. Keeps the vectors of the last headings; one per process."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: OrderedDict[str, Array] = OrderedDict()
        self._absent = False

    async def rank(self, question: str, pieces: Sequence[Piece]) -> list[Near]:
        """The nearest first. Some ten milliseconds in a thread for a question in a language that the encoder knows."""
        if not pieces:
            return []
        meant = await self._meant(question, pieces)
        ranked = [_near(question, piece, of_heading) for piece, of_heading in zip(pieces, meant, strict=True)]
        return sorted(ranked, key=lambda near: -near.score)

    async def _meant(self, question: str, pieces: Sequence[Piece]) -> list[float | None]:
        """How near each piece's heading is by meaning, -1 to 1; None where that is not to be known."""
        anchors = [_anchor(question, piece) if piece.language in ENCODED else None for piece in pieces]
        wanted = [anchor for anchor in anchors if anchor is not None]
        if not wanted or self._absent:
            return [None] * len(pieces)
        missing = [anchor for anchor in dict.fromkeys(wanted) if anchor not in self._vectors]
        try:
            asked, *made = await asyncio.to_thread(self._encoder.encode_now, [question, *missing])
        except Absent:
            self._absent = True
            return [None] * len(pieces)
        found = {**{anchor: self._vectors[anchor] for anchor in wanted if anchor in self._vectors}, **dict(zip(missing, made, strict=True))}
        self._keep(found)
        return [None if anchor is None else float(found[anchor] @ asked) for anchor in anchors]

    def _keep(self, vectors: dict[str, "Array"]) -> None:
        for anchor, vector in vectors.items():
            self._vectors[anchor] = vector
            self._vectors.move_to_end(anchor)
        while len(self._vectors) > KEPT:
            self._vectors.popitem(last=False)


def quoted(question: str, piece: Piece) -> str:
    """The piece's best sentences, as they stand: all of a short piece, else those from the best one on."""
    chosen = _chosen(question, piece.sentences)
    return joined(chosen)


def _near(question: str, piece: Piece, meant: float | None) -> Near:
    asked, above = stems(question), stems(piece.heading)
    whole = above | stems(piece.title) | stems(piece.text)
    covered = weight(asked & whole) / weight(asked) if asked else 0.0
    alike = 2 * weight(asked & above) / (weight(asked) + weight(above)) if asked and above else 0.0
    score, floor = covered + alike, FLOOR_OF_WORDS
    if meant is not None:
        score, floor = MEANING * meant + WORDS * (covered + alike), FLOOR
    return Near(piece, score / floor, score >= floor)


def _anchor(question: str, piece: Piece) -> str:
    """What a question is compared with: a heading that asks itself, else the heading and the best sentence under it."""
    if "?" in piece.heading:
        return piece.heading
    return f"{piece.heading}: {_best(question, piece.sentences).text}"


def _best(question: str, sentences: Sequence[Sentence]) -> Sentence:
    """The one that shares most with the question; the first of equals."""
    asked = stems(question)
    return max(sentences, key=lambda sentence: weight(asked & stems(sentence.text)))


def _chosen(question: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    if _fits(sentences):
        return list(sentences)
    asked = stems(question)
    runs = [_run(sentences, start) for start in range(len(sentences))]
    return max(runs, key=lambda run: weight(asked & stems(" ".join(sentence.text for sentence in run))))


def _run(sentences: Sequence[Sentence], start: int) -> list[Sentence]:
    """Whole sentences from one on, as many as are quoted; a list after its opening counts as one."""
    run, room, counted = list[Sentence](), CHARACTERS, 0
    for sentence in sentences[start:]:
        counted += not (sentence.item and run and run[-1].item)
        room -= len(sentence.text)
        items = sum(one.item for one in run)
        if run and (counted > SENTENCES or room < 0 or items >= ITEMS):
            break
        run.append(sentence)
    while len(run) > 1 and _OPENS.search(run[-1].text):
        run.pop()
    return run


def _fits(sentences: Sequence[Sentence]) -> bool:
    return _run(sentences, 0) == list(sentences)


_OPENS = re.compile(r":\s*$")
