"""The mail about money that went back. Written by workers, in the transaction of the effect that asks for it, once for each refund."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.records import read, written
from business.bookings.requests import view
from business.customers import reach
from business.emails.kinds import Refund as Values
from business.emails.writing import write
from business.links.signing import Links
from business.payments import words
from business.profile.schemas import Profile
from kernel.tables.ops import Payment, Refund


async def refunded(connection: AsyncConnection, profile: Profile, links: Links, refund: UUID) -> UUID | None:
    """Its mail's id; None where the money is not back after all, no address is known, or the payment was nobody's."""
    query = select(Refund.amount_cents, Payment.method, Payment.booking_id).join(Payment, Payment.id == Refund.payment_id)
    row = (await connection.execute(query.where(Refund.id == refund, Refund.state == "done"))).one_or_none()
    if row is None or row.booking_id is None:
        return None
    async with written(connection, row.booking_id) as log:
        booking = view(await read(connection, row.booking_id))
        to = booking.email or await reach.email_of(connection, booking.customer)
        if to is None:
            return None
        values = Values(
            number=booking.number,
            starts_at=booking.starts_at,
            guests=booking.guests,
            address=booking.address,
            link=links.booking(booking.id),
            refund_cents=row.amount_cents,
            method=words.method_name(log.row.locale, row.method),
        )
        return await write(
            connection,
            profile,
            links,
            kind="refund",
            to=to,
            to_name=booking.name,
            locale=log.row.locale,
            values=values,
            key=f"refund:{refund}",
            booking=booking.id,
            conversation=log.id,
            customer=booking.customer,
        )
