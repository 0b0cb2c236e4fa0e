"""A booking and the calendar as staff read them over HTTP: made from rows, the statement and the history. What may be done with a booking
is told with it, so that no client repeats the rules."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings import calendar, life, roster
from business.bookings.assigning import WHY
from business.bookings.calendar import Entry
from business.bookings.moving import MOVABLE
from business.bookings.requests import BookingView, view
from business.bookings.roster import Cook
from business.bookings.rules import OCCUPYING
from business.links.signing import Links
from business.payments import ledger
from business.profile.schemas import Profile
from gateway.http import calendar_wire as wire
from gateway.http.operations import CHIEFS

UNPAID = ("held", "deposit_pending")
MAY: dict[wire.Verb, Collection[str]] = {
    "confirm": UNPAID,
    "keep": UNPAID,
    "move": MOVABLE,
    "party": MOVABLE,
    "chef": OCCUPYING,
    "ask_cancel": MOVABLE,
    "decide_cancel": ("cancellation_requested",),
    "start": ("confirmed", "deposit_pending"),
    "complete": ("in_progress", "confirmed"),
    "no_show": ("confirmed", "in_progress"),
}
"""The states of a booking in which each verb makes sense."""
BEFORE_START: tuple[wire.Verb, ...] = ("move", "party", "ask_cancel")
AFTER_START: tuple[wire.Verb, ...] = ("complete", "no_show")
FOR_CHIEFS: tuple[wire.Verb, ...] = ("decide_cancel",)


async def of_days(connection: AsyncConnection, profile: Profile, first: date, last: date, now: datetime) -> wire.CalendarAnswer:
    """The calendar of some days."""
    entries = await calendar.between(connection, first, last)
    cooks = await roster.everyone(connection)
    busy = {entry.chef for entry in entries}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return wire.CalendarAnswer(
        today=now.astimezone(profile.business.zone).date(),
        time_zone=profile.business.time_zone,
        slots=tuple(sorted(profile.slots.times)),
        stations=tuple(wire.CalendarStation(key=one.key, name=one.name, capacity=one.capacity_per_slot) for one in profile.travel.stations),
        chefs=tuple(_chef(cook, days) for cook in cooks if cook.active or cook.number in busy),
        parties=tuple(party(profile, entry) for entry in entries),
    )


async def one(connection: AsyncConnection, profile: Profile, links: Links, booking: UUID, role: str, now: datetime) -> wire.BookingAnswer:
    """A booking with everything that staff see of it. Raises NotFound."""
    row = await calendar.one(connection, booking)
    money = await ledger.statement(connection, booking)
    happened = await calendar.history(connection, booking)
    booking_view = view(row)
    return wire.BookingAnswer(
        party=party(profile, calendar.entry(row)),
        adults=row.party.get("adults", 0),
        children=row.party.get("children", 0),
        under_six=row.party.get("under_six", 0),
        phone=row.contact_phone,
        email=row.contact_email,
        address=row.address,
        miles=None if row.miles is None else float(row.miles),
        chef_name=row.chef_name,
        facts=row.facts,
        hold_until=row.hold_until,
        deposit_until=row.deposit_until,
        confirmed_at=row.confirmed_at,
        reschedules=row.reschedules,
        ended=row.ended,
        money=_money(money),
        refundable=life.refundable(profile, booking_view, now),
        history=tuple(
            wire.BookingHappening(at=one.at, kind=one.kind, by_kind=one.by_kind, by=one.by_name, details=dict(one.details))
            for one in happened
        ),
        may=may(profile, booking_view, role, now),
        page=links.booking(booking),
    )


def may(profile: Profile, booking: BookingView, role: str, now: datetime) -> tuple[wire.Verb, ...]:
    """What somebody of this role may do with a booking now."""
    begun, today = booking.starts_at <= now, now.astimezone(profile.business.zone).date()
    barred: set[wire.Verb] = {*(BEFORE_START if begun else AFTER_START), *(() if role in CHIEFS else FOR_CHIEFS)}
    if booking.kept and booking.status == "deposit_pending":
        barred.add("keep")
    if today < booking.day or (booking.status == "deposit_pending" and not booking.kept):
        barred.add("start")
    return tuple(verb for verb, states in MAY.items() if booking.status in states and verb not in barred)


async def scores(connection: AsyncConnection, profile: Profile, booking: BookingView, now: datetime) -> tuple[wire.ChefScore, ...]:
    """Every chef of its station with what speaks for them, and what is in the way of those who cannot come."""
    return tuple(
        wire.ChefScore(
            number=one.chef.number,
            name=one.chef.name,
            able=one.out is None,
            score=one.score,
            parts=tuple(wire.ScorePart(name=name, points=points) for name, points in one.parts.items()),
            why=None if one.out is None else WHY[one.out].format(name=one.chef.name),
        )
        for one in await life.scores(connection, profile, booking, now)
    )


def party(profile: Profile, one: Entry) -> wire.CalendarParty:
    """A party with its hours by the clock at the venue."""
    zone = profile.business.zone
    return wire.CalendarParty.model_validate(
        {
            "id": one.id,
            "number": one.number,
            "conversation": one.conversation,
            "status": one.status,
            "station": one.station,
            "day": one.day,
            "slot": one.slot,
            "at": one.starts_at.astimezone(zone).time(),
            "ends": one.ends_at.astimezone(zone).time(),
            "lane": one.lane,
            "starts_at": one.starts_at,
            "guests": one.guests,
            "name": one.name,
            "chef": one.chef,
            "kept": one.kept,
            "version": one.version,
        }
    )


def _chef(cook: Cook, days: list[date]) -> wire.CalendarChef:
    """Without hours of every week a chef works whenever they are not off."""
    weekly = {line.weekday for line in cook.times if line.kind == "weekly"}
    on = {line.day for line in cook.times if line.kind == "on"}
    off = {line.day for line in cook.times if line.kind == "off" and line.from_minute is None}
    free = tuple(day for day in days if day in off or (weekly and day.weekday() not in weekly and day not in on))
    return wire.CalendarChef(number=cook.number, name=cook.name, station=cook.station, off=free)


def _money(money: ledger.Statement) -> wire.BookingMoney:
    return wire.BookingMoney(
        quoted=money.quoted,
        total=money.total_cents,
        deposit=money.deposit_cents,
        fees=money.fees_cents,
        discounts=money.discounts_cents,
        paid=money.paid_cents,
        refunded=money.refunded_cents,
        balance=money.balance_cents,
        deposit_due=money.deposit_due_cents,
    )
