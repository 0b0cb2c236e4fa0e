"""Jobs: what one process asks of another. A job is a frozen, typed payload with a name; the outbox stores it, a worker handles it."""

from datetime import date
from typing import ClassVar, Literal, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from kernel.wire.base import HandoffKind, Risk

# Short jobs are one transaction of ours; long ones wait for somebody else's server, and have a queue of their own.
Queue = Literal["short", "long"]
QUEUES: dict[Queue, str] = {"short": "hibachi:jobs", "long": "hibachi:jobs:long"}
WAKE = "outbox"

# What happened to a booking, as told to those whom it concerns.
BookingChange = Literal[
    "held",
    "terms_accepted",
    "confirmed",
    "rescheduled",
    "cancellation_requested",
    "cancellation_rejected",
    "cancelled",
    "expired",
    "chef_assigned",
    "started",
    "completed",
    "no_show",
    "kept",
    "moved",
    "released",
    "party_changed",
]
# What comes by the clock; `deposit_reminder` as often as the profile says.
BookingMoment = Literal[
    "deposit_reminder", "deposit_end", "chef", "final_count", "menu", "day_before", "start", "end", "review", "referral"
]


class Job(BaseModel):
    """A payload that goes through PostgreSQL as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str]
    queue: ClassVar[Queue] = "short"


class Due(NamedTuple):
    """A row of the outbox that may be carried out at once, and by whom."""

    effect: UUID
    queue: Queue


class NotifyStaff(Job):
    """Staff must hear of a handoff of any kind, or that one is overdue, that a colleague keeps a customer waiting, or that nobody looks
    after a lead."""

    kind: ClassVar[str] = "notify_staff"
    conversation: UUID
    handoff: UUID | None = None
    reason: Literal["handoff", "handoff_due", "human_silent", "follow_up", "lead_waits", "text_stop", "text_loop", "text_flood"]
    staff: UUID | None = None  # whose turn it is
    lead: UUID | None = None
    handoff_kind: HandoffKind | None = None
    urgency: Risk | None = None


class DeliverWebhook(Job):
    """A receiver must be told of an event."""

    kind: ClassVar[str] = "deliver_webhook"
    queue: ClassVar[Queue] = "long"
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


PushReason = Literal[
    "handoff",
    "handoff_due",
    "human_silent",
    "follow_up",
    "lead_waits",
    "text_stop",
    "text_loop",
    "text_flood",
    "campaign_paused",
    "mention",
    "test",
]


class SendPush(Job):
    """A device of somebody of the staff must be woken; `by` is the colleague who mentioned them, in `mention`.

    `claimed`: they have the handoff already, and something new of it. `urgent`: quiet hours do not keep it back.
    """

    kind: ClassVar[str] = "send_push"
    queue: ClassVar[Queue] = "long"
    device: UUID
    reason: PushReason
    conversation: UUID | None = None
    handoff: UUID | None = None
    mention: UUID | None = None
    lead: UUID | None = None
    campaign: UUID | None = None
    by: str | None = None
    claimed: bool = False
    urgent: bool = False
    asked_at: AwareDatetime


class BookingChanged(Job):
    """Something happened to a booking, in this version of it: whoever it concerns must hear of it."""

    kind: ClassVar[str] = "booking_changed"
    booking: UUID
    version: int
    what: BookingChange


class BookingTimer(Job):
    """A moment of a booking's life has come. `of` is the moment that it was counted from (the hold, or the start): of another one it is
    somebody else's, and nothing happens. `number` tells the reminders of one kind apart."""

    kind: ClassVar[str] = "booking_timer"
    booking: UUID
    what: BookingMoment
    of: AwareDatetime
    number: int = 0


class SendEmail(Job):
    """An e-mail that was written must go to the server."""

    kind: ClassVar[str] = "send_email"
    queue: ClassVar[Queue] = "long"
    email: UUID


class HandlePaymentEvent(Job):
    """A provider told something of a payment."""

    kind: ClassVar[str] = "payment_event"
    queue: ClassVar[Queue] = "long"
    event: UUID


class SendRefund(Job):
    """Money must go back."""

    kind: ClassVar[str] = "send_refund"
    queue: ClassVar[Queue] = "long"
    refund: UUID


class RefundDone(Job):
    """Money went back: the customer must have it in writing."""

    kind: ClassVar[str] = "refund_done"
    refund: UUID


class UnreadReply(Job):
    """A person answered, up to this `seq`: where the customer has not read it by now, it goes by e-mail."""

    kind: ClassVar[str] = "unread_reply"
    conversation: UUID
    seq: int


class EscalateHandoff(Job):
    """A handoff that nobody has claimed by now goes one step higher. `of` is the moment at which it was overdue: where its wait began
    anew since, that step is nobody's. None: it is severe, and its steps count from its opening."""

    kind: ClassVar[str] = "escalate_handoff"
    handoff: UUID
    step: int
    of: AwareDatetime | None = None


class ComplaintRecorded(Job):
    """A complaint was kept, or grew this severe: whom the profile names must hear of it, and the customer that it was heard."""

    kind: ClassVar[str] = "complaint_recorded"
    complaint: UUID
    severity: Literal["minor", "moderate", "severe"]


class FollowUpDue(Job):
    """Somebody must look after a complaint again."""

    kind: ClassVar[str] = "follow_up_due"
    follow_up: UUID


class LeadWaits(Job):
    """A new lead was so promising for so long: where nobody has looked after it, staff must hear of it."""

    kind: ClassVar[str] = "lead_waits"
    lead: UUID
    temperature: Literal["hot", "warm", "cold"]


class CampaignPaused(Job):
    """A campaign paused by itself, which is this revision of it: owners and admins must hear of it."""

    kind: ClassVar[str] = "campaign_paused"
    campaign: UUID
    rev: int
    why: Literal["opt_outs", "provider"]

    @property
    def key(self) -> str:
        """By which a pause is one effect, one notification and one mail to each."""
        return f"{self.kind}:{self.campaign}:{self.rev}"


class AnswerShadow(Job):
    """A candidate must answer a turn that was answered already."""

    kind: ClassVar[str] = "answer_shadow"
    queue: ClassVar[Queue] = "long"
    turn: UUID
    candidate: str
    run: str = "live"


class ShadowFails(Job):
    """Staff must hear that a candidate fails more often than not, as it did on this day (UTC)."""

    kind: ClassVar[str] = "shadow_fails"
    candidate: str
    day: date

    @property
    def key(self) -> str:
        """By which it is one effect, and one notification."""
        return f"{self.kind}:{self.candidate}:{self.day}"

    @staticmethod
    def named_in(key: str) -> str:
        """The candidate; names of models hold no colon."""
        return key.split(":")[1]


class ReadDocument(Job):
    """A document must be read, split and embedded, in this revision of it."""

    kind: ClassVar[str] = "read_document"
    queue: ClassVar[Queue] = "long"
    document: UUID
    revision: int


class BuildIndex(Job):
    """The vectors of another embedding must be made, while the one that serves goes on serving."""

    kind: ClassVar[str] = "build_index"
    queue: ClassVar[Queue] = "long"
    index: UUID


class SummariseConversation(Job):
    """A conversation has grown longer than a model is shown: what falls off must be summed up, up to this message."""

    kind: ClassVar[str] = "summarise_conversation"
    queue: ClassVar[Queue] = "long"
    conversation: UUID
    upto: int


class SendText(Job):
    """A text message that was written must go to the provider."""

    kind: ClassVar[str] = "send_text"
    queue: ClassVar[Queue] = "long"
    text: UUID


class CheckText(Job):
    """The provider must be asked what became of a text message: whether it has one that is `unknown`, whether one that it took arrived."""

    kind: ClassVar[str] = "check_text"
    queue: ClassVar[Queue] = "long"
    text: UUID


class FetchText(Job):
    """A text message was announced: it must be fetched from the provider, with whatever else came from its number."""

    kind: ClassVar[str] = "fetch_text"
    queue: ClassVar[Queue] = "long"
    inbound: UUID


JOBS: dict[str, type[Job]] = {
    job.kind: job
    for job in (
        NotifyStaff,
        DeliverWebhook,
        WebhookOff,
        NotifyMention,
        SendPush,
        BookingChanged,
        BookingTimer,
        SendEmail,
        HandlePaymentEvent,
        SendRefund,
        RefundDone,
        UnreadReply,
        EscalateHandoff,
        ComplaintRecorded,
        FollowUpDue,
        LeadWaits,
        CampaignPaused,
        AnswerShadow,
        ShadowFails,
        ReadDocument,
        BuildIndex,
        SummariseConversation,
        SendText,
        CheckText,
        FetchText,
    )
}
