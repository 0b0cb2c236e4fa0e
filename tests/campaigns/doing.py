"""What recipients of a campaign do, as rows: they answer, write, book, leave; and what is counted of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.campaigns import results
from business.campaigns.results import Tally
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.crm import Consent
from kernel.tables.marketing import CampaignRecipient
from kernel.tables.ops import InboundText
from tests.campaigns.crowd import party
from tests.campaigns.wave import Wave

CALIFORNIA = ("510",)


async def answer(wave: Wave, number: str, outcome: str = "said") -> None:
    row = {"id": uuid4(), "provider": "ringcentral", "provider_id": str(uuid4()), "from_number": number, "to_number": wave.rc.number}
    async with wave.database.transaction() as connection:
        await connection.execute(sa.insert(InboundText).values(**row, text="Yes!", state="taken", outcome=outcome))


async def chat(wave: Wave, customer: UUID) -> None:
    """They write on the page."""
    conversation = uuid4()
    async with wave.database.transaction() as connection:
        row = {"id": conversation, "customer_id": customer, "history": "h", "site_id": uuid4(), "channel": "web"}
        await connection.execute(sa.insert(ChatSession).values(**row))
        said = {"id": uuid4(), "conversation_id": conversation, "seq": 1, "author_kind": "customer", "author_name": "Guest"}
        await connection.execute(sa.insert(ChatMessage).values(**said, text="Hi", format="plain"))


async def tallied(wave: Wave, campaign: UUID) -> Tally:
    async with wave.database.transaction() as connection:
        return (await results.tallies(connection, [campaign]))[campaign]


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
