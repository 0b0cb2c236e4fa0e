"""An install that writes e-mails, and workers that send them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from business.emails.samples import Samples
from business.emails.sending import Post
from business.emails.smtp import Postman, Server
from business.emails.writing import write
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.jobs import SendEmail
from kernel.tables.ops import Email, Outbox
from tests.rig.smtp import SmtpServer
from workers.crash import NEVER, Crash
from workers.emails import Emails

BASE = "https://chat.hibachi.house"
SENDER = "hello@hibachi.house"
REPLIES = "replies@hibachi.house"
NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@dataclass
class Office:
    """Writes mails, and has workers that send them."""

    database: Database
    profile: Profile
    smtp: SmtpServer
    links: Links

    async def write(self, to: str = "ana@customers.house", *, kind: str = "welcome", key: str | None = None, **more: Any) -> UUID:
        values = more.pop("values", None) or Samples(self.profile, BASE, NOW).of(kind)
        given = {"to_name": "Ana Perez", "locale": "en", **more}
        found = await self.database.unit(
            lambda c: write(c, self.profile, self.links, kind=kind, to=to, values=values, key=key or str(uuid4()), **given)
        )
        assert found is not None
        return found

    def worker(self, *, timeout: float = 2.0, crash: Crash = NEVER, database: Database | None = None, **more: Any) -> Emails:
        """One that looks when it is told to."""
        server = Server(
            "127.0.0.1", self.smtp.port, more.pop("tls", "none"), "chat.hibachi.house", timeout=timeout, **more.pop("login", {})
        )
        post = Post(more.pop("sender", SENDER), more.pop("replies", REPLIES), True)
        postman = Postman(server)
        given = (database or self.database, postman, post, lambda: self.profile, self.links, lambda: NOW)
        return Emails(*given, timeout=timeout, crash=crash, **more)

    async def sent(self, worker: Emails | None = None, **options: Any) -> None:
        """What is due goes out."""
        mine = worker or self.worker(**options)
        while await mine.look():
            await mine.idle()
        await mine._closing.close()

    async def row(self, email: UUID) -> Any:
        async with self.database.transaction() as connection:
            return (await connection.execute(sa.select(Email).where(Email.id == email))).one()

    async def state(self, email: UUID) -> str:
        return str((await self.row(email)).state)

    async def effects(self) -> list[Any]:
        async with self.database.transaction() as connection:
            query = sa.select(Outbox.__table__).where(Outbox.kind == SendEmail.kind)
            return list((await connection.execute(query)).all())

    async def time_passes(self) -> None:
        """What waits for its next try is due now, and no lease lasts."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.state == "new").values(next_at=past))
            await connection.execute(sa.update(Outbox).where(Outbox.state == "working").values(lease_until=past))
