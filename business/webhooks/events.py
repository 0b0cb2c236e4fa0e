"""What a receiver is told: the events by name, and their typed, versioned bodies. Pure values; docs/webhooks.md shows each."""

from collections.abc import Sequence
from typing import Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.wire.base import AuthorKind, Channel, ConversationState, HandoffKind, HandoffState, Owner, Risk
from kernel.wire.server import Author, Closed, HandoffChanged, MessageEvent, OwnerChanged, Payload, Reopened

VERSION = 1

EventType = Literal[
    "conversation.created",
    "conversation.closed",
    "conversation.reopened",
    "conversation.taken",
    "conversation.given_back",
    "handoff.opened",
    "handoff.claimed",
    "handoff.resolved",
    "handoff.withdrawn",
    "message.created",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
TEST: Literal["webhook.test"] = "webhook.test"

_HANDOFFS: dict[HandoffState, EventType] = {
    "open": "handoff.opened",
    "claimed": "handoff.claimed",
    "resolved": "handoff.resolved",
    "withdrawn": "handoff.withdrawn",
}


class Body(BaseModel):
    """A value that goes to a receiver; fields may be added within a version, never changed or taken away."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Body):
    """Who did it or said it, by the name that the customer sees."""

    kind: AuthorKind
    name: str


class CustomerRef(Body):
    """The customer; `name` is null where nobody knows it."""

    id: UUID
    name: str | None


class ConversationBody(Body):
    """The conversation as the event left it."""

    id: UUID
    channel: Channel
    state: ConversationState
    owner: Owner
    owner_name: str | None
    locale: str | None
    customer: CustomerRef
    created_at: str


class FileRef(Body):
    """A file of a message."""

    id: UUID
    name: str
    type: str
    size: int


class MessageBody(Body):
    """A message that is whole. `seq` grows within its conversation; `interrupted`: a reply of the AI that was cut."""

    id: UUID
    seq: int
    author: Person
    text: str
    format: Literal["markdown", "plain"]
    interrupted: bool
    attachments: tuple[FileRef, ...]


class HandoffBody(Body):
    """The handoff as the event left it."""

    id: UUID
    kind: HandoffKind
    state: HandoffState
    urgency: Risk
    summary: str


class ConversationData(Body):
    """`by` is null where nobody in particular did it: a customer's message began or reopened it."""

    conversation: ConversationBody
    by: Person | None


class HandoffData(Body):
    conversation: ConversationBody
    handoff: HandoffBody
    by: Person


class MessageData(Body):
    conversation: ConversationBody
    message: MessageBody


class TestData(Body):
    """What "send a test event" sends."""

    __test__ = False
    message: str


class ConversationEvent(Body):
    """A conversation began, was closed, opened again, or changed hands between the assistant and a person."""

    type: Literal["conversation.created", "conversation.closed", "conversation.reopened", "conversation.taken", "conversation.given_back"]
    version: Literal[1]
    timestamp: str
    data: ConversationData


class HandoffEvent(Body):
    """A conversation needs a person; somebody has it; it is settled, or the customer went back to the assistant."""

    type: Literal["handoff.opened", "handoff.claimed", "handoff.resolved", "handoff.withdrawn"]
    version: Literal[1]
    timestamp: str
    data: HandoffData


class MessageCreated(Body):
    """Somebody said something: the customer, the assistant, a person, or the system."""

    type: Literal["message.created"]
    version: Literal[1]
    timestamp: str
    data: MessageData


class TestEvent(Body):
    """The test event."""

    __test__ = False
    type: Literal["webhook.test"]
    version: Literal[1]
    timestamp: str
    data: TestData


EVENTS: tuple[type[Body], ...] = (ConversationEvent, HandoffEvent, MessageCreated, TestEvent)
Happening = tuple[EventType, dict[str, Any]]


def happenings(row: Any, state: ConversationState, seq: int, told: Sequence[tuple[Payload, int]]) -> list[Happening]:
    """What a transaction on a conversation amounts to: each with its data but for the conversation.

    `row` is the conversation before it, `state` and `seq` after it, `told` what it wrote to the logs.
    """
    found: list[Happening] = []
    if row.last_seq == 0 and seq > 0:
        found.append(("conversation.created", {"by": None}))
    elif row.state == "closed" and state == "open":
        by_whom = next((_person(payload.by) for payload, _ in told if isinstance(payload, Reopened)), None)
        found.append(("conversation.reopened", {"by": by_whom}))
    owner, by = row.owner, None
    for payload, number in told:
        match payload:
            case OwnerChanged():
                by = _person(payload.by)
                if payload.owner == "human":
                    found.append(("conversation.taken", {"by": by}))
                elif payload.owner == "ai" and owner != "ai":
                    found.append(("conversation.given_back", {"by": by}))
                owner = payload.owner
            case Closed():
                found.append(("conversation.closed", {"by": by}))
            case HandoffChanged(updated=True):
                pass  # what receivers know of it is so still
            case HandoffChanged():
                found.append((_HANDOFFS[payload.state], {"handoff": _handoff(payload), "by": _person(payload.by)}))
            case MessageEvent():
                found.append(("message.created", {"message": _message(payload, number)}))
            case _:
                pass
    return found


def body(type: str, timestamp: str, data: dict[str, Any]) -> dict[str, Any]:
    """The JSON values of an event."""
    kind = next(event for event in EVENTS if type in get_args(event.model_fields["type"].annotation))
    event = kind.model_validate({"type": type, "version": VERSION, "timestamp": timestamp, "data": data})
    return event.model_dump(mode="json")


def _person(author: Author) -> dict[str, Any]:
    return {"kind": author.kind, "name": author.name}


def _handoff(payload: HandoffChanged) -> dict[str, Any]:
    return {
        "id": payload.handoff,
        "kind": payload.handoff_kind,
        "state": payload.state,
        "urgency": payload.urgency,
        "summary": payload.summary,
    }


def _message(payload: MessageEvent, seq: int) -> dict[str, Any]:
    message = payload.message
    return {
        "id": message.id,
        "seq": seq,
        "author": _person(message.author),
        "text": message.text,
        "format": message.format,
        "interrupted": bool(message.interrupted),
        "attachments": [file.model_dump() for file in message.attachments or ()],
    }
