"""The season put away and brought back: a backup, another database, the same sums."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from business.payments import ledger
from gateway.cli.restoring import Target, new_database, put_back
from kernel.backup.archive import reading
from kernel.backup.taking import take
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables import metadata
from tests.simulation.season import Season


async def faults(season: Season, folder: Path) -> list[str]:
    """What of the season is another one once it was restored."""
    url = season.install.world.time.url
    path = folder / "season.backup"
    (folder / "uploads").mkdir(exist_ok=True)
    await take(url, path, folder / "uploads", utc_now(), passphrase="charcoal and garlic", say=_say)
    with reading(path, "charcoal and garlic") as found:
        async with new_database(url, f"drill_{uuid4().hex[:8]}", keep=False) as scratch:
            await put_back(found, Target(scratch, None), _say, exactly=True)
            here, there = await _sums(season, url), await _sums(season, scratch)
    return [f"{name}: {value} came back as {there.get(name)}" for name, value in here.items() if there.get(name) != value]


async def _sums(season: Season, url: str) -> dict[str, Any]:
    """Rows of every table, what every account holds, every guest's statement."""
    database = Database(url, application="drill")
    try:
        async with database.transaction() as connection:
            found: dict[str, Any] = {
                str(table): await connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in metadata.sorted_tables
            }
            found["accounts"] = (await ledger.trial_balance(connection)).accounts
            found |= {guest.name: await ledger.statement(connection, guest.id) for guest in season.guests}
        return found
    finally:
        await database.close()


def _say(_line: str) -> None:
    """Nobody reads along."""
