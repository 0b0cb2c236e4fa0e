"""`hibachi eval` as somebody calls it: what it says where it cannot run, what it writes, its status, and that nothing is left."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rig.provider import ScriptedProvider

Run = Callable[..., subprocess.CompletedProcess[str]]
GREETING = """
id = "hello"
language = "en"
about = "Somebody says hello."
now = 2026-12-01T10:00:00-08:00

[[turns]]
say = "hello"
must = [{must}]
"""
FLOOR = "\n".join(f"{kind} = 1" for kind in ("routing", "tools", "prices", "availability", "forbidden", "handoffs", "facts"))


@pytest.fixture
def hibachi(tmp_path: Path) -> Run:
    """Runs the command in a process of its own, with temporary folders below `tmp_path / "left"`."""
    left = tmp_path / "left"
    left.mkdir()
    left.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    env |= {"HIBACHI_DATA": str(tmp_path / "data"), "HIBACHI_CONFIG": str(tmp_path / "hibachi.toml"), "TMPDIR": str(left)}

    def run(*arguments: str, status: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gateway.cli", "eval", *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert list(left.iterdir()) == []
        return done

    return run


def conversations(folder: Path, must: str) -> str:
    """A set of one conversation, in which the reply to a greeting must contain something."""
    (folder / "conversations" / "small").mkdir(parents=True)
    (folder / "conversations" / "small" / "hello.toml").write_text(GREETING.format(must=json.dumps(must)))
    (folder / "floor.toml").write_text(FLOOR)
    return str(folder)


class TestTheCommand:
    def test_a_model_that_nobody_configured(self, hibachi: Run) -> None:
        assert "no model is called 'gpt'; known: house" in hibachi("--model", "gpt", status=2).stderr

    def test_a_place_without_conversations_is_named(self, hibachi: Run, tmp_path: Path) -> None:
        assert str(tmp_path / "nowhere" / "conversations") in hibachi("--set", str(tmp_path / "nowhere"), status=1).stderr

    def test_a_pattern_that_fits_nothing_is_no_perfect_score(self, hibachi: Run, tmp_path: Path) -> None:
        assert (
            "no conversation is called like nonsense"
            in hibachi("--set", conversations(tmp_path / "set", "hi"), "--only", "nonsense", status=1).stderr
        )

    def test_below_the_floor_it_fails_and_tells_what_came(self, hibachi: Run, tmp_path: Path) -> None:
        page, figures = tmp_path / "page.html", tmp_path / "figures.json"
        folder = conversations(tmp_path / "set", "words that no greeting has")
        done = hibachi("--set", folder, "--report", str(page), "--json", str(figures), status=1)
        assert "facts: 0.0 % is below the floor of 100.0 %" in done.stdout
        assert "small/hello, turn 1: hello" in done.stdout
        assert "words that no greeting has" in page.read_text()
        told = json.loads(figures.read_text())
        assert told["scores"]["facts"] == {"passed": 0, "of": 1, "share": 0.0}
        assert [failure["expected"] for failure in told["failures"]] == ["'words that no greeting has'"]

    async def test_a_model_answers_over_its_provider_with_the_house_behind_it(self, hibachi: Run, tmp_path: Path) -> None:
        folder = conversations(tmp_path / "set", "warm evening by the grill")
        async with ScriptedProvider() as provider:
            provider.say("plain", "Welcome to a warm evening by the grill!")
            model = f'[[models]]\nname = "teacher"\nlitellm = "openai/plain"\napi_base = "{provider.base_url}"\n'
            (tmp_path / "hibachi.toml").write_text(model)
            done = await asyncio.to_thread(hibachi, "--set", folder, "--model", "teacher", status=0)
            assert "teacher: 1 of 1 conversations without a failure" in done.stdout
            assert any("hello" in str(call.messages) for call in provider.calls)

    def test_above_it_the_status_is_nought(self, hibachi: Run, tmp_path: Path) -> None:
        done = hibachi("--set", conversations(tmp_path / "set", "hibachi"), status=0)
        assert "1 of 1 conversations without a failure" in done.stdout
