"""ops: money. Checkouts, payments, notices of payments, refunds, and the ledger in which each posting adds up to zero."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key

METHODS = "method IN ('card', 'venmo', 'zelle', 'cash')"
PURPOSES = "purpose IN ('deposit', 'balance', 'fee', 'other')"


class Checkout(OpsBase):
    """A page of the card provider on which one amount of one booking can be paid. Its id is the provider's idempotency key."""

    __tablename__ = "checkout"
    __table_args__ = (
        UniqueConstraint("session"),
        CheckConstraint(PURPOSES, name="purpose"),
        CheckConstraint("state IN ('new', 'open', 'paid', 'expired')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("state IN ('new', 'expired') OR session IS NOT NULL", name="session"),
        Index("uq_checkout_open", "booking_id", "purpose", unique=True, postgresql_where=text("state IN ('new', 'open')")),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("ops.booking.id"))
    purpose: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    session: Mapped[str | None]  # the provider's id
    url: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class PaymentEvent(OpsBase):
    """What a provider told by its webhook, stored before it is answered; each event once."""

    __tablename__ = "payment_event"
    __table_args__ = (UniqueConstraint("provider", "event"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    event: Mapped[str]  # the provider's id
    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    created_at: Mapped[datetime] = created()
    handled_at: Mapped[datetime | None]


class Payment(OpsBase):
    """Money that came. `reference` is the provider's, or the notice's; the same one is the same payment. `booking_id` null: nobody knows
    yet whose it is. `refunded_cents` grows as refunds are done."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("method", "reference"),
        CheckConstraint(METHODS, name="method"),
        CheckConstraint(PURPOSES, name="purpose"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("refunded_cents BETWEEN 0 AND amount_cents", name="refunded"),
        Index("ix_payment_booking_id", "booking_id"),
        Index("ix_payment_received_at", "received_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.booking.id"))
    method: Mapped[str]
    reference: Mapped[str]
    purpose: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    refunded_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    payer: Mapped[str | None]
    note: Mapped[str | None]
    checkout_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.checkout.id"))
    taken_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)  # who wrote down cash, or matched a notice by hand
    received_at: Mapped[datetime]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class PaymentNotice(OpsBase):
    """A notice of Venmo or Zelle, pasted or by mail; each is processed once. `rule`: how it was matched."""

    __tablename__ = "payment_notice"
    __table_args__ = (
        UniqueConstraint("method", "reference"),
        CheckConstraint("method IN ('venmo', 'zelle')", name="method"),
        CheckConstraint("state IN ('new', 'matched', 'suggested', 'unmatched', 'ignored')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_payment_notice_state", "state", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    method: Mapped[str]
    reference: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    payer: Mapped[str | None]
    note: Mapped[str | None]
    said: Mapped[str]  # as it came
    source: Mapped[str]  # pasted, mail
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    rule: Mapped[str | None]  # phone, amount, loose, person
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.booking.id"))  # matched, or suggested
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.payment.id"))
    received_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class Refund(OpsBase):
    """Money that goes back; asked for by a person, or because it came too late. Its id is the provider's idempotency key."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('asked', 'done', 'failed')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_refund_payment_id", "payment_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("ops.payment.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'asked'"))
    reference: Mapped[str | None]  # the provider's id
    error: Mapped[str | None]  # its kind
    asked_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)  # null: it came too late
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class LedgerPosting(OpsBase):
    """Something that moved money or a claim; its entries add up to zero, which a constraint trigger proves at the commit."""

    __tablename__ = "ledger_posting"
    __table_args__ = (UniqueConstraint("key"), Index("ix_ledger_posting_booking_id", "booking_id"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]  # the same event is posted once
    kind: Mapped[str]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.booking.id"))
    memo: Mapped[str | None]
    at: Mapped[datetime] = created()


class LedgerEntry(OpsBase):
    """One line of a posting. A debit is positive, a credit negative."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount"),
        CheckConstraint(
            "account IN ('card', 'venmo', 'zelle', 'cash', 'customers', 'unmatched', 'revenue', 'fees', 'tax', 'discounts')", name="account"
        ),
        Index("ix_ledger_entry_account", "account"),
        {"schema": "ops"},
    )
    posting_id: Mapped[UUID] = mapped_column(ForeignKey("ops.ledger_posting.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
