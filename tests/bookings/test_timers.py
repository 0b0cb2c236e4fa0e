"""What comes by the clock: each moment at its minute and once, nothing of what is moved, paid or ended; and what the customer is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from business.bookings import life, timers
from business.bookings.requests import CLOCK, view
from business.channels import consent
from business.links.signing import Links
from business.pricing.rules import Party
from kernel import outbox
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import BookingTimer
from kernel.tables.ops import Email, Handoff, Outbox, TextMessage
from tests.bookings.conftest import ALICE, DANA, PROFILE, SIX, Customers, far, near
from tests.bookings.lifetime import Life, booked, held, pending
from workers import bookings
from workers.effects import Effects

LINKS = Links(lambda: "https://chat.example.com", "a secret")
NOBODY = "alice@example.net"


class Clockmaker:
    """A worker whose clock the test moves: what is due by then is carried out, as from the outbox."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self.database = database
        self.now = utc_now()
        handlers = bookings.handlers(lambda: PROFILE, LINKS, lambda: self.now)
        self.bus = Bus(connect(redis_url))
        self.effects = Effects(database, self.bus, handlers=handlers)

    async def tell(self) -> None:
        """What is due by PostgreSQL's clock: what has happened."""
        while await self.effects.due():
            pass

    async def until(self, moment: datetime) -> list[str]:
        """Everything up to a moment, each effect at its time; what came, in order."""
        came = []
        while (row := await self.next(moment)) is not None:
            self.now = max(row.next_at, self.now)
            await self.bring_forward(row)
            await self.effects.due(row.id)
            came.append(row.payload["what"])
        self.now = moment
        return came

    async def next(self, moment: datetime) -> Any | None:
        async with self.database.transaction() as connection:
            waiting = sa.select(Outbox).where(Outbox.kind.in_(("booking_changed", "booking_timer")), Outbox.state == "new")
            query = waiting.where(Outbox.next_at <= moment).order_by(Outbox.next_at, Outbox.id).limit(1)
            return (await connection.execute(query)).one_or_none()

    async def bring_forward(self, row: Any) -> None:
        """PostgreSQL's clock stands: the effect comes to it instead."""
        async with self.database.transaction() as connection:
            now = sa.func.clock_timestamp()
            await connection.execute(sa.update(Outbox).where(Outbox.id == row.id).values(next_at=now))

    async def close(self) -> None:
        await self.bus.close()


@pytest.fixture
async def clock(database: Database, redis_url: str) -> Any:
    made = Clockmaker(database, redis_url)
    yield made
    await made.close()


async def mails(database: Database) -> Sequence[Any]:
    async with database.transaction() as connection:
        return (await connection.execute(sa.select(Email).order_by(Email.created_at, Email.id))).all()


async def kinds(database: Database) -> list[str]:
    return [mail.kind for mail in await mails(database)]


def hours(moments: Sequence[timers.Moment], since: datetime) -> list[tuple[str, float]]:
    return [(moment.what, round((moment.at - since).total_seconds() / 3600, 2)) for moment in moments]


class TestWhichMoments:
    async def test_a_hold_is_reminded_once_before_it_ends(self, customers: Customers) -> None:
        one = view(await (await held(customers)).row())
        assert hours(timers.ahead(PROFILE, one), one.created_at) == [("deposit_reminder", 1.5)]

    async def test_a_deposit_is_reminded_of_until_its_end(self, customers: Customers) -> None:
        one = (await (await pending(customers)).do(life.accept_terms, ALICE)).booking
        ahead = hours(timers.ahead(PROFILE, one), one.created_at)
        assert ahead == [*(("deposit_reminder", at) for at in (1.5, 2, 12, 23)), ("deposit_end", 24)]

    async def test_a_party_is_reminded_of_by_its_start(self, customers: Customers) -> None:
        booking = (await (await booked(customers)).confirm()).booking
        ahead = hours(timers.ahead(PROFILE, booking), booking.starts_at)
        assert ahead == [("chef", -14 * 24), ("chef", -48), ("final_count", -48), ("day_before", -32), ("menu", -24), ("start", 0)]

    async def test_the_day_before_is_the_venues(self, customers: Customers) -> None:
        """The clocks change on March 14, 2027: ten in the morning stays ten."""
        one = view(await (await held(customers)).row())
        zone = PROFILE.business.zone
        for day in (14, 15):
            start = datetime(2027, 3, day, 12, tzinfo=zone).astimezone(UTC)
            (moment,) = [m for m in timers.ahead(PROFILE, _at(one, start)) if m.what == "day_before"]
            assert moment.at.astimezone(zone) == datetime(2027, 3, day - 1, 10, tzinfo=zone)

    async def test_after_it_two_mails_are_due(self, customers: Customers) -> None:
        one = await booked(customers)
        await one.do(life.start, CLOCK)
        done = (await one.do(life.complete, CLOCK)).booking
        assert hours(timers.ahead(PROFILE, done), done.ends_at) == [("review", 24), ("referral", 168)]

    async def test_a_kept_one_waits_for_no_deposit(self, customers: Customers) -> None:
        one = await held(customers)
        kept = (await one.do(life.keep, DANA)).booking
        assert {moment.what for moment in timers.ahead(PROFILE, kept)} == {"chef", "final_count", "day_before", "menu", "start"}

    async def test_none_of_what_is_ended(self, customers: Customers) -> None:
        one = await pending(customers)
        await one.overdue()
        expired = await one.expire()
        assert expired is not None and timers.ahead(PROFILE, expired.booking) == ()


def _at(booking: Any, start: datetime) -> Any:
    return replace(booking, status="confirmed", hold_until=None, starts_at=start)


class TestEachOnce:
    async def test_its_effects_stand_in_the_outbox(self, customers: Customers) -> None:
        """Written with the change that they come of, and not again by the next one."""
        one = await pending(customers)
        row, effects = await one.row(), await one.effects("booking_timer")
        assert [(effect.payload["what"], effect.payload["number"]) for effect in effects] == [
            *(("deposit_reminder", number) for number in range(4)),
            ("deposit_end", 0),
        ]
        assert effects[-1].next_at == row.deposit_until
        await one.ask_cancel()
        await one.decide(False)
        assert len(await one.effects("booking_timer")) == len(effects)

    async def test_a_day_of_a_deposit(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        """Nobody pays: four reminders, and the end."""
        one = await pending(customers, email=NOBODY)
        row = await one.row()
        assert await clock.until(row.created_at + timedelta(hours=23, minutes=59)) == [
            "held",
            "terms_accepted",
            *["deposit_reminder"] * 4,
        ]
        assert await one.status() == "deposit_pending"
        await one.overdue()
        assert await clock.until(row.deposit_until + timedelta(hours=1)) == ["deposit_end", "cancelled"]
        assert await one.status() == "cancelled"
        assert await kinds(database) == ["deposit_request", *["deposit_reminder"] * 4, "cancellation"]
        assert len([line for line in await one.lines() if "$100" in line]) == 4 and "did not arrive" in (await one.lines())[-1]

    async def test_a_party_from_the_deposit_to_the_referral(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers, email=NOBODY)
        row = await one.row()
        came = await clock.until(row.ends_at + timedelta(days=8))
        told = [what for what in came if what not in ("deposit_reminder", "deposit_end")]
        told[4:6] = sorted(told[4:6])  # they are of one moment, in no order
        assert told == [
            *("held", "terms_accepted", "confirmed"),
            *("chef", "chef", "final_count", "day_before", "menu", "start", "started", "end", "completed", "review", "referral"),
        ]
        assert await one.status() == "completed"
        assert await kinds(database) == [
            "deposit_received",
            "booking_confirmation",
            "day_before_reminder",
            "menu_reminder",
            "review_ask",
            "referral",
        ], "nobody is asked for a deposit that is there"

    async def test_a_party_that_was_moved_is_reminded_of_at_its_new_time(self, customers: Customers, clock: Clockmaker) -> None:
        one = await booked(customers)
        old = await one.row()
        await one.do(life.reschedule, far(65), SIX, ALICE)
        await clock.until(old.starts_at + timedelta(days=1))
        assert await one.status() == "confirmed", "the old start begins nothing"
        assert not [line for line in await one.lines() if "Tomorrow" in line]
        await clock.until((await one.row()).starts_at)
        assert await one.status() == "in_progress"
        assert len([line for line in await one.lines() if "Tomorrow" in line]) == 1

    async def test_moved_away_and_back(self, customers: Customers, clock: Clockmaker) -> None:
        one = await booked(customers)
        await one.do(life.reschedule, far(65), SIX, DANA, weather=True)
        await one.do(life.reschedule, far(60), SIX, DANA, weather=True)
        await clock.until((await one.row()).starts_at)
        assert len([line for line in await one.lines() if "Tomorrow" in line]) == 1

    async def test_a_start_that_came_in_vain_comes_again(self, customers: Customers, clock: Clockmaker) -> None:
        """Somebody wished to cancel, and was told no when the party should have begun."""
        one, now = await pending(customers), utc_now()
        await one.set(starts_at=now - timedelta(minutes=1), busy=Range(now - timedelta(hours=2), now + timedelta(days=90), bounds="[)"))
        await one.pay()
        await one.ask_cancel(now=now - timedelta(hours=1))
        await clock.tell()
        assert await one.status() == "cancellation_requested"
        await one.decide(False)
        await clock.tell()
        assert await one.status() == "in_progress"

    async def test_a_chef_is_found_when_they_decide(self, customers: Customers, clock: Clockmaker) -> None:
        one = await booked(customers)
        kenji = await customers.chef("Kenji")
        await clock.until((await one.row()).starts_at - timedelta(days=PROFILE.slots.chefs_decide_within_days))
        assert (await one.row()).chef_number == kenji
        assert (await one.events())[-1] == ("chef_assigned", "system")

    async def test_where_nobody_can_cook_a_person_looks(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers)
        await customers.chef("Kenji", {"kind": "off", "day": far()})
        start = (await one.row()).starts_at
        await clock.until(start - timedelta(hours=49))
        assert await called(database, one) == []
        await clock.until(start - timedelta(hours=48))
        assert await called(database, one) == [f"Booking {(await one.row()).number} has no chef: nobody can cook it"]

    async def test_two_workers_at_once(self, customers: Customers, clock: Clockmaker, redis_url: str) -> None:
        one, other = await pending(customers, email=NOBODY), Clockmaker(clock.database, redis_url)
        (first, *_) = await one.effects("booking_timer")
        await clock.bring_forward(first)
        await asyncio.gather(clock.effects.due(first.id), other.effects.due(first.id), clock.effects.due(), other.effects.due())
        await other.close()
        assert len(await one.lines()) == 1 and (await kinds(clock.database)).count("deposit_reminder") == 1


async def called(database: Database, one: Life) -> list[str]:
    """What people were called for."""
    async with database.transaction() as connection:
        return list(await connection.scalars(sa.select(Handoff.summary).where(Handoff.conversation_id == one.conversation)))


class TestMomentsOfSomebodyElse:
    async def come(self, customers: Customers, clock: Clockmaker, one: Life, what: Any, of: datetime) -> None:
        job = BookingTimer(booking=one.booking, what=what, of=of)
        await customers.database.unit(lambda c: outbox.enqueue(c, job, key=str(uuid4())))
        await clock.tell()

    async def test_counted_from_another_moment(self, customers: Customers, clock: Clockmaker) -> None:
        one = await booked(customers)
        before = await one.row()
        for what in ("start", "day_before", "menu", "final_count", "chef"):
            await self.come(customers, clock, one, what, before.starts_at - timedelta(days=1))
        assert (await one.row()).status == "confirmed" and len(await one.lines()) == 1, "that it is confirmed, alone"

    async def test_of_another_state(self, customers: Customers, clock: Clockmaker) -> None:
        one = await booked(customers)
        row = await one.row()
        for what, of in (("deposit_end", row.created_at), ("deposit_reminder", row.created_at), ("end", row.starts_at)):
            await self.come(customers, clock, one, what, of)
        assert await one.status() == "confirmed" and len(await one.lines()) == 1

    async def test_whose_deadline_postgresql_does_not_see_yet(self, customers: Customers, clock: Clockmaker) -> None:
        """A worker's clock that is fast ends nothing."""
        one = await pending(customers)
        clock.now += timedelta(days=2)
        await self.come(customers, clock, one, "deposit_end", (await one.row()).created_at)
        assert await one.status() == "deposit_pending"


async def agreed(database: Database, number: str) -> None:
    """Its owner wants texts about bookings."""
    async with database.transaction() as connection:
        await consent.record(connection, number=number, purpose="transactional", granted=True, text="words", source="widget")


class TestWhatTheCustomerIsTold:
    async def test_a_confirmation_with_its_calendar_entry(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        kenji = await customers.chef("Kenji")
        one = await booked(customers, day=near(), email=NOBODY)
        assert (await one.row()).chef_number == kenji
        await clock.tell()
        confirmation = next(mail for mail in await mails(database) if mail.kind == "booking_confirmation")
        assert (confirmation.to_address, confirmation.booking_id, confirmation.conversation_id) == (NOBODY, one.booking, one.conversation)
        assert LINKS.booking(one.booking) in confirmation.html and "Kenji" in confirmation.plain
        (entry,) = confirmation.attachments
        assert entry["name"] == "party.ics" and "BEGIN:VCALENDAR" in entry["text"] and "text/calendar" in entry["type"]

    async def test_without_an_address_in_the_conversation_alone(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers)
        await clock.tell()
        assert await kinds(database) == [] and "is confirmed" in (await one.lines())[0]

    async def test_by_text_only_where_they_agreed_to_texts(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        asked, alone = await booked(customers), await booked(customers, day=far(63), locale="es-MX")
        await asked.set(contact_phone="+14155557001")
        await alone.set(contact_phone="+14155557002")
        await agreed(database, "+14155557001")
        await clock.until((await alone.row()).starts_at)
        async with database.transaction() as connection:
            theirs = TextMessage.booking_id.in_((asked.booking, alone.booking))
            (text,) = (await connection.execute(sa.select(TextMessage).where(theirs))).all()
        assert (text.to_number, text.purpose, text.booking_id, text.state) == ("+14155557001", "transactional", asked.booking, "waiting")
        assert text.text.startswith("My Hibachi: your party for") and LINKS.booking(asked.booking) in text.text and text.segments == 1

    async def test_of_an_open_deposit_by_text_while_it_is_day_there(
        self, customers: Customers, clock: Clockmaker, database: Database
    ) -> None:
        one = await pending(customers, locale="es-MX")
        await one.set(contact_phone="+14155557001")
        await agreed(database, "+14155557001")
        row = await one.row()
        await clock.until(row.created_at + timedelta(hours=23, minutes=59))
        async with database.transaction() as connection:
            texts = (await connection.execute(sa.select(TextMessage).where(TextMessage.booking_id == one.booking))).all()
        assert all(text.segments <= 2 and "falta tu dep" in text.text and "hasta el el" not in text.text for text in texts)
        moments = [row.created_at + timedelta(minutes=minutes) for minutes in PROFILE.booking.reminder_minutes]
        by_day = {n for n, moment in enumerate(moments) if 8 <= moment.astimezone(PROFILE.business.zone).hour < 21}
        assert by_day and by_day <= {int(text.key.split(":")[-2]) for text in texts}

    async def test_in_their_language(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers, locale="es-MX", email=NOBODY)
        await clock.tell()
        assert "está confirmada" in (await one.lines())[0]
        assert {mail.locale for mail in await mails(database)} == {"es"}

    async def test_of_a_hold_that_was_let_go_meanwhile_nothing(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await held(customers, email=NOBODY)
        await one.ask_cancel()
        await clock.tell()
        assert await kinds(database) == [] and await one.lines() == []

    async def test_moved_by_the_staff_or_by_themselves(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        for by, kind, line in ((DANA, "booking_changed", 1), (ALICE, "reschedule", 0)):
            one = await booked(customers, day=far(60 if line else 61), email=NOBODY)
            await one.do(life.reschedule, far(70 + line), time(15, 30), by)
            await clock.tell()
            mail = (await mails(database))[-1]
            assert mail.kind == kind and "3:30" in mail.plain
            assert len([said for said in await one.lines() if "moved" in said]) == line

    async def test_the_last_of_two_moves_is_told(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers, email=NOBODY)
        await clock.tell()
        for day in (70, 71):
            await one.do(life.reschedule, far(day), SIX, DANA, weather=True)
        await clock.tell()
        assert (await kinds(database)).count("booking_changed") == 1 and len(await one.lines()) == 2

    async def test_other_guests(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers, email=NOBODY)
        await one.do(life.change_party, Party(20), DANA)
        await clock.tell()
        assert "for 20 guests" in (await one.lines())[-1] and "booking_changed" in await kinds(database)

    async def test_a_wish_to_cancel_calls_a_person(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers, email=NOBODY)
        await one.ask_cancel()
        await clock.tell()
        async with database.transaction() as connection:
            (handoff,) = (await connection.execute(sa.select(Handoff).where(Handoff.conversation_id == one.conversation))).all()
        assert (handoff.kind, handoff.facts["reason"]) == ("booking", "We moved away")
        await one.decide(True)
        await clock.tell()
        assert [mail.kind for mail in await mails(database)].count("cancellation") == 2
        assert "is cancelled" in (await one.lines())[-1]

    async def test_staff_who_cancel_call_nobody(self, customers: Customers, clock: Clockmaker, database: Database) -> None:
        one = await booked(customers)
        await one.ask_cancel(by=DANA)
        await clock.tell()
        assert await called(database, one) == []
