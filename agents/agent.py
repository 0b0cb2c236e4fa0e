"""What an agent is: the topics it answers, its tools, and its work on one turn. Adding one is a folder and a line of `registry.py`.

Agents work in the order in which they need each other (the way before the price), each seeing what earlier ones found. What they give is
put together by `voice.py` into one reply with one next step.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from agents.events import Source, TurnStage
from agents.tools.tool import Tool
from kernel.settings import Stakes

if TYPE_CHECKING:
    from agents.matter import Matter


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph, and what should follow it: a key of the wording's `next`, None for the usual. `alone`: nobody else speaks.

    `topic`: what it answers, where it answers one; such paragraphs come in the order in which they were asked. `sources`: where the
    business has written it.
    """

    text: str
    then: str | None = None
    alone: bool = False
    topic: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The question that the reply ends with, and which fact it asks for; of several the last agent's stands."""

    fact: str
    text: str


Step: TypeAlias = Said | Ask | TurnStage


class Agent(ABC):
    """One of those who answer. Holds nothing of any conversation."""

    key: ClassVar[str]
    topics: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[tuple[str, ...]] = ()
    # Says nothing and takes no turn: works once the reply is said, so that nobody waits for it.
    silent: ClassVar[bool] = False
    # The topic of its words that it answers with where nothing but nearness to its examples gave it the turn.
    in_general: ClassVar[str | None] = None
    # What may go wrong with its words: money, dates, allergens, promises, or nothing that matters.
    stakes: ClassVar[Stakes] = "high"
    # Whether what it says fits one text message.
    short: ClassVar[bool] = False
    tools: tuple[Tool[Any], ...] = ()

    async def look(self, matter: "Matter") -> None:
        """Learns what has to be known before anybody can say whose turn it is. Asked of all, before `claims`."""
        return

    def claims(self, matter: "Matter") -> bool:
        """Whether the rules give it this turn."""
        return bool(self.topics & set(matter.heard.topics))

    @abstractmethod
    def work(self, matter: "Matter") -> AsyncGenerator[Step, None]:
        """Its part of the reply. Hold it in `aclosing()`. Raises `ToolError` and `Unavailable` where a tool's way is barred."""
        ...

    def may_guess(self, matter: "Matter") -> bool:
        """Whether it may have a turn for nothing but nearness: not where only a document could answer."""
        return not matter.heard.beyond

    async def guess(self, matter: "Matter") -> AsyncGenerator[Step, None]:
        """Its part where the rules found nobody and its examples were nearest."""
        if self.in_general is not None:
            yield Said(matter.wording.say("topics", self.in_general))

    @classmethod
    def prompt(cls) -> Path:
        """What a model is told where this agent has the turn."""
        return Path(__file__).parent / cls.key / "prompt.md"
