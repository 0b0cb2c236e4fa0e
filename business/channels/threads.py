"""Which conversation the texts of a number go on in: one at most, and the number moves to another where its owner proved it there."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, Writing, writing
from kernel import locks
from kernel.tables.ai import ChatSession
from kernel.wire.server import Author, Linked

CUSTOMER = Author(kind="customer", name="Customer")


async def hold(connection: AsyncConnection, number: str) -> None:
    """Whoever decides where a number belongs does so alone, until the end of the transaction."""
    await locks.hold(connection, f"texts of {number}")


async def attach(log: Writing, number: str, our_number: str | None) -> Announcement | None:
    """From now on texts from `number` go on in this conversation, and it is answered by text. One that had the number before keeps what was
    said in it and loses the number; what is to be told of it comes back. `our_number`: the one of ours that they write to, None: as it
    was, or whichever sends."""
    await hold(log.connection, number)
    released = await release(log.connection, number, but=log)
    log.change(phone=number, our_phone=our_number or log.row.our_phone, channel="sms")
    return released


async def release(connection: AsyncConnection, number: str, *, but: Writing | None = None) -> Announcement | None:
    """The conversation of a number has it no more; None where there was none. It is answered on the web, where it can be at all."""
    query = select(ChatSession.id).where(ChatSession.phone == number)
    found = await connection.scalar(query if but is None else query.where(ChatSession.id != but.id))
    if found is None:
        return None
    async with writing(connection, found) as log:
        if log.row.phone != number:
            return None
        log.change(phone=None, our_phone=None, channel="web")
        log.add_staff(Linked(what="phone", by=CUSTOMER))
    return log.announcement
