"""A model asked within budgets: what it may cost is held before, what it did cost is settled after, and over it the next answers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from agents.ensemble.breaker import Breaker
from agents.ensemble.chunks import Chunk, Finish, Text
from agents.ensemble.errors import ModelError, NoRoute, OverBudget, TimedOut
from agents.ensemble.fallback import Fallback
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.metered import Metered
from agents.ensemble.model import ModelMessage, ModelRequest, ToolSpec
from agents.ensemble.prices import Prices, Pricing, Rates
from agents.ensemble.tokens import TokenCounter, bound
from agents.ensemble.watched import Contender
from kernel.database import Database
from kernel.ids import CustomerId, new_id
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.settings import CENT, Budget
from kernel.tables.ai import BudgetHold, Spend, Usage
from tests.agents.building import ask

FREE = Budget(visitor_day_cents=None, conversation_cents=None, site_day_cents=None, day_cents=None)
ALICE = CustomerId(new_id())


class Saying:
    """A model that says three words, or fails as it is told."""

    def __init__(self, name: str, failure: ModelError | None = None, waits: bool = False) -> None:
        self.name = name
        self.asked = 0
        self._failure, self._waits = failure, waits

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        self.asked += 1
        if self._failure is not None:
            raise self._failure
        for word in ("All ", "is ", "well."):
            yield Text(word)
            if self._waits:
                await asyncio.sleep(60)
        yield Finish("stop", 1_000, 100, model=self.name)


@pytest.fixture
async def sink(database: Database) -> AsyncIterator[DatabaseUsageSink]:
    sink = DatabaseUsageSink(database)
    yield sink
    await sink.close()


def metered(model: Saying, sink: DatabaseUsageSink, budgets: Budgets | None, dollars: float | None = 10.0) -> Metered:
    """`dollars` for a million tokens, in or out; None: nobody knows."""
    rates = None if dollars is None else Rates(dollars, dollars, dollars)

    async def price(tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> int | None:
        return None if rates is None else rates.cost(tokens_in, tokens_out, tokens_cached)

    async def count(request: ModelRequest, text: str) -> tuple[int, int]:
        return 50, len(text.split())

    return Metered(model, provider="test", role="answer", count=count, price=price, sink=sink, budgets=budgets)


def question() -> ModelRequest:
    return replace(ask("How much is it?"), customer=ALICE, max_tokens=900)


async def answer(model: Metered | Fallback) -> str:
    """Who answered."""
    async with aclosing(model.stream(question())) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Finish):
                return chunk.model
    raise AssertionError("no end")


async def settled(database: Database, sink: DatabaseUsageSink, *models: Metered) -> list[tuple[str, str | None, int, int | None]]:
    """(outcome, error, tokens in, cost) of every call; nothing is held any more."""
    for model in models:
        await model.drain()
    await sink.flush()
    async with database.transaction() as connection:
        assert await connection.scalar(select(func.count()).select_from(BudgetHold)) == 0
        assert not await connection.scalar(select(func.sum(Spend.held_microdollars)))
        rows = await connection.execute(
            select(Usage.outcome, Usage.error, Usage.tokens_in, Usage.cost_microdollars).order_by(Usage.started_at)
        )
        return [(*row,) for row in rows]


async def spent(database: Database) -> int:
    async with database.transaction() as connection:
        return await connection.scalar(select(Spend.spent_microdollars).where(Spend.scope == "visitor")) or 0


class TestACall:
    async def test_is_settled_with_what_it_cost(self, database: Database, sink: DatabaseUsageSink) -> None:
        model = metered(Saying("teacher"), sink, Budgets(database, Budget()))
        async with aclosing(model.stream(question())) as chunks:
            assert await anext(chunks) == Text("All ")
            async with database.transaction() as connection:
                held = await connection.scalar(select(BudgetHold.microdollars))
            assert held is not None
            assert held > 900 * 10
            async for _ in chunks:
                pass
        assert await settled(database, sink, model) == [("complete", None, 1_000, 11_000)]
        assert await spent(database) == 11_000

    async def test_closed_in_the_middle_costs_what_was_said(self, database: Database, sink: DatabaseUsageSink) -> None:
        model = metered(Saying("teacher", waits=True), sink, Budgets(database, Budget()))
        async with aclosing(model.stream(question())) as chunks:
            await anext(chunks)
        assert await settled(database, sink, model) == [("cancelled", None, 50, 510)]

    @pytest.mark.parametrize(("failure", "row"), [(NoRoute(), ("failed", "no_route", 0, 0)), (TimedOut(), ("failed", "timeout", 50, 500))])
    async def test_that_nobody_read_costs_nothing(
        self, database: Database, sink: DatabaseUsageSink, failure: ModelError, row: tuple[str, str, int, int]
    ) -> None:
        """Else a dead provider uses up the budgets. Silence is another matter: the question may have been read."""
        model = metered(Saying("teacher", failure), sink, Budgets(database, Budget()))
        with pytest.raises(type(failure)):
            await answer(model)
        assert await settled(database, sink, model) == [row]

    async def test_without_a_price_is_made_and_holds_nothing(self, database: Database, sink: DatabaseUsageSink) -> None:
        model = metered(Saying("local"), sink, Budgets(database, FREE.model_copy(update={"day_cents": 0})), dollars=None)
        assert await answer(model) == "local"
        assert await settled(database, sink, model) == [("complete", None, 1_000, None)]


class TestOverBudget:
    async def test_the_model_is_not_asked(self, database: Database, sink: DatabaseUsageSink) -> None:
        teacher = Saying("teacher")
        model = metered(teacher, sink, Budgets(database, Budget(visitor_day_cents=0)))
        with pytest.raises(OverBudget):
            await answer(model)
        assert teacher.asked == 0
        assert await settled(database, sink, model) == [("failed", "over_budget", 0, 0)]

    async def test_a_cheaper_one_answers_then_the_house(self, database: Database, sink: DatabaseUsageSink) -> None:
        """Twelve cents a day: one call of the dear one, two of the cheap one, then the house; no breaker opens."""
        budgets = Budgets(database, FREE.model_copy(update={"visitor_day_cents": 12}))
        dear = metered(Saying("dear"), sink, budgets, dollars=100.0)
        cheap = metered(Saying("cheap"), sink, budgets, dollars=4.0)
        house = metered(Saying("house"), sink, None, dollars=0.0)
        breakers = Breaker(), Breaker()
        ensemble = Fallback([Contender(dear, breakers[0]), Contender(cheap, breakers[1])], house)
        answered = []
        for _ in range(5):
            answered.append(await answer(ensemble))
            await settled(database, sink, dear, cheap, house)
        assert answered == ["dear", "cheap", "cheap", "house", "house"]
        assert await spent(database) == 110_000 + 2 * 4_400 <= 12 * CENT
        assert [breaker.state for breaker in breakers] == ["closed", "closed"]

    async def test_the_house_answers_where_postgres_does_not_say(self, database: Database, sink: DatabaseUsageSink) -> None:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none", application="test")
        teacher, house = Saying("teacher"), metered(Saying("house"), sink, None, dollars=0.0)
        ensemble = Fallback([Contender(metered(teacher, sink, Budgets(nowhere, Budget())), Breaker())], house)
        assert await answer(ensemble) == "house"
        assert teacher.asked == 0
        await nowhere.close()


class TestPrices:
    async def test_are_those_of_the_list(self, library: LiteLLMLibrary) -> None:
        prices = Prices(library)
        rates = await prices.listed("openai/gpt-4o")
        assert rates is not None
        assert rates.into > rates.cached > 0
        assert rates.out > rates.into
        assert await prices.listed("openai/gpt-4o") is rates, "looked up once"
        assert await prices.microdollars("openai/gpt-4o", 1_000, 100, 400) == round(600 * rates.into + 400 * rates.cached + 100 * rates.out)
        assert await prices.microdollars("openai/nobody-knows-it", 1, 1) is None

    async def test_of_the_settings_come_first(self, library: LiteLLMLibrary) -> None:
        prices = Prices(library)
        assert await Pricing(prices, "openai/gpt-4o", 3.0, 7.0)(1_000, 100, 400) == 3_000 + 700
        listed = await prices.listed("openai/gpt-4o")
        assert listed is not None
        assert await Pricing(prices, "openai/gpt-4o", None, 7.0)(1_000, 100) == round(1_000 * listed.into) + 700
        assert await Pricing(prices, "openai/nobody-knows-it", 2.0)(1_000, 100) == 2_000
        assert await Pricing(prices, "openai/nobody-knows-it")(1, 1) is None

    async def test_of_the_settings_need_no_list(self) -> None:
        library = LiteLLMLibrary()
        assert await Pricing(Prices(library), "openai/x", 1, 1)(10, 10) == 20
        assert library.loaded is None


class TestTheBound:
    @pytest.mark.parametrize(
        "text",
        [
            "How much is a party of twelve adults and three children on Saturday, December 5th?" * 20,
            "¿Cuánto cuesta una fiesta para doce adultos el sábado? Está bien, señor." * 20,
            "十二人のパーティーはいくらですか。土曜日の午後六時にお願いします。" * 20,
            "🎉🍤 12 adults, $690.00, please call +1 (510) 555-0188, 94110 San Francisco " * 20,
            '{"adults": 12, "children": 3, "proteins": ["chicken", "steak"]}' * 20,
            "",
        ],
    )
    async def test_is_not_under_what_is_counted(self, counter: TokenCounter, text: str) -> None:
        tool = ToolSpec("quote", text[:200], {"type": "object", "properties": {"adults": {"type": "integer"}}})
        messages = (ModelMessage("system", text), ModelMessage("user", text))
        counted, _ = await counter.count(messages, "", (tool,))
        assert counted <= bound(messages, (tool,)) <= counted * 3 + 20
