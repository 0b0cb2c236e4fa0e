"""A few days in which every story of a party is lived once, in seconds: every mail at its minute, every cent where it belongs."""

from datetime import timedelta
from pathlib import Path

from tests.simulation import audit, drill
from tests.simulation.install import Install
from tests.simulation.season import Plan, live

FEW_DAYS = Plan(days=3, parties=19, chats=6, near=(3, 5), far=(15, 18), look=timedelta(hours=6))


class TestAFewDays:
    async def test_every_mail_is_at_its_minute_and_every_cent_where_it_belongs(self, install: Install, tmp_path: Path) -> None:
        season = await live(install, FEW_DAYS)
        assert len(set(season.told.values())) == FEW_DAYS.parties
        faults = await audit.faults(season)
        assert not faults, "\n".join(faults)
        assert await drill.faults(season, tmp_path) == []
