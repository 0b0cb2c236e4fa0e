"""The rows of files: whose each is, who may read it, and that each is used in one message of one conversation."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.uploads.folder import Stored
from kernel.errors import NotFound, RateLimited
from kernel.ids import new_id
from kernel.tables.ai import Upload
from kernel.wire.server import Attachment

PER_DAY = 20  # of a visitor
MISSING = "One of the files is not there, or was sent already. Please add it again."


@dataclass(frozen=True, slots=True)
class Sender:
    """A visitor, by the conversation that their token opens, or a member of staff."""

    conversation: UUID | None = None
    staff: UUID | None = None

    def owns(self) -> ColumnElement[bool]:
        if self.staff is not None:
            return Upload.staff_id == self.staff
        return (Upload.conversation_id == self.conversation) & Upload.staff_id.is_(None)


async def refuse_if_spent(connection: AsyncConnection, sender: Sender) -> None:
    """A visitor's files of a day. Raises RateLimited."""
    if sender.staff is not None:
        return
    since = func.clock_timestamp() - timedelta(days=1)
    if (await connection.scalar(select(func.count()).where(sender.owns(), Upload.created_at > since)) or 0) >= PER_DAY:
        raise RateLimited(f"That were {PER_DAY} files today. Please send more tomorrow.", retry_after_ms=3_600_000)


async def record(connection: AsyncConnection, sender: Sender, name: str, stored: Stored) -> Attachment:
    """Remember a file that is in its place. Raises RateLimited."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"upload {sender.conversation or sender.staff}", 0))))
    await refuse_if_spent(connection, sender)
    upload = Attachment(id=new_id(), name=name, type=stored.kind.type, size=stored.size)
    await connection.execute(
        insert(Upload).values(
            id=upload.id,
            conversation_id=sender.conversation,
            staff_id=sender.staff,
            name=name,
            type=upload.type,
            size=upload.size,
            sha256=stored.sha256,
        )
    )
    return upload


async def claim(connection: AsyncConnection, sender: Sender, wanted: tuple[UUID, ...]) -> list[Attachment]:
    """The sender's own unused files, in the order given, held until the transaction ends. Raises NotFound for any other."""
    if not wanted:
        return []
    rows = await connection.execute(
        select(Upload.id, Upload.name, Upload.type, Upload.size)
        .where(Upload.id.in_(wanted), sender.owns(), Upload.message_id.is_(None))
        .with_for_update()
    )
    found = {row.id: Attachment(id=row.id, name=row.name, type=row.type, size=row.size) for row in rows}
    if len(found) != len(wanted):
        raise NotFound(MISSING)
    return [found[id] for id in wanted]


async def use(connection: AsyncConnection, files: list[Attachment], conversation: UUID, message: UUID) -> None:
    """They are part of this message from now on; its row may be written later in the transaction."""
    if files:
        ids = [file.id for file in files]
        await connection.execute(update(Upload).where(Upload.id.in_(ids)).values(conversation_id=conversation, message_id=message))


async def readable(connection: AsyncConnection, upload: UUID, conversation: UUID | None) -> Any:
    """`name, type, sha256` for a visitor of `conversation`, or (None) for staff. Raises NotFound."""
    query = select(Upload.name, Upload.type, Upload.sha256).where(Upload.id == upload)
    if conversation is not None:
        query = query.where(Upload.conversation_id == conversation)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    return row
