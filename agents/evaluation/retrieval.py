"""How well the corpus is searched: questions of customers, each with the pieces that answer it, or with none where nothing does.

A piece is called by its document and the heading that it stands under, `cancelling: What does cancelling cost?`, so that ids do not
matter. `recall@k` is the share of questions for which one of them stands among the first k, `MRR` the mean of 1 / its place.
"""

import asyncio
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.evaluation.files import Language, SetError
from agents.evaluation.results import Score
from knowledge.corpus.chunking import BETWEEN
from knowledge.corpus.search import PASSAGES_AT_MOST, Found, Passage

By = Literal["both", "vectors", "words"]
BYS: tuple[By, ...] = get_args(By)
DEPTH = 10  # places that are looked at
AT_ONCE = 4  # questions that are searched for side by side
FIRST = (1, 5)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Part):
    """`pieces`: every one that answers it, whole; none where no document does."""

    ask: str = Field(min_length=1)
    pieces: tuple[str, ...]
    language: Language = "en"


class _File(_Part):
    language: Language
    questions: tuple[Question, ...] = Field(min_length=1)


class Search(Protocol):
    """What is measured: `CorpusSearch`."""

    async def search(self, query: str, *, language: str, limit: int | None = None) -> Found: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What one way of searching gave for a question: the names of pieces in their order. `nearest`: the best similarity, -1 to 1."""

    question: Question
    found: tuple[str, ...]
    nearest: float | None

    @property
    def place(self) -> int | None:
        """Of the first piece that answers, from 1; None where none of them was found."""
        return next((place for place, name in enumerate(self.found, 1) if name in self.question.pieces), None)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one way of searching, in one language or in all. `apart`: of all pairs of a question with an answer and one without, the share
    in which the former has the nearer piece: 1 is told apart by one threshold, 0.5 is chance; None where there are no vectors."""

    first: Score
    among_five: Score
    mrr: float
    apart: float | None

    @staticmethod
    def of(asked: Sequence[Asked]) -> "Measured":
        known = [one for one in asked if one.question.pieces]
        places = [one.place for one in known]
        first, among = (Score(sum(place is not None and place <= k for place in places), len(known)) for k in FIRST)
        mrr = sum(1 / place for place in places if place is not None) / len(known) if known else 0.0
        return Measured(first, among, mrr, _apart(asked))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One run: every question, by every way of searching."""

    asked: Mapping[By, tuple[Asked, ...]]

    def measured(self, by: By, where: Callable[[Question], bool] = lambda question: True) -> Measured:
        return Measured.of([one for one in self.asked[by] if where(one.question)])

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({one.question.language for one in self.asked["both"]}))

    def failures(self, by: By = "both") -> Iterator[Asked]:
        """Questions of which no answer is among the first five."""
        for one in self.asked[by]:
            if one.question.pieces and (one.place is None or one.place > FIRST[-1]):
                yield one

    def to_json(self) -> dict[str, Any]:
        return {
            "scores": {by: {name: _json(self.measured(by, where)) for name, where in self.groups()} for by in BYS},
            "failures": [
                {"ask": one.question.ask, "pieces": list(one.question.pieces), "found": list(one.found), "place": one.place}
                for one in self.failures()
            ],
        }

    def groups(self) -> Iterator[tuple[str, Callable[[Question], bool]]]:
        """All questions, then those of each language."""
        yield "all", lambda question: True
        for language in self.languages:
            yield language, lambda question, language=language: question.language == language  # type: ignore[misc]


def load_questions(folder: Path) -> tuple[Question, ...]:
    """Every question of the folder's files. Raises `SetError`, also where one is asked twice."""
    found: dict[str, Question] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise SetError(f"{path}: {error}") from error
        for question in file.questions:
            if question.ask in found:
                raise SetError(f"{path}: asks twice: {question.ask}")
            found[question.ask] = question.model_copy(update={"language": file.language})
    if not found:
        raise SetError(f"{folder}: no question is here")
    return tuple(found.values())


async def measure(search: Search, questions: Sequence[Question], names: Mapping[UUID, str]) -> Retrieval:
    """Asks each question, a few at a time; how each half alone would have had it, its ranks say. `names`: of the documents."""
    few = asyncio.Semaphore(AT_ONCE)

    async def ask(question: Question) -> tuple[Asked, ...]:
        async with few:
            found = (await search.search(question.ask, language=question.language, limit=PASSAGES_AT_MOST)).passages
        nearest = max((one.similarity for one in found if one.similarity is not None), default=None)
        orders = (tuple(_name(one, question, names) for one in _ordered(found, by, question.language)[:DEPTH]) for by in BYS)
        return tuple(Asked(question, order, None if by == "words" else nearest) for by, order in zip(BYS, orders, strict=True))

    asked = await asyncio.gather(*map(ask, questions))
    return Retrieval({by: tuple(ways[place] for ways in asked) for place, by in enumerate(BYS)})


def _ordered(found: Sequence[Passage], by: By, language: str) -> Sequence[Passage]:
    """The passages of one half in its order, the customer's language first; all of them as they came where both count."""
    if by == "both":
        return found
    theirs = [(one.language != language, rank, one) for one in found if (rank := _rank(one, by)) is not None]
    return [one for *_, one in sorted(theirs, key=lambda placed: placed[:2])]


def _rank(passage: Passage, by: By) -> int | None:
    return passage.rank_vector if by == "vectors" else passage.rank_words


def _name(passage: Passage, question: Question, names: Mapping[UUID, str]) -> str:
    """A piece in another language answers nobody as it stands: its name says which."""
    name = f"{names.get(passage.document, passage.title)}: {passage.heading.rpartition(BETWEEN)[2]}"
    return name if passage.language == question.language else f"{passage.language}/{name}"


def _apart(asked: Sequence[Asked]) -> float | None:
    with_answer = [one.nearest for one in asked if one.question.pieces and one.nearest is not None]
    without = [one.nearest for one in asked if not one.question.pieces and one.nearest is not None]
    if not with_answer or not without:
        return None
    nearer = sum((near > far) + (near == far) / 2 for near in with_answer for far in without)
    return nearer / (len(with_answer) * len(without))


def _json(measured: Measured) -> dict[str, Any]:
    return {
        "questions": measured.first.of,
        "recall_1": round(measured.first.share or 0, 4),
        "recall_5": round(measured.among_five.share or 0, 4),
        "mrr": round(measured.mrr, 4),
        "apart": None if measured.apart is None else round(measured.apart, 4),
    }
