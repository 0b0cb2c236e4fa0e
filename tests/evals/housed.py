"""The house model over a set of conversations, and what must be true of its scores whichever set it is."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.container import build_agents
from agents.evaluation.corpus import stocked
from agents.evaluation.files import Conversation
from agents.evaluation.floor import Floor
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


async def housed(url: str, folder: Path, conversations: Mapping[str, Conversation]) -> Report:
    """One run over all of them, on a database of its own; `folder`: where an install would keep its data."""
    database = Database(url, application="test", pool_size=4)
    usage = DatabaseUsageSink(database)
    profile = load_profile()
    site = await seeded(database, profile)
    settings = await asyncio.to_thread(load_settings, {"HIBACHI_DATA": str(folder)})
    encoder = Encoder()
    corpus, shelf = await stocked(database, profile, settings, encoder)
    agents = build_agents(answering(settings, HOUSE), profile, usage, database, links=LINKS, encoder=encoder, corpus=corpus)
    await agents.warm()
    try:
        return await evaluate(Product(HOUSE, agents, database, profile, site, shelf), conversations, profile)
    finally:
        await agents.close()
        await usage.close()
        await database.close()


class Housed:
    """Tests of a module that has the fixtures `report` and `floor`.

    `room`: so much may a score stand above its floor, as a share: what is more is to be kept, by raising the floor. `cites`: the set
    says which pieces of documents an answer is to come from. `prices`: whether it asks for a price.
    """

    room = 0.03
    cites = False
    prices = True

    def test_breaks_down_nowhere(self, report: Report) -> None:
        assert {result.name: result.error for result in report.results if result.error is not None} == {}

    def test_is_not_below_the_floor(self, report: Report, floor: Floor) -> None:
        assert floor.below(report.scores()) == {}, "\n".join(lines(report, floor))

    @pytest.mark.parametrize("kind", KINDS)
    def test_its_floor_has_risen_with_it(self, report: Report, floor: Floor, kind: Kind) -> None:
        score = report.scores()[kind]
        assert (score.share is None) == ((kind == "sources" and not self.cites) or (kind == "prices" and not self.prices))
        if score.share is None:
            return
        assert score.share - floor.of(kind) < self.room, f"raise {kind} in the set's floor: {score} is reached"
