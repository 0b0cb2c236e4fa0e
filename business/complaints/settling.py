"""A person settles a complaint, or opens it again; the customer reads what was done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, Writing, writing
from business.coupons import service as coupons
from business.customers import reach
from business.emails import kinds
from business.emails import writing as emails
from business.handoffs import records
from business.handoffs.ownership import Actor
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.tables.core import Customer
from kernel.tables.ops import Complaint
from kernel.wire.server import NoteWritten


async def resolve(
    connection: AsyncConnection,
    profile: Profile,
    links: Links,
    complaint: UUID,
    actor: Actor,
    resolution: str,
    *,
    tell: bool,
    now: datetime,
) -> Announcement:
    """Settled, with what was done; its handoff is settled too. `tell`: the customer gets it by e-mail, with the coupon that was approved
    for it. Again with the same words is the same. Raises NotFound; Conflict where it was settled otherwise."""
    async with writing(connection, await conversation_of(connection, complaint)) as log:
        row = await _locked(connection, complaint)
        if row.state == "resolved":
            if row.resolution != resolution:
                raise Conflict("This complaint was settled meanwhile. Look at what was done; reopen it to go on.")
            return log.announcement
        values = {"state": "resolved", "resolution": resolution, "resolved_by": actor.id, "resolved_at": func.clock_timestamp()}
        await connection.execute(update(Complaint).where(Complaint.id == complaint).values(changed_at=func.clock_timestamp(), **values))
        handoff = await records.unsettled(connection, log.id, "complaint")
        if handoff is not None:
            await records.change(log, handoff, "resolved", actor.author)
        log.add_staff(NoteWritten(id=complaint, author=actor.author, text=f"Complaint settled: {resolution}"))
        await audit.record(connection, "staff", actor.id, "complaint.resolved", complaint, {"severity": row.severity, "told": tell})
        if tell:
            await _tell(log, profile, links, row, resolution, now)
    return log.announcement


async def reopen(connection: AsyncConnection, complaint: UUID, actor: Actor) -> Announcement:
    """Open again. Raises NotFound; Conflict where another one of the same conversation is open by now."""
    async with writing(connection, await conversation_of(connection, complaint)) as log:
        row = await _locked(connection, complaint)
        if row.state == "open":
            return log.announcement
        other = select(Complaint.id).where(Complaint.conversation_id == log.id, Complaint.state == "open")
        if await connection.scalar(other) is not None:
            raise Conflict("The customer has complained again since: that complaint is open. Go on there.")
        values = {"state": "open", "resolved_at": None, "resolved_by": None}
        await connection.execute(update(Complaint).where(Complaint.id == complaint).values(changed_at=func.clock_timestamp(), **values))
        log.add_staff(NoteWritten(id=complaint, author=actor.author, text="Complaint opened again."))
        await audit.record(connection, "staff", actor.id, "complaint.reopened", complaint)
    return log.announcement


async def name_topic(connection: AsyncConnection, profile: Profile, complaint: UUID, actor: Actor, topic: str) -> None:
    """What it is about, by a person. Raises NotFound; BadRequest for a topic that the profile does not have."""
    if topic not in {one.key for one in profile.complaints.topics}:
        raise BadRequest("There is no such topic. Choose one of those that the business's profile names.")
    values = {"topic": topic, "changed_at": func.clock_timestamp()}
    done = await connection.execute(update(Complaint).where(Complaint.id == complaint).values(values))
    if done.rowcount != 1:
        raise NotFound("There is no such complaint.")
    await audit.record(connection, "staff", actor.id, "complaint.topic", complaint, {"topic": topic})


async def conversation_of(connection: AsyncConnection, complaint: UUID) -> UUID:
    """Where it was said. Raises NotFound."""
    found: UUID | None = await connection.scalar(select(Complaint.conversation_id).where(Complaint.id == complaint))
    if found is None:
        raise NotFound("There is no such complaint.")
    return found


async def _locked(connection: AsyncConnection, complaint: UUID) -> Any:
    return (await connection.execute(select(Complaint).where(Complaint.id == complaint).with_for_update())).one()


async def _tell(log: Writing, profile: Profile, links: Links, row: Any, resolution: str, now: datetime) -> None:
    address = await reach.email_of(log.connection, row.customer_id)
    if address is None:
        return
    coupon = await coupons.approved_for(log.connection, row.id, now)
    await emails.write(
        log.connection,
        profile,
        links,
        kind="complaint_resolved",
        to=address,
        to_name=await log.connection.scalar(select(Customer.name).where(Customer.id == row.customer_id)),
        locale=log.row.locale or profile.business.locale,
        values=kinds.ComplaintResolved(
            resolution=resolution,
            coupon=coupon.code if coupon is not None else None,
            coupon_cents=coupon.cents_at_most if coupon is not None else None,
            coupon_percent=coupon.percent if coupon is not None else None,
            coupon_until=coupon.expires_at if coupon is not None else None,
        ),
        key=f"complaint_resolved:{row.id}:{log.staff_seq}",
        conversation=log.id,
        customer=row.customer_id,
    )
