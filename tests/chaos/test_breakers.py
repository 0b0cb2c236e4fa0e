"""The long form of what two busy gateways know of a dead provider and spend of a day's budget: real ones, with customers at both."""

import asyncio
import time

import pytest

from tests.figures import told
from tests.rig.client import ChatClient
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.history import Recorder
from tests.rig.house import House
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

SCRIPT = "words-12+pace-5"
CUSTOMERS = 6  # at each gateway
DEAD_FOR = 40.0  # seconds
# What breakers wait, in seconds: 2, and twice as long each time.
DUE = (2.0, 4.0, 8.0, 16.0, 32.0)
DAY_CENTS = 20
SETTINGS = {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "50", "HIBACHI_LIMITS__MESSAGE_BURST": "1000"}
DEAR = "input_dollars_per_million = 5.0\noutput_dollars_per_million = 50.0\n"
_SPENT = "SELECT coalesce(sum(cost_microdollars), 0)::bigint FROM ai.usage"
_BOOKED = "SELECT spent_microdollars, held_microdollars FROM ai.spend WHERE scope = 'all'"


class Priced(ModelPlan):
    """A model that costs something, and the day's budget."""

    def toml(self) -> str:
        return super().toml() + f"{DEAR}[ensemble.budget]\nday_cents = {DAY_CENTS}\n"


async def _asks(client: ChatClient, name: str, until: float) -> int:
    """One question after the other; how many were answered."""
    asked = 0
    while time.monotonic() < until:
        asked += 1
        await client.say(f"{name} asks number {asked} of the two gateways.")
        await client.finished(asked, within=40)
    return asked


async def _busy(house: House, seconds: float) -> int:
    """Customers at both gateways who never stop asking; how many questions were answered."""
    clients = [await house.customer(number % 2) for number in range(2 * CUSTOMERS)]
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_asks(client, f"Customer {number}", until) for number, client in enumerate(clients))))


@pytest.mark.slow
class TestBreakers:
    async def test_a_dead_provider_is_asked_by_one_probe_in_each_back_off(
        self, module_database_url: str, module_redis: RedisServer
    ) -> None:
        settings = {**SETTINGS, "HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "200"}
        async with ScriptedProvider() as provider:
            models = [ModelPlan("teacher", provider.base_url, SCRIPT)]
            async with Fleet(module_database_url, module_redis.url, models=models, settings=settings) as fleet:
                house = House(fleet, await fleet.gateways(2), provider, Recorder())
                provider.plan(SCRIPT, ["503"] * 500)
                questions = await _busy(house, DEAD_FOR)
                began, died = provider.calls[0].began, len(provider.calls)
                calls = [call.began - began for call in provider.calls]
                # Whoever asked before anybody knew: those that ran at once in both, until three had failed in each.
                probes = [at for at in calls if at > DUE[0] * 0.9]
                provider.forget(SCRIPT)
                answered = await _busy(house, DUE[-1] + 3)
                violations = await house.checked(40)
        told(f"{questions} questions in {DEAD_FOR:.0f} s, {died} calls: {died - len(probes)} before it was known, probes after "
             + ", ".join(f"{at:.1f}" for at in probes) + " s")  # fmt: skip
        told(f"alive again: {answered} questions, {len(provider.calls) - died} of the provider")
        # Where Redis does not answer at once, as on a machine that is too busy, each gateway may probe for itself: once in a round.
        rounds = [at for place, at in enumerate(probes) if not place or at - probes[place - 1] > DUE[0] / 2]
        assert len(rounds) <= len(DUE) - 1 and len(probes) <= 2 * len(rounds)
        assert all(later - sooner >= 0.9 * due for sooner, later, due in zip(rounds, rounds[1:], DUE[1:], strict=False))
        assert len(provider.calls) > died + 1, "it is asked again"
        assert violations == []


@pytest.mark.slow
class TestBudgets:
    async def test_a_days_budget_is_never_overspent(self, module_database_url: str, module_redis: RedisServer) -> None:
        settings = {**SETTINGS, "HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "200"}
        async with ScriptedProvider() as provider:
            models = [Priced("teacher", provider.base_url, SCRIPT)]
            async with Fleet(module_database_url, module_redis.url, models=models, settings=settings) as fleet:
                house = House(fleet, await fleet.gateways(2), provider, Recorder())
                questions = await _busy(house, 20.0)
                async with asyncio.timeout(20):
                    while (booked := (await house.rows(_BOOKED))[0])[1]:  # noqa: ASYNC110 - rows are stored in the background
                        await asyncio.sleep(0.1)
                spent = (await house.rows(_SPENT))[0][0]
                violations = await house.checked(40)
        told(f"a day's budget of {DAY_CENTS} cents: {questions} questions, {len(provider.calls)} calls, {spent / 10_000:.2f} cents spent")
        assert 0 < spent <= DAY_CENTS * 10_000 and booked[0] == spent
        assert len(provider.calls) < questions, "the budget was met"
        assert violations == []
