"""The ledger: each event that moves money or a claim is one posting, whose entries add up to zero. A debit is positive, a credit negative.

What posts what stands in docs/payments.md. PostgreSQL refuses a posting that does not add up, and every change of what was posted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, true
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.tables.ops import Booking, LedgerEntry, LedgerPosting, Quote

Account = Literal["card", "venmo", "zelle", "cash", "customers", "unmatched", "revenue", "fees", "tax", "discounts"]
Method = Literal["card", "venmo", "zelle", "cash"]
PostingKind = Literal["payment", "assigned", "dismissed", "refund", "refund_failed", "fee", "completion", "kept_deposit", "discount"]

CAME_IN: tuple[PostingKind, ...] = ("payment", "assigned")
WENT_BACK: tuple[PostingKind, ...] = ("refund", "refund_failed")
# A party that is not cooked costs nothing; what was charged beside it (fees) stays.
COSTS_NOTHING = ("cancelled", "expired", "no_show")
WAITS_FOR_DEPOSIT = frozenset({"held", "deposit_pending"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one booking owes and has paid, in cents. `paid_cents` is all that came, `refunded_cents` what went back of it.

    `balance_cents` is what is still to pay, negative where the customer has paid too much; `deposit_due_cents` what is missing of the
    deposit, 0 where nobody waits for one. `quoted`: whether a total is known.
    """

    total_cents: int
    deposit_cents: int
    fees_cents: int
    discounts_cents: int
    paid_cents: int
    refunded_cents: int
    balance_cents: int
    deposit_due_cents: int
    quoted: bool = True

    @property
    def deposit_missing_cents(self) -> int:
        """What a whole deposit lacks, whether or not somebody waits for it."""
        return max(0, self.deposit_cents - self.kept_cents)

    @property
    def kept_cents(self) -> int:
        """What came and did not go back."""
        return self.paid_cents - self.refunded_cents


class _Sums(NamedTuple):
    """What came, went back, was charged and taken off, of one booking."""

    paid: int
    refunded: int
    fees: int
    discounts: int


NOTHING = _Sums(0, 0, 0, 0)


async def post(
    connection: AsyncConnection,
    *,
    kind: PostingKind,
    key: str,
    booking: UUID | None,
    entries: Mapping[Account, int],
    memo: str | None = None,
) -> bool:
    """Write a posting; entries of 0 are left out, and where nothing is left nothing is written. The same key again is the same posting:
    False. Raises ValueError where it does not add up."""
    lines = {account: cents for account, cents in entries.items() if cents}
    if sum(lines.values()) != 0:
        raise ValueError(f"the entries of {kind} do not add up to zero")
    if not lines:
        return False
    row = insert_or(LedgerPosting).values(id=new_id(), key=key, kind=kind, booking_id=booking, memo=memo)
    posting = await connection.scalar(row.on_conflict_do_nothing(index_elements=["key"]).returning(LedgerPosting.id))
    if posting is None:
        return False
    await connection.execute(
        insert(LedgerEntry), [{"posting_id": posting, "account": name, "amount_cents": cents} for name, cents in lines.items()]
    )
    return True


async def post_fee(connection: AsyncConnection, booking: UUID, cents: int, key: str) -> bool:
    """The customer owes so much more: of a late reschedule. `key` like `reschedule:{booking}:{version}`."""
    return await post(connection, kind="fee", key=f"fee:{key}", booking=booking, entries={"customers": cents, "fees": -cents})


async def post_kept_deposit(connection: AsyncConnection, booking: UUID) -> bool:
    """A booking ended without a party and its money is not given back: what is left of it becomes ours. Once per booking."""
    left = -await _owed(connection, booking)
    if left <= 0:
        return False
    key = f"kept_deposit:{booking}"
    return await post(connection, kind="kept_deposit", key=key, booking=booking, entries={"customers": left, "fees": -left})


async def post_completion(connection: AsyncConnection, booking: UUID) -> bool:
    """The party was cooked: its total is earned, tax apart. Once per booking; nothing where no total is known."""
    row = (await connection.execute(_AMOUNTS.where(Booking.id == booking))).one_or_none()
    if row is None:
        raise NotFound("There is no such booking.")
    total, tax = row.total_cents or 0, min(row.tax_cents or 0, row.total_cents or 0)
    entries: dict[Account, int] = {"customers": total, "revenue": tax - total, "tax": -tax}
    return await post(connection, kind="completion", key=f"completion:{booking}", booking=booking, entries=entries)


async def post_discount(connection: AsyncConnection, booking: UUID, cents: int, key: str) -> bool:
    """The customer owes so much less, by a person's approval. `key` like `coupon:{id}:{booking}:{version}`."""
    return await post(
        connection, kind="discount", key=f"discount:{key}", booking=booking, entries={"discounts": cents, "customers": -cents}
    )


async def post_discounts_back(connection: AsyncConnection, booking: UUID, key: str) -> bool:
    """The booking came to nothing: whatever was taken off it counts no more. `key` like `back:{booking}:{version}`."""
    off = (await _sums(connection, [booking])).get(booking, NOTHING).discounts
    return await post_discount(connection, booking, -off, key)


async def statement(connection: AsyncConnection, booking: UUID) -> Statement:
    """How a booking stands. Raises NotFound."""
    found = await statements(connection, [booking])
    if not found:
        raise NotFound("There is no such booking.")
    return found[booking]


async def statements(connection: AsyncConnection, bookings: Collection[UUID]) -> dict[UUID, Statement]:
    """How these bookings stand; those that there are none of are left out."""
    sums = await _sums(connection, bookings)
    rows = (await connection.execute(_AMOUNTS.where(Booking.id.in_(bookings)))).all()
    return {row.id: _statement(row, sums.get(row.id, NOTHING)) for row in rows}


def _statement(row: Any, sums: _Sums) -> Statement:
    total = 0 if row.status in COSTS_NOTHING else row.total_cents or 0
    deposit, kept = row.deposit_cents or 0, sums.paid - sums.refunded
    waits = WAITS_FOR_DEPOSIT & {row.status, row.before_cancel} and not row.kept
    return Statement(
        total_cents=total,
        deposit_cents=deposit,
        fees_cents=sums.fees,
        discounts_cents=sums.discounts,
        paid_cents=sums.paid,
        refunded_cents=sums.refunded,
        balance_cents=total + sums.fees - sums.discounts - kept,
        deposit_due_cents=max(0, deposit - kept) if waits else 0,
        quoted=row.total_cents is not None,
    )


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What every account holds, in cents. The ledger balances where `total` is 0."""

    accounts: Mapping[str, int]
    total: int


async def trial_balance(connection: AsyncConnection) -> TrialBalance:
    """Over all postings."""
    query = select(LedgerEntry.account, func.sum(LedgerEntry.amount_cents)).group_by(LedgerEntry.account).order_by(LedgerEntry.account)
    accounts = {name: int(cents) for name, cents in await connection.execute(query)}
    return TrialBalance(accounts, sum(accounts.values()))


async def _sums(connection: AsyncConnection, bookings: Collection[UUID]) -> dict[UUID, _Sums]:
    def of(account: Account, sign: int, *kinds: PostingKind) -> ColumnElement[int]:
        mine = (LedgerEntry.account == account) & (LedgerPosting.kind.in_(kinds) if kinds else true())
        return func.coalesce(func.sum(LedgerEntry.amount_cents).filter(mine), 0) * sign

    query = (
        select(
            LedgerPosting.booking_id,
            of("customers", -1, *CAME_IN),
            of("customers", 1, *WENT_BACK),
            of("fees", -1),
            of("discounts", 1),
        )
        .join(LedgerEntry, LedgerPosting.id == LedgerEntry.posting_id)
        .where(LedgerPosting.booking_id.in_(bookings))
        .group_by(LedgerPosting.booking_id)
    )
    rows = (await connection.execute(query)).all()
    return {booking: _Sums(*map(int, sums)) for booking, *sums in rows if booking is not None}


async def _owed(connection: AsyncConnection, booking: UUID) -> int:
    """What the account of the customers says of one booking: positive where they owe."""
    query = (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(LedgerPosting.booking_id == booking, LedgerEntry.account == "customers")
    )
    return int(await connection.scalar(query) or 0)


_AMOUNTS = select(
    Booking.id,
    Booking.status,
    Booking.before_cancel,
    Booking.kept,
    func.coalesce(Booking.total_cents, Quote.total_cents).label("total_cents"),
    func.coalesce(Booking.deposit_cents, Quote.deposit_cents).label("deposit_cents"),
    Quote.tax_cents,
).outerjoin(Quote, Quote.id == Booking.quote_id)
