"""What one call of a model cost: the row that every call leaves, and the port it is written through."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id

Race = Literal["first_won", "first_lost", "second_won", "second_lost"]
Outcome = Literal["complete", "cancelled", "failed", "cut"]


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One call of one model. `failed`: before any text; `cut`: after some; `cancelled`: we closed it (stop, takeover).

    Tokens are the provider's count, else tiktoken's of what was sent and of the text that arrived. Money is whole
    micro-dollars, None where no price is known. `error` is an `ErrorKind`. `race`: who this was where two were asked at once, and whether
    it answered. `id` makes a repeated insert harmless.
    """

    conversation: ConversationId
    turn: TurnId
    model: str
    provider: str
    role: str
    tokens_in: int
    tokens_out: int
    cost_microdollars: int | None
    first_token_ms: int | None
    duration_ms: int
    outcome: Outcome
    error: str | None
    started_at: datetime
    customer: CustomerId | None = None
    site: SiteId | None = None
    agent: str = ""
    race: Race | None = None
    id: UUID = field(default_factory=new_id)


class UsageSink(Protocol):
    """Takes usage rows. `record` never raises for a database that is away: the sink keeps the row and tries again."""

    async def record(self, row: UsageRow) -> None: ...
