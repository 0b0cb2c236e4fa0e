"""Whether the books are right: the ledger balances, and agrees with what is known of each booking's payments and refunds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger
from business.payments.ledger import CAME_IN, WENT_BACK
from kernel.tables.ops import Booking, LedgerEntry, LedgerPosting, Payment


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A booking (None: money that nobody knows the owner of) for which ledger and payments say different sums, in cents."""

    number: int | None
    ledger_cents: int
    payments_cents: int


@dataclass(frozen=True, slots=True)
class Audit:
    """`accounts`: what each holds, a debit positive. `total`: their sum, 0 where the ledger balances."""

    accounts: Mapping[str, int]
    total: int
    bookings: tuple[Disagreement, ...]

    @property
    def right(self) -> bool:
        return self.total == 0 and not self.bookings


async def audit(connection: AsyncConnection) -> Audit:
    """Over everything."""
    balance = await ledger.trial_balance(connection)
    wrong = [*await _bookings(connection), *await _nobodys(connection)]
    return Audit({name: cents for name, cents in balance.accounts.items() if cents}, balance.total, tuple(wrong))


async def _bookings(connection: AsyncConnection) -> list[Disagreement]:
    """What came less what went back, by booking, on both sides."""
    money = (*CAME_IN, *WENT_BACK)
    posted = (
        select(LedgerPosting.booking_id, (-func.sum(LedgerEntry.amount_cents)).label("cents"))
        .join(LedgerEntry, LedgerEntry.posting_id == LedgerPosting.id)
        .where(LedgerEntry.account == "customers", LedgerPosting.kind.in_(money))
        .group_by(LedgerPosting.booking_id)
        .subquery()
    )
    kept = (
        select(Payment.booking_id, func.sum(Payment.amount_cents - Payment.refunded_cents).label("cents"))
        .group_by(Payment.booking_id)
        .subquery()
    )
    theirs, ours = func.coalesce(kept.c.cents, 0), func.coalesce(posted.c.cents, 0)
    query = (
        select(Booking.number, ours.label("ledger"), theirs.label("payments"))
        .outerjoin(posted, posted.c.booking_id == Booking.id)
        .outerjoin(kept, kept.c.booking_id == Booking.id)
        .where(ours != theirs)
        .order_by(Booking.number)
    )
    return [_disagreement(row) for row in await connection.execute(query)]


async def _nobodys(connection: AsyncConnection) -> list[Disagreement]:
    posted = select(func.coalesce(-func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.account == "unmatched")
    kept = select(func.coalesce(func.sum(Payment.amount_cents - Payment.refunded_cents), 0)).where(Payment.booking_id.is_(None))
    ours, theirs = int(await connection.scalar(posted) or 0), int(await connection.scalar(kept) or 0)
    return [] if ours == theirs else [Disagreement(None, ours, theirs)]


def _disagreement(row: Any) -> Disagreement:
    return Disagreement(row.number, int(row.ledger), int(row.payments))
