"""Handoff records: opened once per conversation and kind, claimed, settled; every change goes to the staff's log too."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Writing
from kernel.errors import NotFound
from kernel.ids import HandoffId, new_id
from kernel.tables.ops import Handoff
from kernel.wire.base import HandoffKind, HandoffState, Risk
from kernel.wire.server import Author, HandoffChanged

UNSETTLED = ("open", "claimed")


async def unsettled(connection: AsyncConnection, conversation: UUID, kind: str) -> Any | None:
    """The open or claimed handoff of this kind, locked."""
    return (
        await connection.execute(
            select(Handoff)
            .where(Handoff.conversation_id == conversation, Handoff.kind == kind, Handoff.state.in_(UNSETTLED))
            .with_for_update()
        )
    ).one_or_none()


async def open_handoff(
    log: Writing,
    *,
    kind: HandoffKind,
    urgency: Risk,
    summary: str,
    due_at: datetime,
    by: Author,
    facts: dict[str, Any],
    tried: str | None = None,
    suggested_reply: str | None = None,
) -> HandoffId:
    """Open a handoff in the conversation that `log` holds; the caller has looked that none is unsettled."""
    handoff = HandoffId(new_id())
    await log.connection.execute(
        insert(Handoff).values(
            id=handoff,
            conversation_id=log.id,
            kind=kind,
            urgency=urgency,
            summary=summary,
            facts=facts,
            tried=tried,
            suggested_reply=suggested_reply,
            due_at=due_at,
        )
    )
    log.add_staff(
        HandoffChanged(
            handoff=handoff,
            handoff_kind=kind,
            state="open",
            urgency=urgency,
            summary=summary,
            by=by,
        )
    )
    return handoff


async def add_to(log: Writing, handoff: Any, by: Author, values: dict[str, Any]) -> None:
    """More is known of a locked handoff: columns and what they become."""
    if not values:
        return
    counted = {"rev": Handoff.rev + 1, "changed_at": func.clock_timestamp()}
    await log.connection.execute(update(Handoff).where(Handoff.id == handoff.id).values({**values, **counted}))
    log.add_staff(
        HandoffChanged(
            handoff=handoff.id,
            handoff_kind=handoff.kind,
            state=handoff.state,
            urgency=values.get("urgency", handoff.urgency),
            summary=values.get("summary", handoff.summary),
            by=by,
            updated=True,
        )
    )


async def wait_anew(log: Writing, handoff: Any, by: Author, due_at: datetime) -> None:
    """From now on the customer waits for a handoff that staff were told of before: where its time is over, it begins anew."""
    if handoff.state == "open" and handoff.alerted_at is not None:
        await add_to(log, handoff, by, {"due_at": due_at, "alerted_at": None, "step": 0})


async def last_settled(connection: AsyncConnection, conversation: UUID, kind: str) -> Any | None:
    """The newest handoff of this kind that is settled."""
    return (
        await connection.execute(
            select(Handoff)
            .where(Handoff.conversation_id == conversation, Handoff.kind == kind, Handoff.state.not_in(UNSETTLED))
            .order_by(Handoff.settled_at.desc())
            .limit(1)
        )
    ).one_or_none()


async def change(
    log: Writing,
    handoff: Any,
    state: HandoffState,
    by: Author,
    *,
    staff: UUID | None = None,
    note: str | None = None,
) -> None:
    """Move a locked handoff to `state`."""
    values: dict[str, Any] = {"state": state, "rev": Handoff.rev + 1, "changed_at": func.clock_timestamp()}
    if state == "claimed":
        values |= {"claimed_by": staff, "claimed_name": by.name, "claimed_at": func.clock_timestamp()}
    else:
        values |= {"settled_at": func.clock_timestamp(), "note": note}
    await log.connection.execute(update(Handoff).where(Handoff.id == handoff.id).values(values))
    log.add_staff(
        HandoffChanged(
            handoff=handoff.id,
            handoff_kind=handoff.kind,
            state=state,
            urgency=handoff.urgency,
            summary=handoff.summary,
            by=by,
        )
    )


async def conversation_of(connection: AsyncConnection, handoff: UUID) -> UUID:
    """The conversation that a handoff belongs to. Raises NotFound."""
    found = await connection.scalar(select(Handoff.conversation_id).where(Handoff.id == handoff))
    if found is None:
        raise NotFound("There is no such handoff.")
    return found


async def locked(connection: AsyncConnection, handoff: UUID) -> Any:
    """The handoff's row, held by this transaction (lock its conversation first)."""
    return (await connection.execute(select(Handoff).where(Handoff.id == handoff).with_for_update())).one()
