"""The container: what is built from settings, that a keyless install never imports LiteLLM, prompts without literals."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from agents.container import build_agents
from agents.events import TurnEvent, TurnFinished, TurnRestarted, TurnText
from agents.prompts import USUAL, place, read, render_prompt, versions, written
from agents.turn import TurnRequest, Utterance
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.settings import EnsembleSettings, ModelSettings, Policy, Settings, SettingsError, Shadow, Way
from tests.agents.building import NOW, KeptRows
from tests.rig.provider import ScriptedProvider

KEYLESS = """
import asyncio, sys
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from agents.container import build_agents
from agents.turn import TurnRequest, Utterance
from business.profile.loader import load_profile
from kernel.ids import new_id
from kernel.settings import Settings

class Sink:
    async def record(self, row): print("row", row.model, row.provider, row.outcome, row.cost_microdollars)

async def main():
    agents = build_agents(Settings(data=Path("."), config_path=Path("x")), load_profile(), Sink())
    await agents.warm()
    now = datetime.now(UTC)
    said = Utterance("customer", "12 adults, how much?", now, 1)
    request = TurnRequest(new_id(), new_id(), new_id(), "web", "en", (said,), now, customer=new_id())
    async with aclosing(agents.answer(request)) as events:
        async for event in events:
            pass
    await agents.close()
    print(event)

asyncio.run(main())
print("heavy", sorted({"litellm", "openai", "tiktoken", "aiohttp", "httpx"} & set(sys.modules)))
"""


def settings(tmp_path: Path, *models: ModelSettings, answer: tuple[str, ...] = ()) -> Settings:
    ensemble = EnsembleSettings(answer=answer, house_tokens_per_second=2_000.0)
    return Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml", models=models, ensemble=ensemble)


def turn(*texts: str, restarts: int = 0) -> TurnRequest:
    history = tuple(Utterance("customer", text, NOW, seq) for seq, text in enumerate(texts, start=1))
    ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
    return TurnRequest(*ids, "web", "en", history, NOW, restarts, customer=CustomerId(new_id()))


def ended_by(event: TurnEvent) -> tuple[str, str]:
    """(agent, model) of a reply's end, which remembers something."""
    assert isinstance(event, TurnFinished) and event.memory
    return event.agent, event.model


class TestKeyless:
    def test_the_house_answers_and_nothing_heavy_is_imported(self) -> None:
        run = subprocess.run([sys.executable, "-c", KEYLESS], capture_output=True, text=True, timeout=60, check=False)
        assert run.returncode == 0, run.stderr
        assert "row house house complete 0" in run.stdout
        assert "TurnFinished(agent='pricing', sources=(), model='house', memory=" in run.stdout
        assert "heavy []" in run.stdout

    def test_tokens_are_counted_without_a_network_and_without_litellm(self) -> None:
        script = (
            "import asyncio, sys, socket\n"
            "def no(*a, **k): raise OSError('no network')\n"
            "socket.socket.connect = no\n"
            "from agents.ensemble.tokens import TokenCounter\n"
            "print(asyncio.run(TokenCounter().count((), 'hello world')), 'litellm' in sys.modules)\n"
        )
        environment = {key: value for key, value in os.environ.items() if key != "TIKTOKEN_CACHE_DIR"}
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False, env=environment)
        assert run.stdout.strip() == "(3, 2) False", run.stderr


class TestConfigured:
    async def test_models_answer_in_the_order_of_the_settings(self, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> None:
        one = ModelSettings(name="one", litellm="openai/cut-4", api_base=provider.base_url, api_key_env="KEY_OF_ONE")
        two = ModelSettings(name="two", litellm="openai/plain", api_base=provider.base_url)
        sink = KeptRows()
        agents = build_agents(settings(tmp_path, two, one, answer=("one", "two")), profile, sink, environment={"KEY_OF_ONE": "s3cret"})
        await agents.warm()
        async with aclosing(agents.answer(turn("hi"))) as stream:
            events: list[TurnEvent] = [event async for event in stream]
        await agents.close()
        kinds = [type(event) for event in events]
        assert kinds.count(TurnRestarted) == 1
        assert ended_by(events[-1]) == ("conversational", "two")
        after = events[kinds.index(TurnRestarted) :]
        said = "".join(event.text for event in after if isinstance(event, TurnText))
        assert said == provider.calls[1].plan and said.endswith(" How many adults and children will there be? ")
        assert [call.headers["authorization"] for call in provider.calls] == ["Bearer s3cret", "Bearer none"]
        assert "My Hibachi" in str(provider.calls[0].messages[0]["content"])
        assert sorted((row.model, row.outcome) for row in sink.rows) == [("one", "cut"), ("two", "complete")]

    async def test_without_an_order_all_models_answer(self, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain", api_base=provider.base_url)
        agents = build_agents(settings(tmp_path, model), profile, KeptRows(), environment={})
        async with aclosing(agents.answer(turn("hi"))) as stream:
            events = [event async for event in stream]
        assert ended_by(events[-1]) == ("conversational", "teacher")
        await agents.close()

    async def test_the_conversation_reaches_the_model_in_its_roles(
        self, provider: ScriptedProvider, profile: Profile, tmp_path: Path
    ) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain", api_base=provider.base_url)
        agents = build_agents(settings(tmp_path, model), profile, KeptRows(), environment={})
        history = (
            Utterance("customer", "hello", NOW, 1),
            Utterance("system", "Dana took over", NOW, 2),
            Utterance("human", "I am Dana", NOW, 3),
            Utterance("customer", "and now?", NOW, 4),
        )
        ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
        async with aclosing(agents.answer(TurnRequest(*ids, "web", "en", history, NOW, customer=CustomerId(new_id())))) as stream:
            async for _ in stream:
                pass
        sent = [(message["role"], message["content"]) for message in provider.calls[0].messages[1:]]
        notes, sent = [content for role, content in sent[3:-1]], [*sent[:3], sent[-1]]
        assert all(role == "system" for role in [message["role"] for message in provider.calls[0].messages[4:-1]])
        assert any("true answer" in str(note) for note in notes), "what the agents found stands before what is to be answered"
        assert sent == [
            ("user", "hello"),
            ("system", "[2026-11-23 20:00 UTC] Dana took over"),
            ("assistant", "[a colleague wrote] I am Dana"),
            ("user", "and now?"),
        ]
        await agents.close()


class TestAnotherProfile:
    async def test_counts_from_the_next_turn_on(self, profile: Profile, tmp_path: Path) -> None:
        sink = KeptRows()
        agents = build_agents(settings(tmp_path), profile, sink)
        dearer = profile.model_copy(update={"prices": profile.prices.model_copy(update={"adult_cents": 6100})})

        async def rest(stream: AsyncGenerator[TurnEvent, None], text: str = "") -> str:
            async with aclosing(stream):
                return text + "".join([event.text async for event in stream if isinstance(event, TurnText)])

        running = agents.answer(turn("How much is it per adult?"))
        first = await anext(running)
        assert isinstance(first, TurnText)
        agents.use(dearer)
        assert "$55 per adult" in await rest(running, first.text)
        answer = await rest(agents.answer(turn("How much is it per adult?")))
        assert "$61 per adult" in answer and "$55 per adult" not in answer
        draft = await rest(agents.draft(turn("How much is it per adult?"), None))  # type: ignore[arg-type]
        assert "$61" in draft
        await agents.close()
        assert len(sink.rows) == 3, "the rows of the profile before are not lost"

    async def test_reaches_the_instructions_of_the_models(self, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain", api_base=provider.base_url)
        agents = build_agents(settings(tmp_path, model), profile, KeptRows(), environment={})
        agents.use(profile.model_copy(update={"prices": profile.prices.model_copy(update={"adult_cents": 6100})}))
        async with aclosing(agents.answer(turn("hi"))) as stream:
            async for _ in stream:
                pass
        assert "$61 per adult" in str(provider.calls[0].messages[0]["content"])
        await agents.close()


PROMPTS = [(name, version) for name, versions in written().items() for version in versions]


class TestPrompts:
    @pytest.mark.parametrize(("name", "version"), PROMPTS, ids=[f"{name}-{version}" for name, version in PROMPTS])
    def test_hold_no_figure_and_no_name_of_the_business(self, name: str, version: str, profile: Profile) -> None:
        prompt = read(versions(place(name))[version])
        bare = re.sub(r"\{\{[^}]*\}\}", "", prompt.text)
        assert not re.search(r"\d|\$", bare)
        assert profile.business.name not in bare
        assert "{{" not in render_prompt(name, profile, version)
        assert prompt.about and bool(prompt.changed) == (version != USUAL)

    def test_are_there_in_more_than_one_version_for_those_worth_comparing(self) -> None:
        assert {"conversational", "pricing", "booking"} <= {name for name, known in written().items() if len(known) > 1}

    @pytest.mark.parametrize("text", ["Be brief.", "---\nversion: short\n---\nBe brief.", "---\nversion: x\nabout: y\n---\nBe brief."])
    def test_that_do_not_say_what_they_are_are_none(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "prompt.short.md"
        path.write_text(text)
        with pytest.raises(ValueError, match=r"prompt\.short\.md"):
            read(path)

    async def test_of_another_version_are_what_the_model_is_told(
        self, provider: ScriptedProvider, profile: Profile, tmp_path: Path
    ) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain", api_base=provider.base_url)
        agents = build_agents(settings(tmp_path, model), profile, KeptRows(), environment={})
        for prompts in ({}, {"pricing": "short"}, {"pricing": "of another release"}):
            agents.use_policy(Policy(prompts=prompts))
            async with aclosing(agents.answer(turn("How much for 12 adults in 94539?"))) as stream:
                async for _ in stream:
                    pass
        usual, short, unknown = (str(call.messages[0]["content"]) for call in provider.calls)
        assert render_prompt("pricing", profile, "short") in short and render_prompt("pricing", profile) not in short
        assert render_prompt("pricing", profile) in usual and unknown == usual
        await agents.close()

    def test_of_a_version_that_nobody_wrote_are_refused_at_the_start(self, profile: Profile, tmp_path: Path) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain")
        ensemble = EnsembleSettings(prompts={"pricing": "terse", "chef": "short", "booking": "short"})
        wrong = Settings(data=tmp_path, config_path=tmp_path / "x", models=(model,), ensemble=ensemble)
        with pytest.raises(SettingsError, match='no version "terse" of pricing; known: usual, short') as refused:
            build_agents(wrong, profile, KeptRows(), environment={})
        assert [problem.name for problem in refused.value.problems] == ["ensemble.prompts.pricing", "ensemble.prompts.chef"]

    def test_answers_know_the_prices(self, profile: Profile) -> None:
        assert "$55 per adult (13+)" in render_prompt("conversational", profile)


class TestThePolicy:
    async def test_that_names_no_agent_of_ours_is_refused_at_the_start(self, profile: Profile, tmp_path: Path) -> None:
        model = ModelSettings(name="teacher", litellm="openai/plain")
        ensemble = EnsembleSettings(agents={"pricng": Way(models=("teacher",))}, shadows=(Shadow(model="teacher", agents=("chef",)),))
        wrong = Settings(data=tmp_path, config_path=tmp_path / "x", models=(model,), ensemble=ensemble)
        with pytest.raises(SettingsError, match='"pricng"') as refused:
            build_agents(wrong, profile, KeptRows(), environment={})
        assert [problem.name for problem in refused.value.problems] == ["ensemble.agents.pricng", "ensemble.shadows"]

    async def test_chooses_the_way_by_agent_and_by_stakes_and_may_change(
        self, provider: ScriptedProvider, profile: Profile, tmp_path: Path
    ) -> None:
        models = [ModelSettings(name=name, litellm=f"openai/{name}", api_base=provider.base_url) for name in ("plain", "slow", "empty")]
        agents = build_agents(settings(tmp_path, *models, answer=("empty",)), profile, KeptRows(), environment={})

        async def asked(text: str) -> list[str]:
            before = len(provider.calls)
            async with aclosing(agents.answer(turn(text))) as stream:
                async for _ in stream:
                    pass
            return [call.model for call in provider.calls[before:]]

        provider.say("plain", "Hello. ")
        assert await asked("hi") == ["empty"]
        agents.use_policy(Policy(answer=("empty",), stakes={"low": Way(models=("plain",))}))
        assert await asked("hi") == ["plain"]
        assert await asked("How much is it for 12 adults?") == ["empty"]
        agents.use_policy(Policy(answer=("empty",), agents={"conversational": Way(models=("plain",))}))
        assert await asked("hi") == ["plain"]
        with pytest.raises(KeyError):
            agents.use_policy(Policy(answer=("gone",)))
        assert await asked("hi") == ["plain"], "what does not fit changes nothing"
        agents.use_policy(Policy(answer=("house",)))
        assert await asked("hi") == []
        await agents.close()

    async def test_says_how_each_model_stands(self, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> None:
        models = [ModelSettings(name=name, litellm=f"openai/{name}", api_base=provider.base_url) for name in ("401", "plain")]
        agents = build_agents(settings(tmp_path, *models), profile, KeptRows(), environment={})
        assert {state.breaker for state in agents.states()} == {"closed"}
        async with aclosing(agents.answer(turn("hi"))) as stream:
            async for _ in stream:
                pass
        refused, plain = agents.states()
        assert (refused.name, refused.breaker, 0 < refused.open_for_s <= 2) == ("401", "open", True)
        assert (plain.name, plain.breaker, plain.open_for_s, plain.p95_first_token_ms) == ("plain", "closed", 0, None)
        await agents.close()
