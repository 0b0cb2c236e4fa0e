"""Which text may go: every purpose by its own rules, each with its guard; hours, caps, and a STOP that wins every race."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.channels import consent, gate
from business.channels.gate import Candidate, Pass, Refuse, Verdict, Wait
from business.profile.schemas import Profile
from gateway.simulator.server import RingCentralServer
from kernel.database import Database
from kernel.ids import new_id
from kernel.settings.schema import SmsSettings
from kernel.tables.ai import ChatSession
from kernel.tables.core import Staff
from kernel.tables.marketing import Campaign
from kernel.tables.ops import InboundText, TextMessage, TextNumber
from tests.rig.ringcentral import LOS_ANGELES, NEW_YORK
from tests.sms.people import Town
from tests.sms.texting import Texting

NOON = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)  # in California
NIGHT = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = SmsSettings(per_number_hour=2, per_prefix_hour=4, per_day=6)


class Desk:
    """Asks the gate, and lays out what it looks at."""

    def __init__(self, database: Database, town: Town) -> None:
        self.database, self.town = database, town

    async def asks(
        self, purpose: Any, to: str = LOS_ANGELES, *, now: datetime = NOON, limits: SmsSettings = LIMITS, profile: Profile | None = None,
        **more: Any,
    ) -> Verdict:  # fmt: skip
        async with self.database.transaction() as connection:
            return await gate.verdict(connection, profile or self.town.profile, limits, Candidate(to, purpose, **more), now)

    async def agrees(self, purpose: Any, number: str = LOS_ANGELES) -> None:
        async with self.database.transaction() as connection:
            await consent.record(connection, number=number, purpose=purpose, granted=True, text="words", source="widget")

    async def stops(self, number: str = LOS_ANGELES) -> None:
        async with self.database.transaction() as connection:
            await consent.stop(connection, number=number, text="STOP", now=NOON)

    async def wrote(self, number: str = LOS_ANGELES, *, at: datetime = NOON) -> None:
        """A text came in from there, ten minutes before."""
        row = {"id": new_id(), "provider": "ringcentral", "provider_id": str(uuid4()), "state": "taken", "outcome": "said"}
        earlier = at - timedelta(minutes=10)
        await self.town.run(sa.insert(InboundText).values(**row, from_number=number, sent_at=earlier, created_at=earlier))

    async def texter(self, number: str = LOS_ANGELES) -> UUID:
        """A conversation that goes on at this number."""
        visitor = await self.town.visitor()
        await self.town.run(sa.update(ChatSession).where(ChatSession.id == visitor.conversation).values(channel="sms", phone=number))
        await self.wrote(number)
        return visitor.conversation

    async def went(self, purpose: str, number: str = LOS_ANGELES, *, at: datetime = NOON, state: str = "sent", times: int = 1) -> None:
        """Texts that went there a minute before."""
        then = at - timedelta(minutes=1)
        rows = [
            {
                "id": new_id(), "key": str(uuid4()), "purpose": purpose, "to_number": number, "text": "-", "locale": "en",
                "encoding": "gsm7", "segments": 1, "state": state, "send_at": then, "created_at": then,
                "sending_at": None if state == "waiting" else then,
            }
            for _ in range(times)
        ]  # fmt: skip
        await self.town.run(sa.insert(TextMessage).values(rows))

    async def campaign(self, state: str = "running") -> UUID:
        id = new_id()
        reason = "staff" if state == "paused" else None
        await self.town.run(
            sa.insert(Campaign).values(id=id, name="-", variant="general", state=state, pause_reason=reason, approved_at=NOON)
        )
        return id


@pytest.fixture
async def desk(database: Database, profile: Profile) -> Desk:
    return Desk(database, await Town.found(database, profile))


class TestWhom:
    async def test_only_usual_numbers_of_the_countries(self, desk: Desk) -> None:
        for number in ("+19005557001", "+18765557001", "+442071234567", "+8613912345678", "+15", "nobody"):
            assert await desk.asks("code", number) == Refuse("Country")

    async def test_an_area_code_that_is_too_new_for_the_table(self, desk: Desk) -> None:
        for number in ("+18375557001", "+19245557001"):
            assert await desk.asks("code", number) == Pass()
        for nobodys in ("+15555557001", "+19115557001", "+13705557001", "+19605557001", "+18371557001", "+1837555700"):
            assert await desk.asks("code", nobodys) == Refuse("Country")

    async def test_a_stopped_number_gets_nothing_but_that_it_has_stopped(self, desk: Desk) -> None:
        conversation, campaign = await desk.texter(), await desk.campaign()
        await desk.agrees("transactional")
        await desk.agrees("marketing")
        await desk.town.run(sa.insert(Staff).values(**colleague(LOS_ANGELES)))
        given: dict[str, Any] = {"conversation": conversation, "campaign": campaign}
        purposes = ("reply", "person", "transactional", "marketing", "code", "staff")
        assert [await desk.asks(purpose, **given) for purpose in purposes] == [Pass()] * 6
        await desk.stops()
        assert [await desk.asks(purpose, **given) for purpose in purposes] == [Refuse("Stopped")] * 6
        assert await desk.asks("keyword") == Pass()

    async def test_a_number_that_no_text_reaches_until_one_comes_from_it(self, desk: Desk) -> None:
        await desk.town.run(sa.insert(TextNumber).values(number=LOS_ANGELES, unreachable_at=NOON))
        assert await desk.asks("code") == Refuse("Unreachable")
        await desk.wrote(at=NOON + timedelta(hours=1))
        assert await desk.asks("code") == Pass()


class TestReplies:
    async def test_only_who_wrote_from_that_number(self, desk: Desk) -> None:
        conversation = (await desk.town.visitor()).conversation
        assert await desk.asks("reply") == Refuse("NoConversation")
        assert await desk.asks("reply", conversation=conversation) == Refuse("NotAsked")
        await desk.wrote()
        assert await desk.asks("person", conversation=conversation) == Refuse("NotAsked")
        theirs = await desk.texter(NEW_YORK)
        assert await desk.asks("person", NEW_YORK, conversation=theirs) == Pass()
        assert await desk.asks("person", LOS_ANGELES, conversation=theirs) == Refuse("NotAsked")

    async def test_a_number_that_was_put_there_and_proved_by_nobody(self, desk: Desk) -> None:
        visitor = await desk.town.visitor()
        await desk.town.run(sa.update(ChatSession).where(ChatSession.id == visitor.conversation).values(phone=LOS_ANGELES))
        assert await desk.asks("reply", conversation=visitor.conversation) == Refuse("NotAsked")
        await desk.town.run(sa.update(ChatSession).values(phone=None))
        await desk.town.proved(visitor, LOS_ANGELES, now=NOON)
        assert await desk.asks("reply", conversation=visitor.conversation) == Pass()

    async def test_no_hours(self, desk: Desk) -> None:
        assert await desk.asks("reply", conversation=await desk.texter(), now=NIGHT) == Pass()

    async def test_the_assistant_alone_is_counted_and_muted(self, desk: Desk) -> None:
        conversation = await desk.texter()
        await desk.went("reply", times=2)
        assert await desk.asks("reply", conversation=conversation) == Refuse("TooMany")
        assert await desk.asks("reply", conversation=conversation, now=NOON + timedelta(hours=1)) == Pass()
        assert await desk.asks("person", conversation=conversation) == Pass()
        muted = {"number": LOS_ANGELES, "muted_until": NOON + timedelta(hours=3), "mute_reason": "loop"}
        await desk.town.run(sa.insert(TextNumber).values(muted))
        assert await desk.asks("reply", conversation=conversation, now=NOON + timedelta(hours=2)) == Refuse("Muted")
        assert await desk.asks("person", conversation=conversation, now=NOON + timedelta(hours=2)) == Pass()
        assert await desk.asks("reply", conversation=conversation, now=NOON + timedelta(hours=4)) == Pass()

    async def test_what_waits_counts_when_one_is_written_and_not_when_one_goes(self, desk: Desk) -> None:
        conversation = await desk.texter()
        await desk.went("reply", state="waiting", times=2)
        assert await desk.asks("reply", conversation=conversation) == Refuse("TooMany")
        assert await desk.asks("reply", conversation=conversation, text=new_id()) == Pass()

    async def test_numbers_alike_and_all_of_a_day(self, desk: Desk) -> None:
        for place in range(4):
            await desk.went("code", f"+1415555{9000 + place}")
        conversation = await desk.texter()
        assert await desk.asks("person", conversation=conversation) == Refuse("TooManyAlike")
        assert await desk.asks("code", NEW_YORK) == Pass()
        await desk.agrees("transactional")
        assert await desk.asks("transactional") == Wait(NOON + timedelta(hours=1), "TooManyAlike")
        await desk.went("transactional", "+13035557009", times=2)
        assert await desk.asks("code", NEW_YORK) == Refuse("TooManyToday")
        assert await desk.asks("code", NEW_YORK, now=NOON + timedelta(hours=25)) == Pass()


class TestCodes:
    async def test_few_an_hour_and_a_day(self, desk: Desk) -> None:
        await desk.went("code", times=3)
        assert await desk.asks("code") == Refuse("TooMany")
        assert await desk.asks("code", now=NOON + timedelta(hours=1), limits=SmsSettings()) == Pass()
        await desk.went("code", at=NOON - timedelta(hours=2), times=5)
        assert await desk.asks("code", now=NOON + timedelta(hours=1), limits=SmsSettings()) == Refuse("TooMany")


class TestKeywords:
    async def test_only_who_wrote_and_a_few_a_day(self, desk: Desk) -> None:
        assert await desk.asks("keyword") == Refuse("NotAsked")
        await desk.wrote()
        assert await desk.asks("keyword", now=NIGHT) == Pass()
        assert await desk.asks("keyword", now=NOON + timedelta(days=2)) == Refuse("NotAsked")
        await desk.went("keyword", times=gate.KEYWORDS_A_DAY)
        assert await desk.asks("keyword") == Refuse("TooMany")


class TestBookings:
    async def test_only_with_consent_and_by_day(self, desk: Desk) -> None:
        assert await desk.asks("transactional") == Refuse("NoConsent")
        await desk.agrees("marketing")
        assert await desk.asks("transactional") == Refuse("NoConsent")
        await desk.agrees("transactional")
        assert await desk.asks("transactional") == Pass()
        assert await desk.asks("transactional", now=NIGHT) == Wait(MORNING, "Hours")

    async def test_the_address_that_they_booked_for_counts_beside_the_number(self, desk: Desk) -> None:
        await desk.agrees("transactional", NEW_YORK)
        morning = datetime(2026, 11, 28, 13, 30, tzinfo=UTC)  # 8:30 in New York, 5:30 in California
        assert await desk.asks("transactional", NEW_YORK, now=morning) == Pass()
        customer = await booked(desk, "12 Elm Street, Fremont, CA 94539")
        later = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)
        assert await desk.asks("transactional", NEW_YORK, now=morning, customer=customer) == Wait(later, "Hours")


class TestCampaigns:
    async def test_only_with_consent_to_marketing_and_while_it_runs(self, desk: Desk) -> None:
        running = await desk.campaign()
        await desk.agrees("transactional")
        assert await desk.asks("marketing", campaign=running) == Refuse("NoConsent")
        await desk.agrees("marketing")
        assert await desk.asks("marketing", campaign=running) == Pass()
        assert await desk.asks("marketing") == Refuse("NoCampaign")
        assert await desk.asks("marketing", campaign=uuid4()) == Refuse("NoCampaign")
        assert await desk.asks("marketing", campaign=await desk.campaign("paused")) == Wait(NOON + gate.PAUSED, "CampaignPaused")
        for state in ("draft", "approved", "stopped"):
            assert await desk.asks("marketing", campaign=await desk.campaign(state)) == Refuse("CampaignOver")
        assert await desk.asks("marketing", campaign=running, now=NIGHT) == Wait(MORNING, "Hours")

    async def test_so_many_a_month_of_the_recipient_s(self, desk: Desk, profile: Profile) -> None:
        running, most = await desk.campaign(), profile.messages.sms.per_month
        await desk.agrees("marketing")
        await desk.went("marketing", at=datetime(2026, 11, 2, 20, tzinfo=UTC), times=most - 2)
        await desk.went("marketing", at=datetime(2026, 10, 31, 20, tzinfo=UTC), times=5)  # last month's
        for state in ("failed", "refused", "cancelled", "held"):
            await desk.went("marketing", state=state)
        await desk.went("marketing", state="unknown")
        assert await desk.asks("marketing", campaign=running) == Pass()
        await desk.went("marketing", state="waiting")
        assert await desk.asks("marketing", campaign=running) == Refuse("MonthFull")
        assert await desk.asks("marketing", campaign=running, text=new_id()) == Pass()  # it is the last one itself
        # It is December in London; in California it is not.
        assert await desk.asks("marketing", campaign=running, now=datetime(2026, 12, 1, 4, tzinfo=UTC)) == Refuse("MonthFull")
        assert await desk.asks("marketing", campaign=running, now=datetime(2026, 12, 1, 17, tzinfo=UTC)) == Pass()

    async def test_by_day_at_the_address_that_they_booked_for(self, desk: Desk) -> None:
        running, morning = await desk.campaign(), datetime(2026, 11, 28, 13, 30, tzinfo=UTC)  # 8:30 in New York
        await desk.agrees("marketing", NEW_YORK)
        customer = await booked(desk, "12 Elm Street, Fremont, CA 94539")
        asked: dict[str, Any] = {"campaign": running, "now": morning}
        assert await desk.asks("marketing", NEW_YORK, **asked) == Pass()
        later = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)
        assert await desk.asks("marketing", NEW_YORK, **asked, customer=customer) == Wait(later, "Hours")

    async def test_replies_do_not_fill_the_month(self, desk: Desk) -> None:
        await desk.agrees("marketing")
        await desk.went("reply", times=20)
        assert await desk.asks("marketing", campaign=await desk.campaign()) == Pass()


class TestColleagues:
    async def test_only_their_own_verified_number(self, desk: Desk) -> None:
        assert await desk.asks("staff") == Refuse("NotStaff")
        await desk.town.run(sa.insert(Staff).values(**colleague(LOS_ANGELES, verified=False)))
        assert await desk.asks("staff") == Refuse("NotStaff")
        await desk.town.run(sa.update(Staff).values(phone_verified_at=NOON, disabled_at=NOON))
        assert await desk.asks("staff") == Refuse("NotStaff")
        await desk.town.run(sa.update(Staff).values(disabled_at=None))
        assert await desk.asks("staff", now=NIGHT) == Pass()


class TestRaces:
    """A STOP that was committed between writing and sending wins: real transactions, a real worker, the simulator."""

    async def test_a_stop_that_is_being_written_is_waited_for(self, texting: Texting, rc: RingCentralServer) -> None:
        desk, ana = Desk(texting.database, texting.town), await texting.texter()
        written = await texting.write(text="Our last offer", conversation=ana.conversation)
        async with desk.database.transaction() as connection:
            await consent.stop(connection, number=LOS_ANGELES, text="STOP", now=NOON)
            sending = asyncio.create_task(texting.sends())
            await waiting_for_a_lock(desk.database)
        await sending
        assert (await texting.row(written.id)).state == "refused" and rc.sent == []

    async def test_whichever_is_first(self, texting: Texting, rc: RingCentralServer) -> None:
        """What went was on its way before the STOP was kept; what had not gone by then never does."""
        desk, ana = Desk(texting.database, texting.town), await texting.texter()
        for place in range(6):
            await texting.write(text=f"Part {place}", conversation=ana.conversation)
        sending = asyncio.create_task(texting.sends())
        await asyncio.gather(*(asyncio.create_task(desk.stops()) for _ in range(2)), sending)
        async with desk.database.transaction() as connection:
            [entry] = await consent.ledger(connection, LOS_ANGELES)
        texts = await texting.texts(ana)
        sent = [row for row in texts if row.state != "refused"]
        assert len(rc.sent) == len(sent) < len(texts)
        assert all(row.state == "sent" and row.sending_at < entry.at for row in sent)


async def waiting_for_a_lock(database: Database) -> None:
    """Until somebody waits for an advisory lock."""
    query = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(5):
        while True:
            async with database.primary.connect() as connection:
                if (await connection.execute(query)).scalar_one():
                    return
            await asyncio.sleep(0.01)


def colleague(phone: str, *, verified: bool = True) -> dict[str, Any]:
    row = {"id": new_id(), "email": f"{new_id()}@example.com", "name": "Dana", "role": "agent", "password_hash": "", "phone": phone}
    return {**row, "phone_verified_at": NOON if verified else None}


async def booked(desk: Desk, address: str) -> UUID:
    """Somebody who had a party at this address; returns the customer."""
    visitor = await desk.town.visitor()
    await desk.town.run(
        sa.text(
            "INSERT INTO ops.booking (id, conversation_id, customer_id, station, day, slot, lane, starts_at, ends_at, busy, status, guests,"
            " address, profile_fingerprint, card_id) VALUES (:id, :conversation, :customer, 'fremont', '2026-12-24', '15:00', 1,"
            " '2026-12-24 23:00+00', '2026-12-25 01:00+00', '[2026-12-24 22:00+00,2026-12-25 01:15+00)', 'completed', 12,"
            " :address, '', :card)"
        ),
        id=new_id(), conversation=visitor.conversation, customer=visitor.customer, address=address, card=new_id(),
    )  # fmt: skip
    return visitor.customer
