"""What HTTP offers of segments, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from business.campaigns.filters import Audience
from gateway.http.operations import DoneAnswer, Edge, Operation

SegmentName = Annotated[str, Field(min_length=1, max_length=120)]


class LeftOut(Edge):
    """Customers whom the filter finds and who would get nothing, by the first reason that holds: `no_number`, `same_number` (somebody else
    of that number gets it), `no_consent`, `stopped`, `unreachable`, `country`, `placeholder`, `cap`."""

    why: str
    customers: int


class AudienceCount(Edge):
    """`matched`: customers whom the filter finds; `reachable`: numbers that would get it now, by language and by zone; the others by
    why."""

    matched: int
    reachable: int
    locales: dict[str, int]
    zones: dict[str, int]
    left_out: tuple[LeftOut, ...]


class SegmentItem(Edge):
    """A saved filter. `campaigns`: those that name it."""

    id: UUID
    name: str
    audience: Audience
    campaigns: int
    changed_at: datetime


class SegmentsAnswer(Edge):
    """By name."""

    items: tuple[SegmentItem, ...]


class SegmentBody(Edge):
    """`id` makes a repeated send the same segment."""

    id: UUID
    name: SegmentName
    audience: Audience


class SegmentPatch(Edge):
    """What is given is changed. A campaign that was approved keeps the filter that was approved."""

    name: SegmentName | None = None
    audience: Audience | None = None


class SegmentCountBody(Edge):
    """A filter, saved or not."""

    audience: Audience


_PATH = "/api/admin/segments"

SEGMENTS: tuple[Operation, ...] = (
    Operation("GET", _PATH, "segments", "Saved filters of customers", (SegmentsAnswer,), scope="read"),
    Operation("POST", _PATH, "segment_create", "Save a filter", (SegmentItem,), SegmentBody, errors=(409,), scope="write"),
    Operation(
        "POST",
        f"{_PATH}/count",
        "segment_count",
        "Who would get it, who not and why",
        (AudienceCount,),
        SegmentCountBody,
        scope="read",
    ),
    Operation("PATCH", f"{_PATH}/{{id}}", "segment_change", "Change it", (SegmentItem,), SegmentPatch, errors=(404, 409), scope="write"),
    Operation("DELETE", f"{_PATH}/{{id}}", "segment_delete", "Forget it, where no campaign names it", (DoneAnswer,), errors=(404, 409)),
)
