"""The one streaming interface: LiteLLM, the house model and every wrapper (fallback, metered) are a `Model`."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from agents.ensemble.chunks import Chunk, ToolCall
from agents.ensemble.racer import Racer
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId
from kernel.settings import Stakes

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """One message as a model sees it; consecutive messages of one role are allowed.

    An assistant's message may carry `calls`; each is answered by a message of role "tool" with its id in `call_id`.
    """

    role: Role
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it. `parameters` is the JSON schema of one object."""

    name: str
    description: str
    parameters: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `messages` is oldest first, the instructions in front; `now` is aware UTC.

    `paced`: a model that has its whole answer at once gives it at reading speed, so that people can see and stop it.
    `visible_restarts`: how often the customer already saw this reply start again.
    `purpose`: what the usage row calls the role of this call; None: what the model was built for.
    `tools`: what the model may ask to have called. Without `may_call` it is told of them, so that past calls make sense to it, but
    has to answer in words. `prepared`: what the house says to it, word for word.
    `agent`, `stakes`: whose turn it is and what may go wrong with it; they choose the way of answering. `customer`: whose budget it costs.
    `race`: which place this call has where two models are asked for one answer.
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
    tools: tuple[ToolSpec, ...] = ()
    may_call: bool = True
    prepared: str = ""
    agent: str = ""
    stakes: Stakes = "high"
    customer: CustomerId | None = None
    race: Racer | None = field(default=None, compare=False)


class Model(Protocol):
    """A model. `stream` is an async generator: hold it in `aclosing()`; closing it closes the provider's connection."""

    @property
    def name(self) -> str:
        """How the ensemble calls it; goes into usage rows and `TurnFinished.model`."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Gives `Chunk`s, ends after `Finish`, raises `ModelError` alone."""
        ...
