"""The ledger of consent: by number, added to and never changed; a STOP that only the phone takes back; refusals in free words."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from business.channels import consent
from business.channels.consent import Standing
from business.profile.loader import load_profile
from kernel.database import Database
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Consent, ConsentReview
from kernel.tables.ops import TextMessage
from tests.sms.people import number

PROFILE = load_profile()
NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


class Ledger:
    """One number's, which nobody had before; each call a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.phone, self.other = number(), number()

    async def gives(self, purpose: str = "transactional", number: str | None = None, source: str = "widget", **more: Any) -> UUID | None:
        return await self.records(purpose, True, number, source, **more)

    async def withdraws(
        self, purpose: str = "transactional", number: str | None = None, source: str = "widget", **more: Any
    ) -> UUID | None:
        return await self.records(purpose, False, number, source, **more)

    async def records(self, purpose: Any, granted: bool, number: str | None, source: Any, **more: Any) -> UUID | None:
        given = {"text": "words", **more}
        async with self.database.transaction() as connection:
            return await consent.record(connection, number=number or self.phone, purpose=purpose, granted=granted, source=source, **given)

    async def stops(self, number: str | None = None, source: Any = "keyword", now: datetime = NOW) -> consent.Stopped:
        async with self.database.transaction() as connection:
            return await consent.stop(connection, number=number or self.phone, text="STOP", source=source, now=now)

    async def starts(self, number: str | None = None) -> Standing:
        async with self.database.transaction() as connection:
            return await consent.start(connection, number=number or self.phone, text="START")

    async def refuses(self, number: str | None = None) -> UUID | None:
        async with self.database.transaction() as connection:
            return await consent.refuse(connection, number=number or self.phone, text="please stop texting me")

    async def stands(self, number: str | None = None) -> Standing:
        async with self.database.transaction() as connection:
            return await consent.standing(connection, number or self.phone)

    async def brought(self, purpose: str, granted: bool, **more: Any) -> None:
        """An entry that nobody here wrote."""
        entry = {"id": new_id(), "channel": "sms", "purpose": purpose, "granted": granted, "address": self.phone, "text": "", **more}
        async with self.database.transaction() as connection:
            await connection.execute(sa.insert(Consent).values(**{"source": "import", **entry}))

    async def rows(self, number: str | None = None) -> list[tuple[str, bool, str]]:
        async with self.database.transaction() as connection:
            return [(row.purpose, row.granted, row.source) for row in await consent.ledger(connection, number or self.phone)]


@pytest.fixture
async def ledger(shared_url: str) -> AsyncIterator[Ledger]:
    """Of a database that all of these share."""
    database = Database(shared_url, application="test", pool_size=8)
    yield Ledger(database)
    await database.close()


class TestGiving:
    async def test_one_purpose_is_not_the_other(self, ledger: Ledger) -> None:
        assert await ledger.stands() == Standing(None, None, False)
        await ledger.gives("transactional")
        assert await ledger.stands() == Standing(True, None, False)
        await ledger.gives("marketing")
        await ledger.withdraws("transactional")
        assert await ledger.stands() == Standing(False, True, False)

    async def test_again_is_once_and_a_box_that_was_never_ticked_says_nothing(self, ledger: Ledger) -> None:
        assert await ledger.gives() is not None and await ledger.gives() is None
        assert await ledger.withdraws() is not None and await ledger.withdraws() is None
        assert await ledger.withdraws("marketing") is None
        assert await ledger.rows() == [("transactional", True, "widget"), ("transactional", False, "widget")]

    async def test_whoever_claims_the_number_its_ledger_counts(self, ledger: Ledger) -> None:
        one, other = uuid4(), uuid4()
        await ledger.gives("marketing", customer=one)
        await ledger.withdraws("marketing", customer=other)
        assert (await ledger.stands()).marketing is False
        async with ledger.database.transaction() as connection:
            for customer in (one, other):
                assert (await consent.of_customer(connection, customer))["sms"]["marketing"] is False

    async def test_of_a_customer_the_number_that_they_have_now_counts(self, ledger: Ledger) -> None:
        customer = new_id()
        async with ledger.database.transaction() as connection:
            await connection.execute(sa.insert(Customer).values(id=customer))
            identity = {"id": new_id(), "customer_id": customer, "kind": "phone", "scope": str(customer), "value": ledger.other}
            await connection.execute(sa.insert(Identity).values(identity))
        await ledger.gives(customer=customer)
        async with ledger.database.transaction() as connection:
            assert await consent.of_customer(connection, customer) == {}
            assert await consent.of_customer(connection, uuid4()) == {}

    async def test_what_was_agreed_to_is_kept(self, ledger: Ledger) -> None:
        words = consent.words(PROFILE, "es", "marketing")
        id = await ledger.gives("marketing", text=words, ip="203.0.113.9")
        async with ledger.database.transaction() as connection:
            row = (await connection.execute(sa.select(Consent).where(Consent.id == id))).one()
        assert (row.text, row.ip, row.source, row.address) == (words, "203.0.113.9", "widget", ledger.phone) and row.at.tzinfo is not None

    async def test_nobody_changes_an_entry(self, ledger: Ledger) -> None:
        await ledger.stops()
        for statement in ("UPDATE crm.consent SET granted = true", "DELETE FROM crm.consent"):
            with pytest.raises(DBAPIError, match="added, never changed"):
                async with ledger.database.primary.begin() as connection:
                    await connection.execute(sa.text(statement))
        assert (await ledger.stands()).stopped


class TestWords:
    @pytest.mark.parametrize("locale", ["en", "es", "es-MX", "fr", None])
    def test_say_what_they_must(self, locale: str | None) -> None:
        spanish = (locale or "").startswith("es")
        transactional, marketing = consent.words(PROFILE, locale), consent.words(PROFILE, locale, "marketing")
        for words in (transactional, marketing):
            assert PROFILE.business.name in words and "STOP" in words and "HELP" in words and "{" not in words
            assert ("tarifas" if spanish else "rates may apply") in words
        assert ("no es condición de compra" if spanish else "not a condition of purchase") in marketing.replace("\n", " ")
        assert str(PROFILE.messages.sms.per_month) in marketing and transactional != marketing


class TestStopping:
    async def test_is_one_entry_of_everything(self, ledger: Ledger) -> None:
        await ledger.gives("transactional")
        await ledger.gives("marketing")
        stopped = await ledger.stops()
        assert stopped.confirm and stopped.entry is not None
        assert await ledger.stands() == Standing(False, False, True)
        assert (await ledger.rows())[2:] == [("all", False, "keyword")]

    async def test_again_is_confirmed_no_second_time_within_a_day(self, ledger: Ledger) -> None:
        assert (await ledger.stops()).confirm
        await self.confirmed(ledger, NOW)
        for later in (timedelta(seconds=1), timedelta(hours=23)):
            again = await ledger.stops(now=NOW + later)
            assert again == consent.Stopped(None, False)
        assert (await ledger.stops(now=NOW + timedelta(hours=25))).confirm
        assert await ledger.rows() == [("all", False, "keyword")]

    async def test_a_new_stop_after_a_start_is_confirmed_at_once(self, ledger: Ledger) -> None:
        await ledger.stops()
        await self.confirmed(ledger, NOW)
        await ledger.starts()
        assert (await ledger.stops(now=NOW + timedelta(minutes=1))).confirm

    @staticmethod
    async def confirmed(ledger: Ledger, at: datetime) -> None:
        async with ledger.database.transaction() as connection:
            await connection.execute(
                sa.insert(TextMessage).values(
                    id=new_id(), key=str(uuid4()), purpose="keyword", to_number=ledger.phone, text="bye", locale="en", encoding="gsm7",
                    segments=1, created_at=at,
                )
            )  # fmt: skip

    async def test_nobody_but_the_phone_takes_it_back(self, ledger: Ledger) -> None:
        await ledger.gives("marketing")
        await ledger.stops()
        for source in ("widget", "verified", "identity", "staff", "import", "review"):
            for purpose in ("transactional", "marketing", "all"):
                with pytest.raises(Conflict, match="START"):
                    await ledger.gives(purpose, source=source)
        assert await ledger.stands() == Standing(False, False, True)
        # Nor does an entry that came in some other way.
        for purpose in ("marketing", "all"):
            await ledger.brought(purpose, True)
        assert await ledger.stands() == Standing(False, False, True)

    async def test_what_a_provider_keeps_counts_as_its_own(self, ledger: Ledger) -> None:
        assert (await ledger.stops(source="provider")).entry is not None
        assert await ledger.rows() == [("all", False, "provider")] and (await ledger.stands()).stopped


class TestStarting:
    async def test_gives_what_stood_before(self, ledger: Ledger) -> None:
        await ledger.gives("marketing")
        await ledger.stops()
        assert await ledger.starts() == Standing(True, True, False)

    async def test_gives_no_marketing_that_never_was(self, ledger: Ledger) -> None:
        await ledger.gives("transactional")
        await ledger.stops()
        assert await ledger.starts() == Standing(True, False, False)

    async def test_gives_no_marketing_that_was_refused_before_the_stop(self, ledger: Ledger) -> None:
        await ledger.gives("marketing")
        await ledger.refuses()
        await ledger.stops()
        assert await ledger.starts() == Standing(True, False, False)

    async def test_of_the_last_stop_not_the_first(self, ledger: Ledger) -> None:
        await ledger.gives("marketing")
        await ledger.stops()
        await ledger.starts()
        await ledger.withdraws("marketing")
        await ledger.stops()
        assert await ledger.starts() == Standing(True, False, False)

    @pytest.mark.parametrize("source", ["widget", "staff", "free_text"])
    async def test_gives_no_marketing_that_was_refused_since_the_stop(self, ledger: Ledger, source: str) -> None:
        await ledger.gives("marketing")
        await ledger.stops()
        assert await ledger.withdraws("marketing", source=source) is not None
        assert await ledger.withdraws("marketing", source=source) is None, "once is enough"
        assert await ledger.starts() == Standing(True, False, False)

    async def test_of_a_number_that_has_not_stopped_is_about_bookings_alone(self, ledger: Ledger) -> None:
        assert await ledger.starts() == Standing(True, None, False)
        assert await ledger.starts() == Standing(True, None, False)
        assert await ledger.rows() == [("transactional", True, "keyword")]


class TestRefusing:
    async def test_ends_marketing_at_once_and_is_looked_at(self, ledger: Ledger) -> None:
        await ledger.gives("transactional")
        await ledger.gives("marketing")
        review = await ledger.refuses()
        assert await ledger.stands() == Standing(True, False, False)
        async with ledger.database.transaction() as connection:
            row = (await connection.execute(sa.select(ConsentReview).where(ConsentReview.id == review))).one()
        assert (row.state, row.address) == ("open", ledger.phone)

    async def test_again_is_no_second_review(self, ledger: Ledger) -> None:
        await ledger.refuses()
        assert await ledger.refuses() is None

    async def test_of_a_stopped_number_adds_nothing(self, ledger: Ledger) -> None:
        await ledger.stops()
        assert await ledger.refuses() is None and len(await ledger.rows()) == 1


class TestAtTheSameMoment:
    async def test_the_same_word_twenty_times_is_one_entry(self, ledger: Ledger) -> None:
        found = await asyncio.gather(*(ledger.stops() for _ in range(8)))
        assert sum(one.entry is not None for one in found) == 1 and len(await ledger.rows()) == 1

    async def test_after_a_clock_was_set_back_what_was_written_last_counts(self, ledger: Ledger) -> None:
        await ledger.brought("transactional", True, source="keyword", at=datetime.now(UTC) + timedelta(hours=3))
        await ledger.stops()
        assert (await ledger.stands()).stopped
        await ledger.starts()
        assert not (await ledger.stands()).stopped

    async def test_stop_and_start_come_to_what_was_written_last(self, ledger: Ledger) -> None:
        await ledger.gives("marketing")
        await asyncio.gather(ledger.stops(), ledger.starts(), ledger.stops(), ledger.starts())
        rows = await ledger.rows()
        assert (await ledger.stands()).stopped is (rows[-1][0] == "all")
