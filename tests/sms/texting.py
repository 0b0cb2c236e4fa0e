"""An install that answers by text, and workers that send what it writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.channels.configured import text_provider
from business.channels.outgoing import Written
from business.channels.writing import write
from business.conversations import staffing, turns
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.links.signing import Links
from business.uploads.folder import UploadFolder
from gateway.simulator.server import RingCentralServer
from kernel.bus import Bus
from kernel.database import Database
from kernel.ids import StaffId, TurnId, new_id
from kernel.jobs import SendText
from kernel.settings.schema import SmsSettings
from kernel.tables.ai import ChatSession, StaffEvent
from kernel.tables.ops import InboundText, Notification, Outbox, TextMessage
from tests.rig.ringcentral import LOS_ANGELES
from tests.sms.people import Town
from workers.crash import NEVER, Crash
from workers.text_rest import Rest
from workers.texts import Texts

BASE = "https://chat.hibachi.house"
NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@dataclass
class Ahead:
    """The provider's clock."""

    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class Texting:
    """Writes texts, and has workers that send them."""

    town: Town
    bus: Bus
    rc: RingCentralServer
    folder: UploadFolder
    clock: Ahead
    links: Links = field(default_factory=lambda: Links(lambda: BASE, "secret"))
    now: datetime = NOW

    @property
    def database(self) -> Database:
        return self.town.database

    def limits(self, **more: Any) -> SmsSettings:
        given: dict[str, Any] = {"provider": "ringcentral", "client_id": self.rc.client_id, "client_secret_env": "SECRET", "jwt_env": "JWT"}
        wide = {"per_minute": 10_000, "per_prefix_hour": 100_000, "per_day": 100_000, **more}
        return SmsSettings(**given, address=self.rc.base, timeout_s=1.0, **wide)

    def worker(self, *, crash: Crash = NEVER, database: Database | None = None, provider: bool = True, **more: Any) -> Texts:
        """One that looks when it is told to."""
        delays = more.pop("delays", None)
        limits = self.limits(**more)
        environ = {"SECRET": self.rc.client_secret, "JWT": self.rc.jwt}
        speaks = text_provider(limits, environ, pauses=()) if provider else None
        given = (self.bus, speaks, limits, lambda: self.town.profile, self.links, self.folder, lambda: self.now)
        return Texts(database or self.database, *given, crash=crash, **({} if delays is None else {"delays": delays}))

    async def sends(self, worker: Texts | None = None, **options: Any) -> None:
        """What is due goes out."""
        mine = worker or self.worker(**options)
        while await mine.look():
            await mine.idle()
        await mine._closing.close()

    async def texter(self, phone: str = LOS_ANGELES, text: str = "hello", *, locale: str | None = None) -> Visitor:
        """Somebody whose conversation goes on by text from this number."""
        visitor = await self.town.visitor(text)
        async with self.database.transaction() as connection:
            changed = sa.update(ChatSession).where(ChatSession.id == visitor.conversation)
            await connection.execute(changed.values(channel="sms", phone=phone, our_phone=self.rc.number, locale=locale))
            await connection.execute(
                sa.insert(InboundText).values(
                    id=new_id(), provider="ringcentral", provider_id=str(uuid4()), state="taken", outcome="said", from_number=phone,
                    to_number=self.rc.number, text=text, conversation_id=visitor.conversation, sent_at=self.now,
                )
            )  # fmt: skip
        return visitor

    async def write(self, phone: str = LOS_ANGELES, text: str = "Hi", *, conversation: UUID | None = None, **more: Any) -> Written:
        given = {"purpose": "person", "key": str(uuid4()), "locale": "en", "now": self.now, **more}
        return await self.database.unit(lambda c: write(c, self.town.profile, to=phone, text=text, conversation=conversation, **given))

    async def begin(self, visitor: Visitor) -> TurnId:
        """The waiting turn runs."""
        claim, _ = await self.database.unit(lambda c: turns.claim(c, visitor.conversation, "here", "postgres"))
        assert isinstance(claim, turns.Claim)
        return claim.turn

    async def finish(self, visitor: Visitor, turn: TurnId, said: str) -> turns.Ended | None:
        """The reply is whole."""
        return await self.database.unit(
            lambda c: turns.finish(
                c, visitor.conversation, turn, 1, said=said, name="Assistant", agent="menu", model="house", sources=[], memory=None,
                hand_over=_nobody,
            )
        )  # fmt: skip

    async def replies(self, visitor: Visitor, said: str) -> None:
        """The assistant answers what waits."""
        assert await self.finish(visitor, await self.begin(visitor), said) is not None

    async def take_over(self, visitor: Visitor, staff: UUID) -> int:
        """Returns the epoch."""
        actor = Actor(StaffId(staff), "Dana")
        epoch = (await self.conversation(visitor)).epoch
        moved = await self.database.unit(lambda c: ownership.take(c, visitor.conversation, actor, epoch=epoch))
        return moved.epoch

    async def colleague(self, visitor: Visitor, staff: UUID, text: str, epoch: int, attachments: Sequence[UUID] = ()) -> UUID:
        said = await self.database.unit(
            lambda c: staffing.say(
                c, visitor.conversation, staff, "Dana", client_id=uuid4(), text=text, epoch=epoch, attachments=tuple(attachments)
            )
        )
        return said.message

    async def conversation(self, visitor: Visitor) -> Any:
        return await self.town.conversation(visitor)

    async def texts(self, visitor: Visitor | None = None) -> list[Any]:
        """In the order in which they were written."""
        query = sa.select(TextMessage).order_by(TextMessage.created_at)
        return await self.town.rows(query if visitor is None else query.where(TextMessage.conversation_id == visitor.conversation))

    async def row(self, text: UUID) -> Any:
        return (await self.town.rows(sa.select(TextMessage).where(TextMessage.id == text)))[0]

    async def state(self, text: UUID) -> str:
        return str((await self.row(text)).state)

    async def told(self, visitor: Visitor) -> list[tuple[str, str | None]]:
        """What the staff's log says of texts."""
        query = sa.select(StaffEvent.payload).where(StaffEvent.conversation_id == visitor.conversation, StaffEvent.kind == "text")
        return [(row.payload["state"], row.payload.get("error")) for row in await self.town.rows(query.order_by(StaffEvent.staff_seq))]

    async def alarms(self) -> int:
        return len(await self.town.rows(sa.select(Notification.id).where(Notification.kind == "text_unknown")))

    async def effects(self, kind: str = SendText.kind) -> list[Any]:
        return await self.town.rows(sa.select(Outbox.__table__).where(Outbox.kind == kind))

    async def time_passes(self, minutes: float = 0) -> None:
        """What waits for its next try is due now, no lease lasts, what was being sent was so long ago, no rest lasts; the provider's clock
        goes on."""
        self.clock.by += timedelta(minutes=minutes, seconds=1)
        await self.bus.redis.delete(*(Rest(self.bus, what, self.limits()).key for what in ("send", "read")))
        past, ago = sa.func.clock_timestamp() - timedelta(seconds=1), timedelta(minutes=minutes)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=past))
            await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))
            earlier = {"sending_at": TextMessage.sending_at - ago, "changed_at": TextMessage.changed_at - ago}
            await connection.execute(sa.update(TextMessage).values(earlier))


async def _nobody(*_: object) -> None:
    """Nobody is handed over."""
