"""What models cost over HTTP: sums that are those of the rows, days of the business, today's budgets, and who may see it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.profile.loader import load_profile
from business.staff.service import StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.metering import Budgets, DatabaseUsageSink, UsageRow
from kernel.settings import CENT, Budget
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Site
from tests.http.conftest import entered

AT = "/api/admin/costs"
ZONE = load_profile().business.zone
NOTHING = {"calls": 0, "tokens_in": 0, "tokens_out": 0, "microdollars": 0, "unpriced": 0}


def noon() -> datetime:
    """Of the business's today."""
    return datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


def today() -> date:
    """The business's."""
    return noon().astimezone(ZONE).date()


def call(cents: float | None, **others: Any) -> UsageRow:
    row = UsageRow(
        conversation=ConversationId(new_id()),
        turn=TurnId(new_id()),
        model="teacher",
        provider="openai",
        role="answer",
        tokens_in=100,
        tokens_out=10,
        cost_microdollars=None if cents is None else round(cents * CENT),
        first_token_ms=120,
        duration_ms=900,
        outcome="complete",
        error=None,
        started_at=noon(),
        customer=CustomerId(new_id()),
        agent="pricing",
    )
    return replace(row, **others)


async def kept(database: Database, *rows: UsageRow) -> None:
    sink = DatabaseUsageSink(database, lambda: ZONE)
    for row in rows:
        await sink.record(row)
    await sink.close()


async def talk(database: Database, name: str) -> tuple[ConversationId, CustomerId, SiteId]:
    """A conversation of somebody's, at a site."""
    conversation, customer, site = ConversationId(new_id()), CustomerId(new_id()), SiteId(new_id())
    async with database.transaction() as connection:
        await connection.execute(sa.insert(Site).values(id=site, key=f"k{site.hex}", name="The shop", origins=[], identity_secret="s" * 32))
        await connection.execute(sa.insert(Customer).values(id=customer, name=name))
        given = {"history": "h", "site_id": site, "customer_id": customer, "channel": "web"}
        await connection.execute(sa.insert(ChatSession).values(id=conversation, **given))
    return conversation, customer, site


@pytest.fixture
async def chief(browser: httpx.AsyncClient, staff: StaffService) -> httpx.AsyncClient:
    await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))
    return browser


async def asked(browser: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    response = await browser.get(AT, params=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def costs(found: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {one["name"]: (one["microdollars"], one["calls"]) for one in found}


class TestCosts:
    async def test_of_nothing(self, chief: httpx.AsyncClient) -> None:
        found = await asked(chief)
        assert (found["last"], found["first"]) == (today().isoformat(), (today() - timedelta(days=29)).isoformat())
        assert found["total"] == NOTHING
        assert found["days"] == found["models"] == found["conversations"] == []
        assert found["configured"] is True
        assert found["budgets"] == [{"scope": "all", "name": "", "spent": 0, "held": 0, "limit": 20_000_000}]
        assert found["conversation_limit"] == 2_000_000

    async def test_by_day_model_agent_and_role(self, chief: httpx.AsyncClient, database: Database) -> None:
        yesterday = noon() - timedelta(days=1)
        await kept(
            database,
            call(2),
            call(3, model="spare", agent="menu"),
            call(4, started_at=yesterday, role="draft"),
            call(None, model="unknown"),
            call(0, model="house", role="answer"),
            call(7, role="shadow", model="cheap"),
            call(0, error="over_budget", outcome="failed", model="spare"),
        )
        found = await asked(chief)
        assert found["total"] == {"calls": 6, "tokens_in": 600, "tokens_out": 60, "microdollars": 160_000, "unpriced": 1}
        assert found["refused"] == 1
        assert [(one["day"], one["model"], one["microdollars"]) for one in found["days"]] == [
            (yesterday.astimezone(ZONE).date().isoformat(), "teacher", 40_000),
            (today().isoformat(), "cheap", 70_000),
            (today().isoformat(), "spare", 30_000),
            (today().isoformat(), "teacher", 20_000),
        ]
        assert [*costs(found["models"])] == ["cheap", "teacher", "spare", "house", "unknown"], "the dearest first"
        assert costs(found["models"])["teacher"] == (60_000, 2)
        assert costs(found["agents"]) == {"pricing": (130_000, 5), "menu": (30_000, 1)}
        assert costs(found["roles"]) == {"shadow": (70_000, 1), "answer": (50_000, 4), "draft": (40_000, 1)}
        only = await asked(chief, first=today().isoformat())
        assert only["total"]["microdollars"] == 120_000

    async def test_a_day_is_the_business_s(self, chief: httpx.AsyncClient, database: Database) -> None:
        midnight = noon().astimezone(ZONE).replace(hour=0)
        await kept(database, call(1, started_at=midnight), call(2, started_at=midnight - timedelta(seconds=1)))
        days = {one["day"]: one["microdollars"] for one in (await asked(chief))["days"]}
        assert days == {today().isoformat(): 10_000, (today() - timedelta(days=1)).isoformat(): 20_000}
        assert (await asked(chief, first=today().isoformat(), last=today().isoformat()))["total"]["microdollars"] == 10_000

    async def test_the_costliest_conversations(self, chief: httpx.AsyncClient, database: Database) -> None:
        ana, ben, cy = [await talk(database, name) for name in ("Ana", "Ben", "Cy")]
        rows = [(ana, 1, "answer"), (ben, 2, "answer"), (ben, 3, "draft"), (ben, 50, "shadow"), (cy, 0, "answer")]
        await kept(database, *(call(cents, conversation=who[0], customer=who[1], role=role) for who, cents, role in rows))
        await kept(database, call(90))  # of a conversation that nobody can open, like a question of the staff
        found = (await asked(chief))["conversations"]
        assert [(one["customer"], one["conversation"], one["microdollars"], one["calls"]) for one in found] == [
            ("Ben", str(ben[0]), 50_000, 2),
            ("Ana", str(ana[0]), 10_000, 1),
        ]
        one = await chief.get(f"/api/admin/conversations/{ben[0]}/cost")
        assert one.json() == {"microdollars": 50_000, "limit": 2_000_000}
        assert (await chief.get(f"/api/admin/conversations/{uuid4()}/cost")).json()["microdollars"] == 0

    async def test_how_budgets_stand_today(self, chief: httpx.AsyncClient, database: Database) -> None:
        conversation, customer, site = await talk(database, "Ana")
        given: dict[str, Any] = {"conversation": conversation, "customer": customer, "site": site}
        now = utc_now()
        shadow = call(2, started_at=now, role="shadow", model="cheap")
        await kept(database, call(5, started_at=now, **given), call(1, started_at=now), shadow)
        budgets = Budgets(database, Budget(), zone=lambda: ZONE)
        await budgets.reserve(uuid4(), purpose="answer", candidate="teacher", estimate_microdollars=3, **given)
        assert (await asked(chief))["budgets"] == [
            {"scope": "all", "name": "", "spent": 60_000, "held": 3, "limit": 20_000_000},
            {"scope": "site", "name": "The shop", "spent": 50_000, "held": 0},
            {"scope": "visitor", "name": "", "spent": 50_000, "held": 3, "limit": 1_000_000},
            {"scope": "shadow", "name": "cheap", "spent": 20_000, "held": 0},
        ]

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ({"first": "2026-02-30"}, "first"),
            ({"first": "2026-03-02", "last": "2026-03-01"}, "Turn them round"),
            ({"first": "2024-01-01", "last": "2026-01-01"}, "Ask for fewer"),
            ({"until": "2026-03-01"}, "until"),
        ],
    )
    async def test_refuses_what_makes_no_sense(self, chief: httpx.AsyncClient, query: dict[str, str], words: str) -> None:
        response = await chief.get(AT, params=query)
        assert response.status_code == 400
        assert words in response.text

    async def test_is_for_owners_and_admins(self, browser: httpx.AsyncClient, staff: StaffService) -> None:
        assert (await browser.get(AT)).status_code == 401
        await entered(browser, staff, await staff.invite("agent@example.com", "Agent", "agent"))
        for path in (AT, f"/api/admin/conversations/{uuid4()}/cost"):
            assert (await browser.get(path)).status_code == 403
