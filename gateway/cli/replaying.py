"""A replay: a model answers turns that are kept, so many at once, from the command line and without a worker.

What is to be answered stands in the database before the first model is asked, so that a replay that was stopped goes on where it was.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.shadowing import OVER_BUDGET, RESTING, Shadowing
from business.profile.live import first_edition
from kernel.database import Database
from kernel.errors import NotFound
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.policies import LivePolicy
from kernel.settings import Settings, Shadow
from knowledge.learning import pairing

# Seconds between looks at a model that rests after failures.
REST_S = 2.0
# So many failures in a row are no candidate's bad luck.
FAILURES = 10


@dataclass(frozen=True, slots=True)
class Replay:
    """`last`: of how many turns, the newest; None: go on with a run that exists. `agent`: of this one alone."""

    model: str
    run: str
    last: int | None
    agent: str | None = None
    concurrency: int = 4


async def planned(database: Database, replay: Replay) -> Sequence[UUID]:
    """The turns that are to be answered still. Raises NotFound where there is nothing to replay."""
    if replay.last is not None:
        last = replay.last
        if not await database.unit(lambda c: pairing.plan(c, replay.model, replay.run, last, replay.agent)):
            raise NotFound("no turn is kept" + (f" of an agent {replay.agent!r}" if replay.agent else "; see ensemble.record_days"))
    elif not await database.unit(lambda c: pairing.exists(c, replay.model, replay.run)):
        raise NotFound(f"{replay.model} has no run {replay.run!r}")
    return await database.unit(lambda c: pairing.waiting(c, replay.model, replay.run))


async def replayed(
    database: Database, settings: Settings, replay: Replay, turns: Sequence[UUID], settled: Callable[[], None]
) -> str | None:
    """Let the model answer them; `settled` is called after each. Returns why it ended before the last, None where it did not."""
    profile = (await first_edition(database, settings.business.profile)).profile
    policy = LivePolicy(database, settings.ensemble.policy, [model.name for model in settings.models])
    await policy.look()
    shadows = {shadow.model: shadow for shadow in policy.policy().shadows}
    wanted = shadows.setdefault(replay.model, Shadow(model=replay.model))
    usage = DatabaseUsageSink(database, lambda: profile.business.zone)
    budgets = Budgets(database, policy.policy().budget, shadows.values(), zone=lambda: profile.business.zone)
    shadowing = Shadowing(database, settings, lambda: profile, usage, budgets, environment=os.environ)
    work = _Work(shadowing, wanted, replay.run, iter(turns), settled)
    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(replay.concurrency, len(turns))):
                tasks.create_task(work.some())
    finally:
        await shadowing.close()
        await usage.close()
    return work.why


class _Work:
    """What is left of a replay, shared by those who work on it."""

    def __init__(self, shadowing: Shadowing, wanted: Shadow, run: str, turns: Iterator[UUID], settled: Callable[[], None]) -> None:
        self._shadowing = shadowing
        self._wanted = wanted
        self._run = run
        self._turns = turns
        self._settled = settled
        self._failed = 0
        self.why: str | None = None

    async def some(self) -> None:
        """One turn after the other, until none is left or it is no use."""
        for turn in self._turns:
            while self.why is None and not await self._answered(turn):  # noqa: ASYNC110 - a breaker has no event
                await asyncio.sleep(REST_S)
            if self.why is not None:
                return
            self._settled()

    async def _answered(self, turn: UUID) -> bool:
        """False where the model rests and is to be asked again."""
        found = await self._shadowing.answer(turn, self._wanted, self._run)
        if found is None:
            return True
        if found.error == OVER_BUDGET:
            self.why = f"the budget of {self._wanted.model} for today is spent"
        self._failed = self._failed + 1 if found.state == "failed" else 0 if found.state == "done" else self._failed
        if self._failed >= FAILURES:
            self.why = f"{self._wanted.model} failed {self._failed} times in a row, the last time by {found.error}"
        return found.error != RESTING
