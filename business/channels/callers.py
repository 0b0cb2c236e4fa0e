"""Whose text it is that came in: the conversation in which texts of its number go on, and its customer.

The network vouches for a sender's number, and nobody else reads what is answered there: so a newcomer's number is theirs, verified. It
joins them to nobody: who only said that the number is theirs stays somebody else, and a person is shown that they may be one.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import threads
from business.conversations.log import Announcement, writing
from business.customers import suggesting
from business.customers.merging import survivor_of
from business.sites.rules import DEMO
from kernel.ids import ConversationId, CustomerId, SiteId, new_id
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity, Site


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose text it is. `announcements`: what making or moving the conversation has to tell."""

    conversation: ConversationId
    customer: CustomerId
    history: str
    site: SiteId
    owner: str
    announcements: tuple[Announcement, ...] = ()


async def known(connection: AsyncConnection, number: str) -> UUID | None:
    """The conversation in which texts of this number go on."""
    found: UUID | None = await connection.scalar(select(ChatSession.id).where(ChatSession.phone == number))
    return found


async def held(connection: AsyncConnection, number: str) -> UUID | None:
    """As `known`; its row is held from now on, so that the number stays there until the end of the transaction."""
    while (found := await known(connection, number)) is not None:
        still = select(ChatSession.id).where(ChatSession.id == found, ChatSession.phone == number).with_for_update()
        if await connection.scalar(still) is not None:  # else it moved while its row was waited for
            break
    return found


async def caller(connection: AsyncConnection, number: str, our_number: str) -> Caller:
    """Found or made; from now on they are answered from the number of ours that they wrote to."""
    found = await held(connection, number)
    if found is not None:
        await connection.execute(
            update(ChatSession)
            .where(ChatSession.id == found, ChatSession.our_phone.is_distinct_from(our_number))
            .values(our_phone=our_number)
        )
        return await _of(connection, found)
    customer = await _customer(connection, number)
    newest = await _newest(connection, customer)
    if newest is None:
        return await _of(connection, await _begin(connection, customer, number, our_number))
    async with writing(connection, newest) as log:
        released = await threads.attach(log, number, our_number)
    told = (log.announcement,) if released is None else (released, log.announcement)
    return await _of(connection, newest, told)


async def _of(connection: AsyncConnection, conversation: UUID, told: tuple[Announcement, ...] = ()) -> Caller:
    columns = (ChatSession.customer_id, ChatSession.history, ChatSession.site_id, ChatSession.owner)
    row: Any = (await connection.execute(select(*columns).where(ChatSession.id == conversation))).one()
    return Caller(ConversationId(conversation), CustomerId(row.customer_id), row.history, SiteId(row.site_id), row.owner, told)


async def _customer(connection: AsyncConnection, number: str) -> UUID:
    """Whose verified number it is; somebody new where it is nobody's."""
    holder = select(Identity.customer_id).where(Identity.kind == "phone", Identity.scope == "", Identity.value == number)
    customer: UUID | None = await connection.scalar(holder)
    if customer is not None:
        return await survivor_of(connection, customer)
    made = new_id()
    await connection.execute(insert(Customer).values(id=made))
    identity = {"id": new_id(), "customer_id": made, "kind": "phone", "scope": "", "value": number, "verified": True}
    added = await connection.execute(insert(Identity).values(identity).on_conflict_do_nothing())
    if not added.rowcount:  # somebody proved at this moment that it is theirs
        await connection.execute(delete(Customer).where(Customer.id == made))
        return await _customer(connection, number)
    await suggesting.look(connection, made, "phone", number)
    return made


async def _newest(connection: AsyncConnection, customer: UUID) -> UUID | None:
    """The conversation that they were last in."""
    query = select(ChatSession.id).where(ChatSession.customer_id == customer)
    newest: UUID | None = await connection.scalar(query.order_by(ChatSession.changed_at.desc(), ChatSession.id.desc()).limit(1))
    return newest


async def _begin(connection: AsyncConnection, customer: UUID, number: str, our_number: str) -> UUID:
    """A conversation that nobody has on a page, at the first site of the install that is not its demo."""
    await threads.hold(connection, number)
    if (found := await known(connection, number)) is not None:  # at this moment it was proved in a conversation of somebody else's
        return found
    site = await connection.scalar(select(Site.id).order_by(Site.key == DEMO, Site.created_at, Site.id).limit(1))
    conversation = new_id()
    row = {"id": conversation, "history": new_id().hex, "site_id": site, "customer_id": customer, "channel": "sms"}
    await connection.execute(insert(ChatSession).values(row | {"phone": number, "our_phone": our_number}))
    return conversation
