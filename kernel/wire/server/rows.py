"""Rows of the console's lists: the inbox, handoffs, mentions. The row that comes last counts."""

from typing import Any
from uuid import UUID

from kernel.wire.base import AuthorKind, Channel, ConversationState, HandoffKind, HandoffState, Owner, Risk, Wire


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


class MentionRow(Wire):
    """A conversation in which one is mentioned and has not looked since."""

    conversation: UUID
    by: str
    at: str


class Mentions(Wire):
    """All of one's own, the newest first; sent to every console of that person when they change."""

    items: list[MentionRow]
