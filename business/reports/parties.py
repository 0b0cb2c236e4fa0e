"""Reports over bookings: who has a party when, whose deposit is missing, what was cancelled, who comes again."""

from typing import Any, Literal

from sqlalchemy import BigInteger, Date, Integer, Select, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from business.bookings.diary import LAPSED
from business.bookings.rules import OCCUPYING
from business.reports.report import Asking, Column, Days, Filter, Plan, Report, Window, days_words, in_days
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, BookingEvent, Chef, Quote

Status = Literal[
    "held", "deposit_pending", "confirmed", "in_progress", "completed", "cancellation_requested", "cancelled", "expired", "no_show"
]  # fmt: skip
STATES = {
    "held": "that are held",
    "deposit_pending": "that wait for their deposit",
    "confirmed": "that are confirmed",
    "in_progress": "that are under way",
    "completed": "that are over",
    "cancellation_requested": "whose customer asks to cancel",
    "cancelled": "that were cancelled",
    "expired": "whose hold lapsed",
    "no_show": "to which nobody came",
}
AHEAD, BACK, AROUND = Window(ahead=30), Window(back=30), Window(back=30, ahead=30)
TAKES_PLACE = (*OCCUPYING, "completed", "no_show")
NAME = func.coalesce(Booking.contact_name, Customer.name)
UNPAID = or_(
    Booking.status.in_(("held", "deposit_pending")),
    (Booking.status == "cancellation_requested") & (Booking.before_cancel == "deposit_pending"),
)
"""Of a booking whose deposit has not come; one that was confirmed by hand waits for none."""


class PartiesAsked(Days):
    status: Status | None = None
    deposit: Literal["missing", "there"] | None = None


PARTY = (
    Column("start", "Start", "moment"),
    Column("customer", "Customer"),
    Column("guests", "Guests", "number"),
    Column("state", "State", "state"),
    Column("deposit", "Deposit"),
    Column("number", "Booking", "number"),
    Column("chef", "Chef"),
    Column("address", "Address"),
    Column("phone", "Phone", chiefs=True),
    Column("email", "E-mail", chiefs=True),
    Column("total", "Total", "money", chiefs=True),
    Column("conversation", "Conversation", "link"),
)


def on_days(asking: Asking, given: Days, window: Window) -> Filter:
    """By the day of the party, at the venue."""
    first, last = window.of(given, asking.today)
    return Filter(Booking.day.between(first, last), days_words(first, last, asking.today))


TAKING_PLACE = Filter(Booking.status.in_(TAKES_PLACE) & ~LAPSED, "")


def _parties(given: PartiesAsked, asking: Asking) -> Plan:
    filters = [on_days(asking, given, AHEAD), *_state(given.status)]
    if given.deposit == "missing":
        filters.append(Filter(UNPAID, "whose deposit has not come"))
    elif given.deposit == "there":
        filters.append(Filter(~UNPAID, "whose deposit is there"))
    return Plan("Parties", _party_rows(), tuple(filters), (Booking.starts_at, Booking.number), "in order of start")


def _state(status: str | None) -> list[Filter]:
    if status is None:
        return [TAKING_PLACE]
    return [Filter((Booking.status == status) & ~LAPSED, STATES[status])]


def _missing(given: Days, asking: Asking) -> Plan:
    filters = (on_days(asking, given, AHEAD), TAKING_PLACE, Filter(UNPAID, "whose deposit has not come"))
    return Plan("Parties", _party_rows(), filters, (Booking.starts_at, Booking.number), "in order of start")


def _no_shows(given: Days, asking: Asking) -> Plan:
    filters = (on_days(asking, given, BACK), Filter(Booking.status == "no_show", STATES["no_show"]))
    return Plan("Parties", _party_rows(), filters, (Booking.starts_at.desc(), Booking.number), "the newest first")


def _party_rows() -> Select[*tuple[Any, ...]]:
    columns = (
        Booking.number,
        Booking.starts_at.label("start"),
        NAME.label("customer"),
        Booking.guests,
        Booking.status.label("state"),
        case((UNPAID, "missing"), else_="there").label("deposit"),
        Chef.name.label("chef"),
        Booking.address,
        Booking.contact_phone.label("phone"),
        Booking.contact_email.label("email"),
        Booking.total_cents.label("total"),
        Booking.conversation_id.label("conversation"),
    )
    return _joined(select(*columns))


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    joined = query.select_from(Booking).join(Customer, Customer.id == Booking.customer_id)
    return joined.outerjoin(Chef, Chef.number == Booking.chef_number)


def _by_state(given: Days, asking: Asking) -> Plan:
    rows = select(Booking.status.label("state"), *_sums()).group_by(Booking.status)
    filters = (on_days(asking, given, AROUND), Filter(~LAPSED, ""))
    return Plan("Bookings", rows, filters, (func.count().desc(), Booking.status), "counted by their state, the most first")


def _by_day(given: Days, asking: Asking) -> Plan:
    rows = select(Booking.day, *_sums()).group_by(Booking.day)
    filters = (on_days(asking, given, AHEAD), TAKING_PLACE)
    return Plan("Parties", rows, filters, (Booking.day,), "counted day by day")


def _sums() -> tuple[Any, ...]:
    return (
        func.count().label("parties"),
        cast(func.sum(Booking.guests), BigInteger).label("guests"),
        cast(func.coalesce(func.sum(Booking.total_cents), 0), BigInteger).label("total"),
    )


SUMS = (
    Column("parties", "Parties", "number"),
    Column("guests", "Guests", "number"),
    Column("total", "Quoted in all", "money", chiefs=True),
)


def _cancelled(given: Days, asking: Asking) -> Plan:
    why = case((BookingEvent.details["unpaid"].as_boolean(), "the deposit never came"), else_="the customer or the business")
    columns = (
        Booking.number,
        Booking.starts_at.label("start"),
        NAME.label("customer"),
        Booking.guests,
        BookingEvent.at.label("cancelled"),
        BookingEvent.by_name.label("by"),
        why.label("why"),
        Booking.total_cents.label("total"),
        Booking.conversation_id.label("conversation"),
    )
    rows = _joined(select(*columns)).join(BookingEvent, BookingEvent.booking_id == Booking.id)
    filters = (Filter(BookingEvent.kind == "cancelled", "that were cancelled"), in_days(BookingEvent.at, asking, given, BACK))
    return Plan("Bookings", rows, filters, (BookingEvent.at.desc(), Booking.number), "the newest first")


def _by_chef(given: Days, asking: Asking) -> Plan:
    rows = select(func.coalesce(Chef.name, "no chef yet").label("chef"), *_sums()[:2], func.min(Booking.day).label("from_day"))
    rows = rows.select_from(Booking).outerjoin(Chef, Chef.number == Booking.chef_number).group_by(Chef.name)
    filters = (on_days(asking, given, AHEAD), TAKING_PLACE)
    return Plan("Parties", rows, filters, (func.count().desc(), Chef.name), "counted by their chef, the most first")


def _returning(given: Days, asking: Asking) -> Plan:
    columns = (
        func.max(NAME).label("customer"),
        func.count().label("parties"),
        cast(func.sum(Booking.guests), BigInteger).label("guests"),
        cast(func.min(Booking.day), Date).label("first_day"),
        cast(func.max(Booking.day), Date).label("last_day"),
        func.max(Booking.contact_phone).label("phone"),
        func.max(Booking.contact_email).label("email"),
        cast(func.coalesce(func.sum(Booking.total_cents), 0), BigInteger).label("total"),
    )
    rows = select(*columns).select_from(Booking).join(Customer, Customer.id == Booking.customer_id)
    rows = rows.group_by(Booking.customer_id).having(func.count() > 1)
    booked = Filter(Booking.status.in_(("confirmed", "in_progress", "completed")), "with more than one party, confirmed or over,")
    filters = (booked, on_days(asking, given, Window(back=366, ahead=180)))
    return Plan("Customers", rows, filters, (func.count().desc(), func.max(NAME)), "the most parties first")


def _upgrades(given: Days, asking: Asking) -> Plan:
    sort = func.jsonb_each_text(cast(Quote.order["upgrades"], JSONB)).table_valued("key", "value", joins_implicitly=True).alias("upgrade")
    persons = cast(func.sum(cast(sort.c.value, Integer)), BigInteger)
    rows = select(sort.c.key.label("upgrade"), func.count().label("parties"), persons.label("persons"))
    rows = rows.select_from(Booking).join(Quote, Quote.id == Booking.quote_id).join(sort, cast(sort.c.value, Integer) > 0)
    filters = (TAKING_PLACE, on_days(asking, given, AROUND))
    return Plan("Upgrades of parties", rows.group_by(sort.c.key), filters, (persons.desc(), sort.c.key), "the most persons first")


REPORTS = (
    Report("parties", "Parties", "Which parties are on some days, by state and by deposit?", PartiesAsked, PARTY, _parties),
    Report("deposits_missing", "Deposits that are missing", "Whose deposit has not come for a party on some days?", Days, PARTY, _missing),
    Report("no_shows", "No-shows", "To which parties did nobody come?", Days, PARTY, _no_shows),
    Report(
        "bookings_by_state",
        "Bookings by state",
        "How many bookings of some days are in which state?",
        Days,
        (Column("state", "State", "state"), *SUMS),
        _by_state,
    ),
    Report(
        "parties_by_day",
        "Parties by day",
        "How many parties and guests are on each day?",
        Days,
        (Column("day", "Day", "day"), *SUMS),
        _by_day,
    ),
    Report(
        "cancellations",
        "Cancellations",
        "What was cancelled on some days, by whom and why?",
        Days,
        (
            Column("start", "Start", "moment"),
            Column("customer", "Customer"),
            Column("guests", "Guests", "number"),
            Column("number", "Booking", "number"),
            Column("cancelled", "Cancelled", "moment"),
            Column("by", "By"),
            Column("why", "Why"),
            Column("total", "Total", "money", chiefs=True),
            Column("conversation", "Conversation", "link"),
        ),
        _cancelled,
    ),
    Report(
        "parties_by_chef",
        "Parties by chef",
        "How many parties and guests does each chef have on some days?",
        Days,
        (Column("chef", "Chef"), *SUMS[:2], Column("from_day", "The first on", "day")),
        _by_chef,
    ),
    Report(
        "returning_customers",
        "Customers who came again",
        "Which customers have more than one party?",
        Days,
        (
            Column("customer", "Customer"),
            *SUMS[:2],
            Column("first_day", "First party", "day"),
            Column("last_day", "Last party", "day"),
            Column("phone", "Phone", chiefs=True),
            Column("email", "E-mail", chiefs=True),
            SUMS[2],
        ),
        _returning,
    ),
    Report(
        "popular_upgrades",
        "Popular upgrades",
        "Which upgrades do parties take most?",
        Days,
        (Column("upgrade", "Upgrade"), Column("parties", "Parties", "number"), Column("persons", "Persons", "number")),
        _upgrades,
    ),
)
