"""Builds everything that answers, by constructor, from settings and profile; the gateway's and the worker's roots call it."""

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from agents.admin.assistant import AdminAssistant, Answer, Question
from agents.campaigns.generator import CampaignGenerator
from agents.campaigns.wish import CampaignWish, Draft
from agents.distance.ways import Ways
from agents.drafting import Drafter
from agents.ensemble.breaker import Breaker, State
from agents.ensemble.ensemble import Ensemble
from agents.ensemble.metered import Metered
from agents.ensemble.model import ModelMessage, ModelRequest
from agents.ensemble.tokens import estimated
from agents.events import TurnEvent, TurnRestarted, TurnText
from agents.house.concierge import HouseModel
from agents.house.metering import metered
from agents.instructions import Instructions
from agents.orchestrator import Orchestrator
from agents.prompts import DRAFT, USUAL, render_prompt, written
from agents.registry import WITH_A_WAY
from agents.registry import agents as registered
from agents.router.embedding import Nearest
from agents.turn import TurnRequest
from business.links.signing import Links
from business.profile.schemas import Profile
from business.travel.places import zip_place
from business.travel.service import TravelService, build_travel
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import ConversationId, SiteId, TurnId, new_id
from kernel.metering import Budgets, UsageSink
from kernel.pulse import Pulse
from kernel.settings import Policy, SettingProblem, Settings, SettingsError
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder

if TYPE_CHECKING:
    from agents.ensemble.models import Member, Models

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ModelState:
    """How a model stands in this process. `open_for_s`: how long its breaker keeps it from being asked."""

    name: str
    breaker: State
    open_for_s: float
    p95_first_token_ms: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers by one profile and one policy. A turn that began here ends here, whatever is saved meanwhile.

    `asks_models`: whether any but the house may answer.
    """

    orchestrator: Orchestrator
    drafter: Drafter
    assistant: AdminAssistant
    campaigns: CampaignGenerator
    instructions: str
    home_zip: str
    asks_models: bool


class Agents:
    """What answers, ready to be called. `warm` before serving, `close` after the last turn has ended."""

    def __init__(
        self,
        models: "Models | None",
        house: Metered,
        set_up: Callable[[Profile, Policy], Desk],
        profile: Profile,
        policy: Policy,
        travel: TravelService,
        clock: Clock,
        database: Database | None,
    ) -> None:
        """`models`: None where none is configured: then LiteLLM is never imported. `database`: where it stands how fast they were."""
        self.models = models
        self._house = house
        self._travel = travel
        self._set_up = set_up
        self._profile, self._policy = profile, policy
        self._clock = clock
        self._database = database
        self._desk = set_up(profile, policy)

    def use(self, profile: Profile) -> None:
        """Answer by this profile from the next call on."""
        self._desk = self._set_up(profile, self._policy)
        self._profile = profile

    def use_policy(self, policy: Policy) -> None:
        """Ask the models by this policy from the next call on. KeyError where it names one that is not configured: the old one stays."""
        self._desk = self._set_up(self._profile, policy)
        self._policy = policy

    def states(self) -> tuple[ModelState, ...]:
        """The configured models, in the order of the settings."""
        return tuple(map(_state, self.models or ()))

    def breakers(self) -> dict[str, Breaker]:
        """The models' breakers by their names, to be shared with other processes."""
        return {member.name: member.breaker for member in self.models or ()}

    def expect(self, text: str) -> None:
        """A customer's message is being stored: what answering it needs may be made ready meanwhile."""
        self._desk.orchestrator.expect(text)

    def answer(self, request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """The orchestrator's, by the profile that counts at the call."""
        return self._desk.orchestrator.answer(request)

    def draft(self, request: TurnRequest, instruction: str | None) -> AsyncGenerator[TurnText | TurnRestarted, None]:
        """The drafter's, by the profile that counts at the call."""
        return self._desk.drafter.draft(request, instruction)

    async def ask(self, question: Question) -> Answer:
        """The staff's assistant, by the profile that counts at the call."""
        return await self._desk.assistant.answer(question)

    async def campaign_drafts(self, wish: CampaignWish) -> list[Draft]:
        """The generator's, by the profile that counts at the call. Raises BadRequest."""
        return await self._desk.campaigns.draft(wish)

    async def warm(self) -> None:
        """Makes the first call as fast as the next: the table of places, and LiteLLM where a model is configured."""
        zip_place(self._desk.home_zip)
        if self.models is None:
            return
        if self._database is not None:
            with suppress(Unavailable):  # then it is learnt anew
                await self.models.seed(self._database)
        if self._desk.asks_models:
            await self.models.warm(_request(self._desk.instructions, self._clock))

    async def drain(self) -> None:
        """Waits until the usage rows of the calls that have ended are with the sink."""
        if self.models is not None:
            await self.models.drain()
        await self._house.drain()

    async def close(self) -> None:
        """After the last turn. The sink itself is closed by who built it, after this."""
        await self.drain()
        if self.models is not None:
            await self.models.close()
        await self._travel.close()


def build_agents(
    settings: Settings,
    profile: Profile,
    usage: UsageSink,
    database: Database | None = None,
    *,
    links: Links | None = None,
    policy: Policy | None = None,
    budgets: Budgets | None = None,
    pulse: Pulse | None = None,
    encoder: Encoder | None = None,
    corpus: CorpusSearch | None = None,
    environment: Mapping[str, str] = os.environ,
    clock: Clock = utc_now,
) -> Agents:
    """The orchestrator over the models in the settings' order, the house last. Keys are read from `environment`.

    `links`: addresses of bookings' pages, for customers to be told. `policy`: how the models are asked; None: as the settings say.
    `budgets`: what they may cost; None: anything. `pulse`: the beat at which replies leave. `encoder`: the process's.
    `corpus`: what the business has written; None: nothing.
    Without a `database` nothing is kept and no calendar is read: prices, menu and the way are answered all the same.
    Raises SettingsError where the settings' policy names an agent that does not exist.
    """
    _check_agents(settings.ensemble)
    models = _models(settings, usage, environment, clock, budgets, pulse)
    house = metered(HouseModel(settings.ensemble.house_tokens_per_second), usage, clock)
    travel = _travel(settings, environment)
    ways, nearest = Ways(travel), Nearest(encoder or Encoder())
    # Turns that no model answers are asked of shadows, too.
    recorded = bool(settings.models) and settings.ensemble.record_days > 0

    def set_up(profile: Profile, policy: Policy) -> Desk:
        ensemble = Ensemble(models, policy, house, settings.ensemble.house_tokens_per_second)
        asked = ensemble.has_models
        everyone = registered(ways)
        prompts = _prompts(policy)
        instructions = Instructions(profile, everyone, prompts)
        orchestrator = Orchestrator(
            profile, everyone, ensemble, house, instructions, nearest, database, models=asked, recorded=recorded, links=links,
            length=estimated if models is None else models.length, corpus=corpus,
        )  # fmt: skip
        drafter = Drafter(orchestrator, ensemble, render_prompt(DRAFT, profile, prompts.get(DRAFT, USUAL)))
        assistant = AdminAssistant(profile, orchestrator, ensemble, house, ways, database, drafter, models=asked)
        campaigns = CampaignGenerator(profile, ensemble, prompts, models=asked)
        return Desk(orchestrator, drafter, assistant, campaigns, instructions.voice, profile.business.zip, asked)

    return Agents(models, house, set_up, profile, policy or settings.ensemble.policy, travel, clock, database)


def _models(
    settings: Settings,
    usage: UsageSink,
    environment: Mapping[str, str],
    clock: Clock,
    budgets: Budgets | None,
    pulse: Pulse | None,
) -> "Models | None":
    if not settings.models:
        return None
    # Here and not above: it imports HTTP clients that a keyless install never needs.
    from agents.ensemble.models import Models

    return Models(settings.models, usage, environment, clock, budgets, pulse)


def _check_agents(policy: Policy) -> None:
    """The settings cannot know who answers; here it is known, at the start of every process."""
    problems = [SettingProblem(at, "", why, "names of agents that answer") for at, why in policy.strangers(WITH_A_WAY)]
    problems += [SettingProblem(at, "", why, "docs/wording.md lists them") for at, why in policy.unwritten(written())]
    if problems:
        raise SettingsError(problems)


def _prompts(policy: Policy) -> dict[str, str]:
    """Which versions of instructions hold. One that a saved policy names and that was written by another release is the usual one."""
    for at, why in policy.unwritten(written()):
        log.error("prompt.not_used", where=at, why=why)
    return {name: version for name, version in policy.prompts.items() if version in written().get(name, ())}


def _state(member: "Member") -> ModelState:
    breaker, p95_s = member.breaker, member.pace.p95_s
    return ModelState(member.name, breaker.state, breaker.open_for_s, None if p95_s is None else round(p95_s * 1000))


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
