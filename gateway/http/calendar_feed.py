"""`/calendar/{token}.ics`: a chef's calendar, for their phone to subscribe to. A phone that has it as it is hears so."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from business.bookings import calendar, ical, roster
from business.bookings.ical import ChefParty
from business.links.signing import Links
from business.profile.schemas import Profile
from gateway.http.edge import guarded
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound, RateLimited

SINCE = timedelta(days=30)
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """`take` counts a request of an address: 0, or the milliseconds to wait."""

    database: Database
    links: Links
    profile: Callable[[], Profile]
    take: Callable[[Request], Awaitable[int]]
    clock: Clock

    def routes(self) -> list[Route]:
        return [Route("/calendar/{token}.ics", guarded(self._fed), methods=["GET"], name="calendar_feed")]

    async def _fed(self, request: Request) -> Response:
        wait = await self.take(request)
        if wait:
            raise RateLimited("This calendar is asked for too often.", retry_after_ms=wait)
        body = await self._written(request.path_params["token"])
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {**HEADERS, "ETag": etag}
        if etag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=ical.MEDIA_TYPE, headers=headers)

    async def _written(self, token: str) -> bytes:
        """Raises NotFound, also for a chef who is none any more."""
        chef = self.links.chef_of(token)
        async with self.database.transaction() as connection:
            cook = await roster.one(connection, chef)
            if not cook.active:
                raise NotFound("There is no such calendar.")
            rows = await calendar.of_chef(connection, cook.number, self.clock() - SINCE)
        return ical.feed(self.profile(), cook.name, [_party(row) for row in rows], self.links)


def _party(row: Any) -> ChefParty:
    return ChefParty(row, row.name, row.busy.lower, row.busy.upper, row.party)
