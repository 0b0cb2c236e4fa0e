"""An ensemble as an install has it, from settings and a policy, over models of the farm; and what became of each call."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.ensemble.ensemble import Ensemble
from agents.ensemble.models import Models
from agents.house.concierge import HouseModel
from kernel.ids import TurnId
from kernel.metering import UsageRow
from kernel.settings import ModelSettings, Policy
from tests.agents.building import KeptRows

AT_ONCE = 0.0  # tokens a second: what is there at once is given at once


@dataclass
class Staged:
    """`async with Staged(entries) as staged:` models whose usage rows are kept. No budgets: those have tests of their own."""

    entries: Iterable[ModelSettings]
    sink: KeptRows = field(default_factory=KeptRows)

    async def __aenter__(self) -> "Staged":
        self.models = Models(self.entries, self.sink, environment={})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.models.close()

    def ensemble(self, **policy: object) -> Ensemble:
        return Ensemble(self.models, Policy.model_validate(policy), HouseModel(AT_ONCE), AT_ONCE)

    async def rows(self, turn: TurnId) -> list[UsageRow]:
        """Of one turn, in the order in which the calls began."""
        await self.models.drain()
        return sorted((row for row in self.sink.rows if row.turn == turn), key=lambda row: row.started_at)
