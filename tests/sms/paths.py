"""Every way in which a text can come into being, or be sent on its way again. Each is a generator: what comes before it yields happens
while the number may be written to; the number may have stopped when it goes on."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.bookings.telling import Telling
from business.campaigns import running
from business.campaigns.life import Means
from business.cards.wording import labels
from business.channels import consent, states
from business.conversations.log import writing
from business.handoffs import escalation
from business.handoffs.escalation import Called
from kernel import outbox
from kernel.ids import new_id
from kernel.jobs import SendText
from kernel.tables.core import Staff
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import TextMessage
from kernel.wire.server import Author
from tests.sms.texting import NOW, Texting

NIGHT, MORNING = datetime(2026, 11, 29, 6, 0, tzinfo=UTC), datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
Path = Callable[["Number"], AsyncIterator[None]]


@dataclass(frozen=True)
class Number:
    """A phone in California, and the install that writes to it."""

    texting: Texting
    phone: str

    async def agrees(self, purpose: Any) -> None:
        async with self.texting.database.transaction() as connection:
            await consent.record(connection, number=self.phone, purpose=purpose, granted=True, text="words", source="widget")

    async def retried(self, text: UUID, staff: UUID) -> None:
        async with self.texting.database.transaction() as connection:
            await states.retry(connection, text, staff, sure=True)

    async def campaign(self, **more: Any) -> UUID:
        """One that runs, and has this number."""
        await self.agrees("marketing")
        id = new_id()
        values = {"name": "-", "variant": "general", "texts": {"en": "20 % off"}, "reminder": {"en": "Still 20 % off"}, "state": "running"}
        await self.texting.town.run(sa.insert(Campaign).values(id=id, approved_at=NOW, started_at=NOW, **values))
        person = (await self.texting.town.visitor()).customer
        row = {"campaign_id": id, "number": self.phone, "customer_id": person, "locale": "en", "zone": "America/Los_Angeles", "due_at": NOW}
        await self.texting.town.run(sa.insert(CampaignRecipient).values(**{**row, **more}))
        return id

    async def tick(self, campaign: UUID) -> None:
        means = Means(self.texting.town.profile, self.texting.limits(), "https://chat.hibachi.house")
        await self.texting.database.unit(lambda c: running.tick(c, means, campaign, 1, self.texting.now))

    async def waiting_for_morning(self) -> None:
        self.texting.now = MORNING
        await self.texting.time_passes()


async def the_assistant(number: Number) -> AsyncIterator[None]:
    ana = await number.texting.texter(number.phone)
    turn = await number.texting.begin(ana)
    yield
    await number.texting.finish(ana, turn, "We bring the grill.")


async def a_colleague(number: Number) -> AsyncIterator[None]:
    ana, staff = await number.texting.texter(number.phone), await number.texting.town.staff()
    epoch = await number.texting.take_over(ana, staff)
    yield
    await number.texting.colleague(ana, staff, "Dana here.", epoch)


async def a_line_of_the_system(number: Number) -> AsyncIterator[None]:
    ana = await number.texting.texter(number.phone)
    yield
    async with number.texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
        log.say(Author(kind="system", name="Assistant"), "It takes a little longer.")


async def written_while_it_might(number: Number) -> AsyncIterator[None]:
    ana = await number.texting.texter(number.phone)
    await number.texting.write(number.phone, conversation=ana.conversation)
    yield


async def written_anew(number: Number) -> AsyncIterator[None]:
    await number.agrees("transactional")
    yield
    await number.texting.write(number.phone, "Your party is tomorrow", purpose="transactional")


async def written_at_night(number: Number) -> AsyncIterator[None]:
    await number.agrees("transactional")
    number.texting.now = NIGHT
    await number.texting.write(number.phone, "Your party is tomorrow", purpose="transactional")
    yield
    await number.waiting_for_morning()


async def put_off_by_the_worker(number: Number) -> AsyncIterator[None]:
    await number.agrees("transactional")
    await number.texting.write(number.phone, "Your party is tomorrow", purpose="transactional")
    number.texting.now = NIGHT
    await number.texting.sends()
    yield
    await number.waiting_for_morning()


async def a_code(number: Number) -> AsyncIterator[None]:
    visitor = await number.texting.town.visitor()
    yield
    await number.texting.town.code(visitor, number.phone)


async def a_colleague_is_called(number: Number) -> AsyncIterator[None]:
    staff, ana = await number.texting.town.staff(), await number.texting.town.visitor()
    await number.texting.town.run(sa.update(Staff).where(Staff.id == staff).values(phone=number.phone, phone_verified_at=NOW))
    yield
    handoff = SimpleNamespace(kind="human", urgency="severe", created_at=NOW)
    called = Called([SimpleNamespace(id=staff, phone=number.phone)], False)
    async with number.texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
        await escalation._text(log, number.texting.town.profile, number.texting.links, handoff, str(uuid4()), called, NOW)


async def a_campaign(number: Number) -> AsyncIterator[None]:
    campaign = await number.campaign()
    yield
    await number.tick(campaign)


async def a_campaign_that_has_written(number: Number) -> AsyncIterator[None]:
    await number.tick(await number.campaign())
    yield


async def a_campaign_s_reminder(number: Number) -> AsyncIterator[None]:
    first = {"id": new_id(), "key": str(uuid4()), "purpose": "marketing", "to_number": number.phone, "text": "20 % off", "locale": "en"}
    then = NOW - timedelta(days=2)
    gone = {"encoding": "gsm7", "segments": 1, "state": "sent", "created_at": then, "sending_at": then}
    await number.texting.town.run(sa.insert(TextMessage).values(**first, **gone))
    campaign = await number.campaign(state="written", text_id=first["id"], written_at=then, remind_at=NOW, customer_id=uuid4())
    yield
    await number.tick(campaign)


async def sent_again_by_a_person(number: Number) -> AsyncIterator[None]:
    ana, staff = await number.texting.texter(number.phone), await number.texting.town.staff()
    texts = []
    for state in states.RETRIED:
        text = (await number.texting.write(number.phone, f"It was {state}", conversation=ana.conversation)).id
        await number.texting.town.run(sa.update(TextMessage).where(TextMessage.id == text).values(state=state))
        texts.append(text)
    yield
    for text in texts:
        await number.retried(text, staff)


async def tried_again_later(number: Number) -> AsyncIterator[None]:
    ana = await number.texting.texter(number.phone)
    await number.texting.write(number.phone, conversation=ana.conversation)
    number.texting.rc.behave("429")
    await number.texting.sends()
    yield
    await number.texting.time_passes(minutes=5)


async def left_by_a_worker_that_died(number: Number) -> AsyncIterator[None]:
    ana = await number.texting.texter(number.phone)
    await number.texting.write(number.phone, conversation=ana.conversation)
    async with number.texting.database.transaction() as connection:
        await outbox.claim_due(connection, (SendText.kind,), 50)
    yield
    await number.texting.time_passes()


async def reminded_of_a_party(number: Number) -> AsyncIterator[None]:
    await number.agrees("transactional")
    ana, texting = await number.texting.town.visitor(), number.texting
    yield
    booking: Any = SimpleNamespace(id=new_id(), phone=number.phone, customer=ana.customer)
    async with texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
        telling = Telling(connection, texting.town.profile, texting.links, log, booking, labels("en"), NOW)
        await telling.text("text_day_before", "day_before", guests="12", when="tomorrow at 3 PM")


PATHS: dict[str, tuple[Path, ...]] = {
    "business/channels/writing.py:write > store": (written_while_it_might, written_anew, written_at_night),
    "business/channels/replying.py:write > store": (the_assistant, a_colleague, a_line_of_the_system),
    "business/channels/receiving.py:_settle > write": (),  # the one answer that a STOP gets: see the test of keywords
    "business/channels/proving.py:send > write": (a_code,),
    "business/bookings/telling.py:text > write": (reminded_of_a_party,),
    "business/handoffs/escalation.py:_text > write": (a_colleague_is_called,),
    "business/campaigns/recipient.py:_write > write": (a_campaign, a_campaign_that_has_written, a_campaign_s_reminder),
    "business/channels/outgoing.py:store > enqueue": (written_while_it_might,),
    "business/channels/outgoing.py:enqueue > SendText": (written_while_it_might,),
    "business/channels/states.py:postpone > enqueue": (put_off_by_the_worker,),
    "business/channels/states.py:retry > enqueue": (sent_again_by_a_person,),
    "workers/texts.py:_handed_over > provider": (tried_again_later, left_by_a_worker_that_died),
}
"""By each place in the code that writes a text, or hands one on: a place that is not here fails the test."""
