"""What HTTP offers of complaints, as values (see operations.py)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.http.operations import Edge, NothingBody, Operation
from kernel.wire.base import Note, ShortText
from kernel.wire.server import Author, MessageOut

Severity = Literal["minor", "moderate", "severe"]
State = Literal["open", "resolved"]
CouponState = Literal["proposed", "approved", "rejected", "used", "expired"]
Words = Annotated[Note, Field(min_length=1)]
Line = Annotated[ShortText, Field(min_length=1)]


class ComplaintsQuery(Edge):
    """`cursor` goes on where the page before ended."""

    state: State | None = None
    severity: Severity | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ComplaintLine(Edge):
    """A complaint in the list. `follow_up_at`: the next follow-up that is not done; `coupon`: the newest one's state."""

    id: UUID
    conversation: UUID
    customer: str | None = None
    severity: Severity
    topic: str | None = None
    state: State
    summary: str
    created_at: datetime
    resolved_at: datetime | None = None
    follow_up_at: datetime | None = None
    coupon: CouponState | None = None


class OpenCounts(Edge):
    """How many are open."""

    minor: int = 0
    moderate: int = 0
    severe: int = 0


class Topic(Edge):
    """What complaints are about, by the profile."""

    key: str
    name: str


class ComplaintsAnswer(Edge):
    """A page of them, the newest first; `cursor` is absent on the last page."""

    items: tuple[ComplaintLine, ...]
    open: OpenCounts
    topics: tuple[Topic, ...]
    cursor: UUID | None = None


class SaidLine(Edge):
    at: datetime
    message: MessageOut


class NoteLine(Edge):
    at: datetime
    author: Author
    text: str


class ComplaintBooking(Edge):
    """A party of the customer's."""

    id: UUID
    number: int
    status: str
    starts_at: datetime
    guests: int
    station: str
    chef: str | None = None


class FollowUpLine(Edge):
    """`told_at`: staff were reminded."""

    id: UUID
    what: str
    due_at: datetime
    told_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None


class CouponLine(Edge):
    """The lesser of `percent` and `cents_at_most` of a party's price. Its code counts for nothing until it is approved; `booking` is the
    number of the one that it was used on."""

    id: UUID
    code: str | None = None
    percent: int
    cents_at_most: int
    state: CouponState
    reason: str
    decided_by: str | None = None
    expires_at: datetime | None = None
    booking: int | None = None
    created_at: datetime


class CouponLimits(Edge):
    """What one may be worth at most, and for how long."""

    percent: int
    cents: int
    months: int


class ComplaintRecord(Edge):
    """A complaint, whole. `incident`: what was known when it became severe, kept as it was."""

    id: UUID
    conversation: UUID
    customer: str | None = None
    phone: str | None = None
    email: str | None = None
    severity: Severity
    topic: str | None = None
    state: State
    summary: str
    created_at: datetime
    changed_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    incident: dict[str, Any] | None = None
    said: tuple[SaidLine, ...]
    notes: tuple[NoteLine, ...]
    bookings: tuple[ComplaintBooking, ...]
    follow_ups: tuple[FollowUpLine, ...]
    coupons: tuple[CouponLine, ...]
    topics: tuple[Topic, ...]
    limits: CouponLimits


class ResolveBody(Edge):
    """`resolution`: what was done, in words that the customer may read; `tell`: they get it by e-mail, where an address is known."""

    resolution: Words
    tell: bool = True


class ComplaintNoteBody(Edge):
    """`id` makes a repeated send the same note."""

    id: UUID
    text: Words


class TopicBody(Edge):
    topic: Annotated[str, Field(min_length=1, max_length=80)]


class FollowUpBody(Edge):
    what: Line
    due_at: AwareDatetime


class CouponBody(Edge):
    """At most what the profile allows."""

    percent: Annotated[int, Field(ge=1, le=100)]
    cents: Annotated[int, Field(ge=1, le=10_000_000)]
    reason: Line


class DecisionBody(Edge):
    approve: bool


class CouponUseBody(Edge):
    """`booking`: one of the coupon's customer that stands."""

    booking: UUID


class PatternsQuery(Edge):
    weeks: Annotated[int, Field(ge=1, le=53)] = 12


class PatternWeek(Edge):
    """`monday`: its first day. Medians in minutes; absent where there is nothing to measure."""

    monday: date
    minor: int
    moderate: int
    severe: int
    answer_minutes: int | None = None
    resolve_minutes: int | None = None


class PatternShare(Edge):
    """`of`: parties meanwhile."""

    name: str
    count: int
    of: int | None = None


class PatternsAnswer(Edge):
    weeks: tuple[PatternWeek, ...]
    topics: tuple[PatternShare, ...]
    chefs: tuple[PatternShare, ...]
    stations: tuple[PatternShare, ...]
    answer_minutes: int | None = None
    resolve_minutes: int | None = None


_PATH = "/api/admin/complaints"
_RECORD = (ComplaintRecord,)

COMPLAINTS: tuple[Operation, ...] = (
    Operation("GET", _PATH, "complaints", "Complaints, the newest first", (ComplaintsAnswer,), query=ComplaintsQuery, errors=(400,)),
    Operation(
        "GET",
        f"{_PATH}/patterns",
        "complaint_patterns",
        "What complaints have in common over some weeks",
        (PatternsAnswer,),
        query=PatternsQuery,
        errors=(400,),
    ),
    Operation("GET", f"{_PATH}/{{id}}", "complaint", "One complaint, whole", _RECORD, errors=(404,)),
    Operation(
        "POST",
        f"{_PATH}/{{id}}/resolve",
        "complaint_resolve",
        "Settle it with what was done (owner, admin)",
        _RECORD,
        ResolveBody,
        errors=(404, 409),
    ),
    Operation(
        "POST", f"{_PATH}/{{id}}/reopen", "complaint_reopen", "Open it again (owner, admin)", _RECORD, NothingBody, errors=(404, 409)
    ),
    Operation("POST", f"{_PATH}/{{id}}/notes", "complaint_note", "Write a note for staff", _RECORD, ComplaintNoteBody, errors=(404, 409)),
    Operation("POST", f"{_PATH}/{{id}}/topic", "complaint_topic", "Say what it is about", _RECORD, TopicBody, errors=(404,)),
    Operation(
        "POST", f"{_PATH}/{{id}}/follow-ups", "follow_up_add", "Plan to look after it again", _RECORD, FollowUpBody, errors=(404, 409)
    ),
    Operation("POST", "/api/admin/follow-ups/{id}/done", "follow_up_done", "It was done", _RECORD, NothingBody, errors=(404,)),
    Operation(
        "POST",
        f"{_PATH}/{{id}}/coupons",
        "coupon_propose",
        "Propose a coupon: it counts for nothing until it is approved",
        _RECORD,
        CouponBody,
        errors=(404, 409),
    ),
    Operation(
        "POST",
        "/api/admin/coupons/{id}/decision",
        "coupon_decide",
        "Approve or reject a coupon (owner, admin)",
        _RECORD,
        DecisionBody,
        errors=(404, 409),
    ),
    Operation(
        "POST",
        "/api/admin/coupons/{id}/use",
        "coupon_use",
        "Take an approved coupon off a booking of its customer, once (owner, admin)",
        _RECORD,
        CouponUseBody,
        errors=(404, 409),
    ),
)
