"""A delivery that fails by a fault of ours is tried as often as any effect, and then buried."""

from uuid import uuid4

import sqlalchemy as sa

from kernel import outbox
from kernel.database import Database
from kernel.jobs import DeliverWebhook
from workers.outward import Outward


class Nobody:
    async def close(self) -> None:
        """Nothing was opened."""


class Faulty(Outward):
    """Raises whatever is due."""

    tried = 0

    async def look(self) -> int:
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (DeliverWebhook.kind,))
        for effect in held:
            self._begin(effect, self._fail)
        return len(held)

    async def _fail(self) -> None:
        self.tried += 1
        raise LookupError("a fault of ours")


async def test_a_fault_of_ours_is_not_tried_for_ever(database: Database) -> None:
    faulty, job = Faulty(database, Nobody()), DeliverWebhook(delivery=uuid4(), endpoint=uuid4())
    effect = await database.unit(lambda c: outbox.enqueue(c, job, key=f"outward:{uuid4()}"))
    for _ in range(outbox.ATTEMPTS + 2):
        await faulty.look()
        await faulty.idle()
        async with database.transaction() as connection:
            await connection.execute(sa.text("UPDATE ops.outbox SET next_at = now() WHERE state = 'new'"))
    async with database.transaction() as connection:
        row = (await connection.execute(sa.text("SELECT state, error FROM ops.outbox WHERE id = :id"), {"id": effect})).one()
    assert (faulty.tried, row.state, row.error) == (outbox.ATTEMPTS, "dead", "LookupError")
