"""Two customers who are one person. What belongs to one of them, the loser, passes to the other, the survivor, in one transaction that
notes every row of it; `part` gives back just those, and what was written since in conversations that go back.

Whoever makes a conversation for a customer asks `survivor_of` first, which waits for a merge that is under way; everything else that
is written for a customer is written by the conversation's row, which a merge holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, and_, cast, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from business.conversations.log import Announcement, Writing, writing
from business.staff import audit
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.base import metadata
from kernel.tables.core import Customer, CustomerMerge, Identity, MergeSuggestion, Staff
from kernel.tables.ops import Coupon
from kernel.wire.server import Author, Linked

Reason = Literal["phone_code", "identity", "staff"]
CONVERSATIONS = "ai.chat_session"
# In this order: a coupon is made from its complaint, whose row is held meanwhile.
MOVES = (
    CONVERSATIONS,
    "core.identity",
    "core.visitor_token",
    "crm.lead",
    "ops.quote",
    "ops.booking",
    "ops.complaint",
    "ops.coupon",
    "marketing.campaign_recipient",
)
STAYS = {
    "crm.consent.customer_id": "the ledger is never changed; consent holds for a number",
    "ai.usage.customer_id": "who caused the call, as it was booked",
    "ops.email.customer_id": "to whom it was written; it is found by its conversation",
    "ops.text_message.customer_id": "to whom it was written; it is found by its conversation and its number",
    "core.customer.merged_into": "the chain: who was joined to the loser stays so, and may be parted from them",
    "core.customer_merge.survivor_id": "the merge itself",
    "core.customer_merge.loser_id": "the merge itself",
    "core.merge_suggestion.one_id": "read through the chain",
    "core.merge_suggestion.other_id": "read through the chain",
}
SYSTEM = Author(kind="system", name="Assistant")


@dataclass(frozen=True, slots=True)
class Joined:
    """A merge, or its undoing, and what consoles are to be told."""

    merge: UUID
    survivor: UUID
    announcements: tuple[Announcement, ...] = ()


async def survivor_of(connection: AsyncConnection, customer: UUID) -> UUID:
    """Who this customer is by now: themselves, or whom they were joined to. Nobody joins them before the transaction ends."""
    while True:
        query = select(Customer.merged_into).where(Customer.id == customer).with_for_update(read=True)
        into = await connection.scalar(query)
        if into is None:
            return customer
        customer = into


async def family(connection: AsyncConnection, customer: UUID) -> tuple[UUID, ...]:
    """The customer and everybody who was joined to them, by whatever steps."""
    found = select(Customer.id).where(Customer.id == customer).cte("family", recursive=True)
    child = aliased(Customer)
    found = found.union(select(child.id).join(found, child.merged_into == found.c.id))
    return tuple((await connection.scalars(select(found.c.id))).all())


async def may_join_by_proof(connection: AsyncConnection, one: UUID, other: UUID) -> bool:
    """False where a person said that they are two, or a site knows them by two accounts: then people decide."""
    families = [await family(connection, one), await family(connection, other)]
    first, second = aliased(Identity), aliased(Identity)
    two_accounts = (
        select(first.id)
        .join(second, and_(second.kind == "subject", second.scope == first.scope))
        .where(first.kind == "subject", first.customer_id.in_(families[0]), second.customer_id.in_(families[1]))
    )
    apart = select(MergeSuggestion.id).where(
        MergeSuggestion.state == "dismissed",
        or_(
            and_(MergeSuggestion.one_id.in_(families[0]), MergeSuggestion.other_id.in_(families[1])),
            and_(MergeSuggestion.one_id.in_(families[1]), MergeSuggestion.other_id.in_(families[0])),
        ),
    )
    query = select(or_(two_accounts.exists(), apart.exists()))
    return not await connection.scalar(query)


async def merge(
    connection: AsyncConnection,
    survivor: UUID,
    loser: UUID,
    reason: Reason,
    staff: UUID | None = None,
    *,
    by: Author = SYSTEM,
    held: Writing | None = None,
) -> Joined | None:
    """Join two customers; who was joined to somebody before is taken for them. None where they are one already. `held`: a conversation
    that the caller writes in. Raises NotFound."""
    pair = await _both(connection, survivor, loser)
    if pair is None:
        return None
    kept, gone = pair
    told = await _tell(connection, await _conversations(connection, gone.id), Linked(what="merged", by=by), held)
    moved: dict[str, Any] = {}
    for name in MOVES:
        keys = await _move(connection, _table(name), gone.id, kept.id)
        if keys:
            moved[name] = keys
    if kept.name is None and gone.name is not None:
        moved["name"] = gone.name
        await connection.execute(update(Customer).where(Customer.id == kept.id).values(name=gone.name))
    await connection.execute(update(Customer).where(Customer.id == gone.id).values(merged_into=kept.id))
    id = new_id()
    row = {"id": id, "survivor_id": kept.id, "loser_id": gone.id, "reason": reason, "moved": moved, "staff_id": staff}
    await connection.execute(insert(CustomerMerge).values(row))
    await _settle(connection, kept.id, gone.id, "merged", staff)
    details = {"merge": str(id), "loser": str(gone.id), "reason": reason}
    await audit.record(connection, "staff" if staff else "system", staff, "customer.merge", kept.id, details)
    return Joined(id, kept.id, told)


async def part(connection: AsyncConnection, merge: UUID, staff: UUID, by: Author) -> Joined:
    """Undo a merge: what it moved goes back, as far as the survivor still has it, and with each conversation what was written in it since.
    What else was written since stays. Done again it is the same. Raises NotFound."""
    query = select(CustomerMerge).where(CustomerMerge.id == merge).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such merge.")
    if row.undone_at is not None:
        return Joined(row.id, await _top(connection, row.survivor_id))
    holder = await _held_top(connection, row.survivor_id, row.loser_id)
    moved = dict(row.moved)
    back = [UUID(id) for id in moved.get(CONVERSATIONS, ())]
    at_holder = select(ChatSession.id).where(ChatSession.id.in_(back), ChatSession.customer_id == holder).order_by(ChatSession.id)
    back = list((await connection.scalars(at_holder)).all())
    told = await _tell(connection, back, Linked(what="parted", by=by), None)
    for name in MOVES:
        table = _table(name)
        which = [_keyed(table, moved[name])] if name in moved else []
        if "conversation_id" in table.c:
            which.append(table.c.conversation_id.in_(back))
        if which:
            await _move(connection, table, holder, row.loser_id, or_(*which))
    await connection.execute(update(Customer).where(Customer.id == row.loser_id).values(merged_into=None))
    if "name" in moved:
        same = (Customer.id == holder, Customer.name == moved["name"])
        await connection.execute(update(Customer).where(*same).values(name=None))
    loosed = await _loosen(connection, holder, row.loser_id)
    values = {"undone_at": func.clock_timestamp(), "undone_by": staff}
    await connection.execute(update(CustomerMerge).where(CustomerMerge.id == row.id).values(values))
    await _settle(connection, row.survivor_id, row.loser_id, "dismissed", staff)
    await audit.record(connection, "staff", staff, "customer.part", holder, {"merge": str(row.id), "loser": str(row.loser_id)})
    return Joined(row.id, holder, (*told, *loosed))


@dataclass(frozen=True, slots=True)
class PastMerge:
    """Somebody who was joined to this customer. `by`, `staff`: whose decision it was, None where it was proved."""

    id: UUID
    loser: UUID
    name: str | None
    reason: str
    by: str | None
    staff: UUID | None
    at: datetime


async def merges(connection: AsyncConnection, customer: UUID) -> tuple[PastMerge, ...]:
    """What was joined to this customer and stands, the newest first."""
    query = (
        select(CustomerMerge, Customer.name, Staff.name.label("by"))
        .join(Customer, Customer.id == CustomerMerge.loser_id)
        .outerjoin(Staff, Staff.id == CustomerMerge.staff_id)
        .where(CustomerMerge.survivor_id.in_(await family(connection, customer)), CustomerMerge.undone_at.is_(None))
        .order_by(CustomerMerge.created_at.desc())
    )
    rows = (await connection.execute(query)).all()
    return tuple(PastMerge(row.id, row.loser_id, row.name, row.reason, row.by, row.staff_id, row.created_at) for row in rows)


async def joined_by(connection: AsyncConnection, merge: UUID) -> UUID | None:
    """Who decided a merge; None where it was proved. Raises NotFound."""
    row = (await connection.execute(select(CustomerMerge.staff_id).where(CustomerMerge.id == merge))).one_or_none()
    if row is None:
        raise NotFound("There is no such merge.")
    staff: UUID | None = row.staff_id
    return staff


def pair_of(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """The smaller id first, as a suggestion has them."""
    return (one, other) if one < other else (other, one)


async def _both(connection: AsyncConnection, survivor: UUID, loser: UUID) -> tuple[Any, Any] | None:
    """The rows of the two, held, at the top of their chains; None where that is one. Raises NotFound."""
    while True:
        survivor, loser = await _top(connection, survivor), await _top(connection, loser)
        if survivor == loser:
            return None
        rows = await _lock(connection, survivor, loser)
        if len(rows) < 2:
            raise NotFound("There is no such customer.")
        if all(row.merged_into is None for row in rows.values()):
            return rows[survivor], rows[loser]


async def _top(connection: AsyncConnection, customer: UUID) -> UUID:
    while (into := await connection.scalar(select(Customer.merged_into).where(Customer.id == customer))) is not None:
        customer = into
    return customer


async def _held_top(connection: AsyncConnection, survivor: UUID, loser: UUID) -> UUID:
    """Who has what is the survivor's by now, held with the loser: they are joined to nobody else meanwhile."""
    while True:
        top = await _top(connection, survivor)
        if (await _lock(connection, top, loser))[top].merged_into is None:
            return top


async def _lock(connection: AsyncConnection, *customers: UUID) -> dict[UUID, Any]:
    query = select(Customer).where(Customer.id.in_(customers)).order_by(Customer.id).with_for_update()
    return {row.id: row for row in (await connection.execute(query)).all()}


async def _conversations(connection: AsyncConnection, customer: UUID) -> Sequence[UUID]:
    query = select(ChatSession.id).where(ChatSession.customer_id == customer).order_by(ChatSession.id)
    return (await connection.scalars(query)).all()


async def _tell(connection: AsyncConnection, conversations: Sequence[UUID], what: Linked, held: Writing | None) -> tuple[Announcement, ...]:
    """Staff read in each conversation that it is another's; its row is held from now on."""
    told = []
    for conversation in conversations:
        if held is not None and held.id == conversation:
            held.add_staff(what)
            continue
        async with writing(connection, conversation) as log:
            log.add_staff(what)
        told.append(log.announcement)
    return tuple(told)


def _table(name: str) -> Table:
    return metadata.tables[name]


def _keyed(table: Table, keys: Sequence[Any]) -> ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return cast(columns[0], Text).in_(keys)
    return tuple_(*(cast(column, Text) for column in columns)).in_([tuple(key) for key in keys])


async def _move(
    connection: AsyncConnection, table: Table, source: UUID, to: UUID, which: ColumnElement[bool] | None = None
) -> list[str | list[str]]:
    """The keys of what changed hands. An approved coupon stays where the other has one: nobody has two."""
    keys = [cast(column, Text) for column in table.primary_key.columns]
    where = [table.c.customer_id == source, *([which] if which is not None else [])]
    if table is Coupon.__table__:
        active = aliased(Coupon)
        has_one = select(active.id).where(active.customer_id == to, active.state == "approved").exists()
        where.append(~and_(table.c.state == "approved", has_one))
    rows = (await connection.execute(update(table).where(*where).values(customer_id=to).returning(*keys))).all()
    return [row[0] if len(row) == 1 else list(row) for row in rows]


async def _settle(connection: AsyncConnection, survivor: UUID, loser: UUID, state: str, staff: UUID | None) -> None:
    """What people need not be asked any more. Those who were parted are not joined again by themselves."""
    one, other = pair_of(survivor, loser)
    said = {"state": state, "staff_id": staff, "settled_at": func.clock_timestamp()}
    if state == "merged":
        same = (MergeSuggestion.one_id == one, MergeSuggestion.other_id == other)
        await connection.execute(update(MergeSuggestion).where(*same).values(said))
        return
    row = upsert(MergeSuggestion).values(id=new_id(), one_id=one, other_id=other, **said)
    await connection.execute(row.on_conflict_do_update(index_elements=["one_id", "other_id"], set_=said))


async def _loosen(connection: AsyncConnection, *customers: UUID) -> tuple[Announcement, ...]:
    """A conversation whose number is proved to be the other's has it no more: nobody's texts go on among another's words."""
    owner = aliased(Identity)
    query = (
        select(ChatSession.id)
        .join(owner, and_(owner.kind == "phone", owner.scope == "", owner.value == ChatSession.phone))
        .where(ChatSession.customer_id.in_(customers), owner.customer_id.in_(customers), owner.customer_id != ChatSession.customer_id)
    )
    told = []
    for conversation in (await connection.scalars(query)).all():
        async with writing(connection, conversation) as log:
            log.change(phone=None, our_phone=None, channel="web")
            log.add_staff(Linked(what="phone", by=SYSTEM))
        told.append(log.announcement)
    return tuple(told)
