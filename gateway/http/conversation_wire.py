"""What HTTP offers of conversations, as values: for programs that read them, or write beside the people who answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation
from kernel.wire.base import Channel, CleanText, ConversationState, Owner, Risk, ShortText
from kernel.wire.console import Cursor
from kernel.wire.server import InboxRow, MessageOut


class ConversationsQuery(Edge):
    """Which: a view of the inbox, and words to look for in names and messages. `cursor` goes on where the page before ended."""

    view: Literal["all", "open", "unassigned", "ai", "needs_human", "closed"] = "all"
    query: ShortText | None = None
    cursor: Cursor | None = None


class ConversationsAnswer(Edge):
    """A page of the inbox, whoever waits longest first; `cursor` is absent on the last one."""

    items: tuple[InboxRow, ...]
    cursor: str | None = None


class MessagesQuery(Edge):
    """The newest messages, or those before the number `before`."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Conversation(Edge):
    """A conversation. `epoch` counts the changes of owner: a reply names the one that it was written for."""

    id: UUID
    channel: Channel
    state: ConversationState
    owner: Owner
    owner_name: str | None = None
    epoch: int
    assignee: UUID | None = None
    risk: Risk
    customer: UUID
    customer_name: str | None = None
    locale: str | None = None
    waiting_since: datetime | None = None
    created_at: datetime
    changed_at: datetime


class NumberedMessage(Edge):
    """A message with its place in the conversation."""

    seq: int
    at: datetime
    message: MessageOut


class ConversationAnswer(Edge):
    """A conversation with some of its messages, the oldest first; `before` leads to older ones and is absent where there are none."""

    conversation: Conversation
    messages: tuple[NumberedMessage, ...]
    before: int | None = None


class NoteBody(Edge):
    """`id` is the caller's own: the same one again is the same note."""

    id: UUID
    text: Annotated[CleanText, Field(min_length=1)]


class ReplyBody(Edge):
    """`id` is the caller's own: the same one again is the same message. `epoch`: of the conversation as it was read."""

    id: UUID
    text: Annotated[CleanText, Field(min_length=1)]
    epoch: Annotated[int, Field(ge=0, le=2**31 - 1)]


class NotedAnswer(Edge):
    """Its number among what staff alone see."""

    staff_seq: int


class RepliedAnswer(Edge):
    """The message, and its number in the conversation."""

    message: UUID
    seq: int


_ONE = "/api/admin/conversations/{id}"
CONVERSATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/conversations",
        "conversations",
        "Conversations, as the inbox shows them",
        (ConversationsAnswer,),
        query=ConversationsQuery,
        errors=(400, 413),
        scope="read",
    ),
    Operation(
        "GET",
        _ONE,
        "conversation",
        "A conversation with its messages",
        (ConversationAnswer,),
        query=MessagesQuery,
        errors=(400, 404),
        scope="read",
    ),
    Operation("POST", f"{_ONE}/notes", "conversation_note", "A note for staff", (NotedAnswer,), NoteBody, errors=(404, 409), scope="write"),
    Operation(
        "POST",
        f"{_ONE}/replies",
        "conversation_reply",
        "Words to the customer, while a person or the queue has the conversation",
        (RepliedAnswer,),
        ReplyBody,
        errors=(404, 409),
        scope="write",
    ),
)
