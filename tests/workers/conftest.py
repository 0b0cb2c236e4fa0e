"""A site's visitor and a member of staff, for workers to have something to do."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from business.conversations.receive import receive
from business.customers import visitors
from business.customers.visitors import Visitor
from business.handoffs.ownership import Actor
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.database import Database


@pytest.fixture
async def visitor(database: Database) -> Visitor:
    """Someone at the demo site."""
    async with database.transaction() as connection:
        await ensure_demo(connection)
        site = await site_by_key(connection, "demo")
        assert site is not None
    return visitors.mint("secret", site.id, site.key, datetime.now(UTC))


@pytest.fixture
async def dana(database: Database) -> Actor:
    """A member of staff."""
    invited = await StaffService(database, Passwords()).invite("dana@example.com", "Dana", "agent")
    return Actor(invited.staff_id, "Dana")


async def write(database: Database, visitor: Visitor, text: str, locale: str = "en") -> None:
    """The visitor says something."""
    now = datetime.now(UTC)
    await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=text, now=now, locale=locale))
