"""What complaints have in common: counted by the business's own weeks, and per chef of the party before it."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from business.complaints import patterns
from business.complaints.patterns import Patterns, Share
from business.conversations import staffing
from business.handoffs import ownership
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Booking, Complaint
from tests.bookings.conftest import far, request
from tests.complaints.conftest import PROFILE, Desk

HERE = PROFILE.business.zone
NOW = datetime(2026, 11, 25, 12, tzinfo=HERE)  # a Wednesday
MONDAY = date(2026, 11, 23)


async def over(desk: Desk, weeks: int = 4) -> Patterns:
    async with desk.database.transaction() as connection:
        return await patterns.over(connection, PROFILE, weeks, NOW)


async def at(desk: Desk, complaint: UUID, moment: datetime, **columns: Any) -> None:
    async with desk.database.transaction() as connection:
        await connection.execute(sa.update(Complaint).where(Complaint.id == complaint).values(created_at=moment, **columns))


class TestWeeks:
    async def test_begin_on_monday_by_the_business_clock(self, desk: Desk) -> None:
        moments = [
            (datetime(2026, 11, 22, 23, 59, tzinfo=HERE), "minor"),  # Sunday night, Monday in UTC
            (datetime(2026, 11, 23, 0, 0, tzinfo=HERE), "moderate"),
            (datetime(2026, 11, 1, 12, tzinfo=HERE), "minor"),  # the Sunday before the first week
        ]
        for moment, severity in moments:
            await at(desk, (await desk.complain(await desk.customer(), severity, "Something")).id, moment)
        found = await over(desk)
        assert [week.monday for week in found.weeks] == [MONDAY - timedelta(weeks=n) for n in (3, 2, 1, 0)]
        assert [(week.minor, week.moderate, week.severe) for week in found.weeks] == [(0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0)]

    async def test_over_the_night_that_has_an_hour_more(self, desk: Desk) -> None:
        await at(desk, (await desk.complain(await desk.customer())).id, datetime(2026, 11, 1, 23, 30, tzinfo=HERE))
        found = await over(desk, 5)
        assert [week.moderate for week in found.weeks] == [1, 0, 0, 0, 0]

    async def test_nothing_is_nothing(self, desk: Desk) -> None:
        found = await over(desk, 1)
        assert (len(found.weeks), found.topics, found.chefs, found.answer_minutes, found.resolve_minutes) == (1, (), (), None, None)


class TestShares:
    async def test_topics_by_their_names_the_most_frequent_first(self, desk: Desk) -> None:
        for summary in ("An hour late", "late again", "The food was cold"):
            await at(desk, (await desk.complain(await desk.customer(), summary=summary)).id, NOW)
        assert (await over(desk)).topics == (Share("lateness", 2), Share("food", 1))

    async def test_a_chef_whose_party_it_was_with_all_their_parties(self, desk: Desk) -> None:
        kenji = await desk.customers.chef("Kenji", rating=5)
        parties = []
        for days in (0, 1, 2):
            conversation = await desk.customer()
            held = await desk.customers.held(request(conversation, day=far(60 + days)))
            parties.append((conversation, held.booking.id))
        async with desk.database.transaction() as connection:
            for number, (_, booking) in enumerate(parties):
                starts = NOW - timedelta(days=number + 1)
                span = {"starts_at": starts, "ends_at": starts + timedelta(hours=2), "busy": _range(starts)}
                done = {"status": "completed", "hold_until": None, "chef_number": kenji, "day": starts.date(), "slot": time(12)}
                await connection.execute(sa.update(Booking).where(Booking.id == booking).values(**span, **done))
        await at(desk, (await desk.complain(parties[0][0])).id, NOW)
        await at(desk, (await desk.complain(await desk.customer())).id, NOW)  # never had a party
        found = await over(desk)
        assert found.chefs == (Share("Kenji", 1, 3),) and [share.count for share in found.stations] == [1]


class TestTimes:
    async def test_until_a_person_answered_and_until_it_was_settled(self, desk: Desk) -> None:
        for minutes in (10, 20, 60):
            conversation = await desk.customer()
            complaint = (await desk.complain(conversation)).id
            moved = await desk.database.unit(lambda c, v=conversation: ownership.take(c, v, desk.dana))  # type: ignore[misc]
            said = await desk.database.unit(
                lambda c, v=conversation, e=moved.epoch: staffing.say(  # type: ignore[misc]
                    c, v, desk.dana.id, "Dana", client_id=uuid4(), text="I am sorry.", epoch=e
                )
            )
            await at(desk, complaint, NOW, resolved_at=NOW + timedelta(minutes=minutes * 10), state="resolved")
            async with desk.database.transaction() as connection:
                answered = sa.update(ChatMessage).where(ChatMessage.id == said.message)
                await connection.execute(answered.values(created_at=NOW + timedelta(minutes=minutes)))
        found = await over(desk)
        assert (found.answer_minutes, found.resolve_minutes) == (20, 200)
        assert found.weeks[-1].answer_minutes == 20 and found.weeks[0].answer_minutes is None


def _range(starts: datetime) -> Any:
    return Range(starts - timedelta(hours=1), starts + timedelta(hours=3))
