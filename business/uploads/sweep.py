"""Takes away files that nobody used within their life: first the bytes, then the rows, so that a sweep that dies is ended by the next."""

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.uploads import records
from business.uploads.folder import UploadFolder
from kernel.tables.ai import Upload

AT_ONCE = 50


async def sweep(connection: AsyncConnection, folder: UploadFolder) -> int:
    """Remove some of them; returns how many. Several may sweep at once, and it may be repeated.

    A row that is found here can no longer be used (`records.over`), and its content stays where any other row names it.
    """
    rows = (
        await connection.execute(
            select(Upload.id, Upload.sha256)
            .where(records.unused(), records.over())
            .order_by(Upload.created_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
    ).all()
    ids = [row.id for row in rows]
    for sha256 in sorted({row.sha256 for row in rows}):  # in one order, so no deadlock
        await records.hold_content(connection, sha256)
        others = select(func.count()).select_from(Upload).where(Upload.sha256 == sha256, Upload.id.not_in(ids))
        if not await connection.scalar(others):
            await folder.remove(sha256)
    if ids:
        await connection.execute(delete(Upload).where(Upload.id.in_(ids)))
    return len(ids)
