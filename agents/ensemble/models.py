"""Every model of the settings, built once for a process: metered, with breaker and pace. The ensemble and the shadows draw from it."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agents.ensemble.breaker import Breaker
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.metered import Metered
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.pace import WINDOW
from agents.ensemble.prices import Prices, Pricing
from agents.ensemble.reading import model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.tokens import TokenCounter
from agents.ensemble.warm_up import warm_up
from agents.ensemble.watched import Contender
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.metering import Budgets, UsageSink
from kernel.metering.paces import first_signs
from kernel.pulse import Pulse
from kernel.settings import ModelSettings

ROLE = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Contender):
    """A configured model."""

    model: Metered
    settings: ModelSettings


class Models:
    """The configured models by their names. Building them imports HTTP clients, so a keyless install does not."""

    def __init__(
        self,
        settings: Iterable[ModelSettings],
        usage: UsageSink,
        environment: Mapping[str, str] = os.environ,
        clock: Clock = utc_now,
        budgets: Budgets | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        """Keys are read from `environment`; `budgets`: what may be spent, None: anything. `pulse`: when what is read leaves.

        LiteLLM itself is not imported until a model is asked, or `warm` is.
        """
        self._library, self._connections = LiteLLMLibrary(), Connections(pulse)
        self._read: list[Model] = []
        self._prices, self._counter = Prices(self._library), TokenCounter()
        self._usage, self._environment, self._clock, self._budgets = usage, environment, clock, budgets
        self._members = {one.name: self._built(one) for one in settings}

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the settings."""
        return tuple(self._members)

    def member(self, name: str) -> Member:
        """KeyError where no model is called so."""
        return self._members[name]

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    async def seed(self, database: Database) -> None:
        """Learns from stored calls how fast the models usually are."""
        async with database.transaction() as connection:
            known = await first_signs(connection, self.names, ROLE, WINDOW)
        for name, seconds in known.items():
            self._members[name].pace.seed(seconds)

    async def warm(self, request: ModelRequest) -> None:
        """Makes the first call as fast as the next."""
        await warm_up(self._library, request, self._read)
        await self._counter.load()

    def length(self, text: str) -> int:
        """Tokens of one message, by the count that goes into usage rows where a provider counted none."""
        return self._counter.length(text)

    async def drain(self) -> None:
        """Waits until the usage rows of the calls that have ended are with the sink."""
        for member in self._members.values():
            await member.model.drain()

    async def close(self) -> None:
        """After the last call."""
        await self._connections.close()

    def _built(self, settings: ModelSettings) -> Member:
        target = LiteLLMTarget(
            name=settings.name,
            id=settings.litellm,
            api_base=settings.api_base,
            api_key=self._environment.get(settings.api_key_env) if settings.api_key_env else None,
            first_token_s=settings.first_token_s,
            idle_chunk_s=settings.idle_chunk_s,
            whole=settings.reader == "litellm",
        )

        async def count(request: ModelRequest, text: str) -> tuple[int, int]:
            return await self._counter.count(request.messages, text, request.tools)

        price = Pricing(self._prices, target.id, settings.input_dollars_per_million, settings.output_dollars_per_million)
        model = model_for(target, self._library, self._connections)
        self._read.append(model)
        metered = Metered(
            model,
            provider=target.provider,
            role=ROLE,
            count=count,
            price=price,
            sink=self._usage,
            clock=self._clock,
            budgets=self._budgets,
        )
        return Member(model=metered, breaker=Breaker(), settings=settings)
