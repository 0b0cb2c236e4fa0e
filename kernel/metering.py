"""What a model call cost: the usage row that every call leaves, the port it is written through, and model health read from it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from kernel.ids import ConversationId, TurnId, new_id

Outcome = Literal["complete", "cancelled", "failed", "cut"]


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One call of one model. `failed`: before any text; `cut`: after some; `cancelled`: we closed it (stop, takeover).

    Tokens are the provider's count, else tiktoken's of what was sent and of the text that arrived. Money is whole
    micro-dollars, None where no price is known. `error` is an `ErrorKind`. `id` makes a repeated insert harmless.
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
    id: UUID = field(default_factory=new_id)


class UsageSink(Protocol):
    """Takes usage rows. `record` never raises for a database that is away: the sink keeps the row and tries again."""

    async def record(self, row: UsageRow) -> None: ...
