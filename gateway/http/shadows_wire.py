"""What HTTP offers of shadows, as values (see operations.py)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation

State = Literal["waiting", "done", "failed", "skipped"]
Preference = Literal["primary", "candidate", "tie"]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class ShadowsQuery(Edge):
    """Which pairs. `agrees`: in amounts, dates, tools and handoff; `judged`: somebody of the staff said which answer is better. `cursor`
    goes on where the page before ended."""

    candidate: Name | None = None
    intent: Name | None = None
    run: Name | None = None
    state: State | None = None
    agrees: bool | None = None
    judged: bool | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ShadowLine(Edge):
    """A pair in the list. `question`: how the customer's message begins, absent once the turn's record is gone; `error`: the kind of
    failure, or why it was skipped."""

    id: UUID
    candidate: str
    primary_model: str
    run: str
    agent: str
    intent: str
    state: State
    error: str | None = None
    similarity: float | None = None
    agrees: bool | None = None
    critic: Preference | None = None
    preference: Preference | None = None
    question: str | None = None
    created_at: datetime


class ShadowsAnswer(Edge):
    """A page of pairs, the newest first; `cursor` is absent on the last one."""

    items: tuple[ShadowLine, ...]
    cursor: UUID | None = None


class ShadowSide(Edge):
    """One answer of a pair. `text` is absent once it is not kept any more; `calls` are the tools it asked for, as they were recorded."""

    model: str
    text: str | None = None
    calls: tuple[dict[str, Any], ...]
    first_token_ms: int | None = None
    duration_ms: int | None = None
    cost_microdollars: int | None = None


class ShadowPair(Edge):
    """What a candidate answered beside what the customer got. `agreement`: for amounts, dates, tools and handoff whether they agree, and
    what only one of the two has."""

    id: UUID
    conversation: UUID
    candidate: str
    run: str
    agent: str
    intent: str
    state: State
    error: str | None = None
    question: str | None = None
    channel: str | None = None
    stakes: str | None = None
    primary: ShadowSide
    shadow: ShadowSide
    similarity: float | None = None
    agreement: dict[str, Any]
    agrees: bool | None = None
    critic: Preference | None = None
    critic_why: str | None = None
    preference: Preference | None = None
    preferred_by: str | None = None
    preferred_at: datetime | None = None
    created_at: datetime
    done_at: datetime | None = None


class PreferenceBody(Edge):
    """Which answer is better; null: nobody says so any more."""

    preference: Preference | None


class ShadowFiguresQuery(Edge):
    """The pairs of the last `days`, of one run. With a `candidate` its intents and days are told, too; with an `intent` its days are of
    that alone."""

    candidate: Name | None = None
    intent: Name | None = None
    run: Name = "live"
    days: Annotated[int, Field(ge=1, le=366)] = 30


class ShadowAgreement(Edge):
    """Shares from 0 to 1 of the pairs that agree in it; absent where nothing was compared."""

    amounts: float | None = None
    dates: float | None = None
    tools: float | None = None
    handoff: float | None = None
    all: float | None = None


class ShadowSideFigures(Edge):
    """How fast one side answered, in ms, and what an answer cost on average, in micro-dollars."""

    first_token_p50_ms: int | None = None
    first_token_p95_ms: int | None = None
    duration_p50_ms: int | None = None
    duration_p95_ms: int | None = None
    cost_each_microdollars: int | None = None


class ShadowVotes(Edge):
    """Which answers were found better, and how often neither."""

    primary: int
    candidate: int
    tie: int


class ShadowFigures(Edge):
    """Of a candidate, of one intent of it, or of one day by the business's clock. `pairs` have both answers; `cost_microdollars` is what
    all of the candidate's answers came to."""

    candidate: str
    intent: str | None = None
    day: date | None = None
    pairs: int
    waiting: int
    failed: int
    skipped: int
    similarity_mean: float | None = None
    similarity_p10: float | None = None
    agreement: ShadowAgreement
    shadow: ShadowSideFigures
    primary: ShadowSideFigures
    cost_microdollars: int
    critic: ShadowVotes
    staff: ShadowVotes


class ShadowFiguresAnswer(Edge):
    """`configured`: the candidates that answer now; `candidates`: those with pairs, by name; `runs`: what made pairs, the newest first;
    `since`: the first day that is counted."""

    configured: tuple[str, ...]
    runs: tuple[str, ...]
    since: date
    candidates: tuple[ShadowFigures, ...]
    intents: tuple[ShadowFigures, ...] = ()
    days: tuple[ShadowFigures, ...] = ()


_PATH = "/api/admin/shadows"

SHADOWS: tuple[Operation, ...] = (
    Operation(
        "GET",
        _PATH,
        "shadows",
        "Pairs of a candidate's answer and what the customer got, the newest first (owner, admin)",
        (ShadowsAnswer,),
        query=ShadowsQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation(
        "GET",
        f"{_PATH}/figures",
        "shadow_figures",
        "How near candidates are to what customers got, how fast and for how much (owner, admin)",
        (ShadowFiguresAnswer,),
        query=ShadowFiguresQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation("GET", f"{_PATH}/{{id}}", "shadow", "One pair, whole (owner, admin)", (ShadowPair,), errors=(404,), scope="admin"),
    Operation(
        "PUT",
        f"{_PATH}/{{id}}/preference",
        "shadow_preference",
        "Say which answer of a pair is better, or take that back (owner, admin)",
        (ShadowPair,),
        PreferenceBody,
        errors=(404, 409),
    ),
)
