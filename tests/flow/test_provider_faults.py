"""The provider misbehaves over real HTTP: the customer reads a whole reply all the same, and every call has its usage row."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from kernel.wire.base import spoken
from tests.conftest import made_database
from tests.rig.fixtures import recorded
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.house import House
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer

FIRST, SECOND = "words-30", "words-31"  # the model's name is its script, unless a plan was queued
HOUSE_PACE = "200"


@pytest.fixture(scope="module")
def own_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def pair(own_database: str, shared_redis: RedisServer) -> AsyncIterator[House]:
    """One gateway with two models on one provider: the teacher and a spare."""
    async with ScriptedProvider() as provider:
        models = [
            ModelPlan("teacher", provider.base_url, FIRST, first_token_s=1.0, idle_chunk_s=1.0),
            ModelPlan("spare", provider.base_url, SECOND, first_token_s=1.0, idle_chunk_s=1.0),
        ]
        settings = {"HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": HOUSE_PACE}
        async with Fleet(own_database, shared_redis.url, models=models, settings=settings) as fleet:
            yield House(fleet, await fleet.gateways(1), provider)


@pytest.fixture
async def house(pair: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async for mine in recorded(pair, tmp_path_factory):
        yield mine


async def healed(house: House) -> None:
    """Ask until the teacher answers again: its breaker is closed for the next test."""
    alice = await house.customer()
    for n in range(1, 40):
        await alice.say(f"Are you well? {n}")
        await alice.finished(n)
        rows = await house.rows(
            "SELECT model FROM ai.chat_message WHERE conversation_id::text = $1 AND model = 'teacher'", alice.log.conversation
        )
        if rows:
            return
        await asyncio.sleep(0.5)
    raise AssertionError("the teacher never came back")


async def usage(house: House, conversation: str, calls: int) -> list[tuple[str, str]]:
    """The usage rows of a conversation in order of their start, when so many are there (they are written in the background)."""
    query = "SELECT model, outcome FROM ai.usage WHERE conversation_id::text = $1 ORDER BY started_at"
    for _ in range(60):
        rows = await house.rows(query, conversation)
        if len(rows) >= calls:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    return [(row[0], row[1]) for row in await house.rows(query, conversation)]


class TestBeforeTheFirstToken:
    @pytest.mark.parametrize("script", ["429-1", "500", "hang", "cut-0", "html", "delay-3000", "401"])
    async def test_the_next_model_answers_without_a_word_of_it(self, house: House, script: str) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan(script, model=FIRST)
        await alice.say(f"What about {script}?")
        end = await alice.finished()
        assert end["outcome"] == "complete" and alice.log.of_kind("restarted") == []
        assert await usage(house, alice.log.conversation, 2) == [("teacher", "failed"), ("spare", "complete")]
        assert len(house.calls_of(f"What about {script}?")) == 2
        assert list(alice.log.tails.values()) == [0]

    async def test_the_house_answers_where_every_model_fails(self, house: House) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan("500", model=FIRST)
        house.plan("500", model=SECOND)
        await alice.say("How much is it for an adult?")
        assert (await alice.finished())["outcome"] == "complete"
        assert "$" in alice.log.said_by("ai")[0]
        assert await usage(house, alice.log.conversation, 3) == [("teacher", "failed"), ("spare", "failed"), ("house", "complete")]


class TestAfterText:
    @pytest.mark.parametrize(
        "script", ["cut-5+pace-30", "fin-5+pace-30", "garbage-5+pace-30", "hang-after-5+pace-30", "no-done+words-5+pace-30"]
    )
    async def test_the_reply_starts_again_visibly(self, house: House, script: str) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan(script, model=FIRST)
        await alice.say(f"Then {script}?")
        end = await alice.finished()
        (restarted,) = alice.log.of_kind("restarted")
        assert restarted["turn"] == end["turn"] != restarted["replaces"] and restarted["answers"] == [1]
        assert end["outcome"] == "complete" and len(alice.log.said_by("ai")) == 1
        assert alice.log.said_by("ai") == [house.calls_of(f"Then {script}?")[1].plan]
        assert await usage(house, alice.log.conversation, 2) == [("teacher", "cut"), ("spare", "complete")]

    async def test_at_most_twice_then_the_house(self, house: House) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan("cut-4+pace-30", model=FIRST)
        house.plan("cut-6+pace-30", model=SECOND)
        await alice.say("What does it cost for an adult?")
        assert (await alice.finished())["outcome"] == "complete"
        assert len(alice.log.of_kind("restarted")) == 2
        assert "$" in alice.log.said_by("ai")[0]

    async def test_what_no_database_keeps_is_left_out(self, house: House) -> None:
        """A NUL in a reply that is still written when its lease is renewed; the gateway lives on, and so does the reply."""
        await healed(house)
        alice = await house.customer()
        house.provider.say(FIRST, "Fine\x00, \u200bthanks\x1b and \ud83d then " + "on " * 80 + "to the end")
        house.plan("split-3+pace-40", model=FIRST)
        try:
            await alice.say("Are these characters?")
            assert (await alice.finished())["outcome"] == "complete"
        finally:
            house.provider.forget(FIRST)
        assert alice.log.said_by("ai") == [spoken(house.calls_of("Are these characters?")[0].plan)]
        assert alice.log.said_by("ai")[0].startswith("Fine, thanks and  then on on")
        await alice.say("And now?")
        assert (await alice.finished(2))["outcome"] == "complete"

    async def test_a_stop_closes_the_stream_and_is_counted(self, house: House) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan("words-60+pace-30", model=FIRST)
        await alice.say("Stop me")
        await alice.shown(20)
        assert alice.log.live is not None
        await alice.call("stop", {"turn": alice.log.live.turn})
        (call,) = house.calls_of("Stop me")
        assert (await house.provider.ended(call)).end == "gone"
        assert await usage(house, alice.log.conversation, 1) == [("teacher", "cancelled")]

    async def test_a_slow_provider_is_waited_for(self, house: House) -> None:
        await healed(house)
        alice = await house.customer()
        house.plan("delay-700+words-8+pace-200", model=FIRST)
        await alice.say("Slowly")
        await alice.finished()
        assert await usage(house, alice.log.conversation, 1) == [("teacher", "complete")]
