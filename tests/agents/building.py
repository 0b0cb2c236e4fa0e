"""What the agents' tests build: requests, a sink that keeps rows, an ensemble of models on the scripted provider."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from agents.ensemble.breaker import BackOff, Breaker
from agents.ensemble.chunks import Chunk, Restart, Text
from agents.ensemble.fallback import Fallback
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_model import LiteLLMModel, LiteLLMTarget
from agents.ensemble.metered import Metered
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.ensemble.prices import Prices, Pricing
from agents.ensemble.tokens import TokenCounter
from agents.ensemble.watched import Contender
from agents.house.concierge import HouseModel
from kernel.ids import ConversationId, SiteId, TurnId, new_id
from kernel.metering import UsageRow
from tests.rig.provider import ScriptedProvider

# A way of answering, over these and the house.
Way = Callable[[list[Contender], Model], Model]
PREPARED = "What the house says: a chef comes with grill, propane and food, and cooks for your party."
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # noon in California, a Monday


@dataclass
class KeptRows:
    """A usage sink that keeps what it is given."""

    rows: list[UsageRow] = field(default_factory=list)

    async def record(self, row: UsageRow) -> None:
        self.rows.append(row)


def ask(*texts: str, locale: str = "en", restarts: int = 0, paced: bool = False) -> ModelRequest:
    """A request whose user messages are `texts`, the last one waiting to be answered."""
    messages = tuple(ModelMessage("user", text) for text in texts)
    return ModelRequest(
        conversation=ConversationId(new_id()),
        turn=TurnId(new_id()),
        site=SiteId(new_id()),
        channel="web",
        locale=locale,
        now=NOW,
        messages=(ModelMessage("system", "Be brief."), *messages),
        paced=paced,
        visible_restarts=restarts,
        prepared=PREPARED,
    )


class Targeted(Model, Protocol):
    """A model of some provider."""

    @property
    def target(self) -> LiteLLMTarget: ...


@dataclass
class Ensemble:
    """Scripted models, each metered, and the house, under one way of answering."""

    fallback: Model
    metered: list[Metered]
    sink: KeptRows
    contenders: list[Contender]

    async def rows(self) -> list[UsageRow]:
        """Every row of the calls that have ended, in the order in which they began: a row is done when its tokens are counted."""
        for model in self.metered:
            await model.drain()
        return sorted(self.sink.rows, key=lambda row: row.started_at)


@dataclass
class Workshop:
    """Builds ensembles on one provider and one imported LiteLLM."""

    provider: ScriptedProvider
    library: LiteLLMLibrary
    counter: TokenCounter
    house: HouseModel

    def target(self, script: str, **settings: float) -> LiteLLMTarget:
        return LiteLLMTarget(script, f"openai/{script}", api_base=self.provider.base_url, **settings)  # type: ignore[arg-type]

    def model(self, script: str, **settings: float) -> LiteLLMModel:
        return LiteLLMModel(self.target(script, **settings), self.library)

    def ensemble(self, *models: Targeted, back_off: BackOff | None = None, way: Way = Fallback) -> Ensemble:
        sink = KeptRows()
        prices = Prices(self.library)
        metered = []
        for model in models:
            metered.append(self._metered(model, model.target.provider, sink, prices, model.target.id))
        house = self._metered(self.house, "house", sink, prices, "house")
        contenders = [Contender(model, Breaker(back_off)) for model in metered]
        return Ensemble(way(contenders, house), [*metered, house], sink, contenders)

    def _metered(self, model: Model, provider: str, sink: KeptRows, prices: Prices, priced_as: str) -> Metered:
        async def count(request: ModelRequest, text: str) -> tuple[int, int]:
            return await self.counter.count(request.messages, text, request.tools)

        return Metered(model, provider=provider, role="answer", count=count, price=Pricing(prices, priced_as), sink=sink)


def shown(chunks: Iterable[Chunk]) -> str:
    """What stands on the customer's screen after these chunks."""
    text = ""
    for chunk in chunks:
        match chunk:
            case Text(piece):
                text += piece
            case Restart():
                text = ""
    return text
