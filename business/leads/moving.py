"""What people do with a lead: move it, take that back, give it to somebody, write a note. Each is one transaction that may be repeated,
with its line in the lead's history and in the trail.

Whoever changes a lead names the `rev` that they saw: where somebody else was faster they are told how it stands now, and nothing is
changed. What the assistant keeps of it meanwhile counts for nothing there. The conversation's row is held before the lead's, as wherever
a lead is written.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import database_now, writing
from business.handoffs.ownership import Actor
from business.leads.rules import SETTLED, Status, may_move
from business.staff import audit
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.core import Staff
from kernel.tables.crm import Lead, LeadEvent

# A console offers it for some seconds; a slow line is no reason to refuse it.
TAKEN_BACK_WITHIN = timedelta(minutes=1)
WHY_NEEDED = "Say why nothing comes of this lead, for whoever looks at it again."


async def move(connection: AsyncConnection, lead: UUID, actor: Actor, to: Status, rev: int, why: str | None = None) -> None:
    """Another state; `why` is needed where it is disqualified. Where it is there already nothing happens. Raises NotFound, BadRequest;
    Conflict where somebody was faster, or it cannot be moved there."""
    reason = " ".join((why or "").split()) or None
    if to == "disqualified" and reason is None:
        raise BadRequest(WHY_NEEDED)
    async with _held(connection, lead) as row:
        if row.status == to:
            return
        await _unchanged(connection, row, rev)
        if not may_move(row.status, to):
            raise Conflict(_cannot(row.status, to))
        if row.status in SETTLED:
            await _alone(connection, row)
        was = {"from": row.status, "to": to, "since": row.status_since.isoformat(), "was_why": row.why_disqualified}
        kept = reason if to == "disqualified" else None
        await _change(connection, row, status=to, status_since=func.clock_timestamp(), why_disqualified=kept)
        await _tell(connection, lead, "status", actor.id, {**was, **({"why": kept} if kept else {})})
        await audit.record(connection, "staff", actor.id, "lead.moved", lead, {"from": row.status, "to": to})


async def take_back(connection: AsyncConnection, lead: UUID, actor: Actor, rev: int) -> None:
    """The actor's own last move never was, but for its line in the history. Raises NotFound; Conflict where there is none, it is some
    time ago, or somebody did something with it since."""
    async with _held(connection, lead) as row:
        await _unchanged(connection, row, rev)
        last = await _last_move(connection, lead)
        mine = last is not None and last.staff_id == actor.id and last.payload["to"] == row.status and "taken_back" not in last.payload
        if last is None or not mine or await database_now(connection) - last.at > TAKEN_BACK_WITHIN:
            raise Conflict("There is no move of yours that can be taken back. Move the lead where it belongs.")
        if row.status in SETTLED and last.payload["from"] not in SETTLED:
            await _alone(connection, row)
        back = {"status": last.payload["from"], "status_since": datetime.fromisoformat(last.payload["since"])}
        await _change(connection, row, **back, why_disqualified=last.payload.get("was_why"))
        await _tell(connection, lead, "status", actor.id, {"from": row.status, "to": back["status"], "taken_back": True})
        await audit.record(connection, "staff", actor.id, "lead.taken_back", lead, {"from": row.status, "to": back["status"]})


async def assign(connection: AsyncConnection, lead: UUID, actor: Actor, assignee: UUID | None, rev: int) -> None:
    """Whose lead it is; None: nobody's. Raises NotFound, also for somebody who does not work here; Conflict where somebody was faster."""
    async with _held(connection, lead) as row:
        if row.assignee_id == assignee:
            return
        await _unchanged(connection, row, rev)
        name = None
        if assignee is not None:
            name = await connection.scalar(select(Staff.name).where(Staff.id == assignee, Staff.disabled_at.is_(None)))
            if name is None:
                raise NotFound("There is no such colleague.")
        await _change(connection, row, assignee_id=assignee)
        await _tell(connection, lead, "assigned", actor.id, {"staff": None if assignee is None else str(assignee), "name": name})
        await audit.record(connection, "staff", actor.id, "lead.assigned", lead, {"name": name})


async def note(connection: AsyncConnection, lead: UUID, actor: Actor, id: UUID, text: str) -> None:
    """For staff alone; `id` makes a repeated one the same. It changes nothing of the lead that another's move would have to know of.
    Raises NotFound; Conflict where the id is that of something else."""
    async with _held(connection, lead):
        values = {"lead_id": lead, "kind": "note", "payload": {"text": text}, "staff_id": actor.id}
        written = await connection.scalar(
            insert_once(LeadEvent).values(id=id, **values).on_conflict_do_nothing(index_elements=["id"]).returning(LeadEvent.id)
        )
        if written is None:
            same = select(LeadEvent.id).where(LeadEvent.id == id, LeadEvent.lead_id == lead, LeadEvent.kind == "note")
            if await connection.scalar(same) is None:
                raise Conflict("This id was already used for something else. Send it with a new id.")
            return
        await audit.record(connection, "staff", actor.id, "lead.noted", lead)


async def convert(connection: AsyncConnection, conversation: UUID, booking: int) -> UUID | None:
    """A booking of this number is confirmed: the conversation's unsettled lead has become a customer. The lead; None where there is none.
    The conversation's row is held."""
    open_ = select(Lead).where(Lead.conversation_id == conversation, Lead.status.not_in(SETTLED)).with_for_update()
    row = (await connection.execute(open_)).one_or_none()
    if row is None:
        return None
    await _change(connection, row, status="converted", status_since=func.clock_timestamp())
    await _tell(connection, row.id, "status", None, {"from": row.status, "to": "converted", "booking": booking})
    await audit.record(connection, "system", None, "lead.moved", row.id, {"from": row.status, "to": "converted"})
    lead: UUID = row.id
    return lead


@asynccontextmanager
async def _held(connection: AsyncConnection, lead: UUID) -> AsyncIterator[Any]:
    """The lead's row, locked after its conversation's. Raises NotFound."""
    conversation = await connection.scalar(select(Lead.conversation_id).where(Lead.id == lead))
    if conversation is None:
        raise NotFound("There is no such lead.")
    async with writing(connection, conversation):
        yield (await connection.execute(select(Lead).where(Lead.id == lead).with_for_update())).one()


async def _unchanged(connection: AsyncConnection, row: Any, rev: int) -> None:
    """Raises Conflict with how it stands now, and who made it so."""
    if row.rev == rev:
        return
    newest = (
        select(Staff.name)
        .select_from(LeadEvent)
        .outerjoin(Staff, Staff.id == LeadEvent.staff_id)
        .where(LeadEvent.lead_id == row.id, LeadEvent.kind.in_(("status", "assigned")))
        .order_by(LeadEvent.at.desc(), LeadEvent.id.desc())
        .limit(1)
    )
    who = await connection.scalar(newest) or "Somebody"
    raise Conflict(
        f"{who} changed this lead meanwhile: it is {row.status} now. Nothing of yours was stored; look at it again.",
        status=row.status,
        rev=row.rev,
    )


async def _alone(connection: AsyncConnection, row: Any) -> None:
    """Raises Conflict where the customer has another lead by now, which is not settled."""
    others = select(Lead.id).where(Lead.conversation_id == row.conversation_id, Lead.id != row.id, Lead.status.not_in(SETTLED))
    if await connection.scalar(others) is not None:
        raise Conflict("The customer has written again since, and that is a lead of its own. Go on with the newer one.")


async def _last_move(connection: AsyncConnection, lead: UUID) -> Any | None:
    moves = select(LeadEvent).where(LeadEvent.lead_id == lead, LeadEvent.kind == "status")
    return (await connection.execute(moves.order_by(LeadEvent.at.desc(), LeadEvent.id.desc()).limit(1))).one_or_none()


async def _change(connection: AsyncConnection, row: Any, **values: Any) -> None:
    changed = {"rev": Lead.rev + 1, "changed_at": func.clock_timestamp(), **values}
    await connection.execute(update(Lead).where(Lead.id == row.id).values(changed))


async def _tell(connection: AsyncConnection, lead: UUID, kind: str, staff: UUID | None, payload: Mapping[str, Any]) -> None:
    values = {"lead_id": lead, "kind": kind, "payload": dict(payload), "staff_id": staff}
    await connection.execute(insert(LeadEvent).values(id=new_id(), **values))


def _cannot(one: Status, to: Status) -> str:
    if to == "new":
        return "Somebody has looked at this lead: it does not become new again."
    return f"This lead is {one}. Open it again by moving it to working, then to {to}."
