"""Two gateways of one install on one PostgreSQL and one Redis, both busy: what they know of a dead provider, and what they spend."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from agents.ensemble.breaker import BackOff, Breaker
from agents.ensemble.chunks import Finish
from agents.ensemble.fallback import Fallback
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.models import Models
from agents.ensemble.shared_breaker import SharedBreakers
from agents.ensemble.watched import Contender
from agents.house.concierge import HouseModel
from kernel import rooms
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.ending import end
from kernel.ids import CustomerId, new_id
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.settings import CENT, Budget
from kernel.tables.ai import BudgetHold, Spend, Usage
from tests.agents.building import ask
from tests.figures import told
from tests.rig.farm import Farm

FIRST_S = 0.6
TEACHER, SCRIPT = "teacher", "words-12"
UNLIMITED = Budget(visitor_day_cents=None, conversation_cents=None, site_day_cents=None, day_cents=None)
DAY_CENTS = 6
# Micro-dollars a token. An answer has 12 tokens; what it may have is held before.
DEAR = {"input_dollars_per_million": 50, "output_dollars_per_million": 200}
MOST_TOKENS = 60
ESTIMATE = MOST_TOKENS * 200 + 60 * 50
EACH = 60


@dataclass
class Gateway:
    """As much of one as answers: its models with their one breaker, the house."""

    fallback: Fallback
    breaker: Breaker
    models: Models
    sink: DatabaseUsageSink

    async def answers(self) -> str:
        """Who answered a question of a customer's own."""
        request = replace(ask("How much is a party?"), max_tokens=MOST_TOKENS, customer=CustomerId(new_id()))
        async with aclosing(self.fallback.stream(request)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Finish):
                    return chunk.model
        raise AssertionError("no end")


@asynccontextmanager
async def _gateway(farm: Farm, database_url: str, redis_url: str, key: str, budget: Budget) -> AsyncIterator[Gateway]:
    database, bus = Database(database_url, application="gateway"), Bus(connect(redis_url))
    sink, breaker = DatabaseUsageSink(database), Breaker(BackOff(FIRST_S, 60.0))
    models = Models([farm.settings("openai", SCRIPT, TEACHER, **DEAR)], sink, environment={}, budgets=Budgets(database, budget))
    fallback = Fallback([Contender(models.member(TEACHER).model, breaker)], HouseModel(0.0))
    work = asyncio.create_task(SharedBreakers(bus, key, {TEACHER: breaker}).run())
    try:
        yield Gateway(fallback, breaker, models, sink)
    finally:
        await end([work])
        await models.drain()
        await models.close()
        await sink.close()
        await bus.close()
        await database.close()


Two = Callable[[Budget], Awaitable[tuple[Gateway, Gateway]]]


@pytest.fixture
async def farm(library: LiteLLMLibrary) -> AsyncIterator[Farm]:
    async with Farm("openai", words=12) as running:
        yield running


@pytest.fixture
async def two(farm: Farm, database_url: str, redis_url: str) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        key = rooms.breakers_key(uuid4())

        async def start(budget: Budget) -> tuple[Gateway, Gateway]:
            first, second = [await stack.enter_async_context(_gateway(farm, database_url, redis_url, key, budget)) for _ in range(2)]
            return first, second

        yield start


class TestAProviderThatDies:
    async def test_is_asked_by_one_probe_of_the_fleet_in_each_back_off(
        self, farm: Farm, two: Two, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gateways, provider = await two(UNLIMITED), farm["openai"]
        provider.plan(SCRIPT, ["503"] * 50)
        for _ in range(3):
            await gateways[0].answers()
        began, before = time.monotonic(), len(provider.calls)
        async with asyncio.timeout(2):
            while gateways[1].breaker.state != "open":  # noqa: ASYNC110 - it hears of it over Redis
                await asyncio.sleep(0.01)

        async def customers(gateway: Gateway) -> int:
            asked = 0
            while time.monotonic() < began + 5.5 * FIRST_S:
                assert await gateway.answers() == "house"
                asked += 1
                await asyncio.sleep(0.005)
            return asked

        asked = sum(await asyncio.gather(*(customers(gateway) for gateway in gateways)))
        probes = [call.began - began for call in provider.calls[before:]]
        told(f"a dead provider: {asked} questions at two gateways, {len(probes)} probes, after {', '.join(f'{at:.1f}' for at in probes)} s")
        # Where Redis was too busy to say whose turn it is, each probes for itself.
        alone = capsys.readouterr().out.count("breaker.probes_alone")
        # Due after 1 and 3 times the first back-off, later on a busy machine; the third would be after 7.
        assert 1 <= len(probes) <= 2 + alone
        assert all(at >= 0.9 * due * FIRST_S for at, due in zip(probes, (1, 3), strict=False))

    async def test_is_asked_again_by_both_once_a_probe_was_answered(self, farm: Farm, two: Two) -> None:
        first, second = await two(UNLIMITED)
        farm["openai"].plan(SCRIPT, ["503"] * 3)
        assert [await first.answers() for _ in range(4)] == ["house"] * 4
        async with asyncio.timeout(5):
            for gateway in (first, second):
                while await gateway.answers() == "house":  # noqa: ASYNC110 - as customers ask
                    await asyncio.sleep(0.02)


class TestADaysBudget:
    async def test_is_never_overspent_by_two_that_race(self, farm: Farm, two: Two, database: Database) -> None:
        gateways = await two(UNLIMITED.model_copy(update={"day_cents": DAY_CENTS}))
        asked_by = await asyncio.gather(*(gateway.answers() for _ in range(EACH) for gateway in gateways))
        await _settled(gateways)
        # What was held for the calls of the race is given back: some more are asked, one after the other.
        more = [""]
        while more[-1] != "house":
            more.append(await gateways[len(more) % 2].answers())
            await _settled(gateways)
        async with database.transaction() as connection:
            spent = await connection.scalar(select(func.coalesce(func.sum(Usage.cost_microdollars), 0)))
            booked = (await connection.execute(select(Spend.spent_microdollars, Spend.held_microdollars).where(Spend.scope == "all"))).one()
            held = await connection.scalar(select(func.count()).select_from(BudgetHold))
        asked = len(farm["openai"].calls)
        told(
            f"a day's budget of {DAY_CENTS} cents: {len(asked_by) + len(more) - 1} questions, {asked} asked, {spent / CENT:.2f} cents spent"
        )
        assert asked == [*asked_by, *more].count(TEACHER) > 0
        assert spent <= DAY_CENTS * CENT and booked == (spent, 0) and held == 0
        assert DAY_CENTS * CENT - spent < ESTIMATE, "what is left would have been enough for one more"


async def _settled(gateways: Sequence[Gateway]) -> None:
    """Every call that has ended is booked."""
    for gateway in gateways:
        await gateway.models.drain()
        await gateway.sink.flush()
