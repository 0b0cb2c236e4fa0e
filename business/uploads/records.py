"""The rows of files: whose each is, who may read it, and that each is used in one message or note of one conversation."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.uploads.folder import Stored, UploadFolder
from kernel import locks
from kernel.errors import NotFound, RateLimited, Unavailable
from kernel.ids import new_id
from kernel.tables.ai import Upload
from kernel.wire.server import Attachment

LIFE = timedelta(days=1)  # of a file that nobody uses: then it may not be used any more, and is swept
DAY_MS = 86_400_000
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


def unused() -> ColumnElement[bool]:
    """Part of no message and no note."""
    return Upload.message_id.is_(None) & or_(Upload.staff_id.is_(None), Upload.conversation_id.is_(None))


def over() -> ColumnElement[bool]:
    """So old that it may not be used any more, by PostgreSQL's clock alone."""
    return Upload.created_at <= func.clock_timestamp() - LIFE


async def refuse_if_spent(connection: AsyncConnection, sender: Sender, per_day: int) -> None:
    """A visitor's files of the last 24 hours. Raises RateLimited, which says when the oldest of them no longer counts."""
    if sender.staff is not None:
        return
    free_at = await connection.scalar(
        select(func.extract("epoch", Upload.created_at + timedelta(days=1) - func.clock_timestamp()))
        .where(sender.owns(), Upload.created_at > func.clock_timestamp() - timedelta(days=1))
        .order_by(Upload.created_at.desc())
        .offset(per_day - 1)
        .limit(1)
    )
    if free_at is not None:
        wait = min(DAY_MS, max(1000, round(float(free_at) * 1000)))
        raise RateLimited(f"That were {per_day} files in a day. Please send more later.", retry_after_ms=wait)


async def left_today(connection: AsyncConnection, sender: Sender, per_day: int) -> int:
    """How many more files a visitor may send now."""
    lately = select(func.count()).select_from(Upload).where(sender.owns(), Upload.created_at > func.clock_timestamp() - timedelta(days=1))
    return max(0, per_day - (await connection.scalar(lately) or 0))


async def hold_content(connection: AsyncConnection, sha256: str) -> None:
    """Until the transaction ends nobody else records or removes this content."""
    await locks.hold(connection, f"upload content {sha256}")


async def record(connection: AsyncConnection, sender: Sender, name: str, stored: Stored, folder: UploadFolder, per_day: int) -> Attachment:
    """Remember a file that is in its place. Raises RateLimited, or Unavailable where the sweep has just taken the same content away."""
    await locks.hold(connection, f"upload {sender.conversation or sender.staff}")
    await refuse_if_spent(connection, sender, per_day)
    await hold_content(connection, stored.sha256)
    if not await folder.holds(stored.sha256):
        raise Unavailable("The file could not be kept just now. Please send it again.", retry_after_ms=1000)
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
        .where(Upload.id.in_(wanted), sender.owns(), unused(), ~over())
        .with_for_update()
    )
    found = {row.id: Attachment(id=row.id, name=row.name, type=row.type, size=row.size) for row in rows}
    if len(found) != len(wanted):
        raise NotFound(MISSING)
    return [found[id] for id in wanted]


async def use(connection: AsyncConnection, files: list[Attachment], conversation: UUID, message: UUID | None) -> None:
    """They are part of this message from now on, whose row may be written later in the transaction; or (None) of a note of staff."""
    if files:
        ids = [file.id for file in files]
        await connection.execute(update(Upload).where(Upload.id.in_(ids)).values(conversation_id=conversation, message_id=message))


async def readable(connection: AsyncConnection, upload: UUID, conversation: UUID | None) -> Any:
    """`name, type, sha256` for a visitor of `conversation`, or (None) for staff. Raises NotFound."""
    query = select(Upload.name, Upload.type, Upload.sha256).where(Upload.id == upload)
    if conversation is not None:
        in_note = and_(Upload.staff_id.is_not(None), Upload.message_id.is_(None))
        query = query.where(Upload.conversation_id == conversation, ~in_note)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    return row
