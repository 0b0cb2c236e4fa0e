"""Chefs over HTTP: who cooks, when, and the address of each one's calendar. Owners and admins change it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from business.bookings import roster
from business.bookings.chefs import WorkTime
from business.bookings.roster import Cook
from business.links.signing import Links
from business.profile.schemas import Profile
from gateway.http import chefs_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS
from kernel.database import Database


class ChefsHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], links: Links) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._links = links
        self.handlers: dict[str, Handler] = {
            "chefs": self._list,
            "chef_add": self._add,
            "chef_change": self._change,
            "chef_hours": self._hours,
        }

    async def _list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with self._database.transaction() as connection:
            found = await roster.everyone(connection)
        profile = self._profile()
        rule = profile.slots.chef_choice
        return answer(
            wire.ChefsAnswer(
                items=tuple(self._shown(cook, with_feed=caller.role in CHIEFS) for cook in found),
                stations=tuple(wire.ChefStation(key=one.key, name=one.name) for one in profile.travel.stations),
                small_up_to=rule.small_up_to,
                medium_up_to=rule.medium_up_to,
            )
        )

    async def _add(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.ChefBody)
        values = body.model_dump(exclude={"id"}) | {"name": body.name.strip()}
        cook = await self._database.unit(lambda c: roster.add(c, self._profile(), body.id, values, caller.staff_id))
        return answer(self._shown(cook))

    async def _change(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.ChefPatch)
        chef = path_id(request, "chef")
        given = body.model_dump(exclude_unset=True)
        # Only a rating can be taken away; of the rest, nothing given is nothing changed.
        values = {name: value for name, value in given.items() if value is not None or name == "rating"}
        if body.name is not None:
            values["name"] = body.name.strip()
        cook = await self._database.unit(lambda c: roster.change(c, self._profile(), chef, values, caller.staff_id))
        return answer(self._shown(cook))

    async def _hours(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.ChefTimesBody)
        chef = path_id(request, "chef")
        times = [WorkTime(line.kind, line.weekday, line.day, line.from_minute, line.to_minute) for line in body.times]
        cook = await self._database.unit(lambda c: roster.set_times(c, self._profile(), chef, times, caller.staff_id))
        return answer(self._shown(cook))

    def _shown(self, cook: Cook, *, with_feed: bool = True) -> wire.Chef:
        return wire.Chef.model_validate(
            {
                "id": cook.id,
                "number": cook.number,
                "name": cook.name,
                "station": cook.station,
                "largest": cook.largest,
                "rating": cook.rating,
                "active": cook.active,
                "times": [wire.ChefTime.model_validate(line, from_attributes=True) for line in cook.times],
                "feed": self._links.feed(cook.id) if with_feed and cook.active else None,
            }
        )
