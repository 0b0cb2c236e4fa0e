"""Policies of the ensemble: two savers at once, what no longer fits, what newer code wrote; then saved, counted, listed, followed."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from kernel import policies
from kernel.database import Database
from kernel.errors import NotFound
from kernel.policies import FILE, LivePolicy, Superseded, Version
from kernel.settings import Policy
from kernel.tables.ai import EnsembleVersion

MODELS = ("a", "b")
HEDGED = Policy(answer=("a", "b", "house"), strategy="hedge")
CHEAP = Policy(answer=("b", "house"))


async def save(database: Database, policy: Policy | None, based_on: int, note: str | None = None) -> tuple[Version, bool]:
    return await database.unit(lambda c: policies.save(c, policy, based_on, note, None))


async def stored(database: Database, content: dict[str, Any]) -> None:
    """What this code would not have written."""
    async with database.transaction() as connection:
        await connection.exec_driver_sql("INSERT INTO ai.ensemble_version (policy) VALUES ($1)", (json.dumps(content),))


class TestChecked:
    @pytest.mark.parametrize(
        ("content", "where", "why"),
        [
            ({"strategy": "roulette"}, "ensemble.strategy", "must be 'fallback', 'hedge' or 'consensus'"),
            ({"wat": 1}, "ensemble.wat", "there is no such setting"),
            ({"answer": ["gone"]}, "ensemble.answer", 'no model is called "gone"; known: a, b, house'),
            ({"answer": ["house", "a"]}, "ensemble.answer", '"house" stands before another model'),
            ({"critic": "house"}, "ensemble.critic", "cannot take this role"),
            ({"agents": {"pricing": {"models": ["a", "a"]}}}, "ensemble.agents.pricing.models", "stands there twice"),
            ({"agents": {"poet": {"models": ["a"]}}}, "ensemble.agents.poet", 'no agent is called "poet"; known: pricing'),
            ({"shadows": [{"model": "a", "agents": ["poet"]}]}, "ensemble.shadows", 'no agent is called "poet"'),
            ({"shadows": [{"model": "a", "sample": 7}]}, "ensemble.shadows.0.sample", "must be less than or equal to 1"),
            ({"stakes": {"some": {}}}, "ensemble.stakes.some", "must be 'low' or 'high'"),
            ({"prompts": {"pricing": "terse"}}, "ensemble.prompts.pricing", 'no version "terse" of pricing; known: usual, short'),
            ({"prompts": {"poet": "short"}}, "ensemble.prompts.poet", 'nobody called "poet" has instructions; known: pricing'),
            ({"budget": {"day_cents": -1}}, "ensemble.budget.day_cents", "greater than or equal to 0"),
        ],
    )
    def test_every_misfit_is_named_with_its_reason(self, content: dict[str, Any], where: str, why: str) -> None:
        policy, faults = policies.check(content, MODELS, ("pricing",), {"pricing": ("usual", "short")})
        assert policy is None
        found = next(fault for fault in faults if fault.name.startswith(where))
        assert why in found.why

    def test_no_agents_are_asked_for_where_none_are_known(self) -> None:
        policy, faults = policies.check({"agents": {"poet": {"strategy": "hedge"}}, "prompts": {"poet": "terse"}}, MODELS)
        assert policy is not None and faults == ()


class TestSaved:
    async def test_of_two_at_once_one_is_told_of_the_other(self, database: Database) -> None:
        one, two = await asyncio.gather(save(database, HEDGED, FILE), save(database, CHEAP, FILE), return_exceptions=True)
        lost = next(found for found in (one, two) if isinstance(found, Superseded))
        won = next(found for found in (one, two) if not isinstance(found, BaseException))
        assert lost.theirs == won[0] and lost.base.number == FILE
        async with database.transaction() as connection:
            assert [version.number for version in await policies.page(connection)] == [won[0].number]

    async def test_said_twice_it_is_one(self, database: Database) -> None:
        made, new = await save(database, HEDGED, FILE, "try")
        again, newer = await save(database, HEDGED, FILE)
        assert (new, newer) == (True, False) and again == made and made.note == "try"

    async def test_the_file_again_is_a_version_too(self, database: Database) -> None:
        made, _ = await save(database, HEDGED, FILE)
        back, new = await save(database, None, made.number)
        assert new and back.content is None
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(EnsembleVersion.policy.is_(None)).where(EnsembleVersion.number == back.number))
            assert policies.counting(await policies.newest(connection), CHEAP, MODELS).policy == CHEAP
            assert (await policies.version(connection, made.number)).content == HEDGED.model_dump(mode="json")

    async def test_nothing_is_based_on_what_does_not_exist(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await save(database, HEDGED, 99)

    async def test_the_list_goes_on(self, database: Database) -> None:
        for n in range(policies.PAGE + 2):
            async with database.transaction() as connection:
                await connection.execute(sa.insert(EnsembleVersion).values(policy={"strategy": "hedge"}, note=str(n), staff_id=uuid4()))
        async with database.transaction() as connection:
            first = await policies.page(connection)
            rest = await policies.page(connection, first[-1].number)
        assert [len(first), len(rest)] == [policies.PAGE, 2] and first[0].note == str(policies.PAGE + 1) and first[0].by is None


class TestCounting:
    async def test_a_model_that_is_gone_leaves_the_files(self, database: Database) -> None:
        made, _ = await save(database, HEDGED, FILE)
        async with database.transaction() as connection:
            found = policies.counting(await policies.newest(connection), CHEAP, ["b"])
        assert found.policy == CHEAP and not found.saved and found.number == made.number
        assert [fault.why for fault in found.faults] == ['no model is called "a"; known: b, house']

    async def test_what_newer_code_wrote_is_left_out(self, database: Database) -> None:
        await stored(database, {"strategy": "telepathy"})
        live = LivePolicy(database, CHEAP, MODELS)
        await live.look()
        await live.look()
        assert live.policy() == CHEAP and [fault.name for fault in live.counting.faults] == ["ensemble.strategy"]
        await save(database, HEDGED, live.counting.number)
        await live.look()
        assert live.policy() == HEDGED and live.counting.faults == ()


class TestFollowed:
    async def test_by_a_hint_at_once_and_told_once(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(policies, "SWEEP_EVERY", 3600)  # its own look is an hour away
        live, told = LivePolicy(database, CHEAP, MODELS), list[Policy]()
        live.on_change(told.append)
        following = asyncio.create_task(live.follow())
        try:
            await asyncio.sleep(0)
            await save(database, HEDGED, FILE)
            live.hint()
            async with asyncio.timeout(5):
                while not told:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await asyncio.gather(*(live.look() for _ in range(5)))
        finally:
            following.cancel()
        assert told == [HEDGED] and live.counting.saved

    async def test_the_same_policy_again_changes_nobody(self, database: Database) -> None:
        live, told = LivePolicy(database, CHEAP, MODELS), list[Policy]()
        live.on_change(told.append)
        made, _ = await save(database, CHEAP, FILE)
        await live.look()
        assert told == [] and live.counting.number == made.number and live.counting.saved
