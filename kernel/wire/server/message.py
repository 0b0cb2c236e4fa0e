"""Who speaks, and what a message is to everyone who sees it."""

from typing import Literal
from uuid import UUID

from kernel.wire.base import AuthorKind, Channel, Wire


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
