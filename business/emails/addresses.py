"""Addresses of e-mail: what is a placeholder, whom no mail may reach, and how one is written into a header. Placeholders get none."""

from email.headerregistry import Address
from email.utils import parseaddr

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import contacts
from kernel.errors import BadRequest
from kernel.tables.ops import EmailSuppression

# RFC 2606: names that are nobody's.
_NOBODYS = ("example.com", "example.org", "example.net", "example")


def is_placeholder(address: str) -> bool:
    """Whether the address is one of an example: nothing is sent to or from it."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return any(domain == name or domain.endswith(f".{name}") for name in _NOBODYS)


def stored(address: str) -> str | None:
    """The one form that is stored, or None for what is no address."""
    try:
        return contacts.email(address)
    except BadRequest:
        return None


def header(name: str | None, address: str) -> Address:
    """For a header: a name cannot leave its place, whatever stands in it."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in name or "").split())[:80]
    local, _, domain = address.rpartition("@")
    return Address(display_name=shown, username=local, domain=domain)


def bare(value: str) -> str | None:
    """The address of a header like `Ana <ana@example.org>`, in the form that is stored."""
    return stored(parseaddr(value)[1])


async def suppressed(connection: AsyncConnection, address: str, *, marketing: bool) -> bool:
    """Whether this address gets no such mail."""
    wants = or_(EmailSuppression.scope == "all", EmailSuppression.scope == ("marketing" if marketing else "all"))
    query = select(func.count()).select_from(EmailSuppression).where(EmailSuppression.address == address, wants)
    return bool(await connection.scalar(query))


async def suppress(connection: AsyncConnection, address: str, scope: str, reason: str) -> bool:
    """From now on no such mail. False where it was so already. `scope` and `reason` as the table says."""
    row = {"address": address, "scope": scope, "reason": reason}
    added = await connection.execute(insert(EmailSuppression).values(row).on_conflict_do_nothing())
    return added.rowcount == 1
