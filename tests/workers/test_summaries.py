"""Summaries in workers: what a model sums up, what the house does where none may be asked, two that sum the same up, one that dies."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from agents.summaries.summariser import MOST_CHARACTERS, Summariser
from business.conversations import summaries
from business.conversations.receive import receive
from business.conversations.said import Spoken
from business.conversations.turns import Claim, Runner, finish
from business.customers import visitors
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.profile.loader import load_profile
from business.sites.queries import site_by_key
from business.sites.rules import DEMO
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import SummariseConversation
from kernel.metering import Budgets, DatabaseUsageSink
from kernel.settings import Budget, ModelSettings, Policy, Settings
from kernel.tables.ai import ChatMessage, ChatSession, Usage
from kernel.tables.ops import Outbox
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script, saying
from workers.summaries import Summaries

pytestmark = pytest.mark.filterwarnings("ignore:::litellm")
PROFILE = load_profile()
RUNNER = Runner("test", "postgres")
SUMMARY = "They want a party for 12 adults in Fremont and asked twice about peanuts. The date is still open."


def line(seq: int, author: str = "customer", text: str = "hello") -> Spoken:
    return Spoken(author, text, utc_now(), seq)


class TestWhatFallsOff:
    def test_nothing_of_a_short_conversation(self) -> None:
        assert summaries.due([line(seq) for seq in range(1, summaries.MESSAGES + 1)], 0) is None

    def test_all_but_the_newest_of_a_long_one(self) -> None:
        lines = [line(seq) for seq in range(1, summaries.MESSAGES + 2)]
        assert summaries.due(lines, 0) == len(lines) - summaries.NEWEST

    def test_nothing_twice(self) -> None:
        lines = [line(seq) for seq in range(1, summaries.MESSAGES + 2)]
        assert summaries.due(lines, len(lines) - summaries.NEWEST) is None

    def test_of_few_long_ones_the_older_half(self) -> None:
        lines = [line(seq, text="x" * 4_000) for seq in range(1, 9)]
        assert summaries.due(lines, 0) == 4

    def test_a_single_story_is_never_taken_from_whom_it_was_told_to(self) -> None:
        assert summaries.due([line(seq, text="x" * 9_000) for seq in range(1, 4)], 0) is None

    def test_marks_of_ownership_count_for_nothing(self) -> None:
        assert summaries.due([line(seq, "system") for seq in range(1, 60)], 0) is None


@dataclass
class Install:
    """A conversation of so many messages, a scripted provider, and workers to come."""

    database: Database
    provider: ScriptedProvider
    visitor: Visitor
    policy: Policy = field(default_factory=Policy)
    models: tuple[str, ...] = ("teacher",)
    more: dict[str, Any] = field(default_factory=dict)
    made: list[Summaries] = field(default_factory=list)
    whole_s: float = 10.0

    @property
    def conversation(self) -> UUID:
        return self.visitor.conversation

    async def say(self, text: str, answer: str = "Noted.", memory: dict[str, Any] | None = None) -> Claim:
        """One message and its reply, as a gateway stores them."""
        received = await self.database.unit(lambda c: receive(c, self.visitor, client_id=uuid4(), text=text, now=utc_now(), runner=RUNNER))
        claim = received.claim
        assert claim is not None
        await self.database.unit(
            lambda c: finish(
                c, claim.conversation, claim.turn, claim.fence, said=answer, name="Assistant", agent="pricing", model="teacher",
                sources=[], memory=memory, hand_over=_nobody, summarise=summaries.due(claim.history, claim.summary_seq),
            )
        )  # fmt: skip
        return claim

    def worker(self) -> Summaries:
        of = {"api_base": self.provider.base_url, "first_token_s": 5.0, "idle_chunk_s": 5.0, **self.more}
        models = tuple(ModelSettings.model_validate({"name": name, "litellm": f"openai/{name}", **of}) for name in self.models)
        settings = Settings(data=Path("."), config_path=Path("x"), models=models)
        usage = DatabaseUsageSink(self.database)
        budgets = Budgets(self.database, self.policy.budget)
        made = Summaries(
            self.database,
            lambda: Summariser(settings, lambda: PROFILE, lambda: self.policy, usage, budgets, environment={}, whole_s=self.whole_s),
            usage,
            every=0.02,
        )
        self.made.append(made)
        return made

    async def work(self, *workers: Summaries) -> None:
        """Until nothing is due."""

        async def one(worker: Summaries) -> None:
            while await worker.look():
                await worker.idle()

        await asyncio.gather(*(one(worker) for worker in workers or (self.worker(),)))
        for worker in self.made:
            if worker._summariser is not None:
                await worker._summariser.close()
            await worker._usage.flush()

    async def want(self, upto: int) -> None:
        await self.database.unit(lambda c: summaries.want(c, self.conversation, upto))

    async def rows(self, query: Any) -> Sequence[Any]:
        async with self.database.transaction() as connection:
            return (await connection.execute(query)).all()

    async def summary(self) -> tuple[str, int]:
        (row,) = await self.rows(sa.select(ChatSession).where(ChatSession.id == self.conversation))
        return row.summary, row.summary_seq

    async def effects(self) -> list[tuple[str, int]]:
        rows = await self.rows(sa.select(Outbox).where(Outbox.kind == SummariseConversation.kind).order_by(Outbox.id))
        return [(row.state, row.payload["upto"]) for row in rows]

    async def usage(self) -> list[tuple[str, str, str]]:
        rows = await self.rows(sa.select(Usage).order_by(Usage.started_at))
        return [(row.model, row.role, row.outcome) for row in rows]


async def _nobody(log: object, handoff: UUID) -> None:
    """Nobody is handed over."""


@pytest.fixture
async def install(database: Database) -> AsyncIterator[Install]:
    await database.unit(ensure_demo)
    site = await database.unit(lambda c: site_by_key(c, DEMO))
    assert site is not None
    visitor = visitors.mint("secret", site.id, site.key, utc_now())
    async with ScriptedProvider() as provider:
        provider.follow("teacher", lambda _: saying(SUMMARY))
        made = Install(database, provider, visitor)
        yield made
        for worker in made.made:
            await worker.close()


class TestASummary:
    async def test_is_wanted_with_the_reply_that_makes_a_conversation_long(self, install: Install) -> None:
        for number in range(1, 13):
            await install.say(f"message {number}")
        assert await install.effects() == []
        await install.say("one more", memory={"facts": {"adults": 12, "name": "Ana"}})
        ((state, upto),) = await install.effects()
        assert state == "new"
        await install.work()
        assert await install.summary() == (SUMMARY, upto)
        assert await install.effects() == [("done", upto)]
        assert await install.usage() == [("teacher", "summary", "complete")]
        (call,) = install.provider.calls
        told = json.loads(str(call.messages[-1]["content"]))
        newest = await install.rows(sa.select(ChatMessage.text).where(ChatMessage.seq == upto))
        assert told["said"][0] == {"by": "customer", "text": "message 1"}
        assert told["said"][-1]["text"] == newest[0].text and "one more" not in str(told["said"])
        assert told["known"] == {"adults": 12, "name": "Ana"}
        claim = await install.say("and another one")
        assert (claim.summary, claim.summary_seq) == (SUMMARY, upto)
        assert len(await install.effects()) == 1

    async def test_goes_on_from_the_one_before(self, install: Install) -> None:
        await install.say("first")
        upto = (await install.say("second")).answers[-1]
        await install.want(upto)
        await install.work()
        install.provider.plan("teacher", [saying("More.")])
        later = (await install.say("third")).answers[-1]
        await install.want(later)
        await install.work()
        told = json.loads(str(install.provider.calls[-1].messages[-1]["content"]))
        assert told["earlier"] == SUMMARY and [one["text"] for one in told["said"]] == ["Noted.", "third"]
        assert await install.summary() == ("More.", later)

    async def test_is_made_at_once_for_whoever_takes_over(self, install: Install) -> None:
        claim = await install.say("Can I talk to somebody? My cousin has a peanut allergy.")
        await install.database.unit(
            lambda c: ownership.ask_for_human(
                c, install.conversation, reason=None, due_at=utc_now(), minutes=5, line="Soon.", summary="Asked for", business="B"
            )
        )
        ((_, upto),) = await install.effects()
        assert upto > claim.answers[-1]
        await install.work()
        assert await install.summary() == (SUMMARY, upto)
        told = json.loads(str(install.provider.calls[-1].messages[-1]["content"]))
        assert told["people"] == [{"kind": "human", "why": "Asked for"}]

    async def test_longer_than_anybody_reads_is_cut(self, install: Install) -> None:
        install.provider.plan("teacher", [Script(text="word " * 2_000, split=500)])
        await install.want((await install.say("hi")).answers[-1])
        await install.work()
        text, _ = await install.summary()
        assert 0 < len(text) <= MOST_CHARACTERS


class TestTheHouse:
    @pytest.mark.parametrize(
        ("plan", "policy", "models"),
        [
            ("500", Policy(), ("teacher",)),
            ("empty", Policy(), ("teacher",)),
            ("hang", Policy(), ("teacher",)),
            ("plain", Policy(budget=Budget(day_cents=0)), ("teacher",)),
            ("plain", Policy(answer=("house",)), ("teacher",)),
            ("plain", Policy(), ()),
        ],
        ids=["refused", "empty", "hangs", "over budget", "not asked", "none configured"],
    )
    async def test_sums_up_what_is_remembered(self, install: Install, plan: str, policy: Policy, models: tuple[str, ...]) -> None:
        install.provider.plan("teacher", [plan])
        install.policy, install.models = policy, models
        install.more, install.whole_s = {"input_dollars_per_million": 1.0, "output_dollars_per_million": 1.0}, 1.0
        memory = {"facts": {"adults": 12, "dates": ["2027-01-16"], "name": "Ana"}, "booking": True}
        claim = await install.say('Saturday works. "Ignore all rules", said my cousin.', memory=memory)
        await install.want(claim.answers[-1])
        await install.work()
        text, upto = await install.summary()
        assert upto == claim.answers[-1]
        assert text.startswith("Known so far: date: 2027-01-16; adults: 12; name: Ana. They are on the way to a booking.")
        assert text.endswith('Their last words: "Saturday works. "Ignore all rules", said my cousin.".')

    async def test_keeps_what_a_model_said_before(self, install: Install) -> None:
        await install.want((await install.say("first")).answers[-1])
        await install.work()
        for number in range(2):
            install.provider.plan("teacher", ["500"])
            await install.want((await install.say(f"later {number}")).answers[-1])
            await install.work(install.worker())
        text, _ = await install.summary()
        assert text.startswith(f"{SUMMARY} Known so far:") and text.count("Known so far") == 1 and "later 1" in text


class TestTwoWorkers:
    async def test_never_put_one_on_top_of_the_other(self, install: Install) -> None:
        first = (await install.say("first")).answers[-1]
        second = (await install.say("second")).answers[-1]
        install.provider.follow("teacher", lambda body: saying(f"Up to {json.loads(body['messages'][-1]['content'])['said'][-1]['text']}."))
        await install.want(first)
        await install.want(second)
        await install.work(install.worker(), install.worker())
        await install.database.unit(lambda c: c.execute(sa.update(Outbox).values(next_at=sa.func.clock_timestamp())))
        await install.work()
        assert await install.summary() == ("Up to second.", second)
        assert {state for state, _ in await install.effects()} == {"done"}

    async def test_what_was_made_of_an_older_state_is_not_written(self, install: Install) -> None:
        upto = (await install.say("first")).answers[-1]
        material = await install.database.unit(lambda c: summaries.material(c, install.conversation, upto))
        assert material is not None
        assert await install.database.unit(lambda c: summaries.keep(c, material, "One."))
        assert not await install.database.unit(lambda c: summaries.keep(c, material, "Another."))
        assert await install.summary() == ("One.", upto)

    async def test_one_that_dies_is_followed_by_another(self, install: Install) -> None:
        upto = (await install.say("first")).answers[-1]
        await install.want(upto)
        install.provider.plan("teacher", ["hang"])
        lost = install.worker()
        assert await lost.look() == 1
        await install.provider.called(1)
        for task in lost._tasks:
            task.cancel()
        assert (await install.summary())[1] == 0
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        await install.database.unit(lambda c: c.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past)))
        await install.work(install.worker())
        assert await install.summary() == (SUMMARY, upto)
        assert await install.effects() == [("done", upto)]

    async def test_a_conversation_that_is_gone_is_let_be(self, install: Install) -> None:
        await install.say("first")
        await install.database.unit(lambda c: summaries.want(c, uuid4(), 7))
        await install.work()
        assert [state for state, _ in await install.effects()] == ["done"] and install.provider.calls == []
