"""The staff's own tools: they read, from the replica where there is one, and write nothing. A customer's turn never has them."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.admin import data as found
from agents.admin.reporting import ReportTool
from agents.availability.tools import CheckDate
from agents.distance.tools import TravelFee
from agents.distance.ways import Ways
from agents.guard.figures import Figure, date_figures, money_figure
from agents.menu.tools import MenuLookup
from agents.pricing.tools import QuoteTool
from agents.summaries.at_hand import at_hand
from agents.tools.context import ToolContext
from agents.tools.results import ToolError, ToolResult
from agents.tools.tool import STAFF, Tool, ToolArgs
from business.alerts.service import UNPAID_HOURS, UNTOUCHED_HOURS
from business.bookings import happenings
from business.bookings import queries as bookings
from business.bookings.queries import FoundBookings
from business.conversations import people, queries, staffing
from business.handoffs import standing
from business.leads import queries as leads
from kernel.errors import Unavailable
from kernel.wire.base import HandoffKind

T = TypeVar("T")
KEY = "admin"
SUMMED = 1_200  # characters of a summary
HOURS = Annotated[int, Field(ge=1, le=24 * 60)]
Status = Literal[
    "held", "deposit_pending", "confirmed", "in_progress", "completed", "cancellation_requested", "cancelled", "expired", "no_show"
]  # fmt: skip


class NoArgs(ToolArgs):
    pass


class DayArgs(ToolArgs):
    date: Annotated[dt.date | None, Field(description="like 2027-05-31; today without one")] = None


class DayPlan(Tool[DayArgs]):
    name = "day_plan"
    agents = frozenset({KEY})
    roles = STAFF
    description = "The parties of one day, in their order, with what is held, booked, and still without a deposit."
    args = DayArgs

    async def run(self, context: ToolContext, args: DayArgs) -> ToolResult:
        day = args.date or context.now.astimezone(context.profile.business.zone).date()
        result = await _read(context, lambda c: bookings.on_days(c, day, day))
        data, figures, statements = _bookings(context, result)
        data = {"date": day.isoformat(), "weekday": day.strftime("%A"), **data}
        return ToolResult(data, (*figures, *date_figures(day)), statements)


class FindBookingsArgs(ToolArgs):
    first: Annotated[dt.date | None, Field(alias="from", description="the first day, like 2027-05-31")] = None
    last: Annotated[dt.date | None, Field(alias="to", description="the last day")] = None
    status: Status | None = None
    text: Annotated[str | None, Field(max_length=120, description="a name, phone, e-mail address, address, or the booking's number")] = None


class FindBookings(Tool[FindBookingsArgs]):
    name = "find_bookings"
    agents = frozenset({KEY})
    roles = STAFF
    description = "Bookings in any state by days, state or words, in the order of their starts."
    args = FindBookingsArgs

    async def run(self, context: ToolContext, args: FindBookingsArgs) -> ToolResult:
        if args.first is not None and args.last is not None and args.last < args.first:
            raise ToolError("to: it is before from; give the first day as from")
        result = await _read(context, lambda c: bookings.find(c, first=args.first, last=args.last, status=args.status, text=args.text))
        data, figures, statements = _bookings(context, result)
        days = [day for day in (args.first, args.last) if day is not None]
        return ToolResult(data, (*figures, *date_figures(*days)), statements)


class BookingChanges(Tool[DayArgs]):
    name = "booking_changes"
    agents = frozenset({KEY})
    roles = STAFF
    description = "What happened to bookings on one day: held, agreed to, paid, moved, asked to cancel, cancelled; the newest first."
    args = DayArgs

    async def run(self, context: ToolContext, args: DayArgs) -> ToolResult:
        zone = context.profile.business.zone
        day = args.date or context.now.astimezone(zone).date()
        since, until = (dt.datetime.combine(one, dt.time(), zone) for one in (day, day + dt.timedelta(days=1)))
        result = await _read(context, lambda c: happenings.between(c, since, until))
        rows = [found.change_data(one, zone) for one in result.shown]
        figures = [*_counted(len(rows), result.total), *date_figures(day)]
        for row in rows:
            figures += found.change_figures(row)
        return ToolResult({"date": day.isoformat(), "changes": rows, "total": result.total}, tuple(figures))


class UnpaidArgs(ToolArgs):
    hours: HOURS = UNPAID_HOURS


class UnpaidSoon(Tool[UnpaidArgs]):
    name = "unpaid_soon"
    agents = frozenset({KEY})
    roles = STAFF
    description = "Parties that begin within so many hours and have no deposit yet."
    args = UnpaidArgs

    async def run(self, context: ToolContext, args: UnpaidArgs) -> ToolResult:
        result = await _read(context, lambda c: bookings.unpaid_before(c, context.now, args.hours))
        data, figures, statements = _bookings(context, result)
        return ToolResult({"hours": args.hours, **data}, (*figures, Figure("hours", str(args.hours))), statements)


class UntouchedArgs(ToolArgs):
    hours: HOURS = UNTOUCHED_HOURS
    temperature: Literal["hot", "warm", "cold"] | None = None


class UntouchedLeads(Tool[UntouchedArgs]):
    name = "untouched_leads"
    agents = frozenset({KEY})
    roles = STAFF
    description = "New leads that wait for so many hours and to whom no person has written, the most promising first."
    args = UntouchedArgs

    async def run(self, context: ToolContext, args: UntouchedArgs) -> ToolResult:
        result = await _read(context, lambda c: leads.untouched(c, context.profile, context.now, args.hours, args.temperature))
        rows = [found.lead_data(one, context.now, chief=context.chief) for one in result.shown]
        figures = [*_counted(len(rows), result.total), Figure("hours", str(args.hours))]
        for row in rows:
            figures += [found.number_figure(row["score"]), *found.spans_of(row["waits"])]
        figures += found.name_figures(result.shown) if context.chief else ()
        return ToolResult({"hours": args.hours, "leads": rows, "total": result.total}, tuple(figures))


class WaitingCustomers(Tool[NoArgs]):
    name = "waiting_customers"
    agents = frozenset({KEY})
    roles = STAFF
    description = "Customers who wait for a person just now, the longest first."
    args = NoArgs

    async def run(self, context: ToolContext, args: NoArgs) -> ToolResult:
        return _talks(context, await _read(context, people.waiting))


class FindCustomersArgs(ToolArgs):
    text: Annotated[str, Field(min_length=2, max_length=120, description="a name, a piece of a phone number, an e-mail address")]


class FindCustomers(Tool[FindCustomersArgs]):
    name = "find_customers"
    agents = frozenset({KEY})
    roles = STAFF
    description = "Customers by name or contact, with their conversation; whoever wrote last comes first."
    args = FindCustomersArgs

    async def run(self, context: ToolContext, args: FindCustomersArgs) -> ToolResult:
        return _talks(context, await _read(context, lambda c: people.find(c, args.text)))


class HandoffsArgs(ToolArgs):
    kind: HandoffKind | None = None
    overdue: Annotated[bool, Field(description="only those that are past their time")] = False


class OpenHandoffs(Tool[HandoffsArgs]):
    name = "open_handoffs"
    agents = frozenset({KEY})
    roles = STAFF
    description = "Handoffs that are open or claimed, whatever is due first."
    args = HandoffsArgs

    async def run(self, context: ToolContext, args: HandoffsArgs) -> ToolResult:
        result = await _read(context, lambda c: standing.unsettled(c, context.now, kind=args.kind, overdue=args.overdue))
        rows = [found.handoff_data(one, context.now) for one in result.shown]
        figures = [*_counted(len(rows), result.total)]
        for row in rows:
            figures += found.spans_of(row.get("overdue_for"), row.get("due_in"))
        figures += found.name_figures(result.shown)
        return ToolResult({"handoffs": rows, "total": result.total}, tuple(figures))


class SummaryArgs(ToolArgs):
    conversation: Annotated[UUID, Field(description="its id, as other tools give it")]


class CustomerSummary(Tool[SummaryArgs]):
    name = "customer_summary"
    agents = frozenset({KEY})
    roles = STAFF
    description = "One customer: who they are, what they booked or hold, what waits for them."
    args = SummaryArgs

    async def run(self, context: ToolContext, args: SummaryArgs) -> ToolResult:
        return await _read(context, lambda c: self._summed(c, context, args.conversation))

    async def _summed(self, connection: AsyncConnection, context: ToolContext, conversation: UUID) -> ToolResult:
        talk = await people.one(connection, conversation)
        if talk is None:
            raise ToolError("conversation: there is none with this id; find the customer first")
        booked = await bookings.of_conversation(connection, conversation)
        handoffs = await standing.unsettled(connection, context.now, conversation=conversation)
        data, figures, statements = _bookings(context, booked)
        customer = found.talk_data(talk, context.now)
        waiting = [found.handoff_data(one, context.now) for one in handoffs.shown]
        figures += [*found.name_figures([talk]), *found.spans_of(customer.get("waits")), *_counted(len(waiting), handoffs.total)]
        # Customers' words stand in it: it licenses no figure.
        row = await queries.row_of(connection, conversation)
        if row is not None and (short := at_hand(row, tuple((one.kind, one.summary) for one in handoffs.shown))):
            customer["summary"] = found.cut(short, SUMMED)
        if context.chief:
            identities = (await staffing.customer_card(connection, talk.customer))["identities"]
            known = [one for one in identities if one["kind"] in ("phone", "email")]
            customer["contacts"] = [one["value"] for one in known]
            figures += found.contact_figures(known)
        return ToolResult({"customer": customer, **data, "handoffs": waiting}, tuple(figures), statements)


class StaffQuote(QuoteTool):
    """The price engine, for staff; nothing is kept, for their context writes nothing."""

    agents = frozenset({KEY})
    roles = STAFF


class StaffMenu(MenuLookup):
    agents = frozenset({KEY})
    roles = STAFF


class StaffTravel(TravelFee):
    agents = frozenset({KEY})
    roles = STAFF


class StaffDate(CheckDate):
    agents = frozenset({KEY})
    roles = STAFF


def staff_tools(ways: Ways) -> tuple[Tool[Any], ...]:
    """All that the assistant of the staff may ask."""
    return (
        DayPlan(),
        FindBookings(),
        BookingChanges(),
        UnpaidSoon(),
        UntouchedLeads(),
        WaitingCustomers(),
        FindCustomers(),
        OpenHandoffs(),
        CustomerSummary(),
        ReportTool(),
        StaffQuote(ways),
        StaffMenu(),
        StaffTravel(ways),
        StaffDate(ways),
    )


async def _read(context: ToolContext, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    if context.database is None:
        raise Unavailable("There is no database here.")
    async with context.database.transaction(context.database.reading) as connection:
        return await work(connection)


def _bookings(context: ToolContext, result: FoundBookings) -> tuple[dict[str, Any], list[Figure], frozenset[str]]:
    """(data, figures, statements). For owners and admins with the total of those that were quoted."""
    zone = context.profile.business.zone
    rows = [found.booking_data(one, zone, chief=context.chief) for one in result.shown]
    guests = sum(row["guests"] for row in rows)
    data: dict[str, Any] = {"bookings": rows, "total": result.total, "guests": guests}
    figures = [*_counted(len(rows), result.total), Figure("count", str(guests), frozenset({"guest"}))]
    for row in rows:
        figures += found.booking_figures(row)
    quoted = [row["total_cents"] for row in rows if "total_cents" in row]
    if quoted:
        data["sum_cents"] = sum(quoted)
        figures.append(money_figure(sum(quoted), "total", "sum"))
    unpaid = sum(row["deposit_missing"] for row in rows)
    data["deposits_missing"] = unpaid
    figures.append(found.number_figure(unpaid))
    return data, figures, found.statements_of(rows)


def _talks(context: ToolContext, result: people.FoundTalks) -> ToolResult:
    rows = [found.talk_data(one, context.now) for one in result.shown]
    figures = _counted(len(rows), result.total)
    for row in rows:
        figures += found.spans_of(row.get("waits"))
    figures += found.name_figures(result.shown)
    return ToolResult({"customers": rows, "total": result.total}, tuple(figures))


def _counted(*counts: int) -> list[Figure]:
    return [found.number_figure(count) for count in counts]
