"""Durable events that the customer sees too. One is stored as its payload, and goes out as
`{conversation, history, seq, at, kind, **payload}`.
"""

from typing import Literal
from uuid import UUID

from kernel.wire.base import Outcome, Owner, Wire
from kernel.wire.cards import Card
from kernel.wire.server.message import Author, MessageOut


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


class DurableEvent(Wire):
    """The envelope of a customer-visible `event`; the payload's fields stand beside these."""

    conversation: UUID
    history: str
    seq: int
    at: str


CHAT_PAYLOADS: tuple[type[Payload], ...] = (
    MessageEvent,
    ReplyStarted,
    ReplyFinished,
    Restarted,
    OwnerChanged,
    CardEvent,
    Closed,
    Reopened,
)
