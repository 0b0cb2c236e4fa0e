"""What a lead learns of a booking: a confirmed one makes a customer of it, everything else counts for its score."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import writing
from business.leads import moving, scoring
from business.profile.schemas import Profile
from kernel.jobs import BookingChanged
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking

# What is a party to be cooked for, or was one.
STANDS = ("confirmed", "in_progress", "completed")


async def booking_changed(connection: AsyncConnection, profile: Profile, job: BookingChanged, now: datetime) -> None:
    """In the transaction of the effect. A hold that expires takes nothing back: a lead stays where people put it."""
    found = select(Booking.conversation_id, Booking.number, Booking.status).where(Booking.id == job.booking)
    booking = (await connection.execute(found)).one_or_none()
    if booking is None:
        return
    async with writing(connection, booking.conversation_id):
        if job.what == "confirmed" and booking.status in STANDS:
            await moving.convert(connection, booking.conversation_id, booking.number)
        await scoring.again(connection, profile, Lead.conversation_id == booking.conversation_id, now)
