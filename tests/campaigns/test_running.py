"""What a running campaign does of itself: reminds, pauses, goes on beside others, and doubles nothing."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from structlog.testing import capture_logs

from business.campaigns import life, results, running
from business.campaigns.running import too_many_opt_outs
from business.customers.merging import merge
from kernel.jobs import CampaignPaused
from kernel.tables.core import Audit, Customer
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import Outbox, TextMessage
from tests.campaigns.crowd import crowd, numbers
from tests.campaigns.doing import CALIFORNIA, answer, book, chat, leave, recipient, tallied
from tests.campaigns.test_wave import say_no
from tests.campaigns.wave import TEXTS, Wave, had, nobody_twice

REMINDER = {"en": "Hi {{first_name}}, {{business}} once more. Reply STOP to opt out"}


class TestReminder:
    async def test_once_to_those_who_did_nothing(self, wave: Wave) -> None:
        await crowd(wave.database, 6, areas=CALIFORNIA)
        quiet, answered, left, booked, stopped, chatted = numbers(6, CALIFORNIA)
        campaign = await wave.begin(reminder=REMINDER, reminder_after_hours=4)
        for _ in range(3):
            await wave.look()
            await wave.time.forward(seconds=5)
        assert len(wave.rc.sent) == 6 and await wave.state(campaign) == "running"
        await answer(wave, answered)
        await leave(wave, left, "free_text")
        await book(wave, (await recipient(wave, campaign, booked)).customer_id)
        await say_no(wave, stopped)
        await chat(wave, (await recipient(wave, campaign, chatted)).customer_id)
        await wave.time.forward(hours=3, minutes=59)
        await wave.look()
        assert len(wave.rc.sent) == 6
        await wave.time.forward(minutes=2)
        await wave.until_over(campaign)
        assert [one.number for one in had(wave.rc)[6:]] == [quiet]
        assert "once more" in wave.rc.sent_to(quiet)[1] and await wave.state(campaign) == "done"
        tally = await tallied(wave, campaign)
        assert (tally.sent, tally.replied, tally.opted_out, tally.booked, tally.reminded) == (6, 1, 2, 1, 1)
        assert tally.revenue_cents == 70_000 and tally.segments == 7 and tally.cost_microdollars == 7 * 8_500
        await self.adds_up(wave, campaign, stopped)

    async def adds_up(self, wave: Wave, campaign: UUID, number: str) -> None:
        """The series comes to what the tally says, though a text that went has failed since, and one was never taken."""
        names = ("sent", "delivered", "failed", "replied", "booked", "opted_out")
        for state in ("sent", "failed", "cancelled"):
            async with wave.database.transaction() as connection:
                await connection.execute(sa.update(TextMessage).where(TextMessage.to_number == number).values(state=state))
            async with wave.database.transaction() as connection:
                _, points = await results.series(connection, campaign, wave.time.now(), wave.time.now(), wave.means.profile.business.zone)
            tally = await tallied(wave, campaign)
            assert [sum(one.counts.get(name, 0) for one in points) for name in names] == [getattr(tally, name) for name in names], state
            assert tally.recipients == tally.planned + tally.skipped + tally.waiting + tally.sent + tally.failed
            assert tally.cost_microdollars == tally.segments * 8_500

    async def test_not_before_the_first_text_left_so_long_ago(self, wave: Wave) -> None:
        await crowd(wave.database, 1, areas=CALIFORNIA)
        campaign = await wave.begin(reminder=REMINDER, reminder_after_hours=4)
        await wave.campaigns.look()  # written, and nobody sends
        await wave.time.forward(hours=4, minutes=1)
        await wave.campaigns.look()
        await wave.until_over(campaign)
        first, again = had(wave.rc)
        assert again.at - first.at >= timedelta(hours=4)

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
        (told,) = await wave.rows(sa.select(Outbox.payload).where(Outbox.kind == CampaignPaused.kind))
        assert told.payload == {"campaign": str(campaign), "rev": paused.rev, "why": "opt_outs"}
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

    async def test_a_person_of_two_numbers_who_turned_out_to_be_one(self, wave: Wave) -> None:
        """Planned as two customers, merged before either had it: in one batch, and in one after the other."""
        await crowd(wave.database, 3, areas=CALIFORNIA)
        first, second, _ = numbers(3, CALIFORNIA)
        together, apart = await wave.begin(), await wave.begin(per_minute=12)
        one, other = [(await recipient(wave, together, number)).customer_id for number in (first, second)]
        async with wave.database.transaction() as connection:
            await merge(connection, one, other, "staff")
        for campaign in (together, apart):
            await wave.until_over(campaign)
            async with wave.database.transaction() as connection:
                assert await results.skipped(connection, campaign) == {"SamePerson": 1}
            assert (await tallied(wave, campaign)).sent == 2


class TestGoesOn:
    async def test_beside_one_that_cannot(self, wave: Wave) -> None:
        """What is wrong with a campaign is its own: others go, and a text that nothing fills any more is told of its recipients."""
        await crowd(wave.database, 2, areas=CALIFORNIA)
        broken, unfilled, sound = await wave.begin(), await wave.begin(), await wave.begin()
        async with wave.database.transaction() as connection:
            for campaign, texts in ((broken, []), (unfilled, {"en": "{{season}} is near. {{business}}. STOP"})):
                await connection.execute(sa.update(Campaign).where(Campaign.id == campaign).values(texts=texts))
        with capture_logs() as told:
            for _ in range(2):
                await wave.campaigns.look()
                await wave.time.forward(seconds=5)
        assert [one["campaign"] for one in told if one["log_level"] == "error"] == [str(broken)] * 2
        assert await wave.state(broken) == "running" and await wave.state(unfilled) == await wave.state(sound) == "done"
        async with wave.database.transaction() as connection:
            assert await results.skipped(connection, unfilled) == {"NoText": 2}

    async def test_with_nobody_s_text_longer_than_it_was_approved(self, wave: Wave) -> None:
        """A name in other letters would make three segments of one."""
        await crowd(wave.database, 3, areas=CALIFORNIA)
        async with wave.database.transaction() as connection:
            for place, name in enumerate(("Łukasz", "Maximiliano-Salvador", "Ana"), start=1):
                named = sa.update(Customer).where(Customer.id == UUID(f"00000000-0000-7000-8000-{place:012x}"))
                await connection.execute(named.values(name=name, locale="en"))
        campaign = await wave.begin(texts={"en": "Hi {{first_name}}, {{business}} here. " + "x" * 100 + " Reply STOP"})
        await wave.until_over(campaign)
        texts = [wave.rc.sent_to(number)[0].partition(" here")[0] for number in numbers(3, CALIFORNIA)]
        assert texts == ["Hi, My Hibachi", "Hi Maximiliano-Salvador, My Hibachi", "Hi Ana, My Hibachi"]
        assert (await tallied(wave, campaign)).segments == 3


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

    async def test_from_its_hour_on_though_today_s_is_over(self, wave: Wave) -> None:
        """Started at half past nine in the evening, a campaign from ten on does not begin at eight; one that names no hour does."""
        await crowd(wave.database, 1, areas=CALIFORNIA)
        await wave.time.forward(hours=11, minutes=30)
        for hour, begins in ((time(10), 17), (None, 15), (time(21), 15)):
            campaign = await wave.begin(hour=hour)
            at = await wave.one(sa.select(CampaignRecipient.due_at).where(CampaignRecipient.campaign_id == campaign))
            assert (at.day, at.hour) == (14, begins), hour  # summer time has begun
