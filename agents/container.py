"""Builds everything that answers, by constructor, from settings and profile; the gateway's and the worker's roots call it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.admin.assistant import AdminAssistant, Answer, Question
from agents.distance.ways import Ways
from agents.drafting import Drafter
from agents.ensemble.breaker import Breaker
from agents.ensemble.fallback import Fallback
from agents.ensemble.metered import Metered
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.events import TurnEvent, TurnRestarted, TurnText
from agents.house.concierge import HouseModel
from agents.house.pacing import pieces
from agents.instructions import Instructions
from agents.orchestrator import Orchestrator
from agents.prompts import render_prompt
from agents.registry import agents as registered
from agents.router.embedding import Nearest
from agents.turn import TurnRequest
from business.links.signing import Links
from business.profile.schemas import Profile
from business.travel.places import zip_place
from business.travel.service import TravelService, build_travel
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.ids import ConversationId, SiteId, TurnId, new_id
from kernel.metering import UsageSink
from kernel.settings import HOUSE, ModelSettings, Settings
from knowledge.embedding.encoder import Encoder

if TYPE_CHECKING:
    from agents.ensemble.library import LiteLLMLibrary

ROLE = "answer"


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers by one profile. A turn that began here ends here, whatever is saved meanwhile."""

    orchestrator: Orchestrator
    drafter: Drafter
    assistant: AdminAssistant
    house: Metered
    instructions: str
    home_zip: str


class Agents:
    """What answers, ready to be called. `warm` before serving, `close` after the last turn has ended.

    `warm_up` is None where no model is configured: then LiteLLM is never imported.
    """

    def __init__(
        self,
        providers: tuple[Metered, ...],
        set_up: Callable[[Profile], Desk],
        profile: Profile,
        warm_up: Callable[[str], Awaitable[None]] | None,
        travel: TravelService,
    ) -> None:
        self._providers = providers
        self._travel = travel
        self._set_up = set_up
        self._desk = set_up(profile)
        self.warm_up = warm_up

    @property
    def models(self) -> tuple[Metered, ...]:
        return (*self._providers, self._desk.house)

    def use(self, profile: Profile) -> None:
        """Answer by this profile from the next call on."""
        self._desk = self._set_up(profile)

    def answer(self, request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """The orchestrator's, by the profile that counts at the call."""
        return self._desk.orchestrator.answer(request)

    def draft(self, request: TurnRequest, instruction: str | None) -> AsyncGenerator[TurnText | TurnRestarted, None]:
        """The drafter's, by the profile that counts at the call."""
        return self._desk.drafter.draft(request, instruction)

    async def ask(self, question: Question) -> Answer:
        """The staff's assistant, by the profile that counts at the call."""
        return await self._desk.assistant.answer(question)

    async def warm(self) -> None:
        """Makes the first call as fast as the next: the table of places, and LiteLLM where a model is configured."""
        zip_place(self._desk.home_zip)
        if self.warm_up is not None:
            await self.warm_up(self._desk.instructions)

    async def drain(self) -> None:
        """Waits until the usage rows of the calls that have ended are with the sink."""
        for model in self.models:
            await model.drain()

    async def close(self) -> None:
        """After the last turn. The sink itself is closed by who built it, after this."""
        await self.drain()
        await self._travel.close()


def build_agents(
    settings: Settings,
    profile: Profile,
    usage: UsageSink,
    database: Database | None = None,
    *,
    links: Links | None = None,
    environment: Mapping[str, str] = os.environ,
    clock: Clock = utc_now,
) -> Agents:
    """The orchestrator over the models in the settings' order, the house last. Keys are read from `environment`.

    `links`: addresses of bookings' pages, for customers to be told.
    Without a `database` nothing is kept and no calendar is read: prices, menu and the way are answered all the same.
    """
    by_name = {model.name: model for model in settings.models}
    wanted = [by_name[name] for name in settings.answer_order if name != HOUSE]
    providers: list[Metered] = []
    warm_up = None
    if wanted:
        # Here and not above: these modules import HTTP clients that a keyless install never needs.
        from agents.ensemble.library import LiteLLMLibrary
        from agents.ensemble.warm_up import warm_up as warm_library

        library = LiteLLMLibrary()
        providers = [_metered(model, library, usage, environment, clock) for model in wanted]

        async def warm_up(instructions: str) -> None:
            await warm_library(library, _request(instructions, clock))

    travel = _travel(settings, environment)
    ways, nearest = Ways(travel), Nearest(Encoder())
    members: list[tuple[Model, Breaker]] = [(model, Breaker()) for model in providers]
    house_rows: set[asyncio.Task[None]] = set()

    def set_up(profile: Profile) -> Desk:
        house = _metered_house(HouseModel(settings.ensemble.house_tokens_per_second), usage, clock, house_rows)
        ensemble = Fallback(members, house)
        everyone = registered(ways)
        instructions = Instructions(profile, everyone)
        orchestrator = Orchestrator(
            profile, everyone, ensemble, house, instructions, nearest, database, models=bool(providers), links=links
        )
        drafter = Drafter(orchestrator, ensemble, render_prompt("draft", profile))
        assistant = AdminAssistant(profile, orchestrator, ensemble, house, ways, database, models=bool(providers))
        return Desk(orchestrator, drafter, assistant, house, instructions.voice, profile.business.zip)

    return Agents(tuple(providers), set_up, profile, warm_up, travel)


def _travel(settings: Settings, environment: Mapping[str, str]) -> TravelService:
    given = settings.travel
    return build_travel(
        given.provider,
        address=given.address,
        key=environment.get(given.key_env) if given.key_env else None,
        timeout_s=given.timeout_s,
        cache_hours=given.cache_hours,
        cache_entries=given.cache_entries,
    )


def _metered(settings: ModelSettings, library: "LiteLLMLibrary", usage: UsageSink, environment: Mapping[str, str], clock: Clock) -> Metered:
    from agents.ensemble.litellm_model import LiteLLMModel, LiteLLMTarget
    from agents.ensemble.prices import Prices
    from agents.ensemble.tokens import TokenCounter

    target = LiteLLMTarget(
        name=settings.name,
        id=settings.litellm,
        api_base=settings.api_base,
        api_key=environment.get(settings.api_key_env) if settings.api_key_env else None,
        first_token_s=settings.first_token_s,
        idle_chunk_s=settings.idle_chunk_s,
    )
    counter, prices = TokenCounter(), Prices(library)

    async def count(request: ModelRequest, text: str) -> tuple[int, int]:
        return await counter.count(request.messages, text, request.tools)

    async def price(tokens_in: int, tokens_out: int) -> int | None:
        return await prices.microdollars(target.id, tokens_in, tokens_out)

    model = LiteLLMModel(target, library)
    return Metered(model, provider=target.provider, role=ROLE, count=count, price=price, sink=usage, clock=clock)


def _metered_house(house: HouseModel, usage: UsageSink, clock: Clock, rows: set[asyncio.Task[None]]) -> Metered:
    async def count(request: ModelRequest, text: str) -> tuple[int, int]:
        """The house reads no tokens; it gives word-sized pieces."""
        return 0, len(pieces(text))

    async def price(tokens_in: int, tokens_out: int) -> int:
        return 0

    return Metered(house, provider=HOUSE, role=ROLE, count=count, price=price, sink=usage, clock=clock, rows=rows)


def _request(instructions: str, clock: Clock) -> ModelRequest:
    """A request as customers will make them, for the warm-up."""
    return ModelRequest(
        conversation=ConversationId(new_id()),
        turn=TurnId(new_id()),
        site=SiteId(new_id()),
        channel="web",
        locale="en",
        now=clock(),
        messages=(ModelMessage("system", instructions), ModelMessage("user", "hello")),
    )
