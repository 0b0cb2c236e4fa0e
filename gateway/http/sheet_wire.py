"""What HTTP offers of a chef's sheet, as values (see operations.py)."""

from datetime import date, time
from uuid import UUID

from gateway.http.operations import Edge, Operation


class SheetLine(Edge):
    """So many of a dish."""

    name: str
    count: int


class SheetAnswer(Edge):
    """What a chef needs for a party; times are the venue's. Base picks and upgrades are `due` together, but for `unassigned` ones, or
    `surplus`. `collect_cents`: what is still to pay, where a total is known; `missing`: what somebody has to ask."""

    booking: UUID
    number: int
    chef: str | None = None
    day: date
    arrives: time
    starts: time
    ends: time
    leaves: time
    name: str | None = None
    phone: str | None = None
    address: str
    adults: int
    children: int
    under_six: int
    picks: tuple[SheetLine, ...]
    upgrades: tuple[SheetLine, ...]
    due: int
    unassigned: int
    surplus: int
    extras: tuple[SheetLine, ...]
    allergies: tuple[str, ...]
    diets: tuple[str, ...]
    collect_cents: int | None = None
    missing: tuple[str, ...]


SHEET = Operation(
    "GET",
    "/api/admin/bookings/{id}/sheet",
    "booking_sheet",
    "The chef's sheet of a party",
    (SheetAnswer,),
    errors=(404,),
    scope="read",
)
