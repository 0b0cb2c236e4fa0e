"""What is measured: anything that holds a conversation and shows what it did. The runner knows no more of it than this."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agents.evaluation.files import Conversation, Slot


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call as it was made. `data` is what the tool returned, empty where it refused."""

    name: str
    args: Mapping[str, Any]
    ok: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one message. `handoffs`: kinds that are new with it, `open_handoffs`: those that stood already. `available`: what a
    tool said of the slot; None: not asked. `sources`: the pieces that are cited, "document: heading"."""

    text: str
    agents: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    handoffs: frozenset[str] = frozenset()
    open_handoffs: frozenset[str] = frozenset()
    owner: str = "ai"
    available: bool | None = None
    sources: tuple[str, ...] = ()


class Talk(Protocol):
    """One conversation that is going on."""

    async def meanwhile(self, now: datetime | None, *, paid: bool) -> None:
        """Time goes by, and the deposit of what the conversation holds comes."""
        ...

    async def say(self, text: str, taken: Sequence[Slot]) -> Answer:
        """The customer writes; `taken` are slots that somebody else has taken just before."""
        ...


class Candidate(Protocol):
    """What answers. `name` is how the report calls it."""

    @property
    def name(self) -> str: ...

    def talk(self, conversation: Conversation) -> AbstractAsyncContextManager[Talk]:
        """A conversation with a new customer, on its own clock, in a calendar that holds nothing but what the file says."""
        ...
