"""How long it takes until a person answers, as customers read it: true by the hours, by what it took lately, by who waits already."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.conversations.receive import receive
from business.customers import reach, visitors
from business.customers.details import Details, tell
from business.customers.visitors import Visitor
from business.handoffs import lines, ownership
from business.handoffs.expected import LEAST_MEASURED, Waits, measured, minutes_of, waits
from business.profile.schemas import Profile, SpecialDay
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.core import Identity
from kernel.tables.ops import Handoff
from tests.handoffs.conftest import PROFILE

HERE = PROFILE.business.zone
REPLY = PROFILE.people.reply_minutes
HOME = PROFILE.business.phone


def at(*given: int) -> datetime:
    return datetime(*given, tzinfo=HERE)  # type: ignore[misc, arg-type]


def with_special(*days: SpecialDay) -> Profile:
    return PROFILE.model_copy(update={"people": PROFILE.people.model_copy(update={"special_days": days})})


SHOP = with_special(
    SpecialDay(date=date(2026, 11, 26)),
    SpecialDay(date=date(2026, 12, 24), from_time=time(13), to_time=time(15)),
    SpecialDay(date=date(2026, 12, 25)),
)


class TestMoments:
    """A table of moments: what is said, and the minutes that go with it."""

    @pytest.mark.parametrize(
        ("now", "english", "spanish", "minutes"),
        [
            (at(2026, 6, 3, 14), "about 5 minutes", "unos 5 minutos", REPLY),
            (at(2026, 6, 3, 23), "on Thursday at 12:00 PM", "el jueves a las 12:00 PM", 13 * 60 + REPLY),
            (at(2026, 6, 3, 0, 30), "today at 12:00 PM", "hoy a las 12:00 PM", 11 * 60 + 30 + REPLY),
            # The night that is an hour shorter, and the one that is an hour longer.
            (at(2026, 3, 7, 23), "on Sunday at 12:00 PM", "el domingo a las 12:00 PM", 12 * 60 + REPLY),
            (at(2026, 10, 31, 23), "on Sunday at 12:00 PM", "el domingo a las 12:00 PM", 14 * 60 + REPLY),
            # One o'clock comes twice that night: before and after are an hour apart.
            (at(2026, 11, 1, 1, 30).replace(fold=0), "today at 12:00 PM", "hoy a las 12:00 PM", 11 * 60 + 30 + REPLY),
            (at(2026, 11, 1, 1, 30).replace(fold=1), "today at 12:00 PM", "hoy a las 12:00 PM", 10 * 60 + 30 + REPLY),
            # A day that is closed, one with other hours, and the end of those.
            (at(2026, 11, 26, 14), "on Friday at 12:00 PM", "el viernes a las 12:00 PM", 22 * 60 + REPLY),
            (at(2026, 12, 24, 12), "today at 1:00 PM", "hoy a la 1:00 PM", 60 + REPLY),
            (at(2026, 12, 24, 14), "about 5 minutes", "unos 5 minutos", REPLY),
            (at(2026, 12, 24, 15), "on Saturday at 12:00 PM", "el sábado a las 12:00 PM", 45 * 60 + REPLY),
        ],
    )  # fmt: skip
    def test_is_true(self, now: datetime, english: str, spanish: str, minutes: int) -> None:
        for locale, says in (("en", english), ("es-MX", spanish)):
            for moment in (now, now.astimezone(UTC)):
                line, expected = lines.waiting(SHOP, moment, locale)
                assert says in line and expected == minutes

    def test_a_business_that_is_closed_for_long_promises_no_day(self) -> None:
        closed = with_special(*(SpecialDay(date=date(2026, 6, 1) + timedelta(days=n)) for n in range(90)))
        line, minutes = lines.waiting(closed, at(2026, 6, 3, 14), "en", Waits(unreachable=True))
        assert minutes is None and "phone number or e-mail" in line

    @pytest.mark.parametrize(
        ("ahead", "english", "spanish"),
        [(1, "One customer is before you.", "Hay una persona antes que tú."), (3, "3 customers are before you.", "Hay 3 personas antes")],
    )
    def test_says_who_waits_already(self, ahead: int, english: str, spanish: str) -> None:
        now = at(2026, 6, 3, 14)
        assert english in lines.waiting(PROFILE, now, "en", Waits(ahead=ahead))[0]
        assert spanish in lines.waiting(PROFILE, now, "es", Waits(ahead=ahead))[0]
        assert "before you" not in lines.waiting(PROFILE, now, "en")[0]

    def test_asks_how_to_reach_them_only_while_nobody_is_there(self) -> None:
        unknown = Waits(unreachable=True)
        night, day = at(2026, 6, 3, 23), at(2026, 6, 3, 14)
        assert "phone number or e-mail" in lines.waiting(PROFILE, night, "en", unknown)[0]
        assert "teléfono o tu correo" in lines.waiting(PROFILE, night, "es", unknown)[0]
        assert "phone" not in lines.waiting(PROFILE, night, "en")[0] + lines.waiting(PROFILE, day, "en", unknown)[0]


class TestMedian:
    @pytest.mark.parametrize(
        ("took", "says"),
        [
            ([30] * (LEAST_MEASURED - 1), REPLY),  # too few
            ([12] * LEAST_MEASURED, 15),
            ([15] * LEAST_MEASURED, 15),
            ([15.1] * LEAST_MEASURED, 20),
            ([1] * LEAST_MEASURED, REPLY),  # never less than the profile says
            ([1] * 6 + [60] * 5, REPLY),
            ([7] * 6 + [600] * 5, 10),
        ],
    )
    def test_up_to_the_next_five(self, took: list[float], says: int) -> None:
        assert minutes_of([timedelta(minutes=one) for one in took], REPLY) == says


class Desk:
    """Customers at the demo site."""

    def __init__(self, database: Database, site: Any) -> None:
        self.database = database
        self._site = site

    async def customer(self) -> Visitor:
        visitor = visitors.mint("secret", self._site.id, self._site.key, utc_now())
        await self.write(visitor, "hello")
        return visitor

    async def write(self, visitor: Visitor, text: str) -> None:
        await self.database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=text, now=utc_now(), home_phone=HOME))

    async def ask(self, visitor: Visitor) -> None:
        await self.database.unit(
            lambda c: ownership.ask_for_human(
                c, visitor.conversation, reason=None, due_at=utc_now(), minutes=5, line="Soon.", summary="Asked", business="My Hibachi"
            )
        )

    async def waits(self, visitor: Visitor, now: datetime | None = None) -> Waits:
        async with self.database.transaction() as connection:
            return await waits(connection, PROFILE, visitor.conversation, now or utc_now())

    async def claimed(self, count: int, opened: datetime, after: timedelta, **columns: Any) -> None:
        rows = [
            {
                "id": new_id(),
                "conversation_id": new_id(),
                "kind": "human",
                "state": "resolved",
                "urgency": "normal",
                "summary": "",
                "due_at": opened,
                "created_at": opened,
                "claimed_at": opened + after,
                **columns,
            }
            for _ in range(count)
        ]
        async with self.database.transaction() as connection:
            await connection.execute(sa.insert(Handoff), rows)

    async def identities(self) -> set[tuple[str, str]]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(sa.select(Identity.kind, Identity.value))
            return {(row.kind, row.value) for row in rows}


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with database.transaction() as connection:
        await ensure_demo(connection)
        site = await site_by_key(connection, "demo")
    yield Desk(database, site)


class TestMeasured:
    @staticmethod
    def _open_yesterday() -> datetime:
        yesterday = utc_now().astimezone(HERE).date() - timedelta(days=1)
        return datetime.combine(yesterday, PROFILE.people.hours[0].from_time, HERE) + timedelta(hours=1)

    async def _minutes(self, desk: Desk) -> int:
        async with desk.database.transaction() as connection:
            return await measured(connection, PROFILE, utc_now())

    async def test_by_what_claims_took(self, desk: Desk) -> None:
        await desk.claimed(LEAST_MEASURED, self._open_yesterday(), timedelta(minutes=21))
        assert await self._minutes(desk) == 25

    async def test_what_waited_for_the_morning_is_not_in_it(self, desk: Desk) -> None:
        at_night = self._open_yesterday() - timedelta(hours=5)
        await desk.claimed(50, at_night, timedelta(hours=5))
        assert await self._minutes(desk) == REPLY

    async def test_nor_what_is_older_than_a_month_or_waits_for_nobody(self, desk: Desk) -> None:
        await desk.claimed(50, self._open_yesterday() - timedelta(days=31), timedelta(minutes=50))
        await desk.claimed(50, self._open_yesterday(), timedelta(minutes=50), kind="lead")
        await desk.claimed(50, self._open_yesterday(), timedelta(minutes=50), urgency="low")
        assert await self._minutes(desk) == REPLY

    async def test_counts_who_came_before(self, desk: Desk) -> None:
        first, second, third = [await desk.customer() for _ in range(3)]
        await desk.ask(first)
        await desk.ask(second)
        assert [(await desk.waits(one)).ahead for one in (first, second, third)] == [0, 1, 2]
        async with desk.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.id == first.conversation).values(state="closed"))
        assert (await desk.waits(third)).ahead == 1


class TestReached:
    async def test_nobody_is_asked_for_what_they_gave(self, desk: Desk) -> None:
        customer = await desk.customer()
        assert (await desk.waits(customer)).unreachable
        await desk.database.unit(lambda c: tell(c, customer.conversation, Details(phone="+15105550188"), ""))
        assert not (await desk.waits(customer)).unreachable

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("Call me: 510 555 0188 please", {("phone", "+15105550188")}),
            ("ana.p@hibachi.fun or (510) 555-0188.", {("email", "ana.p@hibachi.fun"), ("phone", "+15105550188")}),
            ("Escríbeme a ANA@HIBACHI.FUN, gracias", {("email", "ana@hibachi.fun")}),
            ("It was $1234567890 for 12 on 2026-12-05 at 18:00", set()),
            ("order 123456789012345, ref 12-34-56", set()),
            ("see ana@ or http://x.example/5105550188", set()),
        ],
    )
    async def test_what_they_write_to_people_is_kept(self, desk: Desk, text: str, kept: set[tuple[str, str]]) -> None:
        customer = await desk.customer()
        await desk.ask(customer)
        await desk.write(customer, text)
        assert await desk.identities() == kept

    async def test_and_never_takes_the_place_of_what_they_gave(self, desk: Desk) -> None:
        customer = await desk.customer()
        await desk.ask(customer)
        await desk.write(customer, "ana@hibachi.fun")
        await desk.write(customer, "send a copy to bob@hibachi.fun")
        assert await desk.identities() == {("email", "ana@hibachi.fun")}
        async with desk.database.transaction() as connection:
            assert await reach.can_be_reached(connection, customer.customer)

    async def test_what_the_assistant_reads_is_its_own_to_keep(self, desk: Desk) -> None:
        await desk.write(await desk.customer(), "ana@hibachi.fun")
        assert await desk.identities() == set()
