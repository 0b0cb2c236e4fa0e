"""Customers who complain, and people who decide: on a database of a module's own."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.complaints import service
from business.complaints.service import Recorded
from business.customers.details import Details, tell
from business.handoffs.ownership import Actor
from business.sites.service import ensure_demo
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import StaffId
from kernel.tables.core import Staff
from kernel.tables.ops import Complaint, Coupon, Email, FollowUp, Outbox
from tests.bookings.conftest import PROFILE, Customers
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

__all__ = ["ANA", "PROFILE", "Desk"]

ANA = "ana@hibachi.fun"


class Desk:
    """Complaints and what becomes of them."""

    def __init__(self, customers: Customers, olga: Actor, dana: Actor) -> None:
        self.customers, self.database = customers, customers.database
        self.olga, self.dana = olga, dana

    async def customer(self, email: str | None = ANA) -> UUID:
        """A conversation; the address is known, unless none is."""
        conversation = await self.customers.one()
        if email is not None:
            await self.database.unit(lambda c: tell(c, conversation, Details(name="Ana Perez", email=email), ""))
        return conversation

    async def complain(self, conversation: UUID, severity: Any = "moderate", summary: str = "The chef was rude", **more: Any) -> Recorded:
        given = {"now": utc_now(), **more}
        return await self.database.unit(lambda c: service.record(c, PROFILE, conversation, severity=severity, summary=summary, **given))

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(sa.select(table.__table__).where(*where).order_by(table.created_at, table.id))).all())

    async def complaint(self, id: UUID) -> Any:
        (row,) = await self.rows(Complaint, Complaint.id == id)
        return row

    async def coupons(self) -> list[Any]:
        return await self.rows(Coupon)

    async def effects(self, kind: str) -> list[Any]:
        return await self.rows(Outbox, Outbox.kind == kind)


async def hired(database: Database, email: str, name: str, role: str) -> Actor:
    """Somebody of the staff, who may be there from the test before."""
    async with database.transaction() as connection:
        known = await connection.scalar(sa.select(Staff.id).where(Staff.email == email))
    if known is None:
        known = (await StaffService(database, Passwords()).invite(email, name, role)).staff_id
    return Actor(StaffId(known), name)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """Olga, whose business it is, and Dana, who answers."""
    await database.unit(ensure_demo)
    async with database.transaction() as connection:
        for table in (FollowUp, Coupon, Complaint, Outbox, Email):
            await connection.execute(sa.delete(table))
    olga = await hired(database, "olga@hibachi.fun", "Olga", "owner")
    dana = await hired(database, "dana@hibachi.fun", "Dana", "agent")
    yield Desk(Customers(database), olga, dana)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """One database for a module's tests."""
    yield from made_database(postgres, template)
