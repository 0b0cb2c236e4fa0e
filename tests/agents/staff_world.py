"""A small business on a real database, for the assistant of the staff to be asked about: parties, leads, handoffs, people who wait."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.bookings import holds, life
from business.bookings.requests import BookingView, Held, HoldRequest
from business.conversations.receive import receive
from business.customers import details, visitors
from business.handoffs import opening
from business.leads import service as leads
from business.pricing import service as quotes
from business.pricing.rules import Order, Party, quote
from business.profile.loader import load_profile
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Handoff

PROFILE = load_profile()
# Several parties at once, for the day to be full of them.
STATION = PROFILE.travel.stations[0].model_copy(update={"capacity_per_slot": 5})
ROOMY = PROFILE.model_copy(update={"travel": PROFILE.travel.model_copy(update={"stations": (STATION,)})})
ADDRESS = "12 Oak Street, San Jose, CA 95112"


def at_venue(days: int = 0) -> date:
    """A day of the venue, so many from today."""
    return utc_now().astimezone(PROFILE.business.zone).date() + timedelta(days=days)


@dataclass
class World:
    """Puts things into the database by the services that the product uses; only times are turned back by hand."""

    database: Database

    async def begin(self) -> "World":
        async with self.database.transaction() as connection:
            await ensure_demo(connection)
        return self

    async def customer(self, name: str | None = None, text: str = "hello", **contacts: str) -> UUID:
        """Somebody who wrote; their conversation."""
        async with self.database.transaction() as connection:
            site = await site_by_key(connection, "demo")
            assert site is not None
            visitor = visitors.mint("secret", site.id, site.key, utc_now())
            await receive(connection, visitor, client_id=uuid4(), text=text, now=utc_now(), locale="en", channel="web")
            said = details.details(name, contacts.get("email"), contacts.get("phone"), None, None, PROFILE.business.phone)
            await details.tell(connection, visitor.conversation, said, "")
        return visitor.conversation

    async def party(self, conversation: UUID, day: date, *, adults: int = 12, at: time = time(18), **contacts: Any) -> BookingView:
        """A hold with its quote, on a day that may be held."""
        order = Order(Party(adults), {}, {}, {}, travel_cents=0)
        stored = await self.database.unit(lambda c: quotes.store(c, PROFILE, conversation, order, quote(PROFILE, order)))
        asked = HoldRequest(conversation, day, at, Party(adults), ADDRESS, quote=stored.id, **contacts)
        # The lead time is another's concern: what is asked about here may be tomorrow.
        result = await self.database.unit(lambda c: holds.hold(c, ROOMY, asked, utc_now() - timedelta(days=30)))
        assert isinstance(result, Held), result
        return result.booking

    async def set_booking(self, booking: UUID, **values: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == booking).values(**values))

    async def confirmed(self, booking: BookingView) -> None:
        await self.database.unit(lambda c: life.confirm(c, PROFILE, booking.id, life.By("human", "Dana"), utc_now()))

    async def lead(self, conversation: UUID, hours: float, **facts: Any) -> None:
        """A lead that is so many hours old."""
        await self.database.unit(lambda c: leads.save(c, PROFILE, conversation, facts, utc_now()))
        async with self.database.transaction() as connection:
            old = utc_now() - timedelta(hours=hours)
            await connection.execute(sa.update(Lead).where(Lead.conversation_id == conversation).values(created_at=old))

    async def handoff(self, conversation: UUID, kind: Any = "complaint", *, overdue: timedelta | None = None, **more: Any) -> UUID:
        values: dict[str, Any] = {"urgency": "high", "summary": "The food was cold", **more}
        opened = await self.database.unit(
            lambda c: opening.open_for(c, conversation, turn=None, kind=kind, facts={}, profile=PROFILE, now=utc_now(), **values)
        )
        if overdue is not None:
            async with self.database.transaction() as connection:
                due: datetime = utc_now() - overdue
                await connection.execute(sa.update(Handoff).where(Handoff.id == opened.handoff).values(due_at=due))
        return opened.handoff

    async def state(self) -> dict[str, list[Any]]:
        """Every row of every table, to see that nothing was changed."""
        found: dict[str, list[Any]] = {}
        async with self.database.transaction() as connection:
            names = await connection.execute(
                sa.text(
                    "SELECT table_schema || '.' || table_name FROM information_schema.tables "
                    "WHERE table_schema IN ('core', 'ai', 'crm', 'ops') AND table_name NOT IN ('usage', 'staff_session')"
                )
            )
            for name in sorted(names.scalars()):
                rows = await connection.execute(sa.text(f"SELECT t::text FROM {name} t ORDER BY 1"))
                found[name] = list(rows.scalars())
        return found
