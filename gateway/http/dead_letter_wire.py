"""What HTTP offers of dead letters, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, NothingBody, Operation


class DeadLettersQuery(Edge):
    """`cursor` goes on where the page before ended."""

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DeadLetter(Edge):
    """An effect that was tried in vain to the end. `kind` is its job's, `error` the kind of its last failure; `conversation` where it
    belongs to one."""

    id: UUID
    kind: str
    error: str | None = None
    attempts: int
    created_at: datetime
    conversation: UUID | None = None


class DeadLettersAnswer(Edge):
    """A page of them, the newest first, and how many there are; `cursor` is absent on the last page."""

    items: tuple[DeadLetter, ...]
    total: int
    cursor: UUID | None = None


class RetriedAnswer(Edge):
    """`state` of the effect now: `new` waits for a worker. One that is no longer dead is left as it is."""

    id: UUID
    state: Literal["new", "working", "done"]


class RetryKindBody(Edge):
    """`kind` of the jobs that are tried again."""

    kind: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z_]+$")]


class RetriedKindAnswer(Edge):
    """How many are on their way again, at most 200 at once, and how many of the kind are still dead: ask again where more are left."""

    retried: int
    left: int


DEAD_LETTERS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/dead-letters",
        "dead_letters",
        "Effects that came to nothing, the newest first (owner, admin)",
        (DeadLettersAnswer,),
        query=DeadLettersQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/dead-letters/{id}/retry",
        "dead_letter_retry",
        "Try it again from the first attempt on; again is the same (owner, admin)",
        (RetriedAnswer,),
        NothingBody,
        errors=(404, 409),
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/dead-letters/retry",
        "dead_letters_retry",
        "Try all of a kind again, the oldest first (owner, admin)",
        (RetriedKindAnswer,),
        RetryKindBody,
        scope="admin",
    ),
)
