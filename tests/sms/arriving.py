"""An install that texts come in at: its webhook on loopback, and workers that fetch what it hears of."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from business.channels import subscriptions
from business.channels.configured import text_provider
from business.channels.provider import TextProvider
from gateway.http.ringcentral import PROVIDER, RingCentralHooks
from gateway.simulator.faults import On
from kernel.database import Database
from kernel.jobs import FetchText, NotifyStaff
from kernel.tables.ai import ChatMessage, ChatSession, StaffEvent, Turn
from kernel.tables.ops import InboundText, Outbox, TextMessage, TextNumber, TextSubscription
from tests.sms.people import number
from tests.sms.texting import Texting
from workers.channels import Arrivals
from workers.crash import NEVER, Crash
from workers.text_receiver import Receiver
from workers.text_watch import TextWatch

GATHER = 0.3
"""Seconds in which more is waited for before a text is answered."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals stay pytest's


@asynccontextmanager
async def answering(app: ASGIApp) -> AsyncIterator[str]:
    """The app on a port of loopback; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


@dataclass
class Arriving:
    """Phones write, and what comes of it is read from PostgreSQL."""

    texting: Texting
    base: str
    provider: TextProvider
    files_per_day: int = 20
    phone: str = ""  # of this test alone

    @property
    def database(self) -> Database:
        return self.texting.database

    def receiver(self, database: Database | None = None) -> Receiver:
        folder, countries = self.texting.folder, ("US", "CA")
        given = (self.texting.bus, self.provider, countries, self.files_per_day, GATHER, lambda: self.texting.town.profile, folder)
        return Receiver(database or self.database, *given, self.texting.clock)

    def worker(self, *, crash: Crash = NEVER, database: Database | None = None, **more: Any) -> Arrivals:
        """One that looks when it is told to."""
        return Arrivals(database or self.database, self.receiver(database), timeout=1.0, crash=crash, **more)

    def watch(self, *, base: str | None = None, database: Database | None = None) -> TextWatch:
        reached = base or self.base
        address = lambda secret: f"{reached}/webhooks/ringcentral/{secret}"  # noqa: E731
        return TextWatch(database or self.database, self.receiver(database), address, 60.0, self.texting.clock)

    async def subscribes(self) -> None:
        """The webhook is made."""
        await self.watch().look()
        assert (await self.subscription()).state == "active"

    async def fetches(self, *workers: Arrivals) -> None:
        """What was announced is fetched, by all of these at once."""
        mine = workers or (self.worker(),)
        while any(await asyncio.gather(*(one.look() for one in mine))):
            await asyncio.gather(*(one.idle() for one in mine))

    async def begins(self) -> None:
        """A test: a phone that nobody had, no webhook yet, everything well, and the time that it is."""
        rc = self.texting.rc
        self.phone, self.files_per_day, self.texting.clock.by = number(), 20, timedelta()
        for kind in get_args(On):
            rc.behave(on=kind)
        rc.account.subscriptions.clear()
        rc.account.texts.clear()
        async with self.database.transaction() as connection:
            for table in (TextSubscription, InboundText, TextNumber, Outbox):
                await connection.execute(sa.delete(table))

    async def comes(self, text: str, phone: str | None = None, **more: Any) -> str:
        """A phone writes, its webhook is heard, and it is fetched."""
        id = self.texting.rc.say(phone or self.phone, text, **more)
        await self.texting.rc.settled()
        await self.fetches()
        return id

    async def time_passes(self, minutes: float) -> None:
        """Later, by every clock; what waits for its next try is due."""
        self.texting.clock.by += timedelta(minutes=minutes)
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=past))

    async def all_fetched(self) -> None:
        """Whatever is tried again was tried again."""
        for _ in range(8):
            await self.time_passes(1)
            await self.fetches()
            if not await self.effects("new"):
                return

    async def rows(self, query: Any) -> list[Any]:
        return await self.texting.town.rows(query)

    async def subscription(self) -> Any:
        return await self.database.unit(lambda c: subscriptions.read(c, PROVIDER))

    async def came(self) -> list[Any]:
        """The rows of texts that came in, as they were sent."""
        return await self.rows(sa.select(InboundText).order_by(InboundText.sent_at, InboundText.provider_id))

    async def said(self, phone: str | None = None) -> list[str]:
        """What stands in the conversation of a number, by its customer."""
        query = sa.select(ChatMessage.text).join(ChatSession, ChatSession.id == ChatMessage.conversation_id)
        theirs = query.where(ChatSession.phone == (phone or self.phone), ChatMessage.author_kind == "customer")
        return [row.text for row in await self.rows(theirs.order_by(ChatMessage.seq))]

    async def conversation(self, phone: str | None = None) -> Any:
        (row,) = await self.conversations(phone)
        return row

    async def conversations(self, phone: str | None = None) -> list[Any]:
        return await self.rows(sa.select(ChatSession).where(ChatSession.phone == (phone or self.phone)))

    async def waiting_turns(self) -> int:
        query = sa.select(Turn.id).join(ChatSession, ChatSession.id == Turn.conversation_id)
        return len(await self.rows(query.where(Turn.state == "queued", ChatSession.phone == self.phone)))

    async def staff_log(self, kind: str) -> list[dict[str, Any]]:
        query = sa.select(StaffEvent.payload).join(ChatSession, ChatSession.id == StaffEvent.conversation_id)
        return [row.payload for row in await self.rows(query.where(ChatSession.phone == self.phone, StaffEvent.kind == kind))]

    async def called(self, reason: str) -> int:
        """How often staff are to hear of it."""
        told = Outbox.kind == NotifyStaff.kind, Outbox.payload["reason"].astext == reason
        return len(await self.rows(sa.select(Outbox.id).where(*told)))

    async def written(self, purpose: str = "keyword") -> list[str]:
        """Our texts of this purpose."""
        query = sa.select(TextMessage.text).where(TextMessage.purpose == purpose, TextMessage.to_number == self.phone)
        return [row.text for row in await self.rows(query.order_by(TextMessage.created_at))]

    async def effects(self, state: str) -> list[Any]:
        return await self.rows(sa.select(Outbox.__table__).where(Outbox.kind == FetchText.kind, Outbox.state == state))

    async def muted(self) -> str | None:
        """Why."""
        rows = await self.rows(sa.select(TextNumber).where(TextNumber.number == self.phone))
        return rows[0].mute_reason if rows else None


@asynccontextmanager
async def arriving(texting: Texting) -> AsyncIterator[Arriving]:
    """Not subscribed yet."""
    environ = {"SECRET": texting.rc.client_secret, "JWT": texting.rc.jwt}
    provider = text_provider(texting.limits(), environ, pauses=())
    assert provider is not None
    hooks = RingCentralHooks(texting.database, True, texting.clock, read_every=0)  # a test may have made another secret
    async with answering(Starlette(routes=hooks.routes())) as base:
        yield Arriving(texting, base, provider)
    await provider.close()
