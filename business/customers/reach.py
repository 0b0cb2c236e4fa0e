"""How a customer can be reached: by what they gave, the verified and then the newest first; and an address that they write in passing."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import contacts
from kernel.errors import BadRequest
from kernel.tables.core import Identity
from kernel.tables.ops import Booking

_EMAIL = re.compile(r"(?<![\w.+@-])[a-z0-9][\w.+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,24}(?![\w@-])", re.IGNORECASE)
# As people write a number; what does not come out as one of the plan is none.
_PHONE = re.compile(r"(?<![\w$./#@-])\+?\(?\d[\d\s().\-\u2010-\u2015]{7,20}\d(?![\w%$@])")


async def email_of(connection: AsyncConnection, customer: UUID) -> str | None:
    """The address that mails go to; None where none was given."""
    return await _identity(connection, customer, "email") or await _of_booking(connection, customer, Booking.contact_email)


async def phone_of(connection: AsyncConnection, customer: UUID) -> str | None:
    """The number to call; None where none was given."""
    return await _identity(connection, customer, "phone") or await _of_booking(connection, customer, Booking.contact_phone)


async def can_be_reached(connection: AsyncConnection, customer: UUID) -> bool:
    """Whether a phone number or an e-mail address is known."""
    return await email_of(connection, customer) is not None or await phone_of(connection, customer) is not None


async def _identity(connection: AsyncConnection, customer: UUID, kind: str) -> str | None:
    query = select(Identity.value).where(Identity.customer_id == customer, Identity.kind == kind)
    found: str | None = await connection.scalar(query.order_by(Identity.verified.desc(), Identity.created_at.desc()).limit(1))
    return found


async def _of_booking(connection: AsyncConnection, customer: UUID, column: object) -> str | None:
    query = select(column).where(Booking.customer_id == customer, column.is_not(None))  # type: ignore[attr-defined, call-overload]
    found: str | None = await connection.scalar(query.order_by(Booking.created_at.desc()).limit(1))
    return found


def written(text: str, home: str) -> tuple[str | None, str | None]:
    """The e-mail address and the phone number that stand in a message, in the form that is stored. `home` is the business's own phone."""
    email = next((found for match in _EMAIL.finditer(text) if (found := _email(match[0])) is not None), None)
    phone = next((found for match in _PHONE.finditer(text) if (found := _phone(match[0], home)) is not None), None)
    return email, phone


def _email(given: str) -> str | None:
    try:
        return contacts.email(given)
    except BadRequest:
        return None


def _phone(given: str, home: str) -> str | None:
    try:
        return contacts.phone(given, home)
    except BadRequest:
        return None
