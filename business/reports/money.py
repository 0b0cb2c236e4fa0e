"""Reports over money, for owners and admins: what was earned, what came in, what models cost."""

from typing import Any

from sqlalchemy import BigInteger, Date, String, case, cast, func, select

from business.reports.parties import NAME, on_days
from business.reports.report import Asking, Column, Days, Filter, Plan, Report, Window, in_days
from kernel.tables.ai import Usage
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, BookingEvent, LedgerEntry, LedgerPosting, Payment

YEAR, BACK = Window(back=365), Window(back=30)
BOOKED = Filter(Booking.status.in_(("confirmed", "in_progress", "completed")), "that are confirmed or over")


def _by_month(given: Days, asking: Asking) -> Plan:
    month = cast(func.date_trunc("month", func.timezone(asking.zone.key, LedgerPosting.at)), Date)
    earned = cast(-func.sum(LedgerEntry.amount_cents), BigInteger)
    rows = select(month.label("month"), func.count(LedgerPosting.booking_id.distinct()).label("parties"), earned.label("revenue"))
    rows = rows.select_from(LedgerEntry).join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id).group_by(month)
    filters = (
        in_days(LedgerPosting.at, asking, given, YEAR),
        Filter(LedgerEntry.account == "revenue", "of the ledger's account of revenue"),
    )
    return Plan("Earnings", rows, filters, (month.desc(),), "added up by month, the newest first")


def _by_place(given: Days, asking: Asking) -> Plan:
    city = func.coalesce(func.substring(Booking.address, r",\s*([^,]+),\s*[A-Z]{2}(?:\s|$)"), "elsewhere")
    rows = select(city.label("place"), *_sums()).group_by(city)
    filters = (on_days(asking, given, Window(back=365, ahead=30)), BOOKED)
    return Plan("Parties", rows, filters, (_total().desc(), city), "added up by the place of their address, the most first")


def _by_taker(given: Days, asking: Asking) -> Plan:
    kinds = {"ai": "the assistant", "customer": "the customer's page"}
    taker = case(kinds, value=BookingEvent.by_kind, else_=cast(BookingEvent.by_name, String))
    rows = select(taker.label("taken_by"), *_sums()).select_from(Booking).join(BookingEvent, BookingEvent.booking_id == Booking.id)
    first = Filter((BookingEvent.kind == "held") & (BookingEvent.version == 1), "")
    filters = (on_days(asking, given, Window(back=365, ahead=30)), BOOKED, first)
    return Plan("Parties", rows.group_by(taker), filters, (_total().desc(), taker), "added up by who held their slot, the most first")


def _total() -> Any:
    return cast(func.coalesce(func.sum(Booking.total_cents), 0), BigInteger)


def _sums() -> tuple[Any, ...]:
    return func.count().label("parties"), cast(func.sum(Booking.guests), BigInteger).label("guests"), _total().label("total")


def _payments(given: Days, asking: Asking) -> Plan:
    columns = (
        Payment.received_at.label("received"),
        Payment.number.label("payment"),
        Payment.method,
        Payment.purpose,
        Payment.amount_cents.label("amount"),
        Payment.refunded_cents.label("refunded"),
        Booking.number.label("number"),
        NAME.label("customer"),
    )
    rows = select(*columns).select_from(Payment).outerjoin(Booking, Booking.id == Payment.booking_id)
    rows = rows.outerjoin(Customer, Customer.id == Booking.customer_id)
    filters = (in_days(Payment.received_at, asking, given, BACK),)
    return Plan("Payments that came", rows, filters, (Payment.received_at.desc(), Payment.number), "the newest first")


def _costs(given: Days, asking: Asking) -> Plan:
    day = cast(func.timezone(asking.zone.key, Usage.started_at), Date)
    sums = (
        func.count().label("calls"),
        cast(func.sum(Usage.tokens_in), BigInteger).label("tokens_in"),
        cast(func.sum(Usage.tokens_out), BigInteger).label("tokens_out"),
        cast(func.coalesce(func.sum(Usage.cost_microdollars), 0), BigInteger).label("cost"),
    )
    rows = select(day.label("day"), Usage.model, *sums).group_by(day, Usage.model)
    filters = (in_days(Usage.started_at, asking, given, BACK),)
    return Plan("Calls of models", rows, filters, (day.desc(), Usage.model), "added up by day and model, the newest first")


_SUMS = (
    Column("parties", "Parties", "number"),
    Column("guests", "Guests", "number"),
    Column("total", "Quoted in all", "money", chiefs=True),
)
REPORTS = (
    Report(
        "revenue_by_month",
        "Revenue by month",
        "What was earned in each month?",
        Days,
        (Column("month", "Month", "month"), Column("parties", "Parties", "number"), Column("revenue", "Revenue", "money", chiefs=True)),
        _by_month,
        chiefs=True,
    ),
    Report(
        "revenue_by_place",
        "Parties and their totals by place",
        "Where are the parties, and what do they bring?",
        Days,
        (Column("place", "Place"), *_SUMS),
        _by_place,
        chiefs=True,
    ),
    Report(
        "revenue_by_taker",
        "Parties and their totals by who took them",
        "Who takes the bookings: the assistant, customers themselves, which colleague?",
        Days,
        (Column("taken_by", "Taken by"), *_SUMS),
        _by_taker,
        chiefs=True,
    ),
    Report(
        "payments",
        "Payments",
        "What came in on some days, and how?",
        Days,
        (
            Column("received", "Received", "moment"),
            Column("payment", "Payment", "number"),
            Column("method", "Method"),
            Column("purpose", "For"),
            Column("amount", "Amount", "money", chiefs=True),
            Column("refunded", "Given back", "money", chiefs=True),
            Column("number", "Booking", "number"),
            Column("customer", "Customer"),
        ),
        _payments,
        chiefs=True,
    ),
    Report(
        "model_costs",
        "What models cost",
        "What did each model cost on each day?",
        Days,
        (
            Column("day", "Day", "day"),
            Column("model", "Model"),
            Column("calls", "Calls", "number"),
            Column("tokens_in", "Tokens in", "number"),
            Column("tokens_out", "Tokens out", "number"),
            Column("cost", "Cost, dollars", "dollars", chiefs=True),
        ),
        _costs,
        chiefs=True,
    ),
)
