"""The one streaming interface: LiteLLM, the house model and every wrapper (fallback, metered) are a `Model`."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from agents.ensemble.chunks import Chunk
from kernel.ids import ConversationId, SiteId, TurnId

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """One message as a model sees it; consecutive messages of one role are allowed."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `messages` is oldest first, the instructions in front; `now` is aware UTC.

    `paced`: a model that has its whole answer at once gives it at reading speed, so that people can see and stop it.
    `visible_restarts`: how often the customer already saw this reply start again.
    `purpose`: what the usage row calls the role of this call; None: what the model was built for.
    """

    conversation: ConversationId
    turn: TurnId
    site: SiteId
    channel: Literal["web", "sms"]
    locale: str
    now: datetime
    messages: tuple[ModelMessage, ...]
    max_tokens: int = 700
    paced: bool = True
    visible_restarts: int = 0
    purpose: str | None = None


class Model(Protocol):
    """A model. `stream` is an async generator: hold it in `aclosing()`; closing it closes the provider's connection."""

    @property
    def name(self) -> str:
        """How the ensemble calls it; goes into usage rows and `TurnFinished.model`."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Gives `Chunk`s, ends after `Finish`, raises `ModelError` alone."""
        ...
