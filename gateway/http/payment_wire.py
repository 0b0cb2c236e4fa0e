"""What HTTP offers of money, as values: bodies, answers, operations. Amounts are cents."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, NothingBody, Operation

Method = Literal["card", "venmo", "zelle", "cash"]
Cents = Annotated[int, Field(ge=1, le=10_000_000)]
Number = Annotated[int, Field(ge=1, le=2**53)]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class Whose(Edge):
    """A booking, by the name of who booked."""

    id: UUID
    number: int
    name: str | None = None
    conversation: UUID


class PaymentLine(Edge):
    """Money that came. `going_back_cents`: asked back and not done yet; `booking` is absent where nobody knows whose it is."""

    id: UUID
    number: int
    method: Method
    purpose: Literal["deposit", "balance", "fee", "other"]
    amount_cents: int
    refunded_cents: int
    going_back_cents: int
    payer: str | None = None
    note: str | None = None
    received_at: datetime
    booking: Whose | None = None


class PaymentsQuery(Edge):
    """`cursor` goes on where the page before ended."""

    cursor: Number | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class PaymentsAnswer(Edge):
    """A page, the newest first; `cursor` is absent on the last one."""

    items: tuple[PaymentLine, ...]
    cursor: int | None = None


class NoticeLine(Edge):
    """A notice of Venmo or Zelle, `said` as it came. `rule`: how its booking was found; of one that is `suggested` a person decides."""

    id: UUID
    method: Literal["venmo", "zelle"]
    amount_cents: int
    payer: str | None = None
    note: str | None = None
    said: str
    source: Literal["pasted", "mail"]
    state: Literal["new", "matched", "suggested", "unmatched", "ignored"]
    rule: Literal["phone", "amount", "loose", "person"] | None = None
    received_at: datetime
    booking: Whose | None = None


class NoticesAnswer(Edge):
    """`waiting` for a person, all of them; of those that were `decided` the newest."""

    waiting: tuple[NoticeLine, ...]
    decided: tuple[NoticeLine, ...]


class RefundLine(Edge):
    """Money that goes back. `payment` by its number; by another way than a card somebody pays it back by hand."""

    id: UUID
    payment: int
    method: Method
    amount_cents: int
    reason: str
    state: Literal["asked", "done", "failed"]
    error: str | None = None
    created_at: datetime
    changed_at: datetime
    booking: Whose | None = None


class OwingLine(Edge):
    """A booking that came to nothing, and the money of it that nobody gives back yet."""

    booking: Whose
    cents: int


class RefundsAnswer(Edge):
    """Those that are not done first, then the newest. `owing`: what is to be given back and was not asked for yet."""

    items: tuple[RefundLine, ...]
    owing: tuple[OwingLine, ...] = ()


class AccountSum(Edge):
    """What an account of the ledger holds: a debit is positive, a credit negative."""

    account: str
    cents: int


class WeekSum(Edge):
    """What came by one method in the week from this Monday on."""

    monday: date
    method: Method
    cents: int


class MoneyAnswer(Edge):
    """How the money stands. `right`: the ledger balances and agrees with the payments; `waiting`: notices that a person decides;
    `to_give_back`: what a person gives back, or looks after."""

    accounts: tuple[AccountSum, ...]
    right: bool
    weeks: tuple[WeekSum, ...]
    waiting: int
    to_give_back: int
    cards: bool


class PasteBody(Edge):
    """A notice as it came. `method` where its words do not say it."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    method: Literal["venmo", "zelle"] | None = None


class BookingBody(Edge):
    """A booking by its number."""

    booking: Number


class CashBody(Edge):
    """Cash that came. The same `client_id` again is the same cash."""

    client_id: UUID
    booking: Number
    amount_cents: Cents
    note: Line | None = None


class RefundBody(Edge):
    """So much goes back, and why. The same `client_id` again is the same refund."""

    client_id: UUID
    amount_cents: Cents
    reason: Line


_NOTICE, _REFUND = "/api/admin/payment-notices/{id}", "/api/admin/refunds/{id}"
PAYMENTS: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/money", "money", "How the money stands (owner, admin)", (MoneyAnswer,), scope="admin"),
    Operation(
        "GET", "/api/admin/payments", "payments", "What came in, the newest first (owner, admin)", (PaymentsAnswer,),
        query=PaymentsQuery, errors=(400,), scope="admin",
    ),
    Operation("POST", "/api/admin/payments", "payment_cash", "Write down cash (owner, admin)", (PaymentsAnswer,), CashBody, errors=(404,)),
    Operation(
        "POST", "/api/admin/payments/{id}/assign", "payment_assign", "Say whose money it is (owner, admin)", (PaymentsAnswer,),
        BookingBody, errors=(404, 409),
    ),
    Operation(
        "POST", "/api/admin/payments/{id}/refund", "payment_refund", "Give money back (owner, admin)", (RefundsAnswer,), RefundBody,
        errors=(404, 409),
    ),
    Operation(
        "GET", "/api/admin/payment-notices", "payment_notices", "Notices of Venmo and Zelle (owner, admin)", (NoticesAnswer,), scope="admin"
    ),
    Operation("POST", "/api/admin/payment-notices", "payment_notice_add", "Paste a notice of Venmo or Zelle", (NoticeLine,), PasteBody),
    Operation(
        "POST", f"{_NOTICE}/match", "payment_notice_match", "Say whose notice it is (owner, admin)", (NoticeLine,), BookingBody,
        errors=(404, 409),
    ),
    Operation(
        "POST", f"{_NOTICE}/ignore", "payment_notice_ignore", "It is no payment to us (owner, admin)", (NoticeLine,), NothingBody,
        errors=(404, 409),
    ),
    Operation("GET", "/api/admin/refunds", "refunds", "What goes back (owner, admin)", (RefundsAnswer,), scope="admin"),
    Operation(
        "POST", "/api/admin/refunds", "refund_all", "Give everything back that is left of a booking's money (owner, admin)",
        (RefundsAnswer,), BookingBody, errors=(404,),
    ),
    Operation(
        "POST", f"{_REFUND}/done", "refund_done", "It was paid back by hand (owner, admin)", (RefundsAnswer,), NothingBody,
        errors=(404, 409),
    ),
    Operation(
        "POST", f"{_REFUND}/again", "refund_again", "Try a card's refund once more (owner, admin)", (RefundsAnswer,), NothingBody,
        errors=(404, 409),
    ),
)  # fmt: skip
