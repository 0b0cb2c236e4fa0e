"""A provider that words well, badly, in the wrong language, too long, over real HTTP: the customer gets a right reply each time."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.container import Agents, build_agents
from agents.events import TurnFinished, TurnRestarted, TurnText
from agents.manner.keeper import Keeper
from agents.manner.manner import Manner
from agents.turn import TurnRequest, Utterance
from business.channels.segments import plain, segments
from business.profile.schemas import Profile
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.settings import EnsembleSettings, ModelSettings, Settings
from tests.agents.building import NOW, KeptRows
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script, calling

ASKS = {
    "en": "How much is it for 8 adults and 4 kids, 45 miles away?",
    "es": "¿Cuánto cuesta para 8 adultos y 4 niños, a 45 millas?",
}
STEPS = {"en": "Which date would you like?", "es": "¿Qué fecha te gustaría?"}
WELL = {
    "en": "Happy to help. For 8 adults and 4 children the total is $590, travel of $30 included. What day works for you?",
    "es": "Con gusto. Para 8 adultos y 4 niños el total es $590, con $30 de viaje. ¿Para qué día sería?",
}
# Words that the model has to be corrected for, or the house says it; by language. Spelled so that their figures are true.
STOPPED = {
    "rude": {
        "en": "Calm down, the total is $590. Which date would you like?",
        "es": "Cálmate, el total es $590. ¿Qué fecha te gustaría?",
    },
    "hedged": {
        "en": "Sure, the total is around $590. Which date would you like?",
        "es": "Claro, el total es unos $590. ¿Qué fecha te gustaría?",
    },
    "another language": {
        "en": "Claro, el total es $590 con el viaje. ¿Qué fecha te gustaría?",
        "es": "Sure, the total is $590 with travel. Which date would you like?",
    },
    "a table": {
        "en": "| What | Price |\n|---|---|\n| Total | $590 |\n\nWhich date would you like?",
        "es": "| Qué | Precio |\n|---|---|\n| Total | $590 |\n\n¿Qué fecha te gustaría?",
    },
    "only a question of its own": {"en": "What is your ZIP code?", "es": "¿Cuál es tu código postal?"},
}
# Words that are mended as they pass.
MENDED = {
    "two emoji": {
        "en": "Great 🎉 news 🎊: the total is $590 🥳. Which date would you like?",
        "es": "Muy bien 🎉: el total es $590 🥳. ¿Qué fecha te gustaría?",
    },
    "Oops": {
        "en": "Oops! The total is $590. Which date would you like?",
        "es": "¡Ups! El total es $590. ¿Qué fecha te gustaría?",
    },
    "headings and an image": {
        "en": "## Your price\n\nThe total is **$590**. ![a party](party)\n\nWhich date would you like?",
        "es": "## Tu precio\n\nEl total es **$590**. ![una fiesta](party)\n\n¿Qué fecha te gustaría?",
    },
    "a second question": {
        "en": "The total is $590. Do you want rice with it? Which date would you like? And where do you live?",
        "es": "El total es $590. ¿Quieres arroz? ¿Qué fecha te gustaría? ¿Y dónde vives?",
    },
    "another question than the one given": {
        "en": "The total is $590. How did you hear about us?",
        "es": "El total es $590. ¿Cómo supiste de nosotros?",
    },
    "no step": {"en": "The total is $590.", "es": "El total es $590."},
}
LONG = {"en": "The total is $590. We cook for all of you. ", "es": "El total es $590. Cocinamos para todos ustedes. "}
EMOJI = re.compile("[\U0001f300-\U0001faff]")
CHANNELS = [(channel, language) for channel in ("web", "sms") for language in ("en", "es")]


@dataclass
class Screen:
    """What a customer saw: the text as it stands, every state that it ever had, and how often it began again."""

    text: str = ""
    states: list[str] = field(default_factory=list)
    restarts: int = 0
    model: str = ""

    def is_right(self, channel: str, language: str) -> None:
        """Whoever words it: what was asked, in its language, as we write it, with one question at its end."""
        assert "$590" in self.text
        ours = Keeper(Manner(languages=(language,), channel="web"))
        ours.feed(self.text)
        ours.end()
        assert ours.fault is None
        assert self.text.count("?") == 1 and len(EMOJI.findall(self.text)) <= (channel == "web")
        for never in ("Oops", "Ups", "Calm", "Cálm", "around", "unos $", "|", "##", "!["):
            assert not [state for state in self.states if never in state], never
        if channel == "sms":
            assert "**" not in self.text
        # A text message is judged as a whole: each try that was too long has been seen to grow.
        assert self.restarts <= (1 if channel == "web" else 2)


@pytest.fixture
async def agents(provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> AsyncIterator[Agents]:
    model = ModelSettings(name="teacher", litellm="openai/teacher", api_base=provider.base_url)
    ensemble = EnsembleSettings(house_tokens_per_second=10_000)
    settings = Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml", models=(model,), ensemble=ensemble)
    built = build_agents(settings, profile, KeptRows(), environment={})
    yield built
    await built.close()


async def ask(agents: Agents, text: str, channel: str = "web", language: str = "en", *, met: bool = True) -> Screen:
    """`met`: a text has told before who answers."""
    screen = Screen()
    said = (Utterance("customer", text, NOW, 1),)
    ids = (TurnId(new_id()), ConversationId(new_id()), SiteId(new_id()))
    memory = {"introduced": met}
    request = TurnRequest(*ids, channel, language, said, NOW, customer=CustomerId(new_id()), memory=memory)  # type: ignore[arg-type]
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


def told(provider: ScriptedProvider, number: int = -1) -> str:
    """What the model was told last in a call."""
    return [str(message["content"]) for message in provider.calls[number].messages if message["role"] == "system"][-1]


@pytest.mark.parametrize(("channel", "language"), CHANNELS)
class TestEverywhere:
    async def test_good_words_are_the_models(self, agents: Agents, provider: ScriptedProvider, channel: str, language: str) -> None:
        provider.plan("teacher", [Script(text=WELL[language], split=4)])
        screen = await ask(agents, ASKS[language], channel, language)
        screen.is_right(channel, language)
        assert (screen.model, screen.restarts, len(provider.calls)) == ("teacher", 0, 1)
        assert screen.text.strip() == (WELL[language] if channel == "web" else plain(WELL[language]))

    @pytest.mark.parametrize("how", STOPPED)
    async def test_bad_words_are_corrected(self, agents: Agents, provider: ScriptedProvider, channel: str, language: str, how: str) -> None:
        provider.plan("teacher", [Script(text=STOPPED[how][language], split=4), Script(text=WELL[language], split=4)])
        screen = await ask(agents, ASKS[language], channel, language)
        screen.is_right(channel, language)
        assert (screen.model, len(provider.calls), screen.restarts) == ("teacher", 2, 0)

    @pytest.mark.parametrize("how", STOPPED)
    async def test_said_twice_the_house_says_it(
        self, agents: Agents, provider: ScriptedProvider, channel: str, language: str, how: str
    ) -> None:
        provider.plan("teacher", [Script(text=STOPPED[how][language], split=4)] * 2)
        screen = await ask(agents, ASKS[language], channel, language)
        screen.is_right(channel, language)
        assert (screen.model, len(provider.calls)) == ("house", 2)
        assert screen.text.endswith(STEPS[language] if channel == "web" else STEPS[language].replace("í", "i"))

    @pytest.mark.parametrize("how", MENDED)
    async def test_what_can_be_mended_costs_nobody_a_second(
        self, agents: Agents, provider: ScriptedProvider, channel: str, language: str, how: str
    ) -> None:
        provider.plan("teacher", [Script(text=MENDED[how][language], split=4)])
        screen = await ask(agents, ASKS[language], channel, language)
        screen.is_right(channel, language)
        assert (screen.model, len(provider.calls), screen.restarts) == ("teacher", 1, 0)
        assert all(then.startswith(before) for before, then in zip(screen.states, screen.states[1:], strict=False))


class TestWhoAnswers:
    """A first text says it, whoever words the rest, and however often it begins again."""

    @pytest.mark.parametrize(
        "scripts", [[WELL["en"]], [LONG["en"] * 9, WELL["en"]], [LONG["en"] * 9] * 2], ids=["at once", "corrected", "by the house"]
    )
    async def test_is_told_once(self, agents: Agents, provider: ScriptedProvider, scripts: list[str]) -> None:
        provider.plan("teacher", [Script(text=text, split=4) for text in scripts])
        screen = await ask(agents, ASKS["en"], "sms", met=False)
        assert screen.text.startswith("Hi, this is My Hibachi's assistant. Reply PERSON any time for a person.\n")
        assert screen.text.count("assistant") == 1 and "$590" in screen.text

    async def test_is_the_models_own_in_a_chat(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [Script(text=WELL["en"], split=4)])
        assert "assistant" not in (await ask(agents, ASKS["en"], met=False)).text


class TestLength:
    @pytest.mark.parametrize("language", ["en", "es"])
    async def test_in_a_chat_it_ends_at_a_sentences_end_with_the_step(
        self, agents: Agents, provider: ScriptedProvider, language: str
    ) -> None:
        provider.plan("teacher", [Script(text=LONG[language] * 20, split=4)])
        screen = await ask(agents, ASKS[language], "web", language)
        screen.is_right("web", language)
        assert (screen.model, screen.restarts) == ("teacher", 0)
        assert screen.text == f"{(LONG[language] * 4).strip()}\n\n{STEPS[language]}"

    async def test_nothing_is_done_any_more_once_it_has_ended(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [calling(("menu_lookup", {}), text=LONG["en"] * 20)])
        screen = await ask(agents, ASKS["en"])
        assert screen.text.endswith(STEPS["en"]) and len(provider.calls) == 1

    @pytest.mark.parametrize("language", ["en", "es"])
    async def test_a_text_message_is_written_again(self, agents: Agents, provider: ScriptedProvider, language: str) -> None:
        provider.plan("teacher", [Script(text=LONG[language] * 9), Script(text=WELL[language])])
        screen = await ask(agents, ASKS[language], "sms", language)
        screen.is_right("sms", language)
        assert screen.model == "teacher" and segments(screen.text) <= 2
        assert "at most 306 characters" in told(provider, 1)

    @pytest.mark.parametrize("language", ["en", "es"])
    async def test_a_text_message_is_seen_to_grow(self, agents: Agents, provider: ScriptedProvider, language: str) -> None:
        provider.plan("teacher", [Script(text=WELL[language], split=7)])
        screen = await ask(agents, ASKS[language], "sms", language)
        screen.is_right("sms", language)
        assert (screen.model, screen.restarts) == ("teacher", 0) and len(screen.states) > 1
        assert screen.text.startswith(tuple(screen.states))

    async def test_and_where_the_whole_is_another_one_it_begins_again(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [Script(text="Son $590. ¿Qué día te gustaría? ¡Sí!", split=7)])
        screen = await ask(agents, ASKS["es"], "sms", "es")
        assert screen.restarts <= 1 and "¿Qué día" in screen.text and screen.text.count("590") == 1

    async def test_and_too_long_again_it_is_the_houses(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [Script(text=LONG["en"] * 12)] * 2)
        screen = await ask(agents, ASKS["en"], "sms")
        screen.is_right("sms", "en")
        assert screen.model == "house"

    @pytest.mark.parametrize(
        ("language", "question", "said"),
        [
            (
                "en",
                "What is the travel fee to 94539?",
                "Fremont is within the free miles by estimate, so travel is free. How many guests will you be?",
            ),
            (
                "es",
                "¿Cuánto cobran por viajar a 94539?",
                "Fremont está dentro de las millas sin costo, según estimación. ¿Cuántas personas serán?",
            ),
        ],
    )
    async def test_an_agent_that_says_little_fits_one(
        self, agents: Agents, provider: ScriptedProvider, language: str, question: str, said: str
    ) -> None:
        long = f"{said.partition('.')[0]}. " * 3
        provider.plan("teacher", [Script(text=long), Script(text=said)])
        screen = await ask(agents, question, "sms", language)
        assert segments(screen.text) == 1 and len(screen.text) <= 160
        assert screen.model == "teacher" and "at most 160 characters" in told(provider, 1)


class TestBadNews:
    async def test_is_told_without_cheers(self, agents: Agents, provider: ScriptedProvider) -> None:
        words = "We are so sorry to hear that! 🙏 A person of our team takes over! Please keep what is left of the food!"
        provider.plan("teacher", [Script(text=words, split=3)])
        screen = await ask(agents, "The food made us sick, I want my money back")
        assert "!" not in screen.text and not EMOJI.findall(screen.text) and screen.model == "teacher"
        assert screen.text.endswith("they take it from here.")


class TestFreeTalk:
    async def test_of_what_nobody_had_an_answer_to_nothing_is_added(self, agents: Agents, provider: ScriptedProvider) -> None:
        provider.plan("teacher", [Script(text="The moon is far away, and we cook down here.")])
        screen = await ask(agents, "tell me about the moon landing")
        assert screen.text.strip() == "The moon is far away, and we cook down here."

    async def test_another_provider_begins_with_a_clean_slate(self, provider: ScriptedProvider, profile: Profile, tmp_path: Path) -> None:
        models = tuple(ModelSettings(name=name, litellm=f"openai/{name}", api_base=provider.base_url) for name in ("one", "two"))
        settings = Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml", models=models)
        agents = build_agents(settings, profile, KeptRows(), environment={})
        provider.plan("one", [Script(text=f"🎉 {WELL['en']}", cut_at=9)])
        provider.plan("two", [Script(text=f"🔥 {WELL['en']}")])
        screen = await ask(agents, ASKS["en"])
        await agents.close()
        assert screen.text.strip() == f"🔥 {WELL['en']}" and (screen.restarts, screen.model) == (1, "two")
