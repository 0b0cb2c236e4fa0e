"""Jobs: what one process asks of another. A job is a frozen, typed payload with a name; the outbox stores it, a worker handles it."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from kernel.wire.base import HandoffKind, Risk

QUEUE = "hibachi:jobs"
WAKE = "outbox"


class Job(BaseModel):
    """A payload that goes through PostgreSQL as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str]


class NotifyStaff(Job):
    """Staff must hear of a handoff of any kind, or that one is overdue, or that a colleague keeps a customer waiting."""

    kind: ClassVar[str] = "notify_staff"
    conversation: UUID
    handoff: UUID | None = None
    reason: Literal["handoff", "handoff_due", "human_silent"]
    staff: UUID | None = None  # whose turn it is
    handoff_kind: HandoffKind | None = None
    urgency: Risk | None = None


class DeliverWebhook(Job):
    """A receiver must be told of an event."""

    kind: ClassVar[str] = "deliver_webhook"
    delivery: UUID
    endpoint: UUID


class WebhookOff(Job):
    """Staff must hear that an endpoint of webhooks was switched off."""

    kind: ClassVar[str] = "webhook_off"
    endpoint: UUID


class NotifyMention(Job):
    """A colleague was named in a note, `by` somebody of this name."""

    kind: ClassVar[str] = "notify_mention"
    mention: UUID
    staff: UUID
    conversation: UUID
    by: str


PushReason = Literal["handoff", "handoff_due", "human_silent", "mention", "test"]


class SendPush(Job):
    """A device of somebody of the staff must be woken; `by` is the colleague who mentioned them, in `mention`.

    `claimed`: they have the handoff already, and something new of it.
    """

    kind: ClassVar[str] = "send_push"
    device: UUID
    reason: PushReason
    conversation: UUID | None = None
    handoff: UUID | None = None
    mention: UUID | None = None
    by: str | None = None
    claimed: bool = False
    asked_at: AwareDatetime


JOBS: dict[str, type[Job]] = {job.kind: job for job in (NotifyStaff, DeliverWebhook, WebhookOff, NotifyMention, SendPush)}
