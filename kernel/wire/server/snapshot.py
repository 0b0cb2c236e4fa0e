"""Where a page begins: a conversation as it stands, and the business as its customers see it."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from kernel.wire.base import ConversationState, Owner, Wire


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
