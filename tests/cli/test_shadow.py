"""`hibachi shadow` as an operator calls it: a whole replay, one that is stopped and goes on, one that is no use."""

import asyncio
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.cli.replaying import FAILURES
from gateway.cli.shadow import STOPPED, app
from kernel.database import Database
from kernel.tables.ai import ShadowPair
from tests.knowledge import pairs
from tests.rig.provider import ScriptedProvider
from tests.rig.script import saying

pytestmark = pytest.mark.filterwarnings("ignore:::litellm")
Run = Callable[..., str]
TURNS = 6
SETTINGS = """
[[models]]
name = "student"
litellm = "openai/student"
api_base = "{base}"
first_token_s = 5.0

[[models]]
name = "costly"
litellm = "openai/costly"
api_base = "{base}"
input_dollars_per_million = 100.0

[[ensemble.shadows]]
model = "costly"
day_cents = 0
"""


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    """One that answers while a command runs: in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = ScriptedProvider()
    made.follow("student", lambda _: saying("For 12 guests on Saturday it is $690 with travel."))
    asyncio.run_coroutine_threadsafe(made.start(), loop).result()
    yield made
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Kept:
    """A database with turns that customers got their answers to."""

    def __init__(self, url: str) -> None:
        self._url = url

    def _do(self, work: Callable[[Database], Any]) -> Any:
        async def run() -> Any:
            database = Database(self._url, application="test", pool_size=1)
            try:
                return await work(database)
            finally:
                await database.close()

        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(asyncio.run(run())))
        thread.start()
        thread.join()
        return found[0]

    def turns(self) -> None:
        async def make(database: Database) -> None:
            conversation = await pairs.conversation(database)
            async with database.transaction() as connection:
                for number in range(TURNS):
                    await pairs.turn(connection, conversation, agent="pricing" if number else "menu")

        self._do(make)

    def states(self) -> list[str]:
        async def read(database: Database) -> list[str]:
            async with database.transaction() as connection:
                return list(await connection.scalars(sa.select(ShadowPair.state)))

        states: list[str] = self._do(read)
        return sorted(states)


@pytest.fixture
def kept(database_url: str) -> Kept:
    return Kept(database_url)


@pytest.fixture
def shadow(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: ScriptedProvider) -> Run:
    """Runs a command; all that it said."""
    (tmp_path / "hibachi.toml").write_text(SETTINGS.format(base=provider.base_url))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("HIBACHI_DATA", str(tmp_path))
    monkeypatch.setenv("HIBACHI_CONFIG", str(tmp_path / "hibachi.toml"))

    def run(*arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    return run


def run_of(said: str) -> str:
    found = re.search(r"--run (\S+)", said)
    assert found is not None, said
    return found[1]


class TestReplay:
    def test_asks_a_model_what_customers_asked_and_says_what_it_came_to(self, shadow: Run, kept: Kept, provider: ScriptedProvider) -> None:
        kept.turns()
        said = shadow("replay", "--model", "student", "--concurrency", "3")
        lines = {line.split("  ")[0]: line.split() for line in said.splitlines()}
        assert lines["pairs"][1:] == ["6", "6"]
        assert lines["agrees in amounts"][-2:] == ["100.0", "%"] and lines["agrees in all"][-2:] == ["100.0", "%"]
        assert lines["failed / skipped / waiting"][-5:] == ["0", "/", "0", "/", "0"]
        assert kept.states() == ["done"] * TURNS and len(provider.calls) == TURNS
        assert shadow("report", "--model", "student") == "no pairs\n", "a replay is no live answer"

    def test_of_one_agent_and_in_figures(self, shadow: Run, kept: Kept) -> None:
        kept.turns()
        said = shadow("replay", "--model", "student", "--agent", "menu", "--json")
        figures = json.loads(said.splitlines()[-1])
        assert figures["all"][0]["pairs"] == 1 and figures["all"][0]["similarity_mean"] > 0.99

    def test_that_is_stopped_goes_on_where_it_was(self, shadow: Run, kept: Kept, provider: ScriptedProvider) -> None:
        kept.turns()
        provider.plan("student", ["plain", "plain", "hang"])

        def interrupt() -> None:
            while len(provider.calls) < 3:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        # A process that runs tests beside others may have been told to leave Ctrl-C alone.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            threading.Thread(target=interrupt).start()
            stopped = shadow("replay", "--model", "student", "--concurrency", "1", status=STOPPED)
        finally:
            signal.signal(signal.SIGINT, before)
        assert kept.states() == ["done"] * 2 + ["waiting"] * 4
        said = shadow("replay", "--model", "student", "--run", run_of(stopped))
        assert kept.states() == ["done"] * TURNS and "4 turns" in said
        assert "0 turns" in shadow("replay", "--model", "student", "--run", run_of(stopped))
        assert len(provider.calls) == 3 + 4

    def test_stays_within_the_budget_and_may_go_on(self, shadow: Run, kept: Kept, provider: ScriptedProvider) -> None:
        kept.turns()
        said = shadow("replay", "--model", "costly", status=1)
        assert "budget of costly for today is spent" in said and run_of(said)
        assert kept.states() == ["waiting"] * TURNS and provider.calls == []

    def test_ends_where_it_is_no_use(self, shadow: Run, kept: Kept, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.cli.replaying.FAILURES", 3)
        assert FAILURES > 3
        kept.turns()
        provider.plan("student", ["cut-1"] * TURNS)
        said = shadow("replay", "--model", "student", "--concurrency", "1", status=1)
        assert "student failed 3 times in a row, the last time by cut" in said
        assert kept.states() == ["failed"] * 3 + ["waiting"] * 3


class TestFaults:
    def test_are_said_in_words(self, shadow: Run, kept: Kept) -> None:
        assert "no model is called 'teacher'; known: student, costly" in shadow("replay", "--model", "teacher", status=2)
        assert "no turn is kept" in shadow("replay", "--model", "student", status=1)
        assert "student has no run 'nine'" in shadow("replay", "--model", "student", "--run", "nine", status=1)
