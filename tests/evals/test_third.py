"""Conversations whose answers stand in documents, and in some that lie, on the house model: they cover, and what was reached is kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.container import build_agents
from agents.evaluation.corpus import stocked
from agents.evaluation.files import Conversation, load_set
from agents.evaluation.floor import Floor, load_floor
from agents.evaluation.product import LINKS, Product, answering, seeded
from agents.evaluation.results import Report
from agents.evaluation.run import evaluate
from agents.evaluation.scoring import KINDS, Kind
from agents.evaluation.table import lines
from business.profile.loader import load_profile
from kernel.database import Database
from kernel.metering import DatabaseUsageSink
from kernel.settings import HOUSE, load_settings
from knowledge.embedding.encoder import Encoder
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer

HERE = Path(__file__).parent
# Fewer checks than in `test_house`: one of them weighs more.
ROOM = 0.05


@pytest.fixture(scope="module")
def conversations() -> dict[str, Conversation]:
    return load_set(HERE / "third")


@pytest.fixture(scope="module")
def floor() -> Floor:
    return load_floor(HERE / "third-floor.toml")


@pytest.fixture(scope="module")
def third_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def report(third_url: str, conversations: dict[str, Conversation], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Report]:
    database = Database(third_url, application="test", pool_size=4)
    usage = DatabaseUsageSink(database)
    profile = load_profile()
    site = await seeded(database, profile)
    settings = await asyncio.to_thread(load_settings, {"HIBACHI_DATA": str(tmp_path_factory.mktemp("third"))})
    encoder = Encoder()
    corpus, shelf = await stocked(database, profile, settings, encoder)
    agents = build_agents(answering(settings, HOUSE), profile, usage, database, links=LINKS, encoder=encoder, corpus=corpus)
    await agents.warm()
    try:
        yield await evaluate(Product(HOUSE, agents, database, profile, site, shelf), conversations, profile)
    finally:
        await agents.close()
        await usage.close()
        await database.close()


class TestTheThirdSet:
    def test_asks_of_documents_in_both_languages_and_of_what_nobody_wrote(self, conversations: dict[str, Conversation]) -> None:
        languages = Counter(conversation.language for conversation in conversations.values())
        turns = [turn for conversation in conversations.values() for turn in conversation.turns]
        assert len(conversations) >= 40 and languages["es"] >= 12
        assert sum(isinstance(turn.sources, tuple) for turn in turns) >= 30
        assert sum(turn.sources == "none" for turn in turns) >= 8

    def test_every_document_that_lies_has_what_must_not_be_said(self, conversations: dict[str, Conversation]) -> None:
        lying = [conversation for conversation in conversations.values() if conversation.documents]
        assert len(lying) >= 8
        assert all(turn.must_not for conversation in lying for turn in conversation.turns)

    def test_pieces_that_are_expected_stand_in_the_documents(self, conversations: dict[str, Conversation]) -> None:
        for conversation in conversations.values():
            for turn in conversation.turns:
                for piece in turn.sources if isinstance(turn.sources, tuple) else ():
                    document, _, heading = piece.partition(": ")
                    file = HERE.parents[1] / "business" / "profile" / "my-hibachi" / conversation.language / f"{document}.md"
                    assert f"## {heading}\n" in file.read_text("utf-8"), f"{conversation.id}: {piece}"


class TestTheHouse:
    def test_breaks_down_nowhere(self, report: Report) -> None:
        assert {result.name: result.error for result in report.results if result.error is not None} == {}

    def test_is_not_below_the_floor(self, report: Report, floor: Floor) -> None:
        assert floor.below(report.scores()) == {}, "\n".join(lines(report, floor))

    @pytest.mark.parametrize("kind", KINDS)
    def test_its_floor_has_risen_with_it(self, report: Report, floor: Floor, kind: Kind) -> None:
        share = report.scores()[kind].share
        assert share is not None
        assert share - floor.of(kind) < ROOM, f"raise {kind} in third-floor.toml: {share:.3f} is reached"
