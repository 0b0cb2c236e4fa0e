"""What people do to the ledger of consent: they read a number's, keep what they were told on paper or by phone, and look at refusals that
were heard in free words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent
from business.channels.consent import Purpose, Standing
from business.staff import audit
from kernel.clock import utc_now
from kernel.errors import Conflict, NotFound
from kernel.tables.core import Customer, Identity, Staff
from kernel.tables.crm import Consent, ConsentReview

RECENT = 50
_ENTRIES = select(Consent, Staff.name.label("staff_name")).outerjoin(Staff, Staff.id == Consent.staff_id).where(Consent.channel == "sms")
_REVIEWS = select(ConsentReview, Consent.text).join(Consent, Consent.id == ConsentReview.consent_id)
_OPEN = _REVIEWS.where(ConsentReview.state == "open").order_by(ConsentReview.created_at)


@dataclass(frozen=True, slots=True)
class Known:
    """A number's standing, its entries with the names of colleagues, the newest first, who claims it, and its open reviews."""

    number: str
    standing: Standing
    entries: Sequence[Any]
    customers: Sequence[Any]
    reviews: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits for somebody, and what was said last."""

    reviews: Sequence[Any]
    entries: Sequence[Any]


async def of_number(connection: AsyncConnection, number: str) -> Known:
    """A number of which nothing is known has no entries."""
    claims = (
        select(Customer.id, Customer.name, func.bool_or(Identity.verified).label("verified"))
        .join(Identity, Identity.customer_id == Customer.id)
        .where(Identity.kind == "phone", Identity.value == number, Customer.merged_into.is_(None))
        .group_by(Customer.id)
        .order_by(Customer.created_at)
    )
    entries = _ENTRIES.where(Consent.address == number)
    return Known(
        number=number,
        standing=await consent.standing(connection, number),
        entries=(await connection.execute(entries.order_by(Consent.at.desc(), Consent.id.desc()))).all(),
        customers=(await connection.execute(claims)).all(),
        reviews=(await connection.execute(_OPEN.where(ConsentReview.address == number))).all(),
    )


async def overview(connection: AsyncConnection) -> Overview:
    """The reviews that are open, the oldest first, and the newest entries."""
    newest = _ENTRIES.order_by(Consent.at.desc(), Consent.id.desc()).limit(RECENT)
    return Overview((await connection.execute(_OPEN)).all(), (await connection.execute(newest)).all())


async def told(
    connection: AsyncConnection, *, number: str, purpose: Purpose, granted: bool, text: str, reason: str, staff: UUID
) -> UUID | None:
    """A colleague was told it, on paper or by phone: `text` are the words that were agreed to, or that ended it, `reason` how they came to
    know. None where it stood so already. Raises Conflict where the number has stopped, and this would begin it again."""
    entry = await consent.record(
        connection, number=number, purpose=purpose, granted=granted, text=text, source="staff", staff=staff, reason=reason
    )
    if entry is not None:
        await audit.record(connection, "staff", staff, "consent.recorded", entry, {"purpose": purpose, "granted": granted})
    return entry


async def settle(
    connection: AsyncConnection, review: UUID, staff: UUID, decision: Literal["confirmed", "reversed"], reason: str | None = None
) -> str:
    """A person says whether a refusal was meant so; where it was not, marketing goes on as it stood before. Safe to repeat; returns the
    number. Raises NotFound; Conflict where it was decided otherwise, or cannot be taken back since the phone stopped all texts."""
    row = (await connection.execute(select(ConsentReview).where(ConsentReview.id == review).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no such refusal to look at.")
    if row.state == decision:
        return str(row.address)
    if row.state != "open":
        raise Conflict(f"A colleague has settled this: it was {row.state}.")
    if decision == "reversed":
        await _take_back(connection, row, staff, reason)
    settled = {"state": decision, "staff_id": staff, "reason": reason, "settled_at": utc_now()}
    await connection.execute(update(ConsentReview).where(ConsentReview.id == review).values(settled))
    await audit.record(connection, "staff", staff, f"consent.{decision}", review)
    return str(row.address)


async def _take_back(connection: AsyncConnection, review: Row[Any], staff: UUID, reason: str | None) -> None:
    """Marketing stands again where it stood before the refusal, and nothing has ended it since."""
    await consent.hold(connection, review.address)
    entries = await consent.ledger(connection, review.address)
    at = next(place for place, entry in enumerate(entries) if entry.id == review.consent_id)
    stood = consent.stands(entries[:at]).marketing
    ended_since = any(not entry.granted and entry.purpose in ("marketing", "all") for entry in entries[at + 1 :])
    if not stood or ended_since:
        return
    given = next(entry for entry in reversed(entries[:at]) if entry.granted and entry.purpose in ("marketing", "all"))
    await consent.record(
        connection, number=review.address, purpose="marketing", granted=True, text=given.text, source="review",
        customer=given.customer_id, conversation=review.conversation_id, staff=staff, reason=reason,
    )  # fmt: skip
