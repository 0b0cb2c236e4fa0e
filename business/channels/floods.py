"""That a cap keeps texts back is told to staff: once in an hour, of numbers that differ in the last four digits alone, or of all."""

from datetime import datetime

from sqlalchemy import select

from business.channels.gate import CAPPED
from business.channels.states import Held
from kernel import outbox
from kernel.jobs import NotifyStaff
from kernel.tables.ops import Outbox
from kernel.wire.server import Alerted


async def tell(held: Held, why: str, now: datetime) -> bool:
    """In the transaction in which the gate said `why` of a text that was about to go: it counts alone, so nobody tells it twice. Whether
    it was told now. A text that belongs to no conversation is left to the next one that does."""
    if why not in CAPPED or held.log is None:
        return False
    whose = held.row.to_number[:-4] if why == "TooManyAlike" else "all"
    key = f"text_flood:{whose}:{now:%Y-%m-%dT%H}"
    if await held.connection.scalar(select(Outbox.id).where(Outbox.key == key)) is not None:
        return False
    held.log.add_staff(Alerted(reason="text_flood"))
    await outbox.enqueue(held.connection, NotifyStaff(conversation=held.log.id, reason="text_flood"), key=key)
    return True
