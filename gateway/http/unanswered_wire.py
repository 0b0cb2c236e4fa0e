"""What HTTP offers of questions that found nothing, and of the indexes that documents are searched by (see operations.py)."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.http.operations import DoneAnswer, Edge, NothingBody, Operation

State = Literal["open", "answered", "ignored"]


class QuestionsQuery(Edge):
    """`before`: those that were last asked before this moment, where a page ended."""

    state: State = "open"
    before: AwareDatetime | None = None
    limit: int = Field(default=50, ge=1, le=200)


class QuestionLine(Edge):
    """A question as it was last asked, for which nothing was found that the business has written; `times`: how often the same was asked.
    `nearest`: what came closest, -1 to 1 of `similarity`."""

    id: UUID
    conversation: UUID
    question: str
    language: str
    times: int
    first_at: AwareDatetime
    last_at: AwareDatetime
    nearest: str | None = None
    similarity: float | None = None


class QuestionCounts(Edge):
    """How many different ones."""

    open: int
    answered: int
    ignored: int


class QuestionsAnswer(Edge):
    """The one asked last first. `before`: goes on where this page ends."""

    items: tuple[QuestionLine, ...]
    counts: QuestionCounts
    before: AwareDatetime | None = None


class QuestionBody(Edge):
    """What became of it, and of all that ask the same."""

    state: State


class IndexLine(Edge):
    """The vectors of one model. `embedded` of `pieces` have one; `approximate`: not every vector is looked at any more."""

    id: UUID
    model: str
    dimensions: int
    state: Literal["building", "serving", "failed"]
    approximate: bool
    error: str | None = None
    embedded: int
    pieces: int


class IndexesAnswer(Edge):
    """The one that serves, and the one that is to take its place. `model`: as the settings say; `trouble`: why only words are searched
    by, in this gateway just now."""

    items: tuple[IndexLine, ...]
    model: str
    trouble: str | None = None


_PATH = "/api/admin/questions"

UNANSWERED: tuple[Operation, ...] = (
    Operation(
        "GET",
        _PATH,
        "questions",
        "Questions of customers that found nothing, and how often each was asked",
        (QuestionsAnswer,),
        query=QuestionsQuery,
        errors=(400,),
        scope="read",
    ),
    Operation(
        "POST",
        f"{_PATH}/{{id}}/settle",
        "question_settle",
        "A question is answered, ignored, or open again (owner, admin)",
        (DoneAnswer,),
        QuestionBody,
        errors=(404,),
        scope="admin",
    ),
    Operation("GET", "/api/admin/corpus/indexes", "corpus_indexes", "By what documents are searched", (IndexesAnswer,), scope="read"),
    Operation(
        "POST",
        "/api/admin/corpus/indexes",
        "corpus_index_begin",
        "Have every vector made anew, by the model of the settings, while the old ones serve (owner, admin)",
        (IndexesAnswer,),
        NothingBody,
        errors=(503,),
        scope="admin",
    ),
)
