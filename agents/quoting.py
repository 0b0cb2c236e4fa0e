"""The house's own answer from the corpus: the nearest piece's best sentences, word for word, where it is near enough; else nothing.

Near enough is measured (docs/knowledge.md): what nothing answers must stay unanswered, since "I don't know" beats a guess.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.guard.of_corpus import Sentence, joined
from agents.likeness import share, stems, weight
from agents.passages import Piece

# What tells an answer from what is merely near, fitted on questions that have one and questions that have none: how near the piece is,
# how far it stands before the others that do not say the same, how much of the question's words it has. Above EVEN it is rather an answer
# than none; from ENOUGH on, nine of ten are.
NEAR, AHEAD, COVERED, EVEN = 3.29, 10.5, 2.18, 3.16
ENOUGH = 0.4
# Nothing is less alike than this: where a piece stands alone it is not ahead of nothing.
UNLIKE = 0.25
# By words alone, where no vector was to be had.
ENOUGH_WORDS = 1.10
SENTENCES = 3
CHARACTERS = 420
ITEMS = 8
SAID_ALREADY = 0.6
SAME = 0.5
_OPENS = re.compile(r":\s*$")


@dataclass(frozen=True, slots=True)
class Near:
    """A piece and how near it is to a question; `enough`: it is rather an answer."""

    piece: Piece
    score: float
    enough: bool


def rank(question: str, pieces: Sequence[Piece]) -> list[Near]:
    """The nearest first."""
    return sorted((_near(question, piece, pieces) for piece in pieces), key=lambda near: -near.score)


def chosen(question: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Of a piece the best sentences, as they stand: all of a short piece, else those from the best one on."""
    asked = stems(question)
    runs = [_run(sentences, start) for start in range(len(sentences))]
    if runs[0] == list(sentences):
        return runs[0]
    return max(runs, key=lambda run: weight(asked & stems(" ".join(sentence.text for sentence in run))))


def quoted(question: str, piece: Piece, said: Iterable[str] = ()) -> str:
    """The piece's best sentences but for those that are `said` already; empty where nothing is left."""
    before = "\n".join(said)
    left = [one for one in chosen(question, piece.sentences) if share(one.text, before) < SAID_ALREADY and one.text not in before]
    return joined(left)


def _near(question: str, piece: Piece, pieces: Sequence[Piece]) -> Near:
    asked, above = stems(question), stems(piece.heading)
    whole = above | stems(piece.title) | stems(piece.text)
    covered = weight(asked & whole) / weight(asked) if asked else 0.0
    if piece.similarity is None:
        heading = 2 * weight(asked & above) / (weight(asked) + weight(above)) if asked and above else 0.0
        return Near(piece, covered + heading, covered + heading >= ENOUGH_WORDS)
    answer = max(piece.sentences, key=lambda sentence: weight(asked & stems(sentence.text))).text
    others = [one.similarity or 0.0 for one in pieces if one is not piece and share(answer, one.text) < SAME]
    ahead = piece.similarity - max([UNLIKE, *others])
    score = NEAR * piece.similarity + AHEAD * ahead + COVERED * covered - EVEN
    return Near(piece, score, score >= ENOUGH)


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
