"""Real workers, killed with -9 at awaits of sending one text: the provider has one copy, or none and the text is `unknown`."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest

from gateway.simulator.server import RingCentralServer
from kernel.errors import Unavailable
from tests.rig.fleet import Child, Fleet
from tests.rig.ringcentral import phone, settings_of
from tests.sms.texting import Texting

SOON = 30.0
pytestmark = pytest.mark.slow


@pytest.fixture
async def fleet(rc: RingCentralServer, database_url: str, redis_url: str) -> AsyncIterator[Fleet]:
    settings = {**settings_of(rc, HIBACHI_SMS__TIMEOUT_S="2"), "HIBACHI_PUBLIC_URL": "https://chat.hibachi.house"}
    async with Fleet(database_url, redis_url, settings=settings) as found:
        yield found


async def is_gone(worker: Child) -> bool:
    """Whether it died; False where it sent the text and lives."""
    began = time.monotonic()
    while worker.alive:
        if time.monotonic() - began > 6.0:
            return False
        await asyncio.sleep(0.05)
    return True


async def fates(texting: Texting, fleet: Fleet, places: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Copies and state for each await at which a worker was killed; ends where one lives through."""
    found: dict[int, tuple[int, str]] = {}
    for number, at in enumerate(places):
        to = phone(number)
        ana = await texting.texter(to)
        written = await texting.write(to, conversation=ana.conversation)
        worker = await fleet.worker(CRASH_AT=str(at), CRASH_IN="texts")
        died = await is_gone(worker)
        if died:
            other = await fleet.worker()
            began = time.monotonic()
            while await texting.state(written.id) in ("waiting", "sending") or (
                await texting.state(written.id) == "unknown" and (await texting.row(written.id)).error != "Absent"
            ):
                assert time.monotonic() - began < SOON, "it is lost"
                with suppress(Unavailable):  # the other one holds the row
                    await texting.time_passes(minutes=4)
                await asyncio.sleep(0.5)
            other.kill()
            found[at] = (len(texting.rc.sent_to(to)), await texting.state(written.id))
        worker.kill()
        if not died:
            break
    return found


@pytest.mark.timeout(900)
async def test_killed_at_awaits(texting: Texting, fleet: Fleet) -> None:
    found = await fates(texting, fleet, range(2, 100, 4))
    assert all(copies == (0 if state == "unknown" else 1) for copies, state in found.values()), found
    assert len(found) > 5 and await texting.alarms() > 0, found
