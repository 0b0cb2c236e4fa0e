"""Asks the provider what became of a text: of one that it took, whether it arrived; of one that is `unknown`, whether it has it at all.

Its list may lag behind, so one that it does not show is looked for again. Twice read in vain, minutes after it may have gone, it is taken
for not sent: it stays `unknown`, and a person decides (docs/decisions/0028-nobody-sends-a-text-twice.md).
"""

from datetime import timedelta
from typing import Literal

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import states
from business.channels.going import Sends
from business.channels.provider import Accepted, SmsError, TextProvider, Throttled
from business.channels.states import Held
from kernel import outbox
from kernel.bus import Bus
from kernel.database import Database
from kernel.jobs import CheckText
from kernel.outbox import Effect
from kernel.tables.ops import TextMessage
from workers.text_held import Steps
from workers.text_rest import Rest

log = structlog.get_logger(__name__)

# Seconds until the next look: for one that nobody knows of, and for one that is on its way. Hints of the provider come sooner.
UNKNOWN = (15.0, 60.0, 180.0, 300.0, 600.0, 1800.0, 3600.0, 14_400.0)
ON_ITS_WAY = (60.0, 600.0, 3600.0, 14_400.0)
ABSENT_AFTER = timedelta(minutes=3)
SKEW = timedelta(minutes=2)
"""By how much the provider's clock may be behind ours."""
LOOKS = 20
TOLD = ":told:"
"""In the key of a look that the provider's hint asked for (inbox.py): the usual looks go on beside it."""

Look = Literal["done", "again"]


class Checks:
    """Of one worker."""

    def __init__(self, database: Database, bus: Bus, provider: TextProvider, sends: Sends, rest: Rest) -> None:
        self._database = database
        self._provider = provider
        self._sends = sends
        self._rest = rest
        self._steps = Steps(database, bus)

    async def look_after(self, effect: Effect) -> None:
        """One look; the effect is settled by it, or comes again later."""
        assert isinstance(effect.job, CheckText)
        text = effect.job.text
        row = await self._read(effect)
        if row is None:
            await self._database.unit(lambda c: outbox.settle_done(c, effect))
            return
        try:
            found = await self._asked(row)
        except Throttled as error:
            await self._rest.begin(error.retry_after)
            await self._again(effect, row.state, error.code[:80], error.retry_after)
            return
        except SmsError as error:
            await self._again(effect, row.state, error.code[:80], 0.0)
            return

        async def work(held: Held) -> Look:
            return await self._learn(held, found)

        async def settle(connection: AsyncConnection, look: Look) -> bool:
            delay = _delay(effect, row.state)
            if look == "done" or delay is None:
                return await outbox.settle_done(connection, effect)
            return await outbox.settle_later(connection, effect, "NotYet", delay)

        await self._steps.take(text, work, settle)

    async def _read(self, effect: Effect) -> TextMessage | None:
        """None where there is nothing to ask."""
        assert isinstance(effect.job, CheckText)
        text = effect.job.text
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(TextMessage.__table__).where(TextMessage.id == text))).one_or_none()
        if row is None or row.state not in ("unknown", "sent") or row.provider != self._provider.name:
            return None
        return row  # type: ignore[return-value]

    async def _asked(self, row: TextMessage) -> Accepted | None:
        """What the provider has of it. Raises SmsError."""
        if row.provider_id is not None or row.provider_batch is not None:
            return await self._provider.became(row.provider_id, row.provider_batch)
        if not row.text:
            return None  # a code whose time is over: nobody can tell it from another by its words
        since = (row.sending_at or row.created_at) - SKEW
        return await self._provider.find(row.to_number, row.text, since, known=await self._others(row))

    async def _others(self, row: TextMessage) -> frozenset[str]:
        """What the provider calls other texts to this number, and their batches: two with the same words are two."""
        names = select(TextMessage.provider_id, TextMessage.provider_batch)
        others = names.where(TextMessage.to_number == row.to_number, TextMessage.id != row.id)
        async with self._database.transaction() as connection:
            return frozenset(name for one in await connection.execute(others) for name in one if name is not None)

    async def _learn(self, held: Held, found: Accepted | None) -> Look:
        """What it says is kept."""
        row = held.row
        if row.state not in ("unknown", "sent"):
            return "done"
        if found is not None:
            if row.state == "unknown":
                log.info("text.found", text=str(row.id))
            if row.state == "unknown" or found.state != "sent" or row.provider_id != found.id:
                cost = self._sends.cost(row.segments)
                await states.was_taken(held, found, provider=self._provider.name, cost=cost)
            return "again" if found.state == "sent" else "done"
        if row.state == "sent":
            return "again"
        return await _not_seen(held)

    async def _again(self, effect: Effect, state: str, why: str, pause: float) -> None:
        delay = _delay(effect, state)

        async def work(connection: AsyncConnection) -> None:
            if delay is None:
                await outbox.settle_done(connection, effect)
            else:
                await outbox.settle_later(connection, effect, why, max(delay, pause))

        await self._database.unit(work)


async def _not_seen(held: Held) -> Look:
    """Once may be the list's lag; twice, and long enough after, it is not there."""
    row = held.row
    long_ago = await held.connection.scalar(select(func.clock_timestamp() - row.sending_at > ABSENT_AFTER))
    if row.error == "Unseen" and long_ago:
        await held.become("unknown", "Absent")
        log.error("text.absent", text=str(row.id))
        return "done"
    if row.error not in ("Unseen", "Absent"):
        await held.become("unknown", "Unseen")
    return "done" if row.error == "Absent" else "again"


def _delay(effect: Effect, state: str) -> float | None:
    """Seconds until it is asked again; None: it is not. A hint's look is one look."""
    if TOLD in effect.key or effect.attempts >= LOOKS:
        return None
    if state == "sent" and effect.attempts > len(ON_ITS_WAY):
        return None
    delays = UNKNOWN if state == "unknown" else ON_ITS_WAY
    return delays[min(effect.attempts, len(delays)) - 1]
