"""Two customers who may be one: the same phone number or e-mail address, by their own word. A person says whether they are; until then
nothing of one is seen by the other. A name alone suggests nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers.merging import Joined, family, merge, pair_of, survivor_of
from business.staff import audit
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity, MergeSuggestion
from kernel.wire.server import Author

AT_MOST = 5
"""Others of whom one address suggests that they are the same: more have it in common because nobody owns it."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Somebody who may be the same person, and what they have in common: `phone`, `email`, `name`. `conversation`: their newest."""

    id: UUID
    customer: UUID
    name: str | None
    why: tuple[str, ...]
    conversation: UUID | None
    identities: tuple[tuple[str, str, bool], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A conversation of a person."""

    id: UUID
    channel: str
    state: str
    preview: str
    at: datetime


async def look(connection: AsyncConnection, customer: UUID, kind: Literal["phone", "email"], value: str) -> None:
    """Note who else goes by this address. Said again it adds nothing."""
    query = select(Identity.customer_id).where(Identity.kind == kind, Identity.value == value, Identity.customer_id != customer)
    others = set((await connection.scalars(query.distinct().limit(AT_MOST + 1))).all())
    if len(others) > AT_MOST:
        return
    for other in sorted(others):
        await suggest(connection, customer, other, kind)


async def suggest(connection: AsyncConnection, one: UUID, other: UUID, why: str) -> None:
    """These two may be one, for this reason. What people have said of them stands."""
    first, second = await survivor_of(connection, one), await survivor_of(connection, other)
    if first == second:
        return
    names = [name for name in (await connection.scalars(select(Customer.name).where(Customer.id.in_((first, second))))).all() if name]
    same = ["name"] if len(names) == 2 and names[0].casefold() == names[1].casefold() else []
    smaller, larger = pair_of(first, second)
    row = insert(MergeSuggestion).values(id=new_id(), one_id=smaller, other_id=larger, why=[why, *same])
    more = {"why": MergeSuggestion.why.op("||")(row.excluded.why)}
    fresh = (MergeSuggestion.state == "open") & ~MergeSuggestion.why.contains([why])
    await connection.execute(row.on_conflict_do_update(index_elements=["one_id", "other_id"], set_=more, where=fresh))


async def suggestions(connection: AsyncConnection, customer: UUID) -> tuple[Suggested, ...]:
    """Who may be the same person as this customer, for somebody to say; the newest first."""
    mine = set(await family(connection, customer))
    query = select(MergeSuggestion).where(
        MergeSuggestion.state == "open", or_(MergeSuggestion.one_id.in_(mine), MergeSuggestion.other_id.in_(mine))
    )
    found, seen = [], set(mine)
    for row in (await connection.execute(query.order_by(MergeSuggestion.created_at.desc()))).all():
        other = await survivor_of(connection, row.other_id if row.one_id in mine else row.one_id)
        if other not in seen:
            seen.add(other)
            found.append(await _shown(connection, row, other))
    return tuple(found)


async def history(connection: AsyncConnection, customer: UUID, limit: int = 20) -> tuple[Told, ...]:
    """The conversations of one person, whichever way they came by, the newest first."""
    query = select(ChatSession).where(ChatSession.customer_id == customer).order_by(ChatSession.changed_at.desc()).limit(limit)
    rows = (await connection.execute(query)).all()
    return tuple(Told(row.id, row.channel, row.state, row.preview, row.changed_at) for row in rows)


async def accept(connection: AsyncConnection, suggestion: UUID, staff: UUID, by: Author) -> Joined | None:
    """They are one, a person says: the elder stays. None where they are one by now. Raises NotFound, and Conflict where a person said
    otherwise."""
    row = await _locked(connection, suggestion)
    if row.state == "dismissed":
        raise Conflict("Somebody has said that these are two people.")
    created = await connection.execute(
        select(Customer.id).where(Customer.id.in_((row.one_id, row.other_id))).order_by(Customer.created_at, Customer.id)
    )
    elder, younger = (one.id for one in created.all())
    joined = await merge(connection, elder, younger, "staff", staff, by=by)
    await _settle(connection, suggestion, "merged", staff)
    return joined


async def dismiss(connection: AsyncConnection, suggestion: UUID, staff: UUID) -> None:
    """They are two. Said again it is the same. Raises NotFound, and Conflict where they were joined."""
    row = await _locked(connection, suggestion)
    if row.state == "merged":
        raise Conflict("These were joined. Part them again, if they are two people.")
    if row.state == "open":
        await _settle(connection, suggestion, "dismissed", staff)
        await audit.record(connection, "staff", staff, "customer.two", row.one_id, {"other": str(row.other_id)})


async def _locked(connection: AsyncConnection, suggestion: UUID) -> Any:
    query = select(MergeSuggestion).where(MergeSuggestion.id == suggestion).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such suggestion.")
    return row


async def _settle(connection: AsyncConnection, suggestion: UUID, state: str, staff: UUID) -> None:
    values = {"state": state, "staff_id": staff, "settled_at": func.clock_timestamp()}
    await connection.execute(update(MergeSuggestion).where(MergeSuggestion.id == suggestion).values(values))


async def _shown(connection: AsyncConnection, row: Any, other: UUID) -> Suggested:
    name = await connection.scalar(select(Customer.name).where(Customer.id == other))
    known = select(Identity.kind, Identity.value, Identity.verified).where(Identity.customer_id == other, Identity.kind != "subject")
    identities: Sequence[Any] = (await connection.execute(known.order_by(Identity.created_at))).all()
    newest = select(ChatSession.id).where(ChatSession.customer_id == other).order_by(ChatSession.changed_at.desc()).limit(1)
    ways = tuple((one.kind, one.value, one.verified) for one in identities)
    return Suggested(row.id, other, name, tuple(row.why), await connection.scalar(newest), ways, row.created_at)
