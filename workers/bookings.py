"""A booking's life, by the clock and for those who are told of it."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import moments, telling
from business.leads import following
from business.links.signing import Links
from business.payments import telling as payments
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.jobs import BookingChanged, BookingTimer, Job, RefundDone
from workers.handlers import Handler, Publication, announced


def handlers(profile: Callable[[], Profile], links: Links, clock: Clock) -> dict[type[Job], Handler]:
    """Those of this file."""

    async def changed(connection: AsyncConnection, job: BookingChanged, key: str) -> list[Publication]:
        told = await telling.changed(connection, profile(), links, job, clock())
        await following.booking_changed(connection, profile(), job, clock())
        return announced(told)

    async def timer(connection: AsyncConnection, job: BookingTimer, key: str) -> list[Publication]:
        return announced(await moments.come(connection, profile(), links, job, clock()))

    async def refunded(connection: AsyncConnection, job: RefundDone, key: str) -> list[Publication]:
        await payments.refunded(connection, profile(), links, job.refund)
        return []

    return {BookingChanged: changed, BookingTimer: timer, RefundDone: refunded}
