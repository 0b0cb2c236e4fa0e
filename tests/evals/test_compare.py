"""`hibachi eval --compare`: who may be compared, what stands side by side, and that versions of instructions make a difference."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.evaluation.comparison import Contestant, contestants
from agents.evaluation.files import SetError
from agents.prompts import place as place_of
from agents.prompts import read, versions
from tests.evals.test_command import conversations
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script, saying

WRITTEN = {"conversational": ("usual", "short"), "pricing": ("usual", "short", "terse"), "menu": ("usual",)}
MODELS = ("teacher",)
TOLD = read(versions(place_of("conversational"))["short"]).text.splitlines()[-1]


class TestContestants:
    def test_are_models_with_versions_of_instructions(self) -> None:
        assert contestants("house, teacher,teacher@short,teacher@pricing=terse+conversational=short", MODELS, WRITTEN) == (
            Contestant("house", "house"),
            Contestant("teacher", "teacher"),
            Contestant("teacher@short", "teacher", {"conversational": "short", "pricing": "short"}),
            Contestant("teacher@pricing=terse+conversational=short", "teacher", {"pricing": "terse", "conversational": "short"}),
        )

    @pytest.mark.parametrize(
        ("asked", "why"),
        [
            ("house", "name at least two different candidates"),
            ("house,house", "name at least two different candidates"),
            ("house,gpt", "no model is called 'gpt'; known: teacher, house"),
            ("house,teacher@long", "nobody's instructions have a version 'long'; known: short, terse"),
            ("house,teacher@usual", "nobody's instructions have a version 'usual'"),
            ("house,teacher@pricing=long", "the instructions of 'pricing' have no version 'long'; known: usual, short, terse"),
            (
                "house,teacher@chef=short",
                "the instructions of 'chef' have no version 'short'; known: none; these have some: conversational",
            ),
        ],
    )
    def test_that_do_not_exist_are_refused(self, asked: str, why: str) -> None:
        with pytest.raises(SetError, match=why.replace("?", r"\?")):
            contestants(asked, MODELS, WRITTEN)


def answered(body: dict[str, Any]) -> Script:
    """As a model that is better told shortly."""
    short = TOLD in str(body["messages"][0]["content"])
    return saying("Hi, welcome, our chef cooks for you." if short else "Our chef cooks for you.")


class TestTheCommand:
    @pytest.mark.slow
    async def test_puts_them_side_by_side(self, tmp_path: Path) -> None:
        folder = conversations(tmp_path / "set", "welcome")
        page, figures = tmp_path / "page.html", tmp_path / "figures.json"
        async with ScriptedProvider() as provider:
            provider.follow("teacher", answered)
            (tmp_path / "hibachi.toml").write_text(
                f'[[models]]\nname = "teacher"\nlitellm = "openai/teacher"\napi_base = "{provider.base_url}"\n'
                "input_dollars_per_million = 1.0\noutput_dollars_per_million = 2.0\n"
            )
            asked = ["--set", folder, "--compare", "teacher,teacher@short", "--report", str(page), "--json", str(figures)]
            done = await asyncio.to_thread(self.run, tmp_path, *asked)
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(figures.read_text())
        usual, short = told["candidates"]
        assert [one["conversations"]["passed"] for one in (usual, short)] == [0, 1]
        assert (short["won"], short["lost"], told["differing"]) == (["small/hello"], [], ["small/hello"])
        assert short["prompts"] == {"booking": "short", "conversational": "short", "pricing": "short"}
        assert usual["spent"]["calls"] == short["spent"]["calls"] == 1 and usual["spent"]["cost_microdollars"] > 0
        assert 0 < short["spent"]["tokens_in"] < usual["spent"]["tokens_in"]
        assert "teacher@short won against teacher: small/hello" in done.stdout and "0.0 % (below)" in done.stdout
        shown = page.read_text()
        assert "teacher: failed, teacher@short: passed" in shown and "<h3>teacher@short</h3>" in shown
        assert "Hi, welcome, our chef cooks for you." in shown

    async def test_refuses_whom_nobody_knows(self, tmp_path: Path) -> None:
        done = await asyncio.to_thread(self.run, tmp_path, "--compare", "house,gpt@short")
        assert done.returncode == 2 and "no model is called 'gpt'; known: house" in done.stderr

    @staticmethod
    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env |= {"HIBACHI_DATA": str(folder / "data"), "HIBACHI_CONFIG": str(folder / "hibachi.toml")}
        command = [sys.executable, "-m", "gateway.cli", "eval", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=200)
