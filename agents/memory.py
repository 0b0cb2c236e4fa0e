"""What a conversation remembers between turns: stored with the reply that it led to, so a turn that begins anew remembers the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.understanding.facts import Facts


@dataclass(frozen=True, slots=True)
class Memory:
    """`asked`: the fact that our last question was about. `agent`: who had the conversation. `booking`: a booking is being made.

    `later`: facts that the customer will tell later. `unsure`: turns in a row that nobody understood. `read_back`: the hold's facts were
    read to the customer, as they were then. `saved`: what the lead was last saved with. `refused`: the start that was last found taken
    (ISO, at the venue). `held`: number and end of the hold that stands. `offered`: what was read back of a booking and waits for a yes,
    as the arguments of its tool. `introduced`: a text has told who answers.
    """

    facts: Facts = field(default_factory=Facts)
    asked: str | None = None
    agent: str = "conversational"
    booking: bool = False
    later: tuple[str, ...] = ()
    unsure: int = 0
    read_back: str = ""
    saved: str = ""
    language: str | None = None
    refused: str | None = None
    held: Mapping[str, Any] | None = None
    offered: Mapping[str, Any] | None = None
    introduced: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the conversation's row."""
        return {
            "facts": self.facts.to_json(),
            "asked": self.asked,
            "agent": self.agent,
            "booking": self.booking,
            "later": list(self.later),
            "unsure": self.unsure,
            "read_back": self.read_back,
            "saved": self.saved,
            "language": self.language,
            "refused": self.refused,
            "held": None if self.held is None else dict(self.held),
            "offered": None if self.offered is None else dict(self.offered),
            "introduced": self.introduced,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Memory":
        """What was stored, by this release or another: what cannot be read is forgotten, the customer is asked again."""
        blank = cls()

        def kept(name: str, kind: type, default: Any) -> Any:
            value = stored.get(name)
            return value if isinstance(value, kind) else default

        facts = stored.get("facts")
        return cls(
            facts=Facts.from_json(facts) if isinstance(facts, Mapping) else blank.facts,
            asked=kept("asked", str, None),
            agent=kept("agent", str, blank.agent),
            booking=kept("booking", bool, False),
            later=tuple(item for item in kept("later", list, []) if isinstance(item, str)),
            unsure=kept("unsure", int, 0),
            read_back=kept("read_back", str, ""),
            saved=kept("saved", str, ""),
            language=kept("language", str, None),
            refused=kept("refused", str, None),
            held=kept("held", dict, None),
            offered=kept("offered", dict, None),
            introduced=kept("introduced", bool, False),
        )
