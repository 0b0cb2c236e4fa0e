"""The webhook that mail comes in by, and a conversation of Ana's to answer to."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx
import sqlalchemy as sa

from business.conversations.log import Announcement
from business.conversations.receive import receive
from business.customers import visitors
from business.customers.details import details, tell
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from gateway.http.email_hooks import PATH
from kernel.tables.ai import ChatMessage, StaffEvent
from tests.emails.office import NOW, REPLIES, Office

KEY = "the key of the webhook"
ADDRESS = "ana@customers.house"


class Mailbox:
    """The webhook, and a conversation of Ana's to answer to."""

    def __init__(self, office: Office, client: httpx.AsyncClient, told: list[Announcement]) -> None:
        self.office, self.client, self.told = office, client, told
        self.conversation = uuid4()

    @property
    def replies(self) -> str:
        return self.office.links.reply_to(self.conversation, REPLIES)

    async def begin(self) -> None:
        """Ana writes in the chat, and says her address."""
        database = self.office.database
        async with database.transaction() as connection:
            await ensure_demo(connection)
            site = await site_by_key(connection, "demo")
            assert site is not None
        visitor = visitors.mint("secret", site.id, site.key, datetime.now(UTC))
        self.conversation = visitor.conversation
        await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="Hello!", now=NOW))
        said = details("Ana", ADDRESS, None, None, None, "+1 510 555 0142")
        await database.unit(lambda c: tell(c, self.conversation, said, ""))

    async def post(self, given: EmailMessage | bytes, key: str = KEY, **headers: str) -> httpx.Response:
        raw = given if isinstance(given, bytes) else given.as_bytes()
        return await self.client.post(PATH, content=raw, headers={"Authorization": f"Bearer {key}", **headers})

    async def outcome(self, given: EmailMessage | bytes) -> str:
        response = await self.post(given)
        assert response.status_code == 200, response.text
        return str(response.json()["outcome"])

    async def all(self, query: Any) -> list[Any]:
        async with self.office.database.transaction() as connection:
            return list((await connection.execute(query)).all())

    async def said(self) -> list[str]:
        """What the customer said since the chat."""
        query = sa.select(ChatMessage.text).where(ChatMessage.conversation_id == self.conversation, ChatMessage.author_kind == "customer")
        return [row.text for row in await self.all(query.order_by(ChatMessage.seq))][1:]

    async def notes(self) -> list[str]:
        query = sa.select(StaffEvent.payload).where(StaffEvent.conversation_id == self.conversation, StaffEvent.kind == "note")
        return [row.payload["text"] for row in await self.all(query)]
