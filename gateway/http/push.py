"""Notifications over HTTP: each member of staff for their own devices and hours."""

from starlette.requests import Request
from starlette.responses import Response

from business.push import notices, rules, subscriptions
from business.push.rules import QuietHours
from business.push.vapid import public_key
from gateway.http import push_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import DoneAnswer
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound


class PushHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, services: tuple[str, ...]) -> None:
        self._door = door
        self._database = database
        self._services = services
        self.handlers: dict[str, Handler] = {
            "notifications": self._show,
            "notifications_change": self._change,
            "device_add": self._add,
            "device_remove": self._remove,
            "device_test": self._test,
        }

    async def _show(self, request: Request) -> Response:
        session = await self._door.enter(request)
        async with self._database.transaction() as connection:
            key = await subscriptions.push_key(connection)
            hours = await subscriptions.quiet_hours(connection, session.staff_id)
        return answer(_state(key, hours))

    async def _change(self, request: Request) -> Response:
        session = await self._door.enter(request)
        given = (await read_body(request, wire.QuietHoursBody)).quiet
        hours = rules.quiet_hours(given.starts, given.ends, given.zone) if given is not None else None
        await self._database.unit(lambda c: subscriptions.keep_quiet(c, session.staff_id, hours))
        async with self._database.transaction() as connection:
            return answer(_state(await subscriptions.push_key(connection), hours))

    async def _add(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.SubscriptionBody)
        keys = rules.keys(body.endpoint, body.p256dh, body.auth, self._services)
        await self._database.unit(lambda c: subscriptions.save(c, session.staff_id, session.hash, keys))
        return answer(DoneAnswer())

    async def _remove(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.Endpoint)
        await self._database.unit(lambda c: subscriptions.remove(c, session.staff_id, body.endpoint))
        return answer(DoneAnswer())

    async def _test(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.Endpoint)
        async with self._database.transaction() as connection:
            device = await subscriptions.of_endpoint(connection, session.staff_id, body.endpoint)
        if device is None:
            raise NotFound("This device is not subscribed. Switch notifications off and on again.")
        await self._database.unit(lambda c: notices.test(c, device, utc_now()))
        return answer(DoneAnswer())


def _state(key: str, hours: QuietHours | None) -> wire.NotificationsAnswer:
    quiet = wire.QuietHoursState(starts=hours.starts, ends=hours.ends, zone=hours.zone) if hours is not None else None
    return wire.NotificationsAnswer(key=public_key(key), quiet=quiet)
