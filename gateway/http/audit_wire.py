"""What HTTP offers of the audit trail, as values: the question, the answer, the operation."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from gateway.http.operations import Edge, Operation


class AuditQuery(Edge):
    """Which entries: of one `subject`; by an `actor` (a colleague's id, or a kind); of an `action` (`site.changed`, or `site` for
    all that is done to one); in a span of time. `cursor` goes on where the page before ended."""

    cursor: UUID | None = None
    subject: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] | None = None
    actor: UUID | Literal["staff", "customer", "system", "cli"] | None = None
    action: Annotated[str, Field(max_length=80, pattern=r"^[a-z_]+(\.[a-z_]+)?$")] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class AuditEntry(Edge):
    """Who did what to what. `actor_name` and `subject_name` where that is somebody of the staff."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: str | None
    actor_name: str | None
    action: str
    subject: str | None
    subject_name: str | None
    details: dict[str, Any]


class AuditAnswer(Edge):
    """A page of the trail, the newest first; `cursor` is absent on the last one."""

    items: tuple[AuditEntry, ...]
    cursor: UUID | None = None


AUDIT: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/audit",
        "audit",
        "Who did what, the newest first (owner, admin)",
        (AuditAnswer,),
        query=AuditQuery,
        errors=(400, 413),
        scope="admin",
    ),
)
