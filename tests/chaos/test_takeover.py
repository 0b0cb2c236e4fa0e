"""Takeover under any interleaving: hypothesis writes the schedules, the real runner, fence, Redis and PostgreSQL play them."""

import os
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.turns.frames import Frames, Verdict
from kernel.database import Database
from tests.chaos.schedule import Stage, Step, play
from tests.chaos.turns import Log, Process, new_room, until
from tests.rig.redis import RedisServer

EXAMPLES = int(os.environ.get("PROVE_EXAMPLES", "25"))
# Shrinking replays schedules in real time: worth it to a person, not to a run that is timed.
SHRINK = "PROVE_SHRINK" in os.environ
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="PROVE_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink] if SHRINK else [Phase.explicit, Phase.generate],
)
SOON = st.sampled_from([0, 0, 2, 10, 45])


def steps(*deeds: str) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.sampled_from(deeds), st.integers(0, 1), st.booleans(), SOON)


FLOW = ("say", "token", "token", "token", "burst", "end", "restart", "take", "stop", "give_back", "pause")
CALM = st.lists(steps(*FLOW), min_size=4, max_size=25)
ROUGH = st.lists(steps(*FLOW, "flush", "redis_down", "redis_up", "redis_up"), min_size=4, max_size=20)
START = [Step("say", 0), Step("pause"), Step("token", 0, pause_ms=45)]


@pytest.fixture(scope="module")
async def stage(module_database: Database, module_database_url: str, module_redis: RedisServer) -> Stage:
    async with module_database.transaction() as connection:
        staff = await connection.scalar(sa.text("SELECT id FROM core.staff"))
    assert isinstance(staff, UUID)
    return Stage(module_database, module_database_url, module_redis, staff)


Meanwhile = Callable[[], Awaitable[object]]


def stalled(where: str, meanwhile: list[Meanwhile]) -> type[Frames]:
    """Frames whose process stands still right before `where`, once, while something else happens."""

    class Stalled(Frames):
        async def begin(self, turn: UUID) -> Verdict:
            if where == "begin" and meanwhile:
                await meanwhile.pop()()
            return await super().begin(turn)

        async def restore(self, turn: UUID, said: str) -> Verdict:
            if where == "restore" and meanwhile:
                await meanwhile.pop()()
            return await super().restore(turn, said)

    return Stalled


class TestTakeover:
    @QUIET
    @given(schedule=CALM)
    async def test_nothing_is_said_beyond_the_cut(self, stage: Stage, schedule: list[Step]) -> None:
        assert await play(stage, [*START, *schedule]) == []

    @QUIET
    @given(schedule=ROUGH)
    async def test_nor_where_redis_forgets_or_goes_away(self, stage: Stage, schedule: list[Step]) -> None:
        assert await play(stage, [*START, *schedule]) == []

    @pytest.mark.parametrize("after", range(0, 12))
    async def test_at_every_token_of_a_reply(self, stage: Stage, after: int) -> None:
        tokens = [Step("token", 0, pause_ms=5)] * after
        late = [Step("token", 0)] * 3
        assert await play(stage, [Step("say", 0), Step("pause"), *tokens, Step("take", 1, wait=False), *late, Step("end", 0)]) == []

    async def test_through_postgresql_where_redis_is_away(self, stage: Stage) -> None:
        down = [*START, Step("redis_down"), Step("burst", 0, pause_ms=45), Step("take", 1, wait=False), Step("token", 0), Step("end", 0)]
        assert await play(stage, down) == []

    async def test_where_redis_comes_back_empty_in_between(self, stage: Stage) -> None:
        empty = [*START, Step("flush"), Step("burst", 0), Step("take", 1, wait=False), Step("flush"), Step("token", 0, pause_ms=45)]
        assert await play(stage, [*empty, Step("end", 0)]) == []


@pytest.mark.slow
class TestStandingStill:
    """A process stands still, past its lease, between asking PostgreSQL and asking Redis, which forgets the cut that came meanwhile."""

    @pytest.mark.parametrize("where", ["begin", "restore"])
    async def test_is_noticed(self, stage: Stage, where: str) -> None:
        log = Log()
        room = await new_room(stage.database, log, stage.staff)
        other = Process("other", stage.database, stage.redis.url, log, hears=False)

        async def taken_and_forgotten() -> None:
            await room.take(other)
            await other.bus.redis.flushall()

        frames = stalled(where, [taken_and_forgotten])
        slow = Process("slow", stage.database, stage.redis.url, log, frames=frames, hears=False, renews=False)
        try:
            await room.say(slow)
            if where == "restore":
                assert await until(lambda: slow.script.replies)
                slow.script.give("one ")
                assert await until(lambda: log.deltas)
                await other.bus.redis.flushall()
                slow.script.give("two ")
            assert await until(lambda: log.cuts, 15)
            await until(lambda: slow.script.replies, 1)
            slow.script.give("too late ")
            assert await until(lambda: log.wrong or not slow.runner.running), "neither refused nor let through"
            # Without renewals there was no checkpoint: the cut is at 0, and what is stored is less than what was shown before it.
            assert log.wrong == []
        finally:
            await slow.die()
            await other.die()
