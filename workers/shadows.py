"""Lets candidates answer turns that customers got their answers to long ago: so many at once over all workers as each may, and no more.

A worker that dies in mid-answer leaves a lease that runs out; another begins again, at most `ATTEMPTS` times in all. Nothing of this is
imported, no model and no encoder, until the first candidate is to answer.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.schemas import Profile
from kernel import locks, outbox
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.jobs import AnswerShadow
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.outbox import Effect
from kernel.policies import LivePolicy
from kernel.settings import Policy, Settings, Shadow
from kernel.tables.ops import Outbox
from knowledge.learning import pairing, records
from knowledge.learning.pairing import Settled
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward

if TYPE_CHECKING:
    from agents.shadowing import Shadowing

log = structlog.get_logger(__name__)

AT_ONCE = 8  # in one worker, of all candidates together
LEASE_SECONDS = 30
RENEW_EVERY = 10.0
ATTEMPTS = 3
LOCK = "shadows"
CANDIDATE = Outbox.payload["candidate"].astext


class Shadows(Outward):
    """The shadows of one worker."""

    def __init__(
        self,
        database: Database,
        shadowing: "Callable[[], Shadowing]",
        policy: Callable[[], Policy],
        usage: DatabaseUsageSink,
        *,
        clock: Clock = utc_now,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        """`shadowing` is called once, when the first candidate is to answer; it writes usage rows to `usage`, which is closed here."""
        super().__init__(database, self, every=every, crash=crash)
        self._make = shadowing
        self._shadowing: Shadowing | None = None
        self._policy = policy
        self._usage = usage
        self._clock = clock

    async def close(self) -> None:
        """After the last answer."""
        if self._shadowing is not None:
            await self._shadowing.close()
        await self._usage.close()

    async def look(self) -> int:
        """Begin what is due, for each candidate as much as it has room for; returns how many were begun."""
        begun: list[Effect] = []
        async with self._database.transaction() as connection:
            if not await connection.scalar(select(select(Outbox.id).where(outbox.is_due(AnswerShadow.kind)).exists())):
                return 0
            # Whoever else looks waits until this transaction is over: places are counted by one at a time.
            await locks.hold(connection, LOCK)
            for which, places in self._candidates():
                room = min(await _places(connection, which, places), AT_ONCE - len(self._tasks) - len(begun))
                if room > 0:
                    held = await outbox.claim_due(connection, (AnswerShadow.kind,), room, among=which, lease_seconds=LEASE_SECONDS)
                    begun += held
        for effect in begun:
            self._begin(effect, partial(self._answer, effect))
        return len(begun)

    def _candidates(self) -> list[tuple[ColumnElement[bool], int]]:
        """Each candidate of the policy with its places; and whoever is none any more, whose effects only have to be put away."""
        shadows = self._policy().shadows
        gone = CANDIDATE.not_in([shadow.model for shadow in shadows])
        return [*((CANDIDATE == shadow.model, shadow.concurrency) for shadow in shadows), (gone, AT_ONCE)]

    def _shadow(self, candidate: str) -> Shadow | None:
        return next((shadow for shadow in self._policy().shadows if shadow.model == candidate), None)

    async def _answer(self, effect: Effect) -> None:
        job = effect.job
        assert isinstance(job, AnswerShadow)
        with structlog.contextvars.bound_contextvars(candidate=job.candidate, turn=str(job.turn)):
            shadow = self._shadow(job.candidate)
            if effect.attempts > ATTEMPTS:
                # Whoever began it never came back.
                await self._database.unit(lambda c: self._put_away(c, job, Settled("failed", "given_up")))
            elif shadow is None:
                await self._database.unit(lambda c: self._put_away(c, job, Settled("skipped", "not_wanted")))
            else:
                await self._carried_out(effect, job, shadow)
            await self._database.unit(lambda c: _done(c, effect))

    async def _carried_out(self, effect: Effect, job: AnswerShadow, shadow: Shadow) -> None:
        renewing = asyncio.create_task(self._renew(effect))
        try:
            if self._shadowing is None:
                self._shadowing = self._make()
            settled = await self._shadowing.answer(job.turn, shadow, job.run)
            if settled is not None:
                log.info("shadow.settled", state=settled.state, why=settled.error, agrees=settled.agrees)
        finally:
            await end([renewing])

    async def _renew(self, effect: Effect) -> None:
        """As long as the candidate answers. Where the lease is lost all the same, the pair that is settled first stands."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            with suppress(Unavailable):
                await self._database.unit(lambda c: outbox.renew(c, effect, LEASE_SECONDS))

    async def _put_away(self, connection: AsyncConnection, job: AnswerShadow, settled: Settled) -> None:
        """Settle a pair for which no model is asked."""
        record = await records.load(connection, job.turn)
        pair = await pairing.begin(connection, record, job.candidate, job.run) if record is not None else None
        if pair is None or not await pairing.settle(connection, pair, settled):
            return
        log.info("shadow.settled", state=settled.state, why=settled.error)
        if settled.state == "failed":
            await pairing.alarm(connection, job.candidate, self._clock())


def shadows(settings: Settings, database: Database, profile: Callable[[], Profile], policy: LivePolicy, crash: Crash = NEVER) -> Shadows:
    """Those of a worker with these settings."""

    def zone() -> tzinfo:
        return profile().business.zone

    now = policy.policy()
    usage, budgets = DatabaseUsageSink(database, zone), Budgets(database, now.budget, now.shadows, zone=zone)
    policy.on_change(lambda now: budgets.use(now.budget, now.shadows))

    def shadowing() -> "Shadowing":
        from agents.shadowing import Shadowing

        return Shadowing(database, settings, profile, usage, budgets)

    return Shadows(database, shadowing, policy.policy, usage, crash=crash)


async def _places(connection: AsyncConnection, which: ColumnElement[bool], places: int) -> int:
    """How many more may answer, over all workers."""
    working = (Outbox.kind == AnswerShadow.kind) & (Outbox.state == "working") & (Outbox.lease_until >= func.clock_timestamp())
    return places - (await connection.scalar(select(func.count()).select_from(Outbox).where(working, which)) or 0)


async def _done(connection: AsyncConnection, effect: Effect) -> None:
    if not await outbox.settle_done(connection, effect):
        raise LostLease
