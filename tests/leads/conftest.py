"""Leads and the people who look after them, on a database of a module's own."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.handoffs.ownership import Actor
from business.leads import moving, service
from business.sites.service import ensure_demo, ensure_install
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Conflict
from kernel.tables.core import Audit
from kernel.tables.crm import Lead, LeadEvent
from tests.bookings.conftest import PROFILE, Customers, far, forget
from tests.complaints.conftest import bus, hired
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

__all__ = ["PROFILE", "Sales", "bus", "far"]


class Sales:
    """Leads, and what becomes of them."""

    def __init__(self, customers: Customers, olga: Actor, dana: Actor) -> None:
        self.customers, self.database = customers, customers.database
        self.olga, self.dana = olga, dana

    async def lead(
        self, facts: Mapping[str, Any] | None = None, conversation: UUID | None = None, now: datetime | None = None, **more: Any
    ) -> UUID:
        """A new one, of somebody new; hot with a referral and `party()`."""
        conversation = conversation or await self.customers.one()
        given = {} if facts is None else facts
        return (await self.database.unit(lambda c: service.save(c, PROFILE, conversation, given, now or utc_now(), **more))).id

    async def hot(self, now: datetime | None = None, **more: Any) -> UUID:
        return await self.lead(party(), now=now, source="referral", **more)

    async def row(self, lead: UUID) -> Any:
        async with self.database.transaction() as connection:
            return (await connection.execute(sa.select(Lead).where(Lead.id == lead))).one()

    async def move(self, lead: UUID, to: Any, rev: int | None = None, who: Actor | None = None, why: str | None = None) -> None:
        seen = (await self.row(lead)).rev if rev is None else rev
        await self.database.unit(lambda c: moving.move(c, lead, who or self.dana, to, seen, why))

    async def take_back(self, lead: UUID, who: Actor | None = None) -> None:
        rev = (await self.row(lead)).rev
        await self.database.unit(lambda c: moving.take_back(c, lead, who or self.dana, rev))

    async def refused(self, lead: UUID, to: Any, because: str, **more: Any) -> None:
        """It cannot be moved there, and nothing has changed."""
        before = await self.row(lead), await self.history(lead)
        with pytest.raises(Conflict, match=because):
            await self.move(lead, to, **more)
        assert (await self.row(lead), await self.history(lead)) == before

    async def history(self, lead: UUID) -> list[tuple[str, UUID | None, dict[str, Any]]]:
        async with self.database.transaction() as connection:
            query = sa.select(LeadEvent).where(LeadEvent.lead_id == lead).order_by(LeadEvent.at, LeadEvent.id)
            return [(row.kind, row.staff_id, row.payload) for row in await connection.execute(query)]

    async def trail(self, lead: UUID) -> list[tuple[str, dict[str, Any]]]:
        async with self.database.transaction() as connection:
            query = sa.select(Audit.action, Audit.details).where(Audit.subject == str(lead)).order_by(Audit.id)
            return [(row.action, row.details) for row in await connection.execute(query)]


def party(days: int = 30, **more: Any) -> dict[str, Any]:
    return {"adults": 30, "date": far(days).isoformat(), "budget_cents": 2_000_00, **more}


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture
async def sales(database: Database) -> AsyncIterator[Sales]:
    """Olga, whose business it is, and Dana, who answers."""
    async with database.transaction() as connection:
        await ensure_install(connection)
        await ensure_demo(connection)
        await connection.execute(sa.delete(LeadEvent))
        await forget(connection)
    olga = await hired(database, "olga@hibachi.fun", "Olga", "owner")
    dana = await hired(database, "dana@hibachi.fun", "Dana", "agent")
    yield Sales(Customers(database), olga, dana)
