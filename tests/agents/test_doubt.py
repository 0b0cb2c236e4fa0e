"""Two models that disagree, over the whole product: the house answers, the team hears of it once, the customer that it does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.container import build_agents
from agents.evaluation.candidate import Answer
from agents.evaluation.files import Conversation
from agents.evaluation.product import Product, seeded
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.settings import EnsembleSettings, ModelSettings, Settings
from tests.agents.building import KeptRows
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script, saying

QUESTION = "How much is it for 12 adults?"
TALK = {"id": "doubt", "language": "en", "about": "doubt", "now": datetime(2026, 11, 23, 20, 0, tzinfo=UTC), "turns": [{"say": QUESTION}]}


@pytest.fixture
async def product(database: Database, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> AsyncIterator[Product]:
    models = tuple(
        ModelSettings(name=name, litellm=f"openai/{name}", api_base=provider.base_url) for name in ("teacher", "student", "critic")
    )
    ensemble = EnsembleSettings(
        answer=("teacher",), strategy="consensus", student="student", critic="critic", house_tokens_per_second=10_000
    )
    settings = Settings(data=tmp_path, config_path=tmp_path / "x", models=models, ensemble=ensemble)
    agents = build_agents(settings, profile, KeptRows(), database, environment={})
    yield Product("consensus", agents, database, profile, await seeded(database, profile))
    await agents.close()


def saying_always(text: str) -> Any:
    def rule(_: dict[str, Any]) -> Script:
        return saying(text)

    return rule


async def asked(product: Product, provider: ScriptedProvider, agreement: float, *texts: str) -> list[Answer]:
    provider.follow("teacher", saying_always("It is $660 for twelve adults."))
    provider.follow("student", saying_always("Gladly!"))
    provider.follow("critic", saying_always(f'{{"agreement": {agreement}, "grounding_a": 1, "grounding_b": 1, "better": "tie"}}'))
    async with product.talk(Conversation.model_validate(TALK)) as talk:
        return [await talk.say(text, ()) for text in texts]


class TestDoubt:
    async def test_calls_a_person_and_the_talk_goes_on(self, product: Product, provider: ScriptedProvider) -> None:
        first, second = await asked(product, provider, 0.2, QUESTION, "And for 14?")
        assert "Total: $660" in first.text and "asked our team to look at this" in first.text
        assert "answers within" in first.text
        assert (first.handoffs, first.owner) == (frozenset({"human"}), "ai")
        assert "Total: $770" in second.text
        assert (second.handoffs, second.owner) == (frozenset(), "ai"), "one handoff, however often they disagree"

    async def test_agreement_calls_nobody(self, product: Product, provider: ScriptedProvider) -> None:
        (answer,) = await asked(product, provider, 0.95, QUESTION)
        assert answer.text.startswith("It is $660 for twelve adults.\n\nIn which ZIP code") and answer.handoffs == frozenset()
