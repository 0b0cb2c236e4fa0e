"""What HTTP offers of people who may be one: who this is, who may be the same, what was joined, and all their conversations."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from gateway.http.operations import DoneAnswer, Edge, Operation
from kernel.wire.base import Channel, ConversationState


class PersonWay(Edge):
    """How somebody is reached; `verified`: they proved it, or a site vouched for it."""

    kind: Literal["email", "phone"]
    value: str
    verified: bool


class SuggestedPerson(Edge):
    """Somebody who may be the same person, and what they have in common. `conversation`: their newest."""

    id: UUID
    customer: UUID
    name: str | None = None
    why: tuple[Literal["phone", "email", "name"], ...]
    ways: tuple[PersonWay, ...]
    conversation: UUID | None = None
    at: datetime


class JoinedPerson(Edge):
    """Somebody who was joined to this customer. `by`: the colleague who said so, absent where it was proved. `may_part`: whether whoever
    asks can undo it."""

    id: UUID
    name: str | None = None
    reason: Literal["phone_code", "identity", "staff"]
    by: str | None = None
    at: datetime
    may_part: bool


class PersonConversation(Edge):
    """One of their conversations, by whichever way it came."""

    id: UUID
    channel: Channel
    state: ConversationState
    preview: str
    at: datetime


LikeAMachine = Literal["alike", "echo", "fast"]


class MutedPerson(Edge):
    """The number that texts in this conversation was taken for a machine: nothing is answered there by itself until then. `why`: it wrote
    the same again and again, sent back what it got, or answered faster than anybody types."""

    until: datetime
    why: LikeAMachine | None = None


class PersonAnswer(Edge):
    """Whose conversation it is. `id`: the customer's; `muted` is absent where their texts are answered."""

    id: UUID
    muted: MutedPerson | None = None
    suggestions: tuple[SuggestedPerson, ...]
    joined: tuple[JoinedPerson, ...]
    conversations: tuple[PersonConversation, ...]


PEOPLE: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/conversations/{id}/person",
        "person",
        "Whose conversation it is, with all their others",
        (PersonAnswer,),
        errors=(404,),
        scope="read",
    ),
    Operation(
        "POST",
        "/api/admin/conversations/{id}/unmute",
        "conversation_unmute",
        "Have the assistant answer a number again that was taken for a machine",
        (DoneAnswer,),
        errors=(404,),
    ),
    Operation(
        "POST", "/api/admin/suggestions/{id}/same", "suggestion_same", "Say that two are the same person", (DoneAnswer,), errors=(404, 409)
    ),
    Operation(
        "POST", "/api/admin/suggestions/{id}/two", "suggestion_two", "Say that they are two people", (DoneAnswer,), errors=(404, 409)
    ),
    Operation("POST", "/api/admin/merges/{id}/part", "merge_part", "Part again who was joined", (DoneAnswer,), errors=(404,)),
)
