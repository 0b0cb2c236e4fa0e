"""What the server sends: durable `event`s (truth, numbered) and live hints (losing one loses nothing).

A durable event is stored as its payload, and goes out as `{conversation, history, seq, at, kind, **payload}`; a staff event as
`{conversation, log: "staff", staff_seq, at, kind, **payload}`.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.wire.base import (
    AuthorKind,
    Channel,
    ConversationState,
    HandoffKind,
    HandoffState,
    Outcome,
    Owner,
    Risk,
    Wire,
)
from kernel.wire.cards import Card


class Author(Wire):
    """Who speaks, by the name that the customer sees."""

    kind: AuthorKind
    name: str


class SourceRef(Wire):
    """Where an answer comes from."""

    id: str
    title: str


class Attachment(Wire):
    """A file of a message: read at `/api/uploads/{id}`."""

    id: UUID
    name: str
    type: str
    size: int


class MessageOut(Wire):
    """A message as everyone sees it."""

    id: UUID
    author: Author
    text: str
    format: Literal["markdown", "plain"]
    turn: UUID | None = None
    agent: str | None = None
    sources: list[SourceRef] | None = None
    attachments: list[Attachment] | None = None
    client_id: UUID | None = None
    interrupted: bool | None = None
    channel: Channel | None = None  # by which it came in, or went out; none: by the web


class Payload(Wire):
    """What a durable event holds beside its number."""


class MessageEvent(Payload):
    kind: Literal["message"] = "message"
    message: MessageOut


class ReplyStarted(Payload):
    kind: Literal["reply_started"] = "reply_started"
    turn: UUID
    answers: list[int]


class ReplyFinished(Payload):
    kind: Literal["reply_finished"] = "reply_finished"
    turn: UUID
    outcome: Outcome
    message: UUID | None = None


class Restarted(Payload):
    kind: Literal["restarted"] = "restarted"
    turn: UUID
    replaces: UUID
    answers: list[int]


class OwnerChanged(Payload):
    kind: Literal["owner_changed"] = "owner_changed"
    owner: Owner
    epoch: int
    by: Author
    expected_minutes: int | None = None


class CardEvent(Payload):
    kind: Literal["card"] = "card"
    card: Card


class Closed(Payload):
    kind: Literal["closed"] = "closed"


class Reopened(Payload):
    """A colleague opened it again; a message opens it without this."""

    kind: Literal["reopened"] = "reopened"
    by: Author


ChatPayload = Annotated[
    MessageEvent | ReplyStarted | ReplyFinished | Restarted | OwnerChanged | CardEvent | Closed | Reopened,
    Field(discriminator="kind"),
]


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
    reason: Literal["handoff_due", "escalated", "human_silent", "text_stop", "text_loop"]


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


StaffPayload = Annotated[
    NoteWritten | Assigned | HandoffChanged | RiskChanged | Alerted | CustomerChanged | Rated | Texted | Linked,
    Field(discriminator="kind"),
]


class DurableEvent(Wire):
    """The envelope of a customer-visible `event`; the payload's fields stand beside these."""

    conversation: UUID
    history: str
    seq: int
    at: str


class StaffLogEvent(Wire):
    """The envelope of a staff `event`."""

    conversation: UUID
    log: Literal["staff"]
    staff_seq: int
    at: str


class Delta(Wire):
    conversation: UUID
    turn: UUID
    at: int
    to: int
    text: str


class DraftDelta(Wire):
    """A piece of a draft, for the socket that asked. `at` 0 begins (again); the last one has `done`."""

    conversation: UUID
    draft: UUID
    at: int
    to: int
    text: str
    done: bool | None = None


class Stage(Wire):
    conversation: UUID
    turn: UUID
    text: str


class Typing(Wire):
    conversation: UUID
    author: Author
    on: bool


class Receipt(Wire):
    conversation: UUID
    who: Literal["customer", "staff"]
    seq: int


class Head(Wire):
    conversation: UUID
    seq: int
    turn: UUID | None = None
    to: int | None = None


class Goodbye(Wire):
    code: Literal["slow", "expired", "revoked", "draining", "flood"]
    retry_after_ms: int


class Viewer(Wire):
    staff: UUID
    name: str
    typing: bool


class Presence(Wire):
    conversation: UUID
    viewers: list[Viewer]


class InboxRow(Wire):
    id: UUID
    rev: int
    customer: str
    channel: Channel
    owner: Owner
    state: ConversationState
    preview: str
    preview_author: AuthorKind
    waiting_since: str | None
    unread: int
    assignee: UUID | None
    assignee_name: str | None = None
    risk: Risk
    viewers: list[UUID]


class InboxEvent(Wire):
    row: InboxRow


class HandoffRow(Wire):
    id: UUID
    rev: int
    kind: HandoffKind
    state: HandoffState
    conversation: UUID
    summary: str
    urgency: Risk
    due_at: str
    claimed_by: UUID | None
    step: int | None = None  # how often it went higher, for nobody came
    facts: dict[str, Any] | None = None
    tried: str | None = None
    suggested_reply: str | None = None


class ConversationRef(Wire):
    id: UUID
    owner: Owner
    epoch: int
    state: ConversationState


class LiveReply(Wire):
    """The reply in progress; `text` covers positions `from` to `to`."""

    turn: UUID
    from_: int = Field(alias="from")
    to: int
    text: str


class Snapshot(Wire):
    conversation: ConversationRef
    history: str
    events: list[dict[str, Any]]
    more: bool | None = None
    resync: bool | None = None
    head: int
    live: LiveReply | None


class BusinessCard(Wire):
    """`hours` and `back` as people say them, in the locale's language and the business's zone; `back` is there while closed."""

    name: str
    avatar: str | None
    hours: str
    open: bool
    back: str | None = None
    reply_minutes: int | None
    disclosure: str
    locale: str
    theme: dict[str, str]
    greeting: str | None = None
    quick_replies: list[str] | None = None
    sms_consent: str | None = None
    sms_marketing: str | None = None
    ask: list[Literal["name", "email", "phone", "sms_consent", "sms_marketing", "event_date"]] | None = None
    texting: bool | None = None  # the conversation can go on by text


class BusinessNews(Wire):
    """What changed of `ready.business` while the page is open: hours began or ended, or the business edited its profile."""

    name: str
    hours: str
    open: bool
    back: str | None
    reply_minutes: int | None
    disclosure: str


class Ready(Snapshot):
    token: str
    business: BusinessCard


CHAT_SERVER_EVENTS: dict[str, type[Wire]] = {
    "ready": Ready,
    "business": BusinessNews,
    "delta": Delta,
    "stage": Stage,
    "typing": Typing,
    "receipt": Receipt,
    "head": Head,
    "goodbye": Goodbye,
}


class MentionRow(Wire):
    """A conversation in which one is mentioned and has not looked since."""

    conversation: UUID
    by: str
    at: str


class Mentions(Wire):
    """All of one's own, the newest first; sent to every console of that person when they change."""

    items: list[MentionRow]


CONSOLE_SERVER_EVENTS: dict[str, type[Wire]] = {
    "delta": Delta,
    "stage": Stage,
    "typing": Typing,
    "receipt": Receipt,
    "head": Head,
    "goodbye": Goodbye,
    "presence": Presence,
    "draft_delta": DraftDelta,
    "inbox": InboxEvent,
    "handoff": HandoffRow,
    "mentions": Mentions,
}
