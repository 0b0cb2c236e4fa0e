"""A coupon that is good is used on a party of its customer: by a person, once, in the transaction that takes it off what is owed.

Locks: the conversation's row, the booking, the customer's row, the coupon.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.records import locked, refused, written
from business.bookings.rules import OCCUPYING
from business.conversations.log import Announcement
from business.coupons import rules
from business.handoffs.ownership import Actor
from business.payments import ledger, words
from business.profile.figures import money
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import Conflict, NotFound
from kernel.tables.core import Customer
from kernel.tables.ops import Coupon
from kernel.wire.server import Author


@dataclass(frozen=True, slots=True)
class Used:
    """Of which complaint the coupon is, and what the customer reads of it."""

    complaint: UUID
    announcement: Announcement


async def use(connection: AsyncConnection, profile: Profile, coupon: UUID, booking: UUID, actor: Actor, now: datetime) -> Used:
    """Take it off the booking's price; on the same booking again is the same. Raises NotFound; Conflict where it is not approved, over,
    used elsewhere or another customer's, and where the booking has ended or has no price that anything could be taken off."""
    async with written(connection, booking) as log:
        party = await locked(connection, booking)
        row = await _locked(connection, coupon)
        if row.state == "used" and row.booking_id == booking:
            return Used(row.complaint_id, log.announcement)
        _refuse(row, party, now)
        cents = _off(row, await ledger.statement(connection, booking))
        await ledger.post_discount(connection, booking, cents, f"coupon:{coupon}:{booking}:{party.version}")
        values = {"state": "used", "booking_id": booking, "changed_at": func.clock_timestamp()}
        await connection.execute(update(Coupon).where(Coupon.id == coupon).values(values))
        await audit.record(connection, "staff", actor.id, "coupon.used", coupon, {"number": party.number, "cents": cents})
        told = words.line(log.row.locale, "coupon", amount=money(cents), number=str(party.number))
        log.say(Author(kind="system", name=profile.business.name), told)
    return Used(row.complaint_id, log.announcement)


def _refuse(row: Any, party: Any, now: datetime) -> None:
    if row.state != "approved":
        raise Conflict(f"This coupon is {row.state}. Only one that is approved can be used.", state=row.state)
    if row.expires_at <= now:
        raise Conflict("The time of this coupon is over. Propose another one.", state="expired")
    if row.customer_id != party.customer_id:
        raise Conflict("This coupon is another customer's. Choose a booking of its own customer.")
    if party.status not in OCCUPYING:
        raise refused(party)


def _off(row: Any, stands: ledger.Statement) -> int:
    """In cents: never more than is left of the price."""
    if not stands.quoted:
        raise Conflict("The price of this booking is not known yet. Quote it first.")
    cents = min(rules.off(row.percent, row.cents_at_most, stands.total_cents), stands.total_cents - stands.discounts_cents)
    if cents <= 0:
        raise Conflict("Nothing is left of this booking's price that the coupon could take off.")
    return cents


async def _locked(connection: AsyncConnection, coupon: UUID) -> Any:
    """Its customer's row is locked first, as where it is decided on."""
    customer = await connection.scalar(select(Coupon.customer_id).where(Coupon.id == coupon))
    if customer is None:
        raise NotFound("There is no such coupon.")
    await connection.execute(select(Customer.id).where(Customer.id == customer).with_for_update())
    return (await connection.execute(select(Coupon).where(Coupon.id == coupon).with_for_update())).one()
