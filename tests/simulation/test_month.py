"""A month: three hundred conversations, sixty parties, every story several times. The long form; writes docs/reports/month.md."""

import time as real
from pathlib import Path

import pytest

from tests.simulation import audit, drill, report
from tests.simulation.install import Install
from tests.simulation.season import Plan, live

MONTH = Plan(days=30, parties=60, chats=240)


@pytest.mark.slow
@pytest.mark.timeout(3600)
class TestAMonth:
    async def test_every_mail_is_at_its_minute_and_every_cent_where_it_belongs(self, install: Install, tmp_path: Path) -> None:
        began = real.perf_counter()
        season = await live(install, MONTH)
        faults = await audit.faults(season) + await drill.faults(season, tmp_path)
        found = await report.seen(season)
        report.REPORTS.joinpath("month.svg").write_text(report.drawn(found))
        report.REPORTS.joinpath("month.md").write_text(report.page(season, found, faults, real.perf_counter() - began, "month.svg"))
        assert not faults, "\n".join(faults)
