"""Visitors who write on the web, and what PostgreSQL holds of them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.channels.linking import Went, go_on_by_text
from business.channels.proving import Codes, Fresh, Trouble, Whose, fresh
from business.conversations.receive import receive
from business.customers import visitors
from business.customers.details import Details, tell
from business.customers.merging import Joined, merge, part
from business.customers.visitors import Visitor
from business.profile.schemas import Profile
from business.sites.queries import Site, site_by_key
from business.sites.service import ensure_demo
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import ChatSession, StaffEvent
from kernel.tables.core import Customer, CustomerMerge, Identity, MergeSuggestion
from kernel.tables.ops import TextMessage
from kernel.wire.server import Author

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
PHONE, OURS = "+14155552671", "+15105553000"
_LAST = count(3000)
DANA = Author(kind="human", name="Dana")
SECRET = "secret"


def number() -> str:
    """A phone's number that nobody had before."""
    return f"+1415555{next(_LAST)}"


async def somebody_waits(database: Database) -> None:
    """Until a transaction in this database waits for another one."""
    waits = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(10):
        while True:
            async with database.primary.connect() as connection:
                if (await connection.execute(waits)).scalar_one():
                    return
            await asyncio.sleep(0.01)


@dataclass
class Town:
    """An install with its demo site, and people who come by."""

    database: Database
    profile: Profile
    site: Site
    codes: Codes

    @classmethod
    async def found(cls, database: Database, profile: Profile) -> "Town":
        async with database.transaction() as connection:
            await ensure_demo(connection)
            site = await site_by_key(connection, "demo")
        assert site is not None
        return cls(database, profile, site, Codes(SECRET, 10))

    async def visitor(self, text: str = "hello", **claims: Any) -> Visitor:
        """Somebody who said something."""
        said = visitors.Claims(**claims) if claims else None
        found = visitors.mint(SECRET, self.site.id, self.site.key, NOW, claims=said)
        await self.say(found, text)
        return found

    async def say(self, visitor: Visitor, text: str) -> None:
        async with self.database.transaction() as connection:
            await receive(connection, visitor, client_id=uuid4(), text=text, now=NOW)

    async def code(self, visitor: Visitor, phone: str, *, now: datetime = NOW, given: Fresh | None = None) -> str | Trouble:
        """The code that is on its way, or why there is none."""
        made = given or fresh()
        whose = Whose(conversation=visitor.conversation)
        trouble = await self.database.unit(lambda c: self.codes.send(c, self.profile, whose, phone, made, locale="en", now=now))
        return trouble or made.code

    async def verify(self, visitor: Visitor, code: str, *, now: datetime = NOW, ip: str | None = None) -> Went:
        return await self.database.unit(
            lambda c: go_on_by_text(
                c, self.profile, self.codes, visitor.conversation, code,
                locale="en", ip=ip, assistant="Assistant", our_number=OURS, now=now,
            )
        )  # fmt: skip

    async def proved(self, visitor: Visitor, phone: str, *, now: datetime = NOW) -> None:
        """The visitor goes on by text from this number."""
        went = await self.verify(visitor, await self.code(visitor, phone, now=now), now=now)
        assert went.trouble is None

    async def claims(self, visitor: Visitor, **said: Any) -> None:
        """What a customer says of themselves."""
        async with self.database.transaction() as connection:
            await tell(connection, visitor.conversation, Details(**said), "")

    async def merge(self, survivor: UUID, loser: UUID) -> Joined | None:
        return await self.database.unit(lambda c: merge(c, survivor, loser, "staff", by=DANA))

    async def part(self, merge: UUID, staff: UUID) -> Joined:
        return await self.database.unit(lambda c: part(c, merge, staff, DANA))

    async def staff(self) -> UUID:
        """A colleague's id."""
        id = new_id()
        await self.run(
            sa.text("INSERT INTO core.staff (id, email, name, role, password_hash) VALUES (:id, :email, 'Dana', 'admin', '')"),
            id=id, email=f"{id}@example.com",
        )  # fmt: skip
        return id

    async def run(self, statement: Any, **values: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(statement, values)

    async def rows(self, query: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(query)).all())

    async def conversation(self, visitor: Visitor) -> Any:
        return (await self.rows(sa.select(ChatSession).where(ChatSession.id == visitor.conversation)))[0]

    async def customer_of(self, visitor: Visitor) -> UUID:
        found: UUID = (await self.conversation(visitor)).customer_id
        return found

    async def identities(self, customer: UUID) -> set[tuple[str, str, bool]]:
        rows = await self.rows(sa.select(Identity).where(Identity.customer_id == customer))
        return {(row.kind, row.value, row.verified) for row in rows}

    async def texts(self, purpose: str, phone: str) -> list[Any]:
        query = sa.select(TextMessage).where(TextMessage.purpose == purpose, TextMessage.to_number == phone)
        return await self.rows(query.order_by(TextMessage.created_at))

    async def told(self, conversation: UUID, kind: str = "linked") -> list[str]:
        query = sa.select(StaffEvent.payload).where(StaffEvent.conversation_id == conversation, StaffEvent.kind == kind)
        return [row.payload["what"] for row in await self.rows(query.order_by(StaffEvent.staff_seq))]

    async def merges(self, customer: UUID) -> list[Any]:
        """Of this customer, as the one who was joined to another."""
        return await self.rows(sa.select(CustomerMerge).where(CustomerMerge.loser_id == customer).order_by(CustomerMerge.created_at))

    async def suggested(self, *customers: UUID) -> list[Any]:
        return await self.rows(
            sa.select(MergeSuggestion).where(MergeSuggestion.one_id.in_(customers), MergeSuggestion.other_id.in_(customers))
        )

    async def merged_into(self, customer: UUID) -> UUID | None:
        found: UUID | None = (await self.rows(sa.select(Customer.merged_into).where(Customer.id == customer)))[0].merged_into
        return found
