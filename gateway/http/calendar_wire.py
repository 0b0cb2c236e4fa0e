"""What HTTP offers of the calendar and of single bookings, as values (see operations.py)."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from business.bookings.calendar import DAYS_AT_MOST
from gateway.http.operations import Edge, NothingBody, Operation
from gateway.http.sheet_wire import SHEET

BookingState = Literal[
    "held",
    "deposit_pending",
    "confirmed",
    "in_progress",
    "completed",
    "cancellation_requested",
    "cancelled",
    "expired",
    "no_show",
]
Verb = Literal["confirm", "keep", "move", "party", "chef", "ask_cancel", "decide_cancel", "start", "complete", "no_show"]
Reason = Annotated[str, Field(max_length=1000)]


class CalendarQuery(Edge):
    """Days at the venue, both counted in."""

    first: date
    last: date

    @model_validator(mode="after")
    def _some_days(self) -> Self:
        days = (self.last - self.first).days
        if not 0 <= days < DAYS_AT_MOST:
            raise ValueError(f"Ask for 1 to {DAYS_AT_MOST} days, from the first to the last")
        return self


class CalendarParty(Edge):
    """A party in its slot. `day` and `slot` are the venue's; `at` is its start there, which may be moved from the slot; `ends` its end."""

    id: UUID
    number: int
    conversation: UUID
    status: BookingState
    station: str
    day: date
    slot: time
    at: time
    ends: time
    lane: int
    starts_at: datetime
    guests: int
    name: str | None = None
    chef: int | None = None
    kept: bool
    version: int


class CalendarStation(Edge):
    """`capacity`: parties at once in one slot, where no chefs decide."""

    key: str
    name: str
    capacity: int


class CalendarChef(Edge):
    """By `number`. `off`: days of those asked for on which they do not work at all."""

    number: int
    name: str
    station: str
    off: tuple[date, ...] = ()


class CalendarAnswer(Edge):
    """Some days: what they are cut into, who cooks, and every party. `today` is the venue's."""

    today: date
    time_zone: str
    slots: tuple[time, ...]
    stations: tuple[CalendarStation, ...]
    chefs: tuple[CalendarChef, ...]
    parties: tuple[CalendarParty, ...]


class BookingMoney(Edge):
    """In cents. `quoted`: whether a total is known at all; `deposit_due` is what is missing of the deposit, while it is waited for."""

    quoted: bool
    total: int
    deposit: int
    fees: int
    discounts: int
    paid: int
    refunded: int
    balance: int
    deposit_due: int


class BookingHappening(Edge):
    """A line of its history. `by_kind`: customer, ai, human or system."""

    at: datetime
    kind: str
    by_kind: str
    by: str
    details: dict[str, Any]


class BookingAnswer(Edge):
    """A booking as staff see it. `may`: what whoever asks may do with it now; `refundable`: whether the deposit would go back to the
    customer; `page`: the customer's own page of it."""

    party: CalendarParty
    adults: int
    children: int
    under_six: int
    phone: str | None = None
    email: str | None = None
    address: str
    miles: float | None = None
    chef_name: str | None = None
    facts: dict[str, Any]
    hold_until: datetime | None = None
    deposit_until: datetime | None = None
    confirmed_at: datetime | None = None
    reschedules: int
    ended: str | None = None
    money: BookingMoney
    refundable: bool
    history: tuple[BookingHappening, ...]
    may: tuple[Verb, ...]
    page: str


class MoveBody(Edge):
    """Where to: a day and a start at the venue. `check`: tell what would come of it, and change nothing. `weather`: moved for the
    weather's sake, which costs nothing and does not count; `fee_agreed`: cents that the customer agreed to pay, less than the fee
    where an owner or admin waives it; `chef`: who shall cook there, by number."""

    day: date
    at: time
    check: bool = False
    weather: bool = False
    fee_agreed: Annotated[int, Field(ge=0)] | None = None
    chef: int | None = None


class OtherStart(Edge):
    """Another start that is free, and why it is offered."""

    kind: Literal["same_day", "next_day", "next_week"]
    day: date
    at: time


class MovedAnswer(Edge):
    """`moved`: it is there now (or would be, of a check). `not_free`: `words` says why, `others` what is free instead. `fee_needed`:
    moving costs `fee_cents`, which the customer must agree to first."""

    outcome: Literal["moved", "not_free", "fee_needed"]
    words: str | None = None
    others: tuple[OtherStart, ...] = ()
    fee_cents: int | None = None
    booking: BookingAnswer | None = None


class PartyBody(Edge):
    """Who comes, by age. The youngest eat free, with an adult."""

    adults: int = Field(ge=1, le=1000)
    children: int = Field(default=0, ge=0, le=1000)
    under_six: int = Field(default=0, ge=0, le=1000)


class ReasonBody(Edge):
    """Why, as it is kept with the booking."""

    reason: Reason = ""


class DecideBody(Edge):
    """`approve`: the party is off and its slot free; else it stands as before."""

    approve: bool
    reason: Reason = ""


class ChefChoiceBody(Edge):
    """By number; null: nobody yet."""

    number: int | None


class ScorePart(Edge):
    """A part of a chef's score."""

    name: str
    points: int


class ChefScore(Edge):
    """How well a chef suits a party. `able` false: `why` says what is in the way; nobody but a person may choose them all the same."""

    number: int
    name: str
    able: bool
    score: int
    parts: tuple[ScorePart, ...] = ()
    why: str | None = None


class ChefScoresAnswer(Edge):
    """The best first."""

    items: tuple[ChefScore, ...]


_ONE = "/api/admin/bookings/{id}"


def _verb(path: str, name: str, summary: str, body: type[Edge] = NothingBody) -> Operation:
    return Operation("POST", f"{_ONE}/{path}", name, summary, (BookingAnswer,), body, errors=(404, 409), scope="write")


CALENDAR: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/calendar",
        "calendar",
        "What stands on some days, by station and chef",
        (CalendarAnswer,),
        query=CalendarQuery,
        errors=(400,),
        scope="read",
    ),
    Operation("GET", _ONE, "booking", "A booking with its money and history", (BookingAnswer,), errors=(404,), scope="read"),
    Operation(
        "GET", f"{_ONE}/chefs", "booking_chefs", "Who could cook a party, and how well they suit it", (ChefScoresAnswer,), errors=(404,),
        scope="read",
    ),
    Operation(
        "POST",
        f"{_ONE}/reschedule",
        "booking_move",
        "Move a party to another start, by the rules; `check` only asks",
        (MovedAnswer,),
        MoveBody,
        errors=(404, 409),
        scope="write",
    ),
    SHEET,
    _verb("confirm", "booking_confirm", "Confirm by hand, without a deposit"),
    _verb("keep", "booking_keep", "Keep the slot without a deposit, until somebody says otherwise"),
    _verb("party", "booking_party", "Change how many guests come: the price and the length go with them", PartyBody),
    _verb("chef", "booking_chef", "Choose who cooks", ChefChoiceBody),
    _verb("ask-cancel", "booking_ask_cancel", "Ask for a cancellation; the slot stays until it is decided", ReasonBody),
    _verb("decide-cancel", "booking_decide_cancel", "Approve or reject a cancellation that was asked for (owner, admin)", DecideBody),
    _verb("start", "booking_start", "The party has begun"),
    _verb("complete", "booking_complete", "The party is over"),
    _verb("no-show", "booking_no_show", "The customer was not there"),
)  # fmt: skip
