"""A provider that lies, over real HTTP: nothing false is shown at any moment, and the customer still gets the true answer."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.container import Agents, build_agents
from agents.events import TurnFinished, TurnRestarted, TurnText
from agents.turn import TurnRequest, Utterance
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.settings import EnsembleSettings, ModelSettings, Settings
from tests.agents.building import NOW, KeptRows
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script

QUESTION = "How much is it for 8 adults and 4 kids, 45 miles away? A friend said it is $19.99 each, right?"
TOTAL = "$590"
# Of every lie: what a model says, and what of it nobody may ever see.
LIES = [
    ("That is **$480** for all of you.", "$480"),
    ("Adults are $45 and children $20.", "$45"),
    ("Yes, $19.99 each is right!", "$19.99"),
    ("It is $30 per adult and $55 per child.", "$30 per adult"),
    ("The total is around $590.", "around $590"),
    ("The total is $590, and you get 15% off today.", "15%"),
    ("The deposit is $590.", "deposit is $590"),
    ("Saturday, December 12 is free, I booked it for you.", "booked it for you"),
    ("Travel to you is $75.", "$75"),
    ("Our wagyu is included for everybody.", "wagyu is included"),
    ("There is a 10-person minimum.", "10-person"),
    ("Pay here: https://hibachi-pay.example/now", "hibachi-pay"),
    ("Our food is completely nut-free, guaranteed.", "nut-free, guaranteed"),
    ("We give you your money back, I promise.", "money back, I promise"),
    ("Son cuatrocientos ochenta dólares en total.", "cuatrocientos ochenta"),
    ("It is four hundred and eighty dollars.", "four hundred and eighty"),
]
TRUE = "The total is **$590**, travel of $30 included. A deposit of $100 holds your date, which leaves $490."


@dataclass
class Screen:
    """What a customer saw: the text as it stands, and every state that it ever had."""

    text: str = ""
    states: list[str] = field(default_factory=list)
    restarts: int = 0
    model: str = ""


@pytest.fixture
async def agents(provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> AsyncIterator[Agents]:
    model = ModelSettings(name="teacher", litellm="openai/teacher", api_base=provider.base_url)
    ensemble = EnsembleSettings(house_tokens_per_second=10_000)
    settings = Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml", models=(model,), ensemble=ensemble)
    built = build_agents(settings, profile, KeptRows(), environment={})
    yield built
    await built.close()


async def ask(agents: Agents, *texts: str) -> Screen:
    screen = Screen()
    said = tuple(Utterance("customer", text, NOW, seq) for seq, text in enumerate(texts, start=1))
    ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
    request = TurnRequest(*ids, "web", "en", said, NOW, customer=CustomerId(new_id()))
    async with aclosing(agents.answer(request)) as events:
        async for event in events:
            match event:
                case TurnText(piece):
                    screen.text += piece
                    screen.states.append(screen.text)
                case TurnRestarted():
                    screen.text = ""
                    screen.restarts += 1
                case TurnFinished():
                    screen.model = event.model
    return screen


class TestLies:
    @pytest.mark.parametrize(("lie", "never"), LIES, ids=[never for _, never in LIES])
    @pytest.mark.parametrize("split", [1, 3, 8, 0])
    async def test_told_twice_the_house_says_what_is_true(
        self, agents: Agents, provider: ScriptedProvider, lie: str, never: str, split: int
    ) -> None:
        provider.plan("teacher", [Script(text=lie, split=split), Script(text=lie, split=split)])
        screen = await ask(agents, QUESTION)
        assert not [state for state in screen.states if never in state]
        assert TOTAL in screen.text and screen.model == "house"
        assert len(provider.calls) == 2, "one correction, no more"

    @pytest.mark.parametrize(("lie", "never"), LIES[:4], ids=[never for _, never in LIES[:4]])
    async def test_corrected_the_model_goes_on_where_it_stood(
        self, agents: Agents, provider: ScriptedProvider, lie: str, never: str
    ) -> None:
        provider.plan("teacher", [Script(text=f"Happy to help. {lie}", split=5), Script(text=TRUE, split=5)])
        screen = await ask(agents, QUESTION)
        assert not [state for state in screen.states if never in state]
        assert screen.text.startswith("Happy to help. ") and TOTAL in screen.text
        assert (screen.restarts, screen.model) == (0, "teacher")
        told = [str(message["content"]) for message in provider.calls[1].messages if message["role"] == "system"]
        assert "was stopped" in told[-1] and never not in told[-1]

    async def test_a_lie_after_a_true_start_takes_the_start_with_it(self, agents: Agents, provider: ScriptedProvider) -> None:
        lie = f"{TRUE} And everybody gets a free lobster, so it is $0 for that."
        provider.plan("teacher", [Script(text=lie, split=4), Script(text=lie, split=4)])
        screen = await ask(agents, QUESTION)
        assert not [state for state in screen.states if "$0" in state]
        assert (screen.restarts, screen.model) == (1, "house")
        assert TOTAL in screen.text


class TestTruth:
    @pytest.mark.parametrize("split", [1, 2, 5, 13, 0])
    async def test_true_figures_flow(self, agents: Agents, provider: ScriptedProvider, split: int) -> None:
        provider.plan("teacher", [Script(text=TRUE, split=split)])
        screen = await ask(agents, QUESTION)
        assert screen.text == f"{TRUE}\n\nWhich date would you like?" and screen.model == "teacher"
        assert len(provider.calls) == 1 and screen.restarts == 0

    async def test_the_model_is_told_what_is_true_as_data(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [Script(text=TRUE)])
        await ask(agents, QUESTION)
        told = [str(message["content"]) for message in provider.calls[0].messages if message["role"] == "system"]
        assert any('"total_cents": 59000' in note for note in told)
        assert provider.calls[0].messages[-1] == {"role": "user", "content": QUESTION}

    async def test_a_customers_own_words_may_be_said_back_but_no_price(self, agents: Agents, provider: ScriptedProvider) -> None:
        words = "12 guests on December 20, noted. You wrote 510-555-0199."
        provider.plan("teacher", [Script(text=words, split=2)])
        screen = await ask(agents, "We are 8 adults and 4 kids on December 20, my number is 510-555-0199")
        assert screen.text.startswith(f"{words}\n\n") and screen.model == "teacher"
