"""Canned replies: read by all staff, written by owners and admins, each change with its audit row; four to begin with."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit
from kernel import locks
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import StaffId, new_id
from kernel.tables.core import Audit
from kernel.tables.ops import CannedReply
from kernel.wire.base import MAX_TEXT, clean

MOST = 500
_SHORTCUT = re.compile(r"\w[\w-]{0,29}")
_LOCALE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
_SEEDED = "canned_reply.seeded"

# They hold no fact of any business: what a house wants to say beyond that, it writes itself.
_SEEDS = (
    ("hi", "Greeting", "Hi, thanks for writing! I'm here now and happy to help.", "en"),
    ("moment", "One moment", "One moment, please. I'm looking into it and will be right back.", "en"),
    ("thanks", "Thanks", "Thank you for your patience!", "en"),
    ("else", "Anything else?", "Is there anything else I can help you with?", "en"),
    ("hola", "Saludo", "¡Hola, gracias por escribirnos! Ya estoy aquí y le ayudo con gusto.", "es"),
    ("momento", "Un momento", "Un momento, por favor. Lo estoy revisando y enseguida vuelvo.", "es"),
    ("gracias", "Gracias", "¡Muchas gracias por su paciencia!", "es"),
    ("algo", "¿Algo más?", "¿Hay algo más en lo que pueda ayudarle?", "es"),
)


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply behind its shortcut. `locale` None: for every language."""

    id: UUID
    shortcut: str
    title: str
    text: str
    locale: str | None


class CannedReplies:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[Canned, ...]:
        """All, by shortcut."""
        async with self._database.transaction() as connection:
            return tuple(_canned(row) for row in await connection.execute(select(CannedReply).order_by(CannedReply.shortcut)))

    async def add(self, given: Mapping[str, Any], by: StaffId) -> Canned:
        """A new one. Raises BadRequest, or Conflict where the shortcut is taken or there are too many."""
        values = _valid({"locale": None, **given}) | {"id": new_id()}

        async def store(connection: AsyncConnection) -> Canned:
            if (await connection.scalar(select(func.count()).select_from(CannedReply)) or 0) >= MOST:
                raise Conflict(f"There are {MOST} canned replies, and no more are kept. Delete some first.")
            await connection.execute(insert(CannedReply).values(values).on_conflict_do_nothing(index_elements=["shortcut"]))
            row = (await connection.execute(select(CannedReply).where(CannedReply.id == values["id"]))).one_or_none()
            if row is None:
                raise Conflict(f"There is a canned reply /{values['shortcut']} already.")
            await audit.record(connection, "staff", by, "canned_reply.added", row.id, {"shortcut": row.shortcut})
            return _canned(row)

        return await self._database.unit(store)

    async def change(self, reply: UUID, given: Mapping[str, Any], by: StaffId) -> Canned:
        """Change what is given, leave the rest. Raises BadRequest, NotFound, Conflict."""
        values = _valid(given)

        async def store(connection: AsyncConnection) -> Canned:
            if "shortcut" in values:
                taken = select(CannedReply.id).where(CannedReply.shortcut == values["shortcut"], CannedReply.id != reply)
                if await connection.scalar(taken) is not None:
                    raise Conflict(f"There is a canned reply /{values['shortcut']} already.")
            if values:
                await connection.execute(
                    update(CannedReply).where(CannedReply.id == reply).values(changed_at=func.clock_timestamp(), **values)
                )
            row = (await connection.execute(select(CannedReply).where(CannedReply.id == reply))).one_or_none()
            if row is None:
                raise NotFound("There is no such canned reply.")
            if values:
                await audit.record(connection, "staff", by, "canned_reply.changed", reply, {"changed": sorted(values)})
            return _canned(row)

        return await self._database.unit(store)

    async def remove(self, reply: UUID, by: StaffId) -> None:
        """Raises NotFound."""

        async def drop(connection: AsyncConnection) -> None:
            gone = await connection.scalar(delete(CannedReply).where(CannedReply.id == reply).returning(CannedReply.shortcut))
            if gone is None:
                raise NotFound("There is no such canned reply.")
            await audit.record(connection, "staff", by, "canned_reply.deleted", reply, {"shortcut": gone})

        await self._database.unit(drop)


async def ensure_seeds(connection: AsyncConnection) -> None:
    """The first ones of a fresh install; once, so that what an owner deletes stays deleted."""
    await locks.hold(connection, _SEEDED)
    if await connection.scalar(select(Audit.id).where(Audit.action == _SEEDED).limit(1)) is not None:
        return
    rows = [{"id": new_id(), "shortcut": s, "title": title, "text": text, "locale": locale} for s, title, text, locale in _SEEDS]
    await connection.execute(insert(CannedReply).on_conflict_do_nothing(index_elements=["shortcut"]), rows)
    await audit.record(connection, "system", None, _SEEDED)


def _canned(row: Any) -> Canned:
    return Canned(row.id, row.shortcut, row.title, row.text, row.locale)


def _valid(given: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(given)
    if "shortcut" in given:
        checked["shortcut"] = shortcut = unicodedata.normalize("NFC", given["shortcut"]).strip().removeprefix("/").lower()
        if not _SHORTCUT.fullmatch(shortcut):
            raise BadRequest("A shortcut has 1 to 30 letters, digits and hyphens, like one-moment.")
    if "title" in given:
        checked["title"] = title = " ".join(given["title"].split())
        if not 1 <= len(title) <= 80 or not title.isprintable():
            raise BadRequest("A title has 1 to 80 characters.")
    if "text" in given:
        checked["text"] = text = _cleaned(given["text"]).strip()
        if not 1 <= len(text) <= MAX_TEXT:
            raise BadRequest(f"A reply has 1 to {MAX_TEXT} characters.")
    if given.get("locale") is not None and not _LOCALE.fullmatch(given["locale"]):
        raise BadRequest("A locale is a language like en or es-MX, or nothing for all.")
    return checked


def _cleaned(text: str) -> str:
    try:
        return clean(text)
    except ValueError as error:
        raise BadRequest(f"{str(error).capitalize()}.") from error
