"""Real workers, killed with -9 at an await of sending one mail: the server has one copy or none, and what nobody knows is `unknown`."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest
import sqlalchemy as sa

from kernel.tables.ops import Notification
from tests.emails.office import SENDER, Office
from tests.rig.fleet import Child, Fleet

SOON = 30.0
AFTER = 20  # an await after `sending` is committed


@pytest.fixture
async def fleet(office: Office, database_url: str, redis_url: str) -> AsyncIterator[Fleet]:
    email = {"HOST": "127.0.0.1", "PORT": str(office.smtp.port), "TLS": "none", "SENDER": SENDER, "TIMEOUT_S": "1"}
    settings = {f"HIBACHI_EMAIL__{name}": value for name, value in email.items()}
    async with Fleet(database_url, redis_url, settings={**settings, "HIBACHI_PUBLIC_URL": "https://chat.hibachi.house"}) as found:
        yield found


async def is_gone(worker: Child) -> bool:
    """Whether it died; False where it sent the mail and lives."""
    began = time.monotonic()
    while worker.alive:
        if time.monotonic() - began > 4.0:
            return False
        await asyncio.sleep(0.05)
    return True


async def fates(office: Office, fleet: Fleet, places: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Copies and state for each await at which a worker was killed; ends where one lives through."""
    found: dict[int, tuple[int, str]] = {}
    for at in places:
        email = await office.write()
        worker = await fleet.worker(CRASH_AT=str(at), CRASH_IN="emails")
        died = await is_gone(worker)
        if died:
            await office.time_passes()
            other = await fleet.worker()
            began = time.monotonic()
            while await office.state(email) in ("waiting", "sending"):
                assert time.monotonic() - began < SOON, "it is lost"
                await asyncio.sleep(0.05)
            other.kill()
            found[at] = (office.smtp.copies()[f"<{email}@chat.hibachi.house>"], await office.state(email))
        worker.kill()
        if not died:
            break
    return found


async def alarms(office: Office) -> int:
    async with office.database.transaction() as connection:
        count = sa.select(sa.func.count()).select_from(Notification).where(Notification.kind == "email_unknown")
        return int(await connection.scalar(count) or 0)


class TestKilled:
    async def test_while_the_server_gets_the_text(self, office: Office, fleet: Fleet) -> None:
        """The other awaits: test_sending.py, which stops workers in its own process."""
        ((copies, state),) = (await fates(office, fleet, (AFTER,))).values()
        assert (copies <= 1, state, await alarms(office)) == (True, "unknown", 1)

    @pytest.mark.slow
    @pytest.mark.timeout(900)
    async def test_at_every_await(self, office: Office, fleet: Fleet) -> None:
        found = await fates(office, fleet, range(1, 100))
        unknown = sum(state == "unknown" for _, state in found.values())
        assert all(copies <= 1 and (copies == 1 or state == "unknown") for copies, state in found.values()), found
        assert len(found) > 15 and await alarms(office) == unknown > 0, found
