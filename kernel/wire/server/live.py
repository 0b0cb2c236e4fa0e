"""Live hints: losing one loses nothing."""

from typing import Literal
from uuid import UUID

from kernel.wire.base import Wire
from kernel.wire.server.message import Author


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
