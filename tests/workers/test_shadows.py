"""Shadows in workers: candidates that answer, fail, hang and cost too much; workers that share places and die; nothing is carried out."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from agents.admin.alerts import in_words
from agents.container import build_agents
from agents.ensemble.library import LiteLLMLibrary
from agents.events import TurnFinished, TurnText
from agents.recording import Recorder
from agents.shadowing import TOO_LATE, Shadowing
from agents.turn import request_of
from business.alerts.service import failing_shadows, look
from business.conversations import turns
from business.conversations.receive import receive
from business.conversations.turns import Runner
from business.customers import visitors
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import AnswerShadow
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.outbox import enqueue
from kernel.settings import Budget, EnsembleSettings, ModelSettings, Policy, Settings, Shadow
from kernel.tables.ai import ChatSession, ShadowPair, TurnRecord, Usage
from kernel.tables.ops import Booking, Handoff, Notification, Outbox
from knowledge.learning import pairing, records
from tests.knowledge import pairs
from tests.rig.provider import ScriptedProvider
from tests.rig.script import calling, saying
from workers.duties import forget_records
from workers.effects import Effects
from workers.shadows import Shadows

pytestmark = pytest.mark.filterwarnings("ignore:::litellm")
PROFILE = load_profile()
STUDENT = Shadow(model="student")
QUOTED = {"name": "quote", "by": "model", "arguments": {"adults": 12}, "data": {"total": "$690"}, "handoff": False}


@dataclass
class Install:
    """A database with a conversation, a scripted provider, and workers to come."""

    database: Database
    provider: ScriptedProvider
    conversation: UUID
    shadows: tuple[Shadow, ...] = (STUDENT,)
    models: tuple[str, ...] = ("student", "critic")
    more: dict[str, Any] = field(default_factory=dict)  # of every model's settings
    made: list[Shadows] = field(default_factory=list)

    def worker(self) -> Shadows:
        policy = Policy(shadows=self.shadows)
        of = {"api_base": self.provider.base_url, "first_token_s": 5.0, "idle_chunk_s": 5.0, **self.more}
        models = tuple(ModelSettings.model_validate({"name": name, "litellm": f"openai/{name}", **of}) for name in self.models)
        settings = Settings(data=Path("."), config_path=Path("x"), models=models)
        usage = DatabaseUsageSink(self.database)
        budgets = Budgets(self.database, policy.budget, policy.shadows)
        made = Shadows(
            self.database,
            lambda: Shadowing(self.database, settings, lambda: PROFILE, usage, budgets, environment={}),
            lambda: policy,
            usage,
            every=0.02,
        )
        self.made.append(made)
        return made

    async def turn(self, *candidates: str, **record: Any) -> UUID:
        """A turn that customers got their answer to, and whom it is to be asked of."""
        async with self.database.transaction() as connection:
            turn = await pairs.turn(connection, self.conversation, **record)
            for name in candidates or ("student",):
                await enqueue(connection, AnswerShadow(turn=turn, candidate=name), key=f"{turn}:{name}")
        return turn

    async def work(self, *workers: Shadows) -> None:
        """Until nothing is due."""

        async def one(worker: Shadows) -> None:
            while await worker.look():
                await worker.idle()

        await asyncio.gather(*(one(worker) for worker in workers or (self.worker(),)))
        for worker in self.made:
            if worker._shadowing is not None:
                await worker._shadowing.close()
            await worker._usage.flush()

    async def rows(self, query: Any) -> Sequence[Any]:
        async with self.database.transaction() as connection:
            return (await connection.execute(query)).all()

    async def pairs(self) -> Sequence[Any]:
        return await self.rows(sa.select(ShadowPair.__table__).order_by(ShadowPair.created_at))

    async def settled(self) -> list[tuple[str, str | None]]:
        return [(pair.state, pair.error) for pair in await self.pairs()]

    async def effects(self) -> list[str]:
        return [row.state for row in await self.rows(sa.select(Outbox.state).where(Outbox.kind == AnswerShadow.kind))]

    async def expire(self) -> None:
        """As if whoever holds effects had been gone for long."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))


@pytest.fixture(scope="module", autouse=True)
async def imported() -> None:
    """LiteLLM, whose import takes seconds: no deadline of a test shall hold them."""
    await LiteLLMLibrary().load()


@pytest.fixture
async def install(database: Database) -> AsyncIterator[Install]:
    async with ScriptedProvider() as provider:
        for model in ("student", "critic"):
            provider.follow(model, lambda _: saying("Whatever you like."))
        made = Install(database, provider, await pairs.conversation(database))
        yield made
        for worker in made.made:
            await worker.close()


class TestAnAnswer:
    async def test_is_compared_with_what_the_customer_got(self, install: Install) -> None:
        turn = await install.turn(calls=[QUOTED], prepared="It is $690.")
        spent = {"conversation_id": install.conversation, "turn_id": turn, "provider": "openai", "tokens_in": 9, "tokens_out": 9}
        row = {"id": uuid4(), "model": "teacher", "role": "answer", "outcome": "complete", "duration_ms": 5, "started_at": utc_now()}
        async with install.database.transaction() as connection:
            await connection.execute(sa.insert(Usage).values(**spent, **row, cost_microdollars=3_000))
        install.more = {"input_dollars_per_million": 1.0, "output_dollars_per_million": 2.0}
        install.provider.plan(
            "student", [calling(("quote", {"adults": "12"})), saying("For 12 guests on Saturday it is $700 with travel.")]
        )
        await install.work()
        (pair,) = await install.pairs()
        assert (pair.state, pair.run, pair.primary_model, pair.intent) == ("done", "live", "teacher", "quote")
        assert pair.calls == [{"name": "quote", "arguments": {"adults": 12}, "recorded": True}]
        assert pair.agreement["amounts"] == {"agrees": False, "only_primary": ["$690"], "only_candidate": ["$700"]}
        assert all(pair.agreement[kind]["agrees"] for kind in ("dates", "tools", "handoff")) and pair.agrees is False
        assert 0.9 < pair.similarity <= 1.0
        assert pair.cost_microdollars > 0 and pair.primary_cost_microdollars == 3_000
        assert 0 < pair.first_token_ms <= pair.duration_ms and pair.done_at is not None
        usage = await install.rows(sa.select(Usage).where(Usage.model == "student"))
        assert {(one.role, one.turn_id, one.outcome) for one in usage} == {("shadow", turn, "complete")} and len(usage) == 2
        assert sum(one.cost_microdollars for one in usage) == pair.cost_microdollars
        assert (await install.rows(sa.select(TurnRecord.cost_microdollars)))[0][0] == 3_000
        assert await install.effects() == ["done"]

    async def test_that_says_the_same_agrees(self, install: Install) -> None:
        day = utc_now() + timedelta(days=20)
        await install.turn(text=f"It is $690 on {day:%A}, {day:%B} {day.day}.")
        install.provider.plan("student", [saying(f"On {day.month}/{day.day} we would be there for $690.00.")])
        await install.work()
        (pair,) = await install.pairs()
        assert pair.agrees is True

    async def test_is_judged_by_a_critic_where_one_is_set(self, install: Install) -> None:
        install.shadows = (Shadow(model="student", critic="critic"),)
        await install.turn()
        install.provider.plan("critic", [saying('{"better": "tie", "reason": "Both are true."}')])
        await install.work()
        (pair,) = await install.pairs()
        assert (pair.critic, pair.critic_why) == ("tie", "Both are true.")
        assert {row.role for row in await install.rows(sa.select(Usage.role))} == {"shadow", "shadow_critic"}

    async def test_carries_out_nothing(self, install: Install) -> None:
        """Tools that write, called as they would have to be called to write."""
        await install.turn(tools=["hold_slot", "call_person", "quote"], calls=[])
        hold = {"date": "2027-05-31", "time": "18:00", "adults": 12, "address": "1 Main St, Fremont, CA 94539"}
        hold |= {"name": "Ana Perez", "phone": "+15105550100", "proteins": {"chicken": 24}}
        person = {"kind": "human", "reason": "They want one.", "asked_for": True}
        install.provider.plan("student", [calling(("hold_slot", hold), ("call_person", person)), saying("A person comes.")])
        await install.work()
        (pair,) = await install.pairs()
        assert pair.state == "done" and [call["recorded"] for call in pair.calls] == [False, False]
        assert all(call["arguments"] for call in pair.calls), "both could have been carried out"
        assert pair.agreement["handoff"]["only_candidate"]
        assert await install.rows(sa.select(Booking.id)) == [] and await install.rows(sa.select(Handoff.id)) == []


class TestTheWholeWay:
    async def test_from_a_reply_of_the_house_to_a_pair(self, install: Install) -> None:
        """A real turn with its tools, kept as a gateway keeps it; the candidate says and calls what the house did."""
        house = EnsembleSettings(house_tokens_per_second=10_000, answer=("house",), shadows=install.shadows)
        models = (ModelSettings(name="student", litellm="openai/student", api_base=install.provider.base_url),)
        settings = Settings(data=Path("."), config_path=Path("x"), models=models, ensemble=house)
        agents = build_agents(settings, PROFILE, DatabaseUsageSink(install.database), install.database, environment={})
        site = await install.rows(sa.select(ChatSession.site_id))
        visitor = visitors.mint("secret", site[0][0], "demo", utc_now())
        said = "12 adults in 94539, how much is that?"
        received = await install.database.unit(
            lambda c: receive(c, visitor, client_id=uuid4(), text=said, now=utc_now(), runner=Runner("test", "postgres"))
        )
        turn = received.claim
        assert turn is not None
        async with aclosing(agents.answer(request_of(turn, "en", utc_now()))) as events:
            given = [event async for event in events]
        text, ended = "".join(event.text for event in given if isinstance(event, TurnText)), given[-1]
        assert isinstance(ended, TurnFinished)
        record = Recorder(30, lambda: house).record(turn.turn, ended)
        assert record is not None and record.candidates == ("student",)
        how: dict[str, Any] = {"said": text, "name": "Assistant", "agent": ended.agent, "model": "house", "sources": [], "memory": None}
        await install.database.unit(
            lambda c: turns.finish(c, turn.conversation, turn.turn, turn.fence, **how, hand_over=nobody, record=record)
        )
        await agents.close()
        quoted = next(call for call in orjson.loads(record.calls) if call["name"] == "quote")
        install.provider.plan("student", [calling(("quote", quoted["arguments"])), saying(text)])
        await install.work()
        (pair,) = await install.pairs()
        assert (pair.state, pair.primary_model, pair.intent, pair.agrees) == ("done", "house", "quote", True)
        assert pair.similarity > 0.999 and [call["recorded"] for call in pair.calls] == [True]
        (first, second) = install.provider.calls
        assert "$660" in str(first.messages) and json.loads(second.messages[-1]["content"])["data"] == quoted["data"]


async def nobody(*_: object) -> None:
    """Nobody is handed over to."""


class TestACandidateThatDoesNotAnswer:
    @pytest.mark.parametrize(("script", "kind"), [("500", "unavailable"), ("cut-2", "cut"), ("hang", "timeout"), ("401", "unauthorized")])
    async def test_fails_and_is_counted(self, install: Install, script: str, kind: str) -> None:
        install.more = {"first_token_s": 0.2}
        await install.turn()
        install.provider.plan("student", [script])
        await install.work()
        assert await install.settled() == [("failed", kind)]
        assert await install.effects() == ["done"]

    async def test_rests_after_the_worst(self, install: Install) -> None:
        install.shadows = (Shadow(model="student", concurrency=1),)
        for _ in range(3):
            await install.turn()
        install.provider.plan("student", ["429-60"])
        await install.work()
        assert sorted(await install.settled()) == [("failed", "rate_limited"), ("skipped", "resting"), ("skipped", "resting")]
        assert len(install.provider.calls) == 1

    async def test_is_not_asked_over_its_budget(self, install: Install) -> None:
        install.shadows = (Shadow(model="student", day_cents=0), Shadow(model="critic"))
        install.more = {"input_dollars_per_million": 1.0, "output_dollars_per_million": 2.0}
        await install.turn("student", "critic")
        await install.work()
        assert sorted(await install.settled()) == [("done", None), ("skipped", "over_budget")]
        assert [call.model for call in install.provider.calls] == ["critic"]

    async def test_is_not_asked_where_nobody_wants_it(self, install: Install) -> None:
        install.shadows = (STUDENT, Shadow(model="unknown"))
        await install.turn("gone", "unknown")
        await install.turn(created_at=utc_now() - TOO_LATE - timedelta(minutes=1))
        await install.turn(record=False)
        await install.work()
        assert sorted(await install.settled()) == [("skipped", "not_configured"), ("skipped", "not_wanted"), ("skipped", "too_late")]
        assert await install.effects() == ["done"] * 4
        assert install.provider.calls == []

    async def test_alarms_the_staff_once_a_day(self, install: Install, bus: Any) -> None:
        async with install.database.transaction() as connection:
            for number in range(19):
                turn = await pairs.turn(connection, install.conversation)
                state = "failed" if number % 2 == 0 else "done"
                await pairs.pair(
                    connection, install.conversation, turn, state=state, agrees=None, at=utc_now() - timedelta(hours=number + 1)
                )
        for script in ("500", "cut-1"):
            await install.turn()
            install.provider.plan("student", [script])
            await install.work()
            await Effects(install.database, bus).due()
        found = await install.rows(sa.select(Notification.kind, Notification.key))
        assert [one.kind for one in found] == ["shadow_fails"]
        async with install.database.transaction() as connection:
            assert await failing_shadows(connection) == ("student",)
            alerts = await look(connection, PROFILE, utc_now(), chief=True, budget=Budget())
            assert (await look(connection, PROFILE, utc_now(), chief=False, budget=Budget())).shadows is None
            assert ("student", "failed", 12) in await pairing.counts(connection)
        (alert,) = in_words(alerts, [], PROFILE, utc_now(), chief=True)
        assert (alert.kind, alert.row.link) == ("shadows", "#/settings/shadows") and "student" in alert.row.title

    async def test_that_fails_now_and_then_alarms_nobody(self, install: Install) -> None:
        for script in ("500", "plain"):
            await install.turn()
            install.provider.plan("student", [script])
            await install.work()
        assert await install.rows(sa.select(Outbox.id).where(Outbox.kind == "shadow_fails")) == []


class TestPlaces:
    async def test_are_counted_over_all_workers(self, install: Install) -> None:
        install.shadows = (Shadow(model="student", concurrency=2), Shadow(model="critic", concurrency=1))
        for _ in range(4):
            await install.turn("student", "critic")
        for name in ("student", "critic"):
            install.provider.plan(name, ["words-4+pace-50"] * 4)
        tasks = [asyncio.create_task(worker.run()) for worker in (install.worker(), install.worker())]
        try:
            async with asyncio.timeout(50):
                while await install.effects() != ["done"] * 8:  # noqa: ASYNC110 - PostgreSQL has no event for it
                    await asyncio.sleep(0.1)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert [state for state, _ in await install.settled()] == ["done"] * 8
        assert (self.at_once(install, "student"), self.at_once(install, "critic")) == (2, 1)

    def at_once(self, install: Install, name: str) -> int:
        """How many of a model's calls ran at one moment."""
        calls = [call for call in install.provider.calls if call.model == name]
        return max(sum(other.began <= call.began < (other.ended or call.began) for other in calls) for call in calls)


class TestAWorkerThatDies:
    async def die(self, install: Install) -> None:
        """In the middle of an answer."""
        worker, before = install.worker(), len(install.provider.calls)
        install.provider.plan("student", ["hang-after-1"])
        assert await worker.look() == 1
        await install.provider.called(before + 1, within=20)
        for task in worker._tasks:
            task.cancel()
        await asyncio.gather(*worker._tasks, return_exceptions=True)
        assert await install.settled() == [("waiting", None)]

    async def test_leaves_the_answer_to_another_one(self, install: Install) -> None:
        await install.turn()
        await self.die(install)
        second = install.worker()
        assert await second.look() == 0, "its lease is not over"
        await install.expire()
        await install.work(second)
        assert await install.settled() == [("done", None)]

    async def test_is_followed_by_two_at_most(self, install: Install) -> None:
        await install.turn()
        for _ in range(3):
            await self.die(install)
            await install.expire()
        await install.work()
        assert await install.settled() == [("failed", "given_up")]
        assert len(install.provider.calls) == 3

    async def test_after_the_pair_was_settled_asks_nobody_again(self, install: Install) -> None:
        await install.turn()
        await install.work()
        async with install.database.transaction() as connection:
            again = {"state": "new", "done_at": None}
            await connection.execute(sa.update(Outbox).where(Outbox.kind == AnswerShadow.kind).values(again))
        await install.work()
        assert len(await install.pairs()) == len(install.provider.calls) == 1


class TestRecords:
    async def test_are_forgotten_in_time_and_their_pairs_stay(self, install: Install) -> None:
        await install.turn(created_at=utc_now() - timedelta(days=31))
        kept = await install.turn()
        async with install.database.transaction() as connection:
            await pairs.pair(connection, install.conversation, kept)
        await forget_records(install.database, 30)
        assert [row.turn_id for row in await install.rows(sa.select(TurnRecord.turn_id))] == [kept]
        await forget_records(install.database, 0)
        assert await install.rows(sa.select(TurnRecord.turn_id)) == []
        assert len(await install.pairs()) == 1

    async def test_that_are_gone_are_nobodys(self, install: Install) -> None:
        async with install.database.transaction() as connection:
            assert await records.load(connection, uuid4()) is None


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Any]:
    from kernel.bus import Bus, connect

    found = Bus(connect(redis_url))
    yield found
    await found.close()
