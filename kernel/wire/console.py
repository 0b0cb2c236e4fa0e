"""What the staff's client may send on `/console`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from kernel.wire.base import (
    CleanText,
    HandoffKind,
    HandoffState,
    Note,
    Seq,
    ShortText,
    Wire,
)
from kernel.wire.chat import LivePosition

Epoch = Annotated[StrictInt, Field(ge=0)]
Cursor = Annotated[StrictStr, Field(max_length=200)]


class ConsoleConnect(Wire):
    """The `auth` of a connection to `/console`: a socket token, good once."""

    token: Annotated[StrictStr, Field(min_length=1, max_length=256)]


class Inbox(Wire):
    """`inbox`: conversations, those that wait longest first; subscribes to their rows."""

    view: Literal["mine", "unassigned", "ai", "needs_human", "all", "closed"]
    query: ShortText | None = None
    cursor: Cursor | None = None


class Watch(Wire):
    """`watch`: everything of one conversation, from what the client holds on. `sync` has the same shape."""

    conversation: UUID
    history: Annotated[StrictStr, Field(max_length=64)] | None = None
    after: Seq | None = None
    after_staff: Seq | None = None
    live: LivePosition | None = None


class Unwatch(Wire):
    """`unwatch`: no more of this conversation."""

    conversation: UUID


class HistoryPage(Wire):
    """`history_page` of either log."""

    conversation: UUID
    before: Seq
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 50
    log: Literal["staff"] | None = None


class Take(Wire):
    """`take`: the conversation is mine; the reply in progress ends at a known character."""

    conversation: UUID
    epoch: Epoch | None = None
    force: StrictBool = False


class GiveBack(Wire):
    """`give_back`: the AI answers again."""

    conversation: UUID
    epoch: Epoch
    note: Note | None = None


class StaffMessage(Wire):
    """`message`: a person's words to the customer."""

    conversation: UUID
    id: UUID
    text: CleanText
    attachments: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()
    epoch: Epoch

    @model_validator(mode="after")
    def _says_something(self) -> "StaffMessage":
        if not self.text.strip() and not self.attachments:
            raise ValueError("the text is empty")
        return self


class StaffNote(Wire):
    """`note`: seen by staff alone, and so are its files. `mentions` are the colleagues whom its text names as `@name`."""

    conversation: UUID
    id: UUID
    text: CleanText
    attachments: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()
    mentions: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "StaffNote":
        if not self.text.strip() and not self.attachments:
            raise ValueError("the text is empty")
        return self


class Assign(Wire):
    """`assign`: whose conversation it is; null takes it from everyone."""

    conversation: UUID
    id: UUID
    staff: UUID | None


class Settle(Wire):
    """`resolve` and `reopen`."""

    conversation: UUID
    epoch: Epoch


class Draft(Wire):
    """`draft`: the AI words a reply for the admin; nothing is sent."""

    conversation: UUID
    instruction: Note | None = None


class DraftStop(Wire):
    """`draft_stop`."""

    conversation: UUID


class Handoffs(Wire):
    """`handoffs`: the list, and a subscription to its kinds."""

    state: HandoffState | None = None
    kind: HandoffKind | None = None
    cursor: Cursor | None = None


class HandoffClaim(Wire):
    """`handoff_claim`: mine to settle."""

    handoff: UUID
    id: UUID


class HandoffResolve(Wire):
    """`handoff_resolve`: settled."""

    handoff: UUID
    id: UUID
    note: Note | None = None


class ConsoleTyping(Wire):
    """`typing` in one conversation."""

    conversation: UUID
    on: StrictBool


class ConsoleSeen(Wire):
    """`seen` in one conversation."""

    conversation: UUID
    seq: Seq


class MentionsAsked(Wire):
    """`mentions`: where one is mentioned and has not looked."""


class MentionSeen(Wire):
    """`mention_seen`: one has looked."""

    conversation: UUID


CONSOLE_EVENTS: dict[str, type[Wire]] = {
    "inbox": Inbox,
    "watch": Watch,
    "unwatch": Unwatch,
    "sync": Watch,
    "history_page": HistoryPage,
    "take": Take,
    "give_back": GiveBack,
    "message": StaffMessage,
    "note": StaffNote,
    "assign": Assign,
    "resolve": Settle,
    "reopen": Settle,
    "draft": Draft,
    "draft_stop": DraftStop,
    "handoffs": Handoffs,
    "handoff_claim": HandoffClaim,
    "handoff_resolve": HandoffResolve,
    "typing": ConsoleTyping,
    "seen": ConsoleSeen,
    "mentions": MentionsAsked,
    "mention_seen": MentionSeen,
}
