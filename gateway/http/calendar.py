"""The calendar over HTTP: what stands, and every verb of a booking that staff have. A move is one transaction; asked for with `check`, it
is tried and taken back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.bookings import calendar, life
from business.bookings.requests import By, Changed, FeeNeeded, NotFree, view
from business.bookings.sheet import sheet
from business.conversations.log import Announcement
from business.links.signing import Links
from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.staff import audit
from business.staff.tokens import Caller
from gateway.http import calendar_shown as shown
from gateway.http import calendar_wire as wire
from gateway.http.conversations import Announce
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, NothingBody
from gateway.http.sheet_shown import answer_of
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotAllowed

Verb = Callable[[AsyncConnection, Profile, UUID, By, datetime], Awaitable[Changed]]
NOT_FREE = {
    "taken": "That slot is taken.",
    "too_soon": "That is too soon: chefs need more notice.",
    "too_far_ahead": "That is farther ahead than bookings go.",
    "past": "That is over already.",
    "not_a_slot": "No party can start then.",
}


class _TakenBack(Exception):
    """A move that was only asked about: nothing of it stays."""

    def __init__(self, result: "_Move") -> None:
        self.result = result


@dataclass(frozen=True, slots=True)
class _Move:
    outcome: Changed | NotFree | FeeNeeded
    announcement: Announcement | None


class CalendarHttp:
    """The handlers, by the operation's name."""

    def __init__(
        self, door: Door, database: Database, profile: Callable[[], Profile], links: Links, announce: Announce, clock: Clock
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._links = links
        self._announce = announce
        self._clock = clock
        self.handlers: dict[str, Handler] = {
            "calendar": self._days,
            "booking": self._one,
            "booking_chefs": self._chefs,
            "booking_sheet": self._sheet,
            "booking_move": self._move,
            "booking_confirm": self._verb(life.confirm, "booking.confirmed"),
            "booking_keep": self._verb(life.keep, "booking.kept"),
            "booking_start": self._verb(life.start, "booking.started"),
            "booking_complete": self._verb(life.complete, "booking.completed"),
            "booking_no_show": self._verb(life.no_show, "booking.no_show"),
            "booking_party": self._party,
            "booking_chef": self._chef,
            "booking_ask_cancel": self._ask_cancel,
            "booking_decide_cancel": self._decide_cancel,
        }

    async def _days(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.CalendarQuery)
        async with self._database.transaction() as connection:
            return answer(await shown.of_days(connection, self._profile(), asked.first, asked.last, self._clock()))

    async def _one(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return answer(await self._shown(path_id(request, "booking"), caller))

    async def _chefs(self, request: Request) -> Response:
        await self._door.caller(request)
        booking = path_id(request, "booking")
        async with self._database.transaction() as connection:
            row = await calendar.one(connection, booking)
            scores = await shown.scores(connection, self._profile(), view(row), self._clock())
        return answer(wire.ChefScoresAnswer(items=scores))

    async def _sheet(self, request: Request) -> Response:
        await self._door.caller(request)
        booking = path_id(request, "booking")
        async with self._database.transaction() as connection:
            return answer(answer_of(self._profile(), await sheet(connection, self._profile(), booking)))

    def _verb(self, verb: Verb, action: str) -> Handler:
        """A verb that needs nothing said."""

        async def handle(request: Request) -> Response:
            caller = await self._door.caller(request)
            await read_body(request, NothingBody)
            return await self._done(request, caller, verb, action)

        return handle

    async def _party(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.PartyBody)
        party = Party(body.adults, body.children, body.under_six)

        async def change(c: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
            return await life.change_party(c, profile, booking, party, by, now)

        return await self._done(request, caller, change, "booking.party_changed", {"guests": party.guests})

    async def _chef(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.ChefChoiceBody)

        async def choose(c: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
            return await life.assign_chef(c, profile, booking, body.number, by, now)

        return await self._done(request, caller, choose, "booking.chef_chosen", {"chef": body.number})

    async def _ask_cancel(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.ReasonBody)

        async def ask(c: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
            return await life.ask_cancel(c, profile, booking, by, now, body.reason)

        return await self._done(request, caller, ask, "booking.cancellation_asked")

    async def _decide_cancel(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.DecideBody)

        async def decide(c: AsyncConnection, profile: Profile, booking: UUID, by: By, now: datetime) -> Changed:
            return await life.decide_cancel(c, profile, booking, body.approve, by, now, body.reason)

        return await self._done(request, caller, decide, "booking.cancellation_decided", {"approved": body.approve})

    async def _done(self, request: Request, caller: Caller, verb: Verb, action: str, details: dict[str, Any] | None = None) -> Response:
        booking = path_id(request, "booking")

        async def do(connection: AsyncConnection) -> Changed:
            changed = await verb(connection, self._profile(), booking, _by(caller), self._clock())
            await audit.record(connection, "staff", caller.staff_id, action, booking, {**(details or {}), "number": changed.booking.number})
            return changed

        changed = await self._database.unit(do)
        await self._announce(changed.announcement)
        return answer(await self._shown(booking, caller))

    async def _move(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        body = await read_body(request, wire.MoveBody)
        booking = path_id(request, "booking")
        try:
            move = await self._database.unit(lambda c: self._moved(c, booking, body, caller))
        except _TakenBack as tried:
            move = tried.result
        match move.outcome:
            case NotFree(why=why, alternatives=others):
                starts = tuple(
                    wire.OtherStart(kind=one.kind, day=one.day, at=one.starts_at.astimezone(self._profile().business.zone).time())
                    for one in others
                )
                return answer(wire.MovedAnswer(outcome="not_free", words=NOT_FREE.get(why, NOT_FREE["taken"]), others=starts))
            case FeeNeeded(cents=cents):
                return answer(wire.MovedAnswer(outcome="fee_needed", fee_cents=cents))
            case Changed():
                if move.announcement is not None:
                    await self._announce(move.announcement)
                return answer(wire.MovedAnswer(outcome="moved", booking=None if body.check else await self._shown(booking, caller)))

    async def _moved(self, connection: AsyncConnection, booking: UUID, body: wire.MoveBody, caller: Caller) -> _Move:
        profile, by, now = self._profile(), _by(caller), self._clock()
        if body.fee_agreed is not None and caller.role not in CHIEFS:
            before = view(await calendar.one(connection, booking))
            if body.fee_agreed < life.fee(profile, before, now, weather=body.weather):
                raise NotAllowed("Only an owner or an admin may waive a fee. Ask the customer for it, or one of them.")
        outcome: Changed | NotFree | FeeNeeded = await life.reschedule(
            connection, profile, booking, body.day, body.at, by, now, weather=body.weather, fee_agreed=body.fee_agreed
        )
        if not isinstance(outcome, Changed):
            return _Move(outcome, None)
        if body.chef is not None and outcome.booking.chef != body.chef:
            outcome = await life.assign_chef(connection, profile, booking, body.chef, by, now)
        details = {
            "number": outcome.booking.number,
            "day": body.day.isoformat(),
            "at": body.at.isoformat("minutes"),
            "weather": body.weather,
        }
        await audit.record(connection, "staff", caller.staff_id, "booking.moved", booking, details)
        move = _Move(outcome, outcome.announcement)
        if body.check:
            raise _TakenBack(move)
        return move

    async def _shown(self, booking: UUID, caller: Caller) -> wire.BookingAnswer:
        async with self._database.transaction() as connection:
            return await shown.one(connection, self._profile(), self._links, booking, caller.role, self._clock())


def _by(caller: Caller) -> By:
    return By("human", caller.name, caller.staff_id)
