"""Coupons in PostgreSQL: proposed by anybody of the staff for a complaint, approved or rejected by a person who may.

A customer has one that is approved at most: approvals are decided one after the other under the customer's row, and a unique index says
so too. One whose time is over makes room.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.coupons import rules
from business.handoffs.ownership import Actor
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.core import Customer
from kernel.tables.ops import Complaint, Coupon


async def propose(
    connection: AsyncConnection, profile: Profile, complaint: UUID, actor: Actor, *, percent: int, cents: int, reason: str
) -> UUID:
    """A coupon that counts for nothing until it is approved; returns its id. Raises BadRequest over the profile's limits, NotFound,
    Conflict where one is proposed for this complaint already."""
    percent, cents = rules.worth(profile.reviews.coupon, percent, cents)
    row = (await connection.execute(select(Complaint).where(Complaint.id == complaint).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such complaint.")
    waiting = select(Coupon.id).where(Coupon.complaint_id == complaint, Coupon.state == "proposed")
    if await connection.scalar(waiting) is not None:
        raise Conflict("A coupon is proposed for this complaint already. Decide on that one first.")
    coupon = new_id()
    await connection.execute(
        insert(Coupon).values(
            id=coupon,
            code=rules.code(),
            customer_id=row.customer_id,
            conversation_id=row.conversation_id,
            complaint_id=complaint,
            percent=percent,
            cents_at_most=cents,
            reason=reason,
        )
    )
    await audit.record(connection, "staff", actor.id, "coupon.proposed", coupon, {"percent": percent, "cents": cents})
    return coupon


async def decide(connection: AsyncConnection, profile: Profile, coupon: UUID, actor: Actor, approve: bool, now: datetime) -> Any:
    """Approved or rejected by a person; the same decision again is the same. The coupon's row. Raises NotFound; Conflict where it was
    decided otherwise, or the customer has an active one."""
    customer = await connection.scalar(select(Coupon.customer_id).where(Coupon.id == coupon))
    if customer is None:
        raise NotFound("There is no such coupon.")
    await connection.execute(select(Customer.id).where(Customer.id == customer).with_for_update())
    row = await _locked(connection, coupon)
    wanted = "approved" if approve else "rejected"
    if row.state != "proposed":
        if row.state == wanted:
            return row
        raise Conflict(f"This coupon is {row.state} already.", state=row.state)
    if approve:
        await expire(connection, now, customer)
        active = await connection.scalar(select(func.count()).where(Coupon.customer_id == customer, Coupon.state == "approved"))
        if (active or 0) >= profile.reviews.coupon.active_per_customer:
            raise Conflict("This customer has a coupon that is good still. Another one is possible once it is used or over.")
    values: dict[str, Any] = {"state": wanted, "decided_by": actor.id, "changed_at": func.clock_timestamp()}
    if approve:
        values["expires_at"] = rules.expires(profile.reviews.coupon, now)
    await connection.execute(update(Coupon).where(Coupon.id == coupon).values(values))
    await audit.record(connection, "staff", actor.id, f"coupon.{wanted}", coupon, {"percent": row.percent, "cents": row.cents_at_most})
    return await _locked(connection, coupon)


async def approved_for(connection: AsyncConnection, complaint: UUID, now: datetime) -> Any | None:
    """The coupon that was approved for this complaint and is good at `now`."""
    query = select(Coupon).where(Coupon.complaint_id == complaint, Coupon.state == "approved", Coupon.expires_at > now)
    return (await connection.execute(query.limit(1))).one_or_none()


async def expire(connection: AsyncConnection, now: datetime, customer: UUID | None = None) -> int:
    """Those whose time is over, of one customer or of all; returns how many."""
    over = update(Coupon).where(Coupon.state == "approved", Coupon.expires_at <= now)
    if customer is not None:
        over = over.where(Coupon.customer_id == customer)
    return (await connection.execute(over.values(state="expired", changed_at=func.clock_timestamp()))).rowcount


async def _locked(connection: AsyncConnection, coupon: UUID) -> Any:
    return (await connection.execute(select(Coupon).where(Coupon.id == coupon).with_for_update())).one()
