"""A party that comes to nothing costs nothing, so that nothing can be taken off it: its coupon is the customer's again."""

from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger
from business.staff import audit
from kernel.tables.core import Customer
from kernel.tables.ops import Coupon


async def give_back(connection: AsyncConnection, booking: UUID, version: int) -> None:
    """In the transaction that ends the booking, whose row is locked. One whose customer has another good one by now is over."""
    used = select(Coupon.id, Coupon.customer_id).where(Coupon.booking_id == booking, Coupon.state == "used").order_by(Coupon.id)
    rows = (await connection.execute(used)).all()
    if not rows:
        return
    await ledger.post_discounts_back(connection, booking, f"back:{booking}:{version}")
    await connection.execute(select(Customer.id).where(Customer.id == rows[0].customer_id).with_for_update())
    for row in rows:
        other = await connection.scalar(select(exists().where(Coupon.customer_id == row.customer_id, Coupon.state == "approved")))
        values = {"state": "expired" if other else "approved", "booking_id": None, "changed_at": func.clock_timestamp()}
        await connection.execute(update(Coupon).where(Coupon.id == row.id).values(values))
        await audit.record(connection, "system", None, "coupon.returned", row.id, {"good": not other})
