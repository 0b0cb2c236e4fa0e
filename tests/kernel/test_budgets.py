"""What models may cost, on a real PostgreSQL: nobody spends more than there is, whoever races, dies or asks while it is away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select, text, update
from structlog.testing import capture_logs

from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.metering import Budgets, DatabaseUsageSink, OverBudget, UsageRow, give_back
from kernel.metering.spending import MISMATCHES
from kernel.settings import CENT, Budget, Shadow
from kernel.tables.ai import BudgetHold, Spend, Usage

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 28)
FREE = Budget(visitor_day_cents=None, conversation_cents=None, site_day_cents=None, day_cents=None)
ALICE, BOB = CustomerId(new_id()), CustomerId(new_id())
SITE = SiteId(new_id())
TALK = ConversationId(new_id())


@pytest.fixture
async def sink(database: Database) -> AsyncIterator[DatabaseUsageSink]:
    sink = DatabaseUsageSink(database)
    yield sink
    await sink.close(within=1.0)


async def reserve(
    budgets: Budgets,
    cents: float = 1,
    *,
    call: UUID | None = None,
    customer: CustomerId | None = ALICE,
    conversation: ConversationId = TALK,
    site: SiteId | None = SITE,
    purpose: str = "answer",
    candidate: str = "teacher",
    at: datetime = NOW,
) -> UUID:
    """One reservation; returns the call's id."""
    call = call or new_id()
    await budgets.reserve(
        call,
        purpose=purpose,
        customer=customer,
        conversation=conversation,
        site=site,
        candidate=candidate,
        estimate_microdollars=round(cents * CENT),
        at=at,
    )
    return call


def cost(call: UUID, cents: float | None, **others: object) -> UsageRow:
    """The usage row of a call of Alice's."""
    row = UsageRow(
        conversation=TALK,
        turn=TurnId(new_id()),
        model="teacher",
        provider="openai",
        role="answer",
        tokens_in=7,
        tokens_out=11,
        cost_microdollars=None if cents is None else round(cents * CENT),
        first_token_ms=120,
        duration_ms=900,
        outcome="complete",
        error=None,
        started_at=NOW,
        customer=ALICE,
        site=SITE,
        id=call,
    )
    return replace(row, **others)  # type: ignore[arg-type]


async def settle(sink: DatabaseUsageSink, *rows: UsageRow) -> None:
    for row in rows:
        await sink.record(row)
    await sink.flush()


async def spends(database: Database) -> dict[str, tuple[float, float]]:
    """(spent, held) in cents by scope; no test has two rows of one scope here."""
    async with database.transaction() as connection:
        rows = (await connection.execute(select(Spend.__table__))).all()
    return {row.scope: (row.spent_microdollars / CENT, row.held_microdollars / CENT) for row in rows}


async def holds(database: Database) -> int:
    async with database.transaction() as connection:
        return (await connection.execute(select(func.count()).select_from(BudgetHold))).scalar_one()


async def refused(budgets: Budgets, cents: float = 1, **given: object) -> str:
    """The scope that a reservation is refused for."""
    with pytest.raises(OverBudget) as caught:
        await reserve(budgets, cents, **given)  # type: ignore[arg-type]
    return caught.value.scope


class TestReserving:
    @pytest.mark.parametrize(
        ("field", "scope"),
        [("visitor_day_cents", "visitor"), ("conversation_cents", "conversation"), ("site_day_cents", "site"), ("day_cents", "all")],
    )
    async def test_is_refused_over_each_of_the_budgets(self, database: Database, field: str, scope: str) -> None:
        budgets = Budgets(database, FREE.model_copy(update={field: 10}))
        await reserve(budgets, 6)
        assert await refused(budgets, 5) == scope
        assert await spends(database) == {scope: (0, 6)}, "what was refused holds nothing"
        await reserve(budgets, 4)
        assert await refused(budgets, 0.0001) == scope

    async def test_takes_nothing_of_the_other_budgets_where_one_refuses(self, database: Database) -> None:
        budgets = Budgets(database, Budget(visitor_day_cents=50, conversation_cents=50, day_cents=10))
        await reserve(budgets, 6)
        assert await refused(budgets, 6) == "all"
        assert await spends(database) == {"visitor": (0, 6), "conversation": (0, 6), "all": (0, 6)}
        assert await holds(database) == 1

    async def test_another_visitor_another_conversation_another_day_have_their_own(self, database: Database) -> None:
        budgets = Budgets(database, FREE.model_copy(update={"visitor_day_cents": 1, "conversation_cents": 3}))
        await reserve(budgets)
        assert await refused(budgets) == "visitor"
        await reserve(budgets, customer=BOB)
        await reserve(budgets, at=NOW + timedelta(days=1))
        assert await refused(budgets, at=NOW + timedelta(days=2)) == "conversation", "it has no days"
        await reserve(budgets, conversation=ConversationId(new_id()), at=NOW + timedelta(days=2))

    async def test_a_day_begins_where_the_business_is(self, database: Database) -> None:
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 1}), zone=lambda: ZoneInfo("America/Los_Angeles"))
        await reserve(budgets, at=datetime(2026, 11, 29, 7, 59, tzinfo=UTC))  # 23:59 of the 28th
        assert await refused(budgets, at=NOW) == "all"
        await reserve(budgets, at=datetime(2026, 11, 29, 8, 1, tzinfo=UTC))

    async def test_nothing_may_be_spent_where_a_budget_is_nought(self, database: Database) -> None:
        assert await refused(Budgets(database, FREE.model_copy(update={"day_cents": 0}))) == "all"

    async def test_other_limits_count_from_the_next_call_on(self, database: Database) -> None:
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 1}))
        await reserve(budgets)
        assert await refused(budgets) == "all"
        budgets.use(FREE.model_copy(update={"day_cents": 2}), ())
        await reserve(budgets)
        assert await refused(budgets) == "all"

    async def test_asks_nothing_of_postgres_without_a_price_or_a_limit(self, database: Database) -> None:
        await database.close()
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none", application="test")
        await reserve(Budgets(nowhere, Budget()), 0)
        await reserve(Budgets(nowhere, FREE), 5)
        await reserve(Budgets(nowhere, Budget()), 5, purpose="shadow", candidate="not-limited")

    async def test_is_one_statement_until_somebody_is_refused(self, database: Database) -> None:
        """From then on PostgreSQL is asked so that it need not refuse anything."""
        seen: list[str] = []

        def see(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append("at once" if "bool_and" in statement else "held")

        event.listen(database.primary.sync_engine, "before_cursor_execute", see)
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 2}))
        await reserve(budgets)
        assert seen == ["at once"]
        assert [await refused(budgets, 2), await refused(budgets, 2)] == ["all", "all"]
        assert seen == ["at once", "at once", "held", "held"]
        await reserve(budgets)
        assert seen[4:] == ["held"] and await holds(database) == 2

    async def test_is_said_once_a_day_and_counted_each_time(self, database: Database) -> None:
        heard: list[str] = []
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 0}), on_refused=heard.append)
        with capture_logs() as logs:
            for days in (0, 0, 0, 1):
                await refused(budgets, at=NOW + timedelta(days=days))
        assert heard == ["all"] * 4
        assert [(line["event"], line["scope"], line["day"]) for line in logs] == [
            ("budget.refuses", "all", "2026-11-28"),
            ("budget.refuses", "all", "2026-11-29"),
        ]


class TestShadows:
    SHADOWS = (Shadow(model="cheap", day_cents=2, critic="judge"), Shadow(model="dear", day_cents=3, critic="judge"))

    async def test_have_a_budget_each_and_cost_no_customers(self, database: Database, sink: DatabaseUsageSink) -> None:
        budgets = Budgets(database, Budget(visitor_day_cents=0, conversation_cents=0, site_day_cents=0, day_cents=0), self.SHADOWS)
        call = await reserve(budgets, 2, purpose="shadow", candidate="cheap")
        assert await refused(budgets, purpose="shadow", candidate="cheap") == "shadow"
        await reserve(budgets, 3, purpose="shadow", candidate="dear")
        await settle(sink, cost(call, 1.5, role="shadow", model="cheap"))
        async with database.transaction() as connection:
            rows = (await connection.execute(select(Spend.scope, Spend.key, Spend.spent_microdollars).order_by(Spend.key))).all()
        assert [tuple(row) for row in rows] == [("shadow", "cheap", 15_000), ("shadow", "dear", 0)]
        await reserve(budgets, 0.5, purpose="shadow", candidate="cheap")

    async def test_their_critic_may_cost_as_much_as_they_may(self, database: Database) -> None:
        budgets = Budgets(database, FREE, self.SHADOWS)
        await reserve(budgets, 5, purpose="shadow_critic", candidate="judge")
        assert await refused(budgets, purpose="shadow_critic", candidate="judge") == "shadow"


class TestSettling:
    async def test_puts_the_real_cost_in_the_place_of_the_hold(self, database: Database, sink: DatabaseUsageSink) -> None:
        budgets = Budgets(database, Budget(visitor_day_cents=10, conversation_cents=10, site_day_cents=10, day_cents=10))
        call = await reserve(budgets, 9)
        assert await refused(budgets, 2) is not None
        await settle(sink, cost(call, 0.5))
        assert await spends(database) == dict.fromkeys(("visitor", "conversation", "site", "all"), (0.5, 0))
        assert await holds(database) == 0
        await reserve(budgets, 9.5)

    async def test_counts_what_was_never_held(self, database: Database, sink: DatabaseUsageSink) -> None:
        await settle(sink, cost(new_id(), 3), cost(new_id(), 4), cost(new_id(), None), cost(new_id(), 0))
        assert (await spends(database))["all"] == (7, 0)
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 8}))
        assert await refused(budgets, 2) == "all", "a limit that comes later counts what was spent before it"

    async def test_once_for_a_row_that_is_given_twice(self, database: Database, sink: DatabaseUsageSink) -> None:
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 10}))
        call = await reserve(budgets)
        await settle(sink, cost(call, 3))
        await settle(sink, cost(call, 3))
        assert (await spends(database))["all"] == (3, 0)

    async def test_a_call_without_a_price_lets_its_hold_go(self, database: Database, sink: DatabaseUsageSink) -> None:
        call = await reserve(Budgets(database, FREE.model_copy(update={"day_cents": 10})))
        await settle(sink, cost(call, None))
        assert (await spends(database))["all"] == (0, 0)
        assert await holds(database) == 0

    async def test_what_cannot_be_stored_is_not_settled(self, database: Database, sink: DatabaseUsageSink) -> None:
        """The row and the money are one transaction: take the row away, and the hold stands."""
        call = await reserve(Budgets(database, FREE.model_copy(update={"day_cents": 10})))
        await settle(sink, cost(call, 3, outcome="nonsense"))
        assert (await spends(database))["all"] == (0, 1)
        assert await holds(database) == 1


class TestRaces:
    async def test_fifty_at_two_gateways_for_ten(self, database: Database, database_url: str) -> None:
        """No more than ten get through, and not one fewer."""
        other = Database(database_url, application="other")
        limits = Budget(visitor_day_cents=None, conversation_cents=100, site_day_cents=None, day_cents=10)
        gateways = [Budgets(database, limits), Budgets(other, limits)]
        try:
            results = await asyncio.gather(*(reserve(gateways[n % 2]) for n in range(50)), return_exceptions=True)
        finally:
            await other.close()
        assert sum(isinstance(result, UUID) for result in results) == 10
        assert {result.scope for result in results if isinstance(result, OverBudget)} == {"all"}
        assert await spends(database) == {"conversation": (0, 10), "all": (0, 10)}

    async def test_reserving_settling_and_giving_back_at_once(self, database: Database, database_url: str) -> None:
        """Two gateways, many visitors and conversations in every order: no deadlock, and what is spent is the sum of the rows."""
        other = Database(database_url, application="other")
        sinks = [DatabaseUsageSink(database), DatabaseUsageSink(other)]
        everyone = [CustomerId(new_id()) for _ in range(5)]
        talks = [ConversationId(new_id()) for _ in range(7)]

        async def one(number: int) -> None:
            gateway = number % 2
            budgets = Budgets((database, other)[gateway], Budget())
            who = {"customer": everyone[number % 5], "conversation": talks[number % 7]}
            call = await reserve(budgets, **who)  # type: ignore[arg-type]
            if number % 10:
                await sinks[gateway].record(cost(call, 0.01 * number, **who))
            if number % 25 == 0:
                await give_back(database)
                assert await mismatches(database) == [], "whenever one looks"

        try:
            await sinks[0].record(cost(new_id(), 1))
            await sinks[0].flush()
            await asyncio.gather(*(one(number) for number in range(200)))
            for sink in sinks:
                await sink.flush()
            assert await mismatches(database) == []
            assert await holds(database) == 20, "of the calls that left no row"
            await expire(database)
            await give_back(database)
        finally:
            for sink in sinks:
                await sink.close()
            await other.close()
        assert await mismatches(database) == []
        assert await holds(database) == 0


class TestAProcessThatDied:
    async def test_has_its_holds_given_back(self, database: Database) -> None:
        budgets = Budgets(database, FREE.model_copy(update={"day_cents": 2}))
        await reserve(budgets)
        await reserve(budgets)
        assert await give_back(database) == 0, "their calls may still run"
        await expire(database)
        assert await give_back(database) == 2
        assert (await spends(database))["all"] == (0, 0)
        await reserve(budgets, 2)

    async def test_counts_where_its_row_came_after_all(self, database: Database, sink: DatabaseUsageSink) -> None:
        call = await reserve(Budgets(database, FREE.model_copy(update={"day_cents": 2})))
        await expire(database)
        await give_back(database)
        await settle(sink, cost(call, 1.5))
        assert (await spends(database))["all"] == (1.5, 0)


class TestPostgresAway:
    async def test_nothing_may_be_spent(self, database: Database) -> None:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none", application="test")
        assert await refused(Budgets(nowhere, Budget())) == "unknown"
        await nowhere.close()

    async def test_nor_where_it_does_not_answer(self, database: Database) -> None:
        """Somebody holds the table: the customer is not kept for longer than it takes to say so."""
        budgets = Budgets(database, Budget())
        async with database.primary.connect() as locker:
            await locker.execute(text("LOCK TABLE ai.spend IN ACCESS EXCLUSIVE MODE"))
            async with asyncio.timeout(3):
                assert await refused(budgets) == "unknown"
        await reserve(budgets)


async def expire(database: Database) -> None:
    """Time goes by for every hold."""
    async with database.transaction() as connection:
        await connection.execute(update(BudgetHold).values(expires_at=func.now() - timedelta(seconds=1)))


async def mismatches(database: Database) -> list[str]:
    """Budgets whose figures are not those of the rows under them; there are rows."""
    async with database.transaction() as connection:
        assert await connection.scalar(select(func.count()).select_from(Usage))
        return [str(row) for row in await connection.execute(MISMATCHES)]
