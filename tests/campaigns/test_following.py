"""What came of a campaign is known: who answered, booked or left belongs to one of them, and once."""

from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from business.campaigns import following, results
from business.reports import running as reports
from business.reports.catalogue import CATALOGUE
from business.reports.report import Asking
from kernel.tables.ops import InboundText
from tests.campaigns.crowd import crowd, numbers
from tests.campaigns.doing import CALIFORNIA, answer, book, leave, recipient, tallied
from tests.campaigns.wave import Wave


class TestFollowing:
    async def test_what_came_belongs_to_the_newest_campaign_of_the_week(self, wave: Wave) -> None:
        await crowd(wave.database, 3, areas=CALIFORNIA)
        one, other, third = numbers(3, CALIFORNIA)
        old = await wave.begin()
        await wave.until_over(old)
        await wave.time.forward(days=3)
        await answer(wave, third)
        new = await wave.begin()
        await wave.until_over(new)
        await wave.time.forward(hours=1)
        await answer(wave, one)
        await leave(wave, other, "staff")  # a colleague wrote it down: no word of theirs
        await self.follow(wave, wave.time.now() - timedelta(days=30))
        first, last = await recipient(wave, old, one), await recipient(wave, new, one)
        assert first.replied_at is None and last.replied_at is not None
        assert (await recipient(wave, old, third)).replied_at is not None and (await recipient(wave, new, third)).replied_at is None
        assert (await recipient(wave, new, other)).opted_out_at is None
        await wave.time.forward(days=8)
        await answer(wave, other)
        await self.follow(wave, wave.time.now() - timedelta(days=30))
        assert (await recipient(wave, new, other)).replied_at is None

    async def test_a_booking_belongs_to_the_campaign_of_the_month(self, wave: Wave) -> None:
        await crowd(wave.database, 3, areas=CALIFORNIA)
        one, other, third = numbers(3, CALIFORNIA)
        campaign = await wave.begin()
        await wave.until_over(campaign)
        await wave.time.forward(days=5)
        booking = await book(wave, (await recipient(wave, campaign, one)).customer_id)
        await book(wave, uuid4(), phone=other)  # somebody who gave that number
        for _ in range(2):
            await self.follow(wave, wave.time.now() - timedelta(days=30))
        assert (await recipient(wave, campaign, one)).booking_id == booking
        await wave.time.forward(days=28)
        await book(wave, (await recipient(wave, campaign, third)).customer_id)
        await self.follow(wave, wave.time.now() - timedelta(days=30))
        async with wave.database.transaction() as connection:
            tally = (await results.tallies(connection, [campaign]))[campaign]
            assert (tally.booked, tally.revenue_cents) == (2, 140_000)
            await connection.execute(sa.text("UPDATE ops.booking SET status = 'cancelled' WHERE id = :id"), {"id": booking})
            tally = (await results.tallies(connection, [campaign]))[campaign]
            assert (tally.booked, tally.revenue_cents) == (2, 70_000)
            unit, points = await results.series(connection, campaign, wave.time.now(), wave.time.now(), wave.means.profile.business.zone)
        assert unit == "hour" and sum(point.counts.get("sent", 0) for point in points) == 3
        assert sum(point.counts.get("booked", 0) for point in points) == 2

    async def test_an_answer_that_could_not_be_fetched_at_first(self, wave: Wave) -> None:
        """Announced while the provider could not be asked, and taken long after the look of that moment."""
        await crowd(wave.database, 1, areas=CALIFORNIA)
        campaign, (number,) = await wave.begin(), numbers(1, CALIFORNIA)
        await wave.until_over(campaign)
        await answer(wave, number)
        announced = wave.time.now()
        async with wave.database.transaction() as connection:
            await connection.execute(sa.update(InboundText).values(taken_at=announced + timedelta(minutes=40)))
        await wave.time.forward(minutes=41)
        await self.follow(wave, wave.time.now() - timedelta(minutes=10))
        replied = (await recipient(wave, campaign, number)).replied_at
        assert replied is not None and replied - announced < timedelta(minutes=1)

    async def test_a_booking_is_one_recipient_s(self, wave: Wave) -> None:
        """Whoever booked gave the number of one recipient, and turns out to be another, who was written to later."""
        await crowd(wave.database, 2, areas=CALIFORNIA)
        one, other = numbers(2, CALIFORNIA)
        campaign, stranger = await wave.begin(), uuid4()
        await wave.until_over(campaign)
        await wave.time.forward(hours=1)
        await book(wave, stranger, phone=one)
        await self.follow(wave, wave.time.now() - timedelta(hours=1))
        theirs = (await recipient(wave, campaign, other)).customer_id
        async with wave.database.transaction() as connection:
            await connection.execute(sa.text("UPDATE ops.booking SET customer_id = :id"), {"id": theirs})
        await self.follow(wave, wave.time.now() - timedelta(days=30))
        tally = await tallied(wave, campaign)
        assert (tally.booked, tally.revenue_cents) == (1, 70_000)

    async def test_a_colleague_asks_what_came_of_campaigns(self, wave: Wave) -> None:
        await crowd(wave.database, 3, areas=CALIFORNIA)
        campaign = await wave.begin()
        await wave.until_over(campaign)
        await book(wave, (await recipient(wave, campaign, numbers(1, CALIFORNIA)[0])).customer_id)
        await self.follow(wave, wave.time.now() - timedelta(days=1))
        report, now = CATALOGUE["campaign_results"], wave.time.now()
        chief, agent = (Asking(wave.means.profile, now, chief) for chief in (True, False))
        whole = await reports.run(wave.database, report, report.parameters(), chief)
        (row,) = whole.rows
        assert row[0] == "Wave" and row[3:9] == (3, 3, 0, 0, 0, 1) and row[10] == 70_000
        assert len((await reports.run(wave.database, report, report.parameters(), agent)).rows[0]) == 9

    async def follow(self, wave: Wave, since: datetime) -> None:
        await wave.database.unit(lambda c: following.follow(c, since))
