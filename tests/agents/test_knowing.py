"""Turns that are answered from documents: what is said, cited, kept and recorded; and what happens where the corpus is slow or away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from agents.container import Agents, build_agents
from agents.evaluation.files import Conversation, ExpectedTurn
from agents.evaluation.product import Product, ProductTalk, seeded
from agents.passages import NOTE
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.settings import EnsembleSettings, ModelSettings, Settings
from kernel.settings.schema import KnowledgeSettings
from kernel.tables.ai import ChatMessage, UnansweredQuestion
from knowledge.corpus.embedder import build_embedder
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder
from tests.agents.building import NOW, KeptRows
from tests.knowledge.corpus import shelf
from tests.rig.provider import ScriptedProvider
from tests.rig.script import saying

PIECE = "What about the pergola? | The pergola keeps the sun off your guests. It is $55 for a roof."
TRUE = "The pergola keeps the sun off your guests."
ASKED = "What about the pergola?"


class Answering:
    """The product with one document about pergolas, with a model or without."""

    def __init__(self, agents: Agents, product: Product) -> None:
        self.agents = agents
        self.product = product

    def talk(self, language: str = "en") -> ProductTalk:
        turn = ExpectedTurn(say="...")
        conversation = Conversation(id="knowing", language=language, about="knowing", now=NOW, turns=(turn,))  # type: ignore[arg-type]
        return ProductTalk(self.product, self.product.visitor(NOW), conversation)


async def answering(database: Database, profile: Profile, data: Path, provider: ScriptedProvider | None = None) -> Answering:
    models = (ModelSettings(name="teacher", litellm="openai/teacher", api_base=provider.base_url),) if provider else ()
    settings = Settings(
        data=data, config_path=data / "hibachi.toml", models=models, ensemble=EnsembleSettings(house_tokens_per_second=10_000)
    )
    corpus = CorpusSearch(database, build_embedder(KnowledgeSettings(), {}, Encoder()), KnowledgeSettings())
    agents = build_agents(settings, profile, KeptRows(), database, environment={}, corpus=corpus)
    return Answering(agents, Product("knowing", agents, database, profile, await seeded(database, profile)))


@pytest.fixture
async def house(database: Database, profile: Profile, tmp_path: Path) -> AsyncIterator[Answering]:
    made = await answering(database, profile, tmp_path)
    await shelf.pieces(database, [PIECE], title="Garden")
    yield made
    await made.agents.close()


async def kept(database: Database) -> list[str]:
    async with database.transaction() as connection:
        return list(await connection.scalars(select(UnansweredQuestion.question)))


class TestTheHouse:
    async def test_quotes_what_is_true_and_cites_it(self, house: Answering, database: Database) -> None:
        answer = await house.talk().say(ASKED, ())
        assert TRUE in answer.text and "$55" not in answer.text
        assert answer.sources == ("Garden: What about the pergola?",) and answer.agents == {"conversational"}
        async with database.transaction() as connection:
            stored = (await connection.scalars(select(ChatMessage.sources).where(ChatMessage.author_kind == "ai"))).all()
        assert [source["title"] for source in stored[-1]] == ["Garden › What about the pergola?"]
        assert await kept(database) == []

    async def test_says_what_it_does_not_know_and_keeps_the_question(self, house: Answering, database: Database) -> None:
        answer = await house.talk().say("Is there a trampoline for us?", ())
        assert "don't know" in answer.text and "Talk to a person" in answer.text and answer.sources == ()
        assert await kept(database) == ["Is there a trampoline for us?"]

    async def test_answers_an_open_question_beside_a_price(self, house: Answering) -> None:
        answer = await house.talk().say(f"How much is it for 10 adults? {ASKED}", ())
        assert TRUE in answer.text and "$550" in answer.text
        assert answer.sources == ("Garden: What about the pergola?",)

    @pytest.mark.parametrize("said", ["hi there!", "thanks a lot", "ok", "I want a person", "10 adults on December 12"])
    async def test_searches_for_nothing_where_nothing_is_asked(self, house: Answering, database: Database, said: str) -> None:
        answer = await house.talk().say(said, ())
        assert answer.sources == () and await kept(database) == []

    async def test_answers_without_the_corpus_where_it_is_late(self, house: Answering, database: Database) -> None:
        house.agents._desk.orchestrator._knowing.within_s = 0.05
        async with database.transaction() as other:
            await other.execute(text("LOCK TABLE ai.document_chunk IN ACCESS EXCLUSIVE MODE"))
            answer = await house.talk().say(ASKED, ())
        assert "don't know" in answer.text and answer.sources == ()
        assert await kept(database) == [], "nobody knows whether nothing is written of it"

    async def test_answers_without_the_corpus_where_it_is_broken(self, house: Answering, database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(text("ALTER TABLE ai.document_chunk RENAME TO gone"))
        answer = await house.talk().say(ASKED, ())
        assert "don't know" in answer.text and answer.sources == ()


class TestAModel:
    async def test_is_shown_the_passage_and_its_marks_become_sources(
        self, provider: ScriptedProvider, database: Database, profile: Profile, tmp_path: Path
    ) -> None:
        made = await answering(database, profile, tmp_path, provider)
        (chunk,) = await shelf.pieces(database, [PIECE], title="Garden")
        provider.plan("teacher", [saying("It gives your guests shade [1]. Nice idea [4].")])
        answer = await made.talk().say(ASKED, ())
        assert answer.text.startswith("It gives your guests shade. Nice idea.")
        assert answer.sources == ("Garden: What about the pergola?",)
        notes = [str(one["content"]) for one in provider.calls[-1].messages if str(one["content"]).startswith(NOTE)]
        assert len(notes) == 1 and TRUE in notes[0] and "$55" not in notes[0]
        async with database.transaction() as connection:
            assert (await connection.scalar(text("SELECT count(*) FROM ai.unanswered_question"))) == 0
        await made.agents.close()
        assert chunk is not None

    async def test_that_found_nothing_leaves_the_question(
        self, provider: ScriptedProvider, database: Database, profile: Profile, tmp_path: Path
    ) -> None:
        made = await answering(database, profile, tmp_path, provider)
        provider.plan("teacher", [saying("I am not sure about that one, sorry. A person can tell you.")])
        answer = await made.talk().say("Is there a trampoline for us?", ())
        assert answer.sources == () and await kept(database) == ["Is there a trampoline for us?"]
        await made.agents.close()
