"""A few days in which a dozen stories of parties are lived, in seconds: every mail at its minute, every cent where it belongs."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulation import audit, drill
from tests.simulation.install import Install
from tests.simulation.season import Plan, live

STORIES = (
    "pays by card",
    "pays by Venmo",
    "never agrees",
    "never pays",
    "pays late, slot free",
    "pays late, slot gone",
    "moves twice",
    "weather",
    "cancels in time",
    "cancels late",
    "nobody there",
    "complains",
)
FEW_DAYS = Plan(days=3, parties=len(STORIES), chats=4, near=(3, 5), far=(17, 19), look=timedelta(hours=24), stories=STORIES)


@pytest.mark.timeout(400)  # fifteen seconds of work, on a machine that others may use
class TestAFewDays:
    async def test_every_mail_is_at_its_minute_and_every_cent_where_it_belongs(self, install: Install, tmp_path: Path) -> None:
        season = await live(install, FEW_DAYS)
        assert len(set(season.told.values())) == FEW_DAYS.parties
        faults = await audit.faults(season)
        assert not faults, "\n".join(faults)
        assert await drill.faults(season, tmp_path) == []
