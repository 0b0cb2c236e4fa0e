"""A wave over the zones of the country in virtual time, with workers that are gone in the middle of it."""

import os
import time as real
from datetime import time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.campaigns import life, results
from kernel.tables.crm import Consent
from kernel.tables.marketing import CampaignRecipient
from kernel.tables.ops import TextMessage
from tests.campaigns.crowd import AREAS, crowd, numbers
from tests.campaigns.wave import Wave, at_its_pace, had, nobody_at_night, nobody_twice
from tests.figures import told

PEOPLE = int(os.environ.get("PROVE_RECIPIENTS", "28"))
SHORT = PEOPLE < 1000
PACE = 5 if SHORT else 600
WHERE = ("510", "602", "808", "931") if SHORT else AREAS


class TestWave:
    @pytest.mark.slow
    async def test_everybody_by_day_once_at_its_pace(self, wave: Wave) -> None:
        began = real.perf_counter()
        await crowd(wave.database, PEOPLE, WHERE)
        stopped, full = numbers(PEOPLE, WHERE)[3], numbers(PEOPLE, WHERE)[4]
        campaign = await wave.begin(hour=time(20, 59) if SHORT else time(20, 55), per_minute=PACE)
        await say_no(wave, stopped)
        await have_had(wave, full, 8)
        await wave.until_over(campaign, kills=0.2)
        texts = had(wave.rc)
        nobody_at_night(texts)
        nobody_twice(texts)
        assert {one.number for one in texts} == set(numbers(PEOPLE, WHERE)) - {stopped, full}
        written = await wave.rows(sa.select(CampaignRecipient.written_at).where(CampaignRecipient.written_at.is_not(None)))
        most = at_its_pace([row.written_at for row in written], PACE)
        async with wave.database.transaction() as connection:
            assert await results.skipped(connection, campaign) == {"MonthFull": 1, "Stopped": 1}
            tally = (await results.tallies(connection, [campaign]))[campaign]
        assert (tally.recipients, tally.sent, tally.skipped, tally.waiting) == (PEOPLE, PEOPLE - 2, 2, 0)
        assert wave.killed > 1
        told(f"{PEOPLE} recipients, {most} a minute at most, {wave.killed} workers gone, {real.perf_counter() - began:.1f} s")

    async def test_what_is_stopped_stops_within_a_look(self, wave: Wave) -> None:
        await crowd(wave.database, 40, areas=("510", "312"))
        campaign = await wave.begin(per_minute=60)
        for _ in range(3):
            await wave.look()
            await wave.time.forward(seconds=5)
        gone = len(wave.rc.sent)
        assert 5 < gone < 30
        await wave.campaigns.look()  # written, and not sent yet
        waiting = await wave.one(sa.select(sa.func.count()).where(TextMessage.state == "waiting"))
        assert waiting
        await wave.database.unit(lambda c: life.stop(c, campaign, uuid4()))
        for _ in range(5):
            await wave.look()
            await wave.time.forward(seconds=30)
        assert len(wave.rc.sent) == gone
        async with wave.database.transaction() as connection:
            assert (await results.skipped(connection, campaign)) == {"CampaignStopped": 40 - gone - waiting}

    async def test_what_is_paused_goes_on_where_it_was(self, wave: Wave) -> None:
        await crowd(wave.database, 20, areas=("510",))
        campaign = await wave.begin(per_minute=60)
        await wave.look()
        await wave.time.forward(seconds=5)
        await wave.campaigns.look()
        gone = len(wave.rc.sent)
        await wave.database.unit(lambda c: life.pause(c, campaign, uuid4()))
        for _ in range(3):
            await wave.look()
            await wave.time.forward(minutes=10)
        assert len(wave.rc.sent) == gone
        await wave.database.unit(lambda c: life.resume(c, campaign, uuid4(), wave.time.now()))
        await wave.until_over(campaign)
        nobody_twice(had(wave.rc))
        assert len(wave.rc.sent) == 20 and await wave.state(campaign) == "done"


async def say_no(wave: Wave, number: str) -> None:
    """The phone stops all texts after the recipients were fixed."""
    no = {"id": uuid4(), "channel": "sms", "purpose": "all", "granted": False, "address": number, "text": "STOP", "source": "keyword"}
    async with wave.database.transaction() as connection:
        await connection.execute(sa.insert(Consent).values(**no))


async def have_had(wave: Wave, number: str, count: int) -> None:
    """So many texts of marketing went there this month."""
    sent = wave.time.now() - timedelta(days=3)
    row = {
        "purpose": "marketing", "to_number": number, "text": "Hi", "locale": "en", "encoding": "gsm7", "segments": 1, "state": "sent",
        "sending_at": sent, "created_at": sent, "sent_at": sent,
    }  # fmt: skip
    async with wave.database.transaction() as connection:
        await connection.execute(sa.insert(TextMessage).values([{**row, "id": uuid4(), "key": str(uuid4())} for _ in range(count)]))
