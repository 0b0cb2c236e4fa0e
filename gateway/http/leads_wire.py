"""What HTTP offers of leads, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation
from kernel.wire.base import Channel, Note, ShortText

Status = Literal["new", "working", "qualified", "nurturing", "converted", "disqualified"]
Temperature = Literal["hot", "warm", "cold"]
Way = Literal["phone", "email"]
Why = Annotated[ShortText, Field(min_length=1)]
Rev = Annotated[int, Field(ge=0, le=2**53)]


class LeadsQuery(Edge):
    """Which leads. `assignee`: somebody's, or `nobody`'s. With `status` that column alone, from its `cursor` on."""

    status: Status | None = None
    temperature: Temperature | None = None
    source: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    assignee: UUID | Literal["nobody"] | None = None
    text: ShortText | None = None
    cursor: Annotated[str, Field(max_length=120)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class LeadReason(Edge):
    """What makes a part of the score: `source`, `adults`, `budget`, `date`, `contacts`, `events`."""

    what: str
    points: int


class LeadCard(Edge):
    """A lead on the board. `rev` counts what people changed of it; whoever changes it names the one that they saw. `since`: it stands so;
    `alerted_at`: staff were told that nobody looks after it; `reached_by`: what is known to reach them by."""

    id: UUID
    conversation: UUID
    customer: str | None = None
    channel: Channel
    source: str
    status: Status
    rev: int
    score: int
    temperature: Temperature
    reasons: tuple[LeadReason, ...]
    facts: dict[str, Any]
    failed: str | None = None
    assignee: UUID | None = None
    assignee_name: str | None = None
    reached_by: tuple[Way, ...]
    why_disqualified: str | None = None
    created_at: datetime
    since: datetime
    alerted_at: datetime | None = None


class LeadColumn(Edge):
    """`count` of all that are so; `cursor` is absent on the last page."""

    status: Status
    count: int
    items: tuple[LeadCard, ...]
    cursor: str | None = None


class LeadsAnswer(Edge):
    """The columns, in their order, the sources that the profile knows, and where a lead of each column may be moved."""

    columns: tuple[LeadColumn, ...]
    sources: tuple[str, ...]
    moves: dict[Status, tuple[Status, ...]]


class LeadContact(Edge):
    kind: Way
    value: str
    verified: bool


class LeadHappened(Edge):
    """A line of a lead's history, and by whom; `by` is absent for what happened by itself. `booking`: the number of the one by which it
    was converted."""

    id: UUID
    kind: Literal["status", "assigned", "note", "alert"]
    at: datetime
    by: str | None = None
    from_status: Status | None = None
    to_status: Status | None = None
    taken_back: bool | None = None
    why: str | None = None
    booking: int | None = None
    name: str | None = None
    text: str | None = None
    temperature: Temperature | None = None


class LeadBooking(Edge):
    id: UUID
    number: int
    status: str
    starts_at: datetime
    guests: int


class LeadRecord(Edge):
    """One lead, whole. `confidence`: 0 to 1, how sure each fact and contact was heard. `contacts` are absent for whom they are not for:
    owners, admins and the assignee see them. `consent` to text messages; absent where nobody was asked. `moves`: where it may be moved."""

    lead: LeadCard
    confidence: dict[str, float]
    contacts: tuple[LeadContact, ...] | None = None
    consent: bool | None = None
    history: tuple[LeadHappened, ...]
    bookings: tuple[LeadBooking, ...]
    moves: tuple[Status, ...]


class LeadMoveBody(Edge):
    """`why`: needed where it is disqualified."""

    to: Status
    rev: Rev
    why: Why | None = None


class LeadTakeBackBody(Edge):
    rev: Rev


class AssignLeadBody(Edge):
    """`staff` null: nobody's."""

    staff: UUID | None
    rev: Rev


class LeadNoteBody(Edge):
    """`id` makes a repeated send the same note."""

    id: UUID
    text: Annotated[Note, Field(min_length=1)]


_PATH = "/api/admin/leads"
_RECORD = (LeadRecord,)

LEADS: tuple[Operation, ...] = (
    Operation(
        "GET",
        _PATH,
        "leads",
        "Leads by how they stand, the most promising first",
        (LeadsAnswer,),
        query=LeadsQuery,
        errors=(400,),
        scope="read",
    ),
    Operation("GET", f"{_PATH}/{{id}}", "lead", "One lead, whole", _RECORD, errors=(404,), scope="read"),
    Operation("POST", f"{_PATH}/{{id}}/move", "lead_move", "Move it", _RECORD, LeadMoveBody, errors=(404, 409), scope="write"),
    Operation(
        "POST",
        f"{_PATH}/{{id}}/take-back",
        "lead_take_back",
        "Take one's own last move back",
        _RECORD,
        LeadTakeBackBody,
        errors=(404, 409),
        scope="write",
    ),
    Operation(
        "POST", f"{_PATH}/{{id}}/assign", "lead_assign", "Say whose it is", _RECORD, AssignLeadBody, errors=(404, 409), scope="write"
    ),
    Operation(
        "POST", f"{_PATH}/{{id}}/notes", "lead_note", "Write a note for staff", _RECORD, LeadNoteBody, errors=(404, 409), scope="write"
    ),
)
