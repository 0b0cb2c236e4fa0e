"""A chef's sheet as staff read it over HTTP."""

from collections.abc import Iterable
from datetime import datetime, time

from business.bookings.sheet import ChefSheet, Counted
from business.profile.schemas import Profile
from gateway.http.sheet_wire import SheetAnswer, SheetLine


def answer_of(profile: Profile, sheet: ChefSheet) -> SheetAnswer:
    """In the venue's times."""

    def at(moment: datetime) -> time:
        return moment.astimezone(profile.business.zone).time()

    return SheetAnswer(
        booking=sheet.booking,
        number=sheet.number,
        chef=sheet.chef,
        day=sheet.day,
        arrives=at(sheet.arrives_at),
        starts=at(sheet.starts_at),
        ends=at(sheet.ends_at),
        leaves=at(sheet.leaves_at),
        name=sheet.name,
        phone=sheet.phone,
        address=sheet.address,
        adults=sheet.party.adults,
        children=sheet.party.children,
        under_six=sheet.party.under_six,
        picks=_lines(sheet.picks.base),
        upgrades=_lines(sheet.picks.upgrades),
        due=sheet.picks.due,
        unassigned=sheet.picks.unassigned,
        surplus=sheet.picks.surplus,
        extras=_lines(sheet.extras),
        allergies=sheet.allergies,
        diets=sheet.diets,
        collect_cents=sheet.collect_cents,
        missing=sheet.missing,
    )


def _lines(counted: Iterable[Counted]) -> tuple[SheetLine, ...]:
    return tuple(SheetLine(name=one.name, count=one.count) for one in counted)
