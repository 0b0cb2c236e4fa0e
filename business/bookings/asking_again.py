"""Asking for a deposit once more, because somebody of the staff wants it: the same mail as at first, with the address to pay at."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.records import locked, refused, written
from business.bookings.requests import view
from business.bookings.telling import Telling, deposit_values
from business.cards.wording import labels
from business.customers import reach
from business.links.signing import Links
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import Conflict


async def ask_deposit_again(connection: AsyncConnection, profile: Profile, links: Links, booking: UUID, staff: UUID, key: UUID) -> str:
    """By e-mail; `key` makes a repeated one the same. The address that it goes to. Raises NotFound; Conflict where no deposit is missing,
    or no address is known."""
    async with written(connection, booking) as log:
        row = await locked(connection, booking)
        if row.status not in ("held", "deposit_pending") or row.kept:
            raise refused(row)
        telling = Telling(connection, profile, links, log, view(row), labels(log.row.locale))
        if telling.deposit == 0:
            raise Conflict("This business asks for no deposit.")
        to = row.contact_email or await reach.email_of(connection, row.customer_id)
        if to is None:
            raise Conflict("No e-mail address of this customer is known. Ask them in the conversation.")
        await telling.mail("deposit_request", f"again:{key}", deposit_values(telling))
        await audit.record(connection, "staff", staff, "booking.deposit_asked", booking, {"number": row.number})
    address: str = to
    return address
