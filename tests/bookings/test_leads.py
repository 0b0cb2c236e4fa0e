"""Leads: the score to the point, one unsettled per conversation, which grows; contacts claimed, consent never inferred."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.leads import rules, service
from business.leads.service import SavedLead
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import BadRequest, NotFound
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Consent, Lead
from tests.bookings.conftest import PROFILE, Customers, far, request


def points(**said: Any) -> int:
    values = {
        "source": "yelp",
        "adults": None,
        "budget_cents": None,
        "days_ahead": None,
        "verified_contacts": 0,
        "recent_events": 0,
        **said,
    }
    return rules.score(PROFILE, **values).points - 8  # what Yelp gives


class TestScore:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("referral", 25),
            ("web_quote", 20),
            ("chat", 15),
            ("phone", 15),
            ("event", 12),
            ("instagram", 10),
            ("facebook", 10),
            ("google", 8),
            ("yelp", 8),
            ("sms", 5),
            ("website", 0),
            ("a friend of a friend", 0),
        ],
    )
    def test_by_source(self, source: str, expected: int) -> None:
        assert points(source=source) + 8 == expected

    @pytest.mark.parametrize(("adults", "expected"), [(None, 0), (0, 0), (-3, 0), (1, 2), (7, 14), (8, 15), (200, 15)])
    def test_by_adults(self, adults: int | None, expected: int) -> None:
        assert points(adults=adults) == expected

    @pytest.mark.parametrize(("cents", "expected"), [(None, 0), (99_99, 0), (100_00, 1), (1999_99, 19), (2000_00, 20), (9000_00, 20)])
    def test_by_budget(self, cents: int | None, expected: int) -> None:
        assert points(budget_cents=cents) == expected

    @pytest.mark.parametrize(("days", "expected"), [(None, 0), (-1, 0), (0, 10), (6, 10), (7, 15), (90, 15), (91, 0)])
    def test_by_date(self, days: int | None, expected: int) -> None:
        assert points(days_ahead=days) == expected

    def test_by_contacts_and_what_happened_lately(self) -> None:
        assert points(verified_contacts=2, recent_events=3) == 2 * 5 + 3 * 3

    def test_is_100_at_most_and_says_what_it_is_made_of(self) -> None:
        most = rules.score(PROFILE, source="referral", adults=20, budget_cents=5000_00, days_ahead=30, verified_contacts=2, recent_events=9)
        assert (most.points, most.temperature) == (100, "hot")
        assert most.reasons == {"source": 25, "adults": 15, "budget": 20, "date": 15, "contacts": 10, "events": 27}

    @pytest.mark.parametrize(("score", "temperature"), [(100, "hot"), (70, "hot"), (69, "warm"), (40, "warm"), (39, "cold"), (0, "cold")])
    def test_hot_and_warm(self, score: int, temperature: str) -> None:
        assert rules.temperature(PROFILE, score) == temperature


async def save(database: Database, conversation: UUID, facts: Mapping[str, Any], **more: Any) -> SavedLead:
    return await database.unit(lambda c: service.save(c, PROFILE, conversation, facts, utc_now(), **more))


class TestSaving:
    async def test_a_conversation_that_is_none(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await save(database, uuid4(), {})

    @pytest.mark.parametrize("contact", [{"phone": "12"}, {"email": "nobody"}, {"name": "x" * 81}])
    async def test_a_contact_that_is_none_stores_nothing(self, customers: Customers, database: Database, contact: dict[str, str]) -> None:
        with pytest.raises(BadRequest):
            await save(database, await customers.one(), {"adults": 8}, **contact)
        async with database.transaction() as connection:
            assert (await connection.execute(sa.select(Lead))).all() == []

    async def test_one_grows(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await save(database, alice, {"adults": 8, "date": far(30).isoformat()})
        assert (first.created, first.score, first.temperature) == (True, 15 + 15 + 15, "warm")
        more = await save(database, alice, {"adults": None, "budget_cents": 1200_00, "preferred_contact": "sms"}, failed="taken")
        assert (more.id, more.created, more.score, more.failed) == (first.id, False, 57, "taken")
        assert more.facts == {"adults": 8, "date": far(30).isoformat(), "budget_cents": 1200_00, "preferred_contact": "sms"}
        fewer = await save(database, alice, {"adults": 2})
        assert (fewer.score, fewer.failed) == (46, "taken")
        assert len(await customers.bookings()) == 0

    async def test_what_was_heard_wrong_does_not_lose_the_lead(self, customers: Customers, database: Database) -> None:
        saved = await save(database, await customers.one(), {"date": "next Saturday", "adults": "many"})
        assert saved.score == 15

    async def test_by_text_message(self, customers: Customers, database: Database) -> None:
        assert (await save(database, await customers.one(channel="sms"), {})).score == 5
        assert (await save(database, await customers.one(), {}, source="referral")).score == 25

    async def test_a_settled_one_is_followed_by_another(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await save(database, alice, {"adults": 8})
        async with database.transaction() as connection:
            await connection.execute(sa.update(Lead).values(status="converted"))
        assert (await save(database, alice, {"adults": 4})).id != first.id

    async def test_contacts_are_claimed_and_stand_nowhere_else(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        customer = await customers.customer_of(alice)
        saved = await save(database, alice, {"adults": 8}, name="Alice", phone="5105550188", email="a@example.com")
        assert saved.facts == {"adults": 8} and saved.announcement is not None
        async with database.transaction() as connection:
            found = {row.kind: row.verified for row in await connection.execute(sa.select(Identity))}
            assert found == {"phone": False, "email": False}
            assert await connection.scalar(sa.select(Customer.name).where(Customer.id == customer)) == "Alice"
            assert (await connection.execute(sa.select(Consent))).all() == []
            await connection.execute(sa.update(Identity).values(verified=True))
        assert (await save(database, alice, {})).score == saved.score + 2 * 5

    async def test_holds_and_quotes_count(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        await customers.held(request(alice))
        assert (await save(database, alice, {})).score == 15 + 3
