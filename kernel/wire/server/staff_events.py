"""Durable events of the staff alone: they go out as `{conversation, log: "staff", staff_seq, at, kind, **payload}`."""

from typing import Literal
from uuid import UUID

from kernel.wire.base import HandoffKind, HandoffState, Risk, Wire
from kernel.wire.server.events import Payload
from kernel.wire.server.message import Attachment, Author


class Mentioned(Wire):
    """A colleague who is named in a note as `@name`."""

    staff: UUID
    name: str


class NoteWritten(Payload):
    kind: Literal["note"] = "note"
    id: UUID
    author: Author
    text: str
    attachments: list[Attachment] | None = None
    mentions: list[Mentioned] | None = None


class Assigned(Payload):
    kind: Literal["assigned"] = "assigned"
    staff: UUID | None
    name: str | None
    by: Author


class HandoffChanged(Payload):
    kind: Literal["handoff"] = "handoff"
    handoff: UUID
    handoff_kind: HandoffKind
    state: HandoffState
    urgency: Risk
    summary: str
    by: Author
    updated: bool | None = None  # it was open, or claimed, before: more is known of it


class RiskChanged(Payload):
    kind: Literal["risk"] = "risk"
    risk: Risk


class Alerted(Payload):
    kind: Literal["alert"] = "alert"
    reason: Literal["handoff_due", "escalated", "human_silent", "text_stop", "text_loop", "text_flood"]


class CustomerChanged(Payload):
    """The customer said how to reach them; what it is now stands in the acknowledgement of `watch`, never in the log."""

    kind: Literal["customer"] = "customer"
    changed: list[Literal["name", "email", "phone", "sms_consent", "sms_marketing", "event_date"]]


class Rated(Payload):
    """Stars for the conversation; the last ones count."""

    kind: Literal["rated"] = "rated"
    score: int
    comment: str | None = None


class Texted(Payload):
    """What became of a text message of this conversation; the last one of a message counts. `error`: in a few words, for people."""

    kind: Literal["text"] = "text"
    text: UUID
    message: UUID | None = None
    state: Literal["waiting", "sent", "delivered", "unknown", "failed", "refused", "held", "cancelled"]
    segments: int
    error: str | None = None


class Linked(Payload):
    """Whose conversation this is has changed: two customers were joined, or parted again; or a phone was proved to be the customer's."""

    kind: Literal["linked"] = "linked"
    what: Literal["merged", "parted", "phone"]
    by: Author


class Unmuted(Payload):
    """A colleague has the assistant answer a number again that was taken for a machine."""

    kind: Literal["unmuted"] = "unmuted"
    by: Author


class StaffLogEvent(Wire):
    """The envelope of a staff `event`."""

    conversation: UUID
    log: Literal["staff"]
    staff_seq: int
    at: str


STAFF_PAYLOADS: tuple[type[Payload], ...] = (
    NoteWritten,
    Assigned,
    HandoffChanged,
    RiskChanged,
    Alerted,
    CustomerChanged,
    Rated,
    Texted,
    Linked,
    Unmuted,
)
