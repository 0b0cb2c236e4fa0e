"""What a customer's client may send on `/chat`, and what it shows when it connects."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from kernel.wire.base import CleanText, Note, Position, Seq, ShortText, Wire


class LivePosition(Wire):
    """How far the client holds the reply in progress."""

    turn: UUID
    at: Position


class ChatConnect(Wire):
    """The `auth` of a connection to `/chat`. `locale`: the page's language, like `es-MX`; it goes before the browser's."""

    site: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    token: Annotated[StrictStr, Field(max_length=1024)] | None = None
    identity: Annotated[StrictStr, Field(max_length=4096)] | None = None
    history: Annotated[StrictStr, Field(max_length=64)] | None = None
    after: Seq | None = None
    live: LivePosition | None = None
    locale: Annotated[StrictStr, Field(max_length=40)] | None = None


class ChatMessageIn(Wire):
    """`message`: the same id and payload again is the same message."""

    id: UUID
    text: CleanText
    attachments: Annotated[tuple[UUID, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "ChatMessageIn":
        if not self.text.strip() and not self.attachments:
            raise ValueError("the text is empty")
        return self


class ChatSync(Wire):
    """`sync`: what came after what the client holds."""

    history: Annotated[StrictStr, Field(max_length=64)] | None = None
    after: Seq | None = None
    live: LivePosition | None = None


class ChatHistoryPage(Wire):
    """`history_page`: reads back from `before`."""

    before: Seq
    limit: Annotated[StrictInt, Field(ge=1, le=50)] = 50


class ChatTyping(Wire):
    """`typing`: gone by itself after 6 s."""

    on: StrictBool


class ChatSeen(Wire):
    """`seen`: the newest event that the person has had before their eyes."""

    seq: Seq


class ChatStop(Wire):
    """`stop`: ends the reply in progress where it is."""

    turn: UUID


class ChatHuman(Wire):
    """`human`: asks for a person."""

    id: UUID
    reason: ShortText | None = None


class ChatAssistant(Wire):
    """`assistant`: back to the AI."""


class ChatFeedback(Wire):
    """`feedback`: a thumb on one message; the last one counts."""

    message: UUID
    value: Literal["up", "down"]
    comment: Note | None = None


class ChatProfile(Wire):
    """`profile`: how to reach the customer, and which day they write about."""

    name: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None
    sms_consent: StrictBool | None = None
    sms_marketing: StrictBool | None = None
    event_date: Annotated[StrictStr, Field(max_length=10)] | None = None


class ChatRate(Wire):
    """`rate`: the whole conversation, at its end."""

    id: UUID
    score: Annotated[StrictInt, Field(ge=1, le=5)]
    comment: Note | None = None


class ChatTranscript(Wire):
    """`transcript`: the conversation by e-mail."""

    email: ShortText


class ChatContinueByText(Wire):
    """`continue_by_text`: the same conversation goes on by SMS."""

    phone: ShortText


class ChatVerifyPhone(Wire):
    """`verify_phone`: the code that came by SMS."""

    code: ShortText


CHAT_EVENTS: dict[str, type[Wire]] = {
    "message": ChatMessageIn,
    "sync": ChatSync,
    "history_page": ChatHistoryPage,
    "typing": ChatTyping,
    "seen": ChatSeen,
    "stop": ChatStop,
    "human": ChatHuman,
    "assistant": ChatAssistant,
    "profile": ChatProfile,
    "feedback": ChatFeedback,
    "rate": ChatRate,
    "transcript": ChatTranscript,
    "continue_by_text": ChatContinueByText,
    "verify_phone": ChatVerifyPhone,
}

UNACKNOWLEDGED = frozenset({"typing", "seen"})
