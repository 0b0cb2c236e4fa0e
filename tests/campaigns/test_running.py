"""What a running campaign does of itself: reminds, pauses, knows who answered, booked or left, and doubles nothing."""

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.campaigns import following, life, results, running
from business.campaigns.running import too_many_opt_outs
from business.reports import running as reports
from business.reports.catalogue import CATALOGUE
from business.reports.report import Asking
from kernel.tables.core import Audit, Customer
from kernel.tables.crm import Consent
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import InboundText, Notification, TextMessage
from tests.campaigns.crowd import crowd, numbers, party
from tests.campaigns.test_wave import say_no
from tests.campaigns.wave import TEXTS, Wave, had, nobody_twice

CALIFORNIA = ("510",)
REMINDER = {"en": "Hi {{first_name}}, {{business}} once more. Reply STOP to opt out"}


async def answer(wave: Wave, number: str, outcome: str = "said") -> None:
    row = {"id": uuid4(), "provider": "ringcentral", "provider_id": str(uuid4()), "from_number": number, "to_number": wave.rc.number}
    async with wave.database.transaction() as connection:
        await connection.execute(sa.insert(InboundText).values(**row, text="Yes!", state="taken", outcome=outcome))


async def leave(wave: Wave, number: str, source: str = "keyword") -> None:
    no = {"id": uuid4(), "channel": "sms", "purpose": "marketing", "granted": False, "address": number, "text": "no", "source": source}
    async with wave.database.transaction() as connection:
        await connection.execute(sa.insert(Consent).values(**no))


async def book(wave: Wave, customer: UUID, **more: Any) -> UUID:
    """A party three weeks ahead, made and confirmed now."""
    async with wave.database.transaction() as connection:
        return await party(connection, customer, wave.time.now() + timedelta(days=21), **more)


async def recipient(wave: Wave, campaign: UUID, number: str) -> Any:
    here = (CampaignRecipient.campaign_id == campaign, CampaignRecipient.number == number)
    return (await wave.rows(sa.select(CampaignRecipient).where(*here)))[0]


class TestReminder:
    async def test_once_to_those_who_did_nothing(self, wave: Wave) -> None:
        await crowd(wave.database, 5, areas=CALIFORNIA)
        quiet, answered, left, booked, stopped = numbers(5, CALIFORNIA)
        campaign = await wave.begin(reminder=REMINDER, reminder_after_hours=4)
        for _ in range(3):
            await wave.look()
            await wave.time.forward(seconds=5)
        assert len(wave.rc.sent) == 5 and await wave.state(campaign) == "running"
        await answer(wave, answered)
        await leave(wave, left, "free_text")
        await book(wave, (await recipient(wave, campaign, booked)).customer_id)
        await say_no(wave, stopped)
        await wave.time.forward(hours=3, minutes=59)
        await wave.look()
        assert len(wave.rc.sent) == 5
        await wave.time.forward(minutes=2)
        await wave.until_over(campaign)
        assert [one.number for one in had(wave.rc)[5:]] == [quiet]
        assert "once more" in wave.rc.sent_to(quiet)[1] and await wave.state(campaign) == "done"
        async with wave.database.transaction() as connection:
            tally = (await results.tallies(connection, [campaign]))[campaign]
        assert (tally.sent, tally.replied, tally.opted_out, tally.booked, tally.reminded) == (5, 1, 2, 1, 1)
        assert tally.revenue_cents == 70_000 and tally.segments == 6 and tally.cost_microdollars == 6 * 8_500

    async def test_not_at_night(self, wave: Wave) -> None:
        await crowd(wave.database, 1, areas=CALIFORNIA)
        campaign = await wave.begin(hour=time(19), reminder=REMINDER, reminder_after_hours=3)
        await wave.until_over(campaign)
        first, again = had(wave.rc)
        assert (again.at - first.at) == timedelta(hours=12)  # from 19:00 to 8:00, the night that lacks an hour


class TestPausesByItself:
    def test_more_than_one_in_a_hundred_and_at_least_three(self) -> None:
        assert [too_many_opt_outs(*one) for one in ((2, 3), (3, 3), (3, 299), (3, 300), (4, 300), (10, 1000), (11, 1000), (0, 0))] == [
            False, True, True, False, True, False, True, False,
        ]  # fmt: skip

    async def test_where_too_many_leave_and_goes_on_after_a_person_looked(self, wave: Wave) -> None:
        await crowd(wave.database, 12, areas=CALIFORNIA)
        campaign = await wave.begin(per_minute=60)
        await wave.look()
        await wave.time.forward(seconds=5)
        await wave.look()
        gone = [one.number for one in had(wave.rc)]
        assert 3 < len(gone) < 9
        for number in gone[:3]:
            await leave(wave, number)
        await wave.time.forward(seconds=5)
        await wave.look()
        paused = (await wave.rows(sa.select(Campaign).where(Campaign.id == campaign)))[0]
        assert (paused.state, paused.pause_reason, len(wave.rc.sent)) == ("paused", "opt_outs", len(gone))
        assert await wave.one(sa.select(Notification.kind)) == "campaign_paused"
        assert "campaign.paused" in [row[0] for row in await wave.rows(sa.select(Audit.action).where(Audit.actor_kind == "system"))]
        await wave.database.unit(lambda c: life.resume(c, campaign, uuid4(), wave.time.now()))
        await wave.until_over(campaign)
        assert len(wave.rc.sent) == 12 and await wave.state(campaign) == "done"

    async def test_where_the_provider_takes_nothing(self, wave: Wave) -> None:
        await crowd(wave.database, 30, areas=CALIFORNIA)
        campaign = await wave.begin(per_minute=150)
        for _ in range(2):
            await wave.campaigns.look()
            await wave.time.forward(seconds=5)
        async with wave.database.transaction() as connection:
            failed = await connection.execute(sa.update(TextMessage).values(state="failed", error="x"))
        await wave.campaigns.look()
        assert 10 <= failed.rowcount < 20
        assert await wave.one(sa.select(Campaign.pause_reason).where(Campaign.id == campaign)) == "provider"


class TestPace:
    async def test_what_a_look_cannot_do_in_one_batch_it_does_in_several(self, wave: Wave) -> None:
        """Of twelve hundred a minute a hundred are a look's."""
        wave.means = replace(wave.means, sms=wave.sms.model_copy(update={"per_minute": 10_000}))
        await crowd(wave.database, 100, areas=CALIFORNIA)
        await wave.begin(per_minute=1200)
        for _ in range(2):
            await wave.campaigns.look()
            await wave.time.forward(seconds=5)
        assert 80 < await wave.one(sa.select(sa.func.count()).select_from(TextMessage)) <= 100


class TestDoublesNothing:
    async def test_workers_that_look_at_once(self, wave: Wave) -> None:
        await crowd(wave.database, 30, areas=CALIFORNIA)
        campaign = await wave.begin()
        for _ in range(4):
            now = wave.time.now()
            ticks = [wave.database.unit(lambda c: running.tick(c, wave.means, campaign, 1, now)) for _ in range(4)]  # noqa: B023
            await asyncio.gather(*ticks)
            await wave.time.forward(seconds=5)
        await wave.until_over(campaign)
        nobody_twice(had(wave.rc))
        assert len(wave.rc.sent) == 30

    async def test_customers_who_share_a_number_and_those_who_are_one(self, wave: Wave) -> None:
        await crowd(wave.database, 4, areas=CALIFORNIA)
        async with wave.database.transaction() as connection:
            ids = list(await connection.scalars(sa.select(Customer.id).order_by(Customer.id)))
            phone = {"kind": "phone", "value": numbers(4, CALIFORNIA)[0], "verified": False, "scope": "claimed"}
            await connection.execute(sa.text("DELETE FROM core.identity WHERE customer_id = :id"), {"id": ids[1]})
            await connection.execute(
                sa.text(
                    "INSERT INTO core.identity (id, customer_id, kind, scope, value, verified)"
                    " VALUES (:id, :customer, :kind, :scope, :value, :verified)"
                ),
                {"id": uuid4(), "customer": ids[1], **phone},
            )
            await connection.execute(sa.update(Customer).where(Customer.id == ids[3]).values(merged_into=ids[2]))
        campaign = await wave.begin()
        people = await wave.rows(sa.select(CampaignRecipient).where(CampaignRecipient.campaign_id == campaign))
        assert {(one.number, one.customer_id) for one in people} == {
            (numbers(4, CALIFORNIA)[0], ids[0]),
            (numbers(4, CALIFORNIA)[2], ids[2]),
        }


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


class TestStart:
    async def test_by_the_stricter_of_number_and_address(self, wave: Wave) -> None:
        """A number of New York whose owner books in San Jose is written to when it is nine in both."""
        await crowd(wave.database, 1, areas=("212",))
        customer = await wave.one(sa.select(Customer.id))
        await book(wave, customer, status="completed")
        campaign = await wave.begin(hour=time(9))
        at = await wave.one(sa.select(CampaignRecipient.due_at).where(CampaignRecipient.campaign_id == campaign))
        assert at == wave.time.now()  # ten in California, one in the afternoon in New York
        await wave.time.forward(hours=16)  # three in the morning, California's new time
        await wave.database.unit(lambda c: life.stop(c, campaign, uuid4()))
        again = await wave.begin(hour=time(9), texts=TEXTS)
        row = (await wave.rows(sa.select(CampaignRecipient).where(CampaignRecipient.campaign_id == again)))[0]
        assert row.zone == "America/Los_Angeles" and row.due_at.hour == 16  # nine there, by summer time
