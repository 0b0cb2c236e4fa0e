"""One turn as its agents see it: what was heard, what is remembered, what earlier agents found. Lives as long as its turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Literal

import orjson
import structlog

from agents.events import TurnWritten
from agents.house.wording import Wording
from agents.known import Known
from agents.memory import Memory
from agents.tools.context import ToolContext
from agents.tools.results import ToolError, ToolResult
from agents.tools.toolbox import Toolbox
from agents.turn import TurnRequest
from agents.understanding.facts import Facts
from agents.understanding.reading import Heard
from business.pricing.rules import Party
from business.profile.schemas import Profile
from kernel.errors import GatewayError

log = structlog.get_logger(__name__)


WishKind = Literal[
    "terms", "accept", "decline", "lapsed", "none", "status", "pay", "ready", "move", "move_yes", "move_no", "cancel", "cancel_yes",
    "cancel_no", "weather", "guests", "guests_yes", "guests_no", "change",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants of a booking that stands. `day` and `at`: where it shall be moved, as far as told; `party`: who comes
    now; `other`: what else shall be changed, for a person to read."""

    kind: WishKind
    day: date | None = None
    at: time | None = None
    party: Party | None = None
    other: tuple[str, ...] = ()


@dataclass(slots=True)
class Matter:
    """`memory` is what will be remembered: agents change it as they go. `before`: as it was when the turn began. `heard_text`: what
    waited to be answered.

    `routed`: the agents that have this turn; `guessed`: no rule gave it to them. `found`: the last result of each tool. `quiet`: agents
    whose words another one has said.
    """

    request: TurnRequest
    profile: Profile
    wording: Wording
    heard: Heard
    heard_text: str
    before: Memory
    memory: Memory
    context: ToolContext
    toolbox: Toolbox
    routed: tuple[str, ...] = ()
    guessed: bool = False
    found: dict[str, ToolResult] = field(default_factory=dict)
    quiet: set[str] = field(default_factory=set)
    written: list[TurnWritten] = field(default_factory=list)
    # A person takes over once this reply is said.
    hands_over: bool = False
    # Where it is about a booking that stands: what is wanted of it. Nobody else answers that.
    wish: Wish | None = None
    # What the business has written about it; None where nothing was searched for, or not found in time.
    known: Known | None = None

    @property
    def facts(self) -> Facts:
        return self.memory.facts

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def now(self) -> datetime:
        return self.request.now

    @property
    def today(self) -> date:
        """At the venue."""
        return self.now.astimezone(self.profile.business.zone).date()

    @property
    def effects(self) -> bool:
        """Whether something may be written: not for a draft, and not where there is no database."""
        return self.context.effects and self.context.database is not None

    def remember(self, **changes: Any) -> None:
        """Change what will be remembered."""
        self.memory = replace(self.memory, **changes)

    def tell(self, **facts: Any) -> None:
        """Change the facts, as an agent settled them."""
        self.remember(facts=replace(self.memory.facts, **facts))

    async def call(self, name: str, /, **arguments: Any) -> ToolResult:
        """Call a tool; None arguments are left out. Raises ToolError, Unavailable."""
        given = {key: value for key, value in arguments.items() if value is not None}
        result = await self.toolbox.call(self.context, name, orjson.dumps(given).decode())
        self.found[name] = result
        self.written.extend(result.written)
        return result

    async def attempt(self, name: str, /, **arguments: Any) -> ToolResult | None:
        """The same for what the reply does not depend on: None where it cannot be done just now; that is logged, without its arguments."""
        try:
            return await self.call(name, **arguments)
        except (ToolError, GatewayError) as error:
            self.failed(name, error)
            return None

    def failed(self, name: str, error: ToolError | GatewayError) -> None:
        """Keep in the log that a tool could not do it, without its arguments."""
        log.warning("agent.tool_failed", tool=name, cause=type(error).__name__, turn=str(self.request.turn))

    def data(self) -> Mapping[str, Any]:
        """What the tools of this turn gave, by name, for a model to read."""
        return {name: result.data for name, result in self.found.items()}
