"""A shadow from the turn's record to its settled pair: the candidate answers, both answers are compared, a critic says which is better.

Called by workers for live turns and by the command line for replays, never by a gateway. No transaction is open while a model answers.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.distance.ways import Ways
from agents.ensemble import shadow
from agents.ensemble.errors import ModelError
from agents.ensemble.preference import Preference, prefer
from agents.ensemble.shadow import Candidate, RecordedTools, ShadowAnswer
from agents.guard.stated import stated
from agents.recording import sampled
from agents.registry import agents, toolbox
from business.profile.schemas import Profile
from business.travel.service import TravelService
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.metering import Budgets, UsageRow, UsageSink
from kernel.settings import Settings, Shadow
from knowledge.embedding.encoder import Encoder
from knowledge.embedding.weights import Absent
from knowledge.learning import pairing, records
from knowledge.learning.comparison import Facts, compare, similarity
from knowledge.learning.pairing import LIVE, Settled
from knowledge.learning.records import Record

if TYPE_CHECKING:
    from agents.ensemble.models import Member, Models

# What waited for longer is not answered any more: whoever cannot keep up shall not fall behind for ever.
TOO_LATE = timedelta(hours=12)
# Over some time: its budget is spent for the day, its breaker is open.
OVER_BUDGET, RESTING = "over_budget", "resting"
LATER = (OVER_BUDGET, RESTING)


class Tally:
    """A sink that also adds up what each candidate's answer to a turn cost, until it is taken."""

    def __init__(self, sink: UsageSink) -> None:
        self._sink = sink
        self._rows: dict[tuple[UUID, str], list[UsageRow]] = {}

    async def record(self, row: UsageRow) -> None:
        if row.role == shadow.PURPOSE:
            self._rows.setdefault((row.turn, row.model), []).append(row)
        await self._sink.record(row)

    def take(self, turn: UUID, model: str) -> int | None:
        """Micro-dollars of its calls so far, None where a price is not known; begins anew."""
        costs = [row.cost_microdollars for row in self._rows.pop((turn, model), ())]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if costs and len(known) == len(costs) else None


class Shadowing:
    """The shadows of one process. Models, tools and encoder are had when the first one answers."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        profile: Callable[[], Profile],
        usage: UsageSink,
        budgets: Budgets,
        *,
        environment: Mapping[str, str] = os.environ,
        clock: Clock = utc_now,
        whole_s: float = shadow.WHOLE_S,
    ) -> None:
        """`whole_s`: seconds for a whole answer with its calls. Keys are read from `environment`."""
        self._database = database
        self._settings = {model.name: model for model in settings.models}
        self._profile = profile
        self._tally = Tally(usage)
        self._budgets = budgets
        self._environment = environment
        self._clock = clock
        self._whole_s = whole_s
        self._encoder = Encoder()
        self._tools = toolbox(agents(Ways(TravelService())))
        self._models: Models | None = None
        self._opening = asyncio.Lock()

    async def answer(self, turn: UUID, wanted: Shadow, run: str = LIVE) -> Settled | None:
        """The pair of this turn and the candidate of `wanted`, as it was settled; None where it was before, or the turn's record is gone.
        Raises Unavailable.

        What is skipped for one of the reasons in `LATER` stays waiting in a replay, which may go on when it is over.
        """
        opened = await self._database.unit(lambda c: _opened(c, turn, wanted.model, run))
        if opened is None:
            return None
        record, pair = opened
        settled = self._not_asked(record, wanted, run) or await self._asked(record, pair, wanted)
        if run != LIVE and settled.error in LATER:
            return settled

        async def keep(connection: AsyncConnection) -> Settled | None:
            """In one transaction: the pair, what the customer's answer cost, and that staff must hear of a candidate that fails."""
            cost = await records.price(connection, record)
            if not await pairing.settle(connection, pair, replace(settled, primary_cost_microdollars=cost)):
                return None
            if settled.state == "failed" and run == LIVE:
                await pairing.alarm(connection, wanted.model, self._clock())
            return settled

        return await self._database.unit(keep)

    def _not_asked(self, record: Record, wanted: Shadow, run: str) -> Settled | None:
        """Why the candidate is not to answer; None where it is."""
        if wanted.model not in self._settings:
            return Settled("skipped", "not_configured")
        if run == LIVE and self._clock() - record.created_at > TOO_LATE:
            return Settled("skipped", "too_late")
        return None

    async def _asked(self, record: Record, pair: UUID, wanted: Shadow) -> Settled:
        """The candidate answers, or fails."""
        member = await self._member(wanted.model, record)
        if not await member.breaker.allows():
            return Settled("skipped", RESTING)
        profile = self._profile()
        tools = RecordedTools(self._tools, record)
        try:
            answer = await shadow.answer(Candidate(member), tools, profile, record, whole_s=self._whole_s)
        except ModelError as error:
            await member.model.drain()
            cost = self._tally.take(record.turn, wanted.model)
            return Settled("skipped" if error.kind == OVER_BUDGET else "failed", error.kind, cost_microdollars=cost)
        await member.model.drain()
        found = compare(*_facts(record, tools, answer, profile))
        preference = await self._preference(record, pair, wanted, answer)
        return Settled(
            "done",
            text=answer.text,
            calls=[call.to_json() for call in tools.asked],
            similarity=await self._similarity(record.text, answer.text),
            agreement=found.found,
            agrees=found.agrees,
            first_token_ms=answer.first_token_ms,
            duration_ms=answer.duration_ms,
            cost_microdollars=self._tally.take(record.turn, wanted.model),
            critic=preference.better if preference else None,
            critic_why=preference.why if preference else None,
        )

    async def close(self) -> None:
        """After the last answer: the usage rows of all calls are with the sink."""
        if self._models is not None:
            await self._models.drain()
            await self._models.close()

    async def _similarity(self, one: str, other: str) -> float | None:
        """None where no encoder is installed."""
        try:
            first, second = (await self._encoder.encode([one, other])).tolist()
        except Absent:
            return None
        return similarity(first, second)

    async def _preference(self, record: Record, pair: UUID, wanted: Shadow, answer: ShadowAnswer) -> Preference | None:
        """The critic's, where one is asked of this pair."""
        if wanted.critic is None or wanted.critic not in self._settings or not sampled(pair, wanted.critic, wanted.critic_sample):
            return None
        critic = await self._member(wanted.critic, record)
        found = await prefer(critic, shadow.request_of(record), pair, record.text, answer.text)
        await critic.model.drain()
        return found

    async def _member(self, name: str, record: Record) -> "Member":
        async with self._opening:
            if self._models is None:
                # Here and not above: HTTP clients come with it, which a worker without shadows never needs.
                from agents.ensemble.models import Models

                models = Models(self._settings.values(), self._tally, self._environment, self._clock, self._budgets)
                # What the first call of a process costs is not the candidate's slowness.
                await models.warm(shadow.request_of(record))
                self._models = models
        return self._models.member(name)


def _facts(record: Record, tools: RecordedTools, answer: ShadowAnswer, profile: Profile) -> tuple[Facts, Facts]:
    """The customer's answer's, the candidate's. What agents did before any model was asked is common to both."""
    today, language = record.asked_at.astimezone(profile.business.zone).date(), shadow.language_of(record.locale)
    ours, theirs = (stated(text, language, today) for text in (record.text, answer.text))
    handed = any(call["handoff"] for call in record.calls if call["by"] == "agent")
    return (
        Facts(ours.amounts, ours.dates, tools.called_then, record.handoff),
        Facts(theirs.amounts, theirs.dates, tools.called_now, handed or answer.handoff),
    )


async def _opened(connection: AsyncConnection, turn: UUID, candidate: str, run: str) -> tuple[Record, UUID] | None:
    record = await records.load(connection, turn)
    if record is None:
        await pairing.settle_recordless(connection, turn, candidate, run, "no_record")
        return None
    pair = await pairing.begin(connection, record, candidate, run)
    return None if pair is None else (record, pair)
