"""Customers with conversations at the demo site, and chefs, for parties to be held."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import holds, life
from business.bookings.chefs import Spot
from business.bookings.requests import By, Changed, Held, HoldRequest, Taken
from business.conversations.receive import receive
from business.customers import visitors
from business.pricing.rules import Party
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.ai import ChatEvent, ChatSession
from kernel.tables.core import Identity
from kernel.tables.crm import Consent, Lead
from kernel.tables.ops import (
    Booking,
    BookingEvent,
    Chef,
    ChefTime,
    Complaint,
    Coupon,
    Email,
    FollowUp,
    LedgerEntry,
    LedgerPosting,
    Outbox,
    Quote,
)
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

PROFILE = load_profile()
STATION = PROFILE.travel.stations[0]
ADDRESS = "12 Oak Street, San Jose, CA 95112"
SIX = time(18)
DANA = By("human", "Dana")
ALICE = By("customer", "Alice")


def with_capacity(lanes: int) -> Profile:
    """The profile, its station cooking so many parties at once."""
    station = STATION.model_copy(update={"capacity_per_slot": lanes})
    return PROFILE.model_copy(update={"travel": PROFILE.travel.model_copy(update={"stations": (station,)})})


def far(days: int = 60) -> date:
    """A day on which the station's capacity decides."""
    return utc_now().astimezone(PROFILE.business.zone).date() + timedelta(days=days)


def near(days: int = 7) -> date:
    """A day on which the chefs decide."""
    return far(days)


def at_venue(day: date, at: time) -> datetime:
    """In UTC, where hours are hours."""
    return datetime.combine(day, at, PROFILE.business.zone).astimezone(UTC)


class Customers:
    """Who writes: a conversation each, on a database of the test's own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def one(self, locale: str = "en", channel: str = "web") -> UUID:
        async with self.database.transaction() as connection:
            site = await site_by_key(connection, "demo")
            assert site is not None
            visitor = visitors.mint("secret", site.id, site.key, datetime.now(UTC))
            await receive(connection, visitor, client_id=uuid4(), text="hello", now=utc_now(), locale=locale, channel=channel)
        return visitor.conversation

    async def several(self, count: int) -> list[UUID]:
        return [await self.one() for _ in range(count)]

    async def hold(self, request: HoldRequest, profile: Profile = PROFILE, now: datetime | None = None) -> Held | Taken:
        return await self.database.unit(lambda c: holds.hold(c, profile, request, now or utc_now()))

    async def held(self, request: HoldRequest, profile: Profile = PROFILE) -> Held:
        result = await self.hold(request, profile)
        assert isinstance(result, Held), result
        return result

    async def confirm(self, booking: UUID) -> Changed | None:
        """By hand; None where the hold's time is over."""
        try:
            return await self.database.unit(lambda c: life.confirm(c, PROFILE, booking, DANA, utc_now()))
        except Conflict:
            return None

    async def let_lapse(self, booking: UUID) -> None:
        """The hold's time is over, and nobody has written so."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == booking).values(hold_until=past))

    async def bookings(self, *where: Any) -> Sequence[Any]:
        async with self.database.transaction() as connection:
            return (await connection.execute(sa.select(Booking).where(*where).order_by(Booking.number))).all()

    async def customer_of(self, conversation: UUID) -> UUID:
        async with self.database.transaction() as connection:
            found = await connection.scalar(sa.select(ChatSession.customer_id).where(ChatSession.id == conversation))
        assert isinstance(found, UUID)
        return found

    async def cards(self, conversation: UUID) -> list[dict[str, Any]]:
        async with self.database.transaction() as connection:
            query = sa.select(ChatEvent.payload).where(ChatEvent.conversation_id == conversation, ChatEvent.kind == "card")
            return [payload["card"] for payload in await connection.scalars(query.order_by(ChatEvent.seq))]

    async def chef(self, name: str = "Kenji", *times: dict[str, Any], **columns: Any) -> int:
        """Registers somebody; their number."""
        id = new_id()
        async with self.database.transaction() as connection:
            row = {"id": id, "name": name, "station": STATION.key, **columns}
            number: int = (await connection.scalars(sa.insert(Chef).values(row).returning(Chef.number))).one()
            for line in times:
                await connection.execute(sa.insert(ChefTime).values(id=new_id(), chef_id=id, **line))
        return number


def request(conversation: UUID, day: date | None = None, at: time = SIX, **more: Any) -> HoldRequest:
    """Ten adults in San Jose."""
    values: dict[str, Any] = {"party": Party(10), "address": ADDRESS, "spot": Spot(37.35, -121.88), **more}
    return HoldRequest(conversation, day or far(), at, **values)


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """One database for a module's tests: each begins without what the others left."""
    yield from made_database(postgres, template)


LEFT = (
    LedgerEntry,
    LedgerPosting,
    Email,
    Outbox,
    FollowUp,
    Coupon,
    BookingEvent,
    Booking,
    Quote,
    ChefTime,
    Chef,
    Complaint,
    Lead,
    Consent,
    Identity,
)


async def forget(connection: AsyncConnection) -> None:
    """What other tests of the module left. A ledger is only ever added to, but for here."""
    await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    each = ", ".join(f"left_{n} AS (DELETE FROM {table.__table__})" for n, table in enumerate(LEFT))
    await connection.execute(sa.text(f"WITH {each} SELECT 1"))


@pytest.fixture
async def customers(database: Database) -> AsyncIterator[Customers]:
    async with database.transaction() as connection:
        await ensure_demo(connection)
        await forget(connection)
    yield Customers(database)
