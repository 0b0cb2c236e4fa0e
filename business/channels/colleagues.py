"""A colleague's own number, to which what is urgent may go by text: asked for with a code, theirs once they have read it there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.proving import Codes, Fresh, Proof, Trouble, Whose
from business.customers import contacts
from business.profile.schemas import Profile
from business.staff import audit
from kernel.tables.core import Staff


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """`phone` None: they have none."""

    phone: str | None = None
    verified_at: datetime | None = None


async def number_of(connection: AsyncConnection, staff: UUID) -> OwnNumber:
    """The number that they have proved."""
    query = select(Staff.phone, Staff.phone_verified_at).where(Staff.id == staff, Staff.phone_verified_at.is_not(None))
    row = (await connection.execute(query)).one_or_none()
    return OwnNumber() if row is None else OwnNumber(row.phone, row.phone_verified_at)


async def ask(
    connection: AsyncConnection, profile: Profile, codes: Codes, staff: UUID, phone: str, code: Fresh, now: datetime
) -> Trouble | None:
    """Have a code sent there; the number that they had goes on until the new one is proved. Raises BadRequest for what is no number."""
    number = contacts.phone(phone, profile.business.phone)
    return await codes.send(connection, profile, Whose(staff=staff), number, code, locale="en", now=now)


async def prove(connection: AsyncConnection, codes: Codes, staff: UUID, code: str, now: datetime) -> Proof:
    """The right code makes the number theirs. A wrong one counts, so the transaction must be committed. Safe to repeat."""
    proof = await codes.check(connection, Whose(staff=staff), code, now)
    if proof.trouble is None and not proof.again:
        await connection.execute(update(Staff).where(Staff.id == staff).values(phone=proof.phone, phone_verified_at=now))
        await audit.record(connection, "staff", staff, "phone.proved", staff)
    return proof


async def forget(connection: AsyncConnection, staff: UUID) -> None:
    """No text goes there any more. Safe to repeat."""
    gone = update(Staff).where(Staff.id == staff, Staff.phone.is_not(None)).values(phone=None, phone_verified_at=None)
    if (await connection.execute(gone)).rowcount:
        await audit.record(connection, "staff", staff, "phone.forgotten", staff)
