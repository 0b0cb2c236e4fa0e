"""Sums conversations up, several at once, beside everything else. A summary is written once for each stretch of a conversation.

A worker that dies meanwhile leaves a lease that runs out, and another one begins again; whoever is second finds it done. What is written
is bound to what it was made of: two that sum the same up never put one on top of the other.
"""

import os
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import summaries as said_in_short
from business.conversations.summaries import Material
from business.profile.schemas import Profile
from kernel import outbox
from kernel.database import Database
from kernel.jobs import SummariseConversation
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.outbox import Effect
from kernel.policies import LivePolicy
from kernel.settings import Settings
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward

if TYPE_CHECKING:
    from agents.summaries.summariser import Summariser

log = structlog.get_logger(__name__)

AT_ONCE = 4
LEASE_SECONDS = 75  # longer than a summary may take
AGAIN_S = 1.0


class Summaries(Outward):
    """The summaries of one worker."""

    def __init__(
        self,
        database: Database,
        summariser: "Callable[[], Summariser]",
        usage: DatabaseUsageSink,
        *,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        """`summariser` is called once, for the first of them; it writes usage rows to `usage`, which is closed here."""
        super().__init__(database, self, every=every, crash=crash)
        self._make = summariser
        self._summariser: Summariser | None = None
        self._usage = usage
        self._lease_seconds = lease_seconds

    async def close(self) -> None:
        """After the last one."""
        if self._summariser is not None:
            await self._summariser.close()
        await self._usage.close()

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        places = AT_ONCE - len(self._tasks)
        if places <= 0:
            return 0
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (SummariseConversation.kind,), places, lease_seconds=self._lease_seconds)
        for effect in held:
            self._begin(effect, partial(self._sum_up, effect))
        return len(held)

    async def _sum_up(self, effect: Effect) -> None:
        job = effect.job
        assert isinstance(job, SummariseConversation)
        with structlog.contextvars.bound_contextvars(conversation=str(job.conversation)):
            material = await self._database.unit(lambda c: said_in_short.material(c, job.conversation, job.upto))
            if material is None:
                await self._database.unit(lambda c: _done(c, effect))
                return
            if self._summariser is None:
                self._summariser = self._make()
            summary = await self._summariser.summarise(material)
            await self._database.unit(lambda c: _keep(c, effect, material, summary))
            log.info("summary.written", upto=job.upto, lines=len(material.lines), characters=len(summary))


async def _keep(connection: AsyncConnection, effect: Effect, made_of: Material, summary: str) -> None:
    """In one transaction with the effect's end. Where somebody else has summed it up meanwhile, it is looked at again."""
    if await said_in_short.keep(connection, made_of, summary):
        await _done(connection, effect)
    elif not await outbox.settle_later(connection, effect, "Superseded", AGAIN_S):
        raise LostLease


async def _done(connection: AsyncConnection, effect: Effect) -> None:
    if not await outbox.settle_done(connection, effect):
        raise LostLease


def summaries(
    settings: Settings,
    database: Database,
    profile: Callable[[], Profile],
    policy: LivePolicy,
    crash: Crash = NEVER,
    environment: Mapping[str, str] = os.environ,
) -> Summaries:
    """Those of a worker with these settings."""

    def zone() -> tzinfo:
        return profile().business.zone

    now = policy.policy()
    usage, budgets = DatabaseUsageSink(database, zone), Budgets(database, now.budget, now.shadows, zone=zone)
    policy.on_change(lambda now: budgets.use(now.budget, now.shadows))

    def summariser() -> "Summariser":
        # Here and not above: what understands customers comes with it.
        from agents.summaries.summariser import Summariser

        return Summariser(settings, profile, policy.policy, usage, budgets, environment=environment)

    return Summaries(database, summariser, usage, crash=crash)
