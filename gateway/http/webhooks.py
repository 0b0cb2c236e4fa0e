"""Webhooks over HTTP, for owners and admins: endpoints, the delivery log, sending again."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from business.staff import audit
from business.webhooks import deliveries
from business.webhooks.deliveries import Attempt, Delivery
from business.webhooks.endpoints import Endpoint, WebhookEndpoints
from business.webhooks.events import EVENT_TYPES
from gateway.http import webhook_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, DoneAnswer, NothingBody
from kernel.database import Database
from kernel.errors import NotFound


class WebhooksHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, endpoints: WebhookEndpoints) -> None:
        self._door = door
        self._database = database
        self._endpoints = endpoints
        self.handlers: dict[str, Handler] = {
            "webhooks": self._list,
            "webhook_add": self._add,
            "webhook_change": self._change,
            "webhook_delete": self._delete,
            "webhook_rotate": self._rotate,
            "webhook_test": self._test,
            "webhook_deliveries": self._log,
            "webhook_delivery": self._delivery,
            "webhook_redeliver": self._redeliver,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return answer(wire.WebhooksAnswer(items=tuple(_shown(one) for one in await self._endpoints.list()), events=EVENT_TYPES))

    async def _add(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.WebhookBody)
        return answer(_shown(await self._endpoints.add(body.url, body.events, body.description, caller.staff_id)))

    async def _change(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.WebhookPatch)
        changed = await self._endpoints.change(
            path_id(request, "webhook"), caller.staff_id, url=body.url, wanted=body.events, description=body.description, on=body.on
        )
        return answer(_shown(changed))

    async def _delete(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await self._endpoints.remove(path_id(request, "webhook"), caller.staff_id)
        return answer(DoneAnswer())

    async def _rotate(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        return answer(_shown(await self._endpoints.rotate(path_id(request, "webhook"), caller.staff_id)))

    async def _test(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        return await self._told(await self._endpoints.test(path_id(request, "webhook")))

    async def _log(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.DeliveriesQuery)
        endpoint = path_id(request, "webhook")
        if not any(one.id == endpoint for one in await self._endpoints.list()):
            raise NotFound("There is no such webhook.")
        async with self._database.transaction() as connection:
            found, following = await deliveries.page(connection, endpoint, asked.cursor)
        return answer(wire.DeliveriesAnswer(items=tuple(_line(one) for one in found), cursor=following))

    async def _delivery(self, request: Request) -> Response:
        await self._door.caller(request, roles=CHIEFS)
        return await self._told(path_id(request, "delivery"))

    async def _redeliver(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        delivery = path_id(request, "delivery")
        async with self._database.transaction() as connection:
            endpoint = await deliveries.again(connection, delivery)
            await audit.record(connection, "staff", caller.staff_id, "webhook.redelivered", endpoint, {"delivery": str(delivery)})
        return await self._told(delivery)

    async def _told(self, delivery: UUID) -> Response:
        async with self._database.transaction() as connection:
            found, payload, tried = await deliveries.one(connection, delivery)
        return answer(wire.DeliveryAnswer(delivery=_line(found), payload=payload, attempts=tuple(_try(one) for one in tried)))


def _shown(one: Endpoint) -> wire.Webhook:
    return wire.Webhook.model_validate(
        {
            "id": one.id,
            "url": one.url,
            "description": one.description,
            "events": one.events,
            "on": one.off_reason is None,
            "off_reason": one.off_reason,
            "failing_since": one.failing_since,
            "previous_until": one.previous_until,
            "created_at": one.created_at,
            "secret": one.secret,
        }
    )


def _try(one: Attempt) -> wire.DeliveryAttempt:
    return wire.DeliveryAttempt.model_validate(one, from_attributes=True)


def _line(one: Delivery) -> wire.WebhookDelivery:
    return wire.WebhookDelivery.model_validate(
        {
            "id": one.id,
            "message_id": deliveries.message_id(one.id),
            "endpoint": one.endpoint,
            "type": one.type,
            "state": one.state,
            "attempts": one.attempts,
            "created_at": one.created_at,
            "next_at": one.next_at,
            "last": None if one.last is None else _try(one.last),
        }
    )
