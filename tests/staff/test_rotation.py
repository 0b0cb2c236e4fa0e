"""Taking turns: fair while many ask at once at two gateways; who is away, full, gone or disabled is passed over."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.conversations.receive import receive
from business.customers import visitors
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo, ensure_install
from business.staff import rotation
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.database import Database
from kernel.tables.ai import ChatSession, StaffEvent
from kernel.tables.core import Staff, StaffPresence
from kernel.tables.ops import Handoff


@pytest.fixture
async def team(database: Database) -> list[UUID]:
    """Three colleagues with their consoles open, at an install that takes turns."""
    await database.unit(ensure_install)
    await database.unit(ensure_demo)
    staff = StaffService(database, Passwords())
    team: list[UUID] = [(await staff.invite(f"{name}@example.com", name, "agent")).staff_id for name in ("Ana", "Ben", "Cam")]
    await database.unit(lambda c: rotation.here(c, team))
    await database.unit(lambda c: rotation.change(c, team[0], True, 5))
    return team


async def asked(database: Database) -> UUID:
    """A new customer asks for a person; gives the conversation."""
    async with database.transaction() as connection:
        site = await site_by_key(connection, "demo")
    assert site is not None
    visitor = visitors.mint("secret", site.id, site.key, datetime.now(UTC))
    now = datetime.now(UTC)
    await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="hello", now=now, locale="en"))
    await database.unit(
        lambda c: ownership.ask_for_human(
            c,
            visitor.conversation,
            reason=None,
            due_at=now + timedelta(minutes=5),
            minutes=5,
            line="A person comes.",
            summary="Asked",
            business="My Hibachi",
        )
    )
    return visitor.conversation


async def assignee(database: Database, conversation: UUID) -> UUID | None:
    async with database.transaction() as connection:
        found: UUID | None = await connection.scalar(sa.select(ChatSession.assignee_id).where(ChatSession.id == conversation))
        return found


async def turns(database: Database, count: int) -> list[UUID | None]:
    """Who got each of so many, one after the other."""
    return [await assignee(database, await asked(database)) for _ in range(count)]


class TestTurns:
    async def test_are_taken_by_nobody_unless_the_install_says_so(self, database: Database, team: list[UUID]) -> None:
        await database.unit(lambda c: rotation.change(c, team[0], False, None))
        assert await turns(database, 2) == [None, None]

    async def test_go_round(self, database: Database, team: list[UUID]) -> None:
        assert await turns(database, 7) == [*team, *team, team[0]]

    async def test_are_fair_while_many_ask_at_once_at_two_gateways(self, database: Database, database_url: str, team: list[UUID]) -> None:
        other = Database(database_url, application="another gateway")
        try:
            made = await asyncio.gather(*(asked((database, other)[n % 2]) for n in range(18)))
        finally:
            await other.close()
        got = Counter([await assignee(database, one) for one in made])
        # Five each is the most that one may have: the others wait for all.
        assert got == {**dict.fromkeys(team, 5), None: 3}

    async def test_pass_over_who_is_away_gone_or_no_longer_here(self, database: Database, team: list[UUID]) -> None:
        ana, ben, cam = team
        await database.unit(lambda c: rotation.set_away(c, ana, True))
        assert await turns(database, 3) == [ben, cam, ben]
        async with database.transaction() as connection:
            past = sa.func.clock_timestamp() - timedelta(minutes=1)
            await connection.execute(sa.update(StaffPresence).where(StaffPresence.staff_id == ben).values(seen_at=past))
        assert await turns(database, 2) == [cam, cam]
        await StaffService(database, Passwords()).disable("cam@example.com")
        assert await turns(database, 1) == [None], "nobody is here: it waits in the queue"
        await database.unit(lambda c: rotation.set_away(c, ana, False))
        assert await turns(database, 1) == [ana]

    async def test_leave_the_conversation_in_the_queue_for_anybody(self, database: Database, team: list[UUID]) -> None:
        conversation = await asked(database)
        async with database.transaction() as connection:
            row = (
                await connection.execute(sa.select(ChatSession.owner, ChatSession.assignee_id).where(ChatSession.id == conversation))
            ).one()
            state = await connection.scalar(sa.select(Handoff.state).where(Handoff.conversation_id == conversation))
            said = sa.select(StaffEvent.payload).where(StaffEvent.conversation_id == conversation, StaffEvent.kind == "assigned")
            (event,) = (await connection.scalars(said)).all()
        assert (row.owner, row.assignee_id, state) == ("queue", team[0], "open")
        assert event["staff"] == str(team[0]) and event["name"] == "Ana"
        moved = await database.unit(lambda c: ownership.take(c, conversation, Actor(team[1], "Ben")))  # type: ignore[arg-type]
        assert moved.epoch and await assignee(database, conversation) == team[1]

    async def test_one_customer_has_one(self, database: Database, team: list[UUID]) -> None:
        conversation = await asked(database)
        async with database.transaction() as connection:
            held = sa.select(sa.func.count()).select_from(Staff).join(StaffPresence, StaffPresence.staff_id == Staff.id)
            assert await connection.scalar(held.where(StaffPresence.turn_at.is_not(None))) == 1
        assert await assignee(database, conversation) == team[0]
