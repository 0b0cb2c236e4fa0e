"""`POST /webhooks/stripe`: what Stripe tells. Signed or refused; stored before it is answered, and carried out by a worker."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from business.payments import events
from gateway.http.edge import NO_STORE, guarded, read_raw
from kernel.database import Database
from kernel.errors import BadRequest

log = structlog.get_logger(__name__)

PATH = "/webhooks/stripe"
BODY_LIMIT = 512 * 1024


class StripeHttp:
    """`secrets`: those that sign, two while one takes the other's place; without one nothing is taken."""

    def __init__(self, database: Database, secrets: tuple[str, ...]) -> None:
        self._database = database
        self._secrets = secrets

    def routes(self) -> list[Route]:
        if not self._secrets:
            return []
        from business.payments.stripe import signed  # Stripe's library costs memory: it is loaded where it is used

        self._signed = signed
        return [Route(PATH, guarded(self._take), methods=["POST"], name="stripe")]

    async def _take(self, request: Request) -> Response:
        body = await read_raw(request, BODY_LIMIT)
        if not self._signed(body, request.headers.get("stripe-signature"), self._secrets):
            log.warning("stripe.not_signed")
            raise BadRequest("The signature is not Stripe's, or too old.")
        id, type, thing = _event(body)
        new = await self._database.unit(lambda c: events.store(c, id, type, thing))
        log.info("stripe.told", type=type, new=new)
        return Response(status_code=200, headers=NO_STORE)


def _event(body: bytes) -> tuple[str, str, Mapping[str, Any]]:
    """The event's id, its type, and the thing that it is about."""
    try:
        event = orjson.loads(body)
        id, type, thing = event["id"], event["type"], event["data"]["object"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BadRequest("This is no event.") from None
    if not (isinstance(id, str) and isinstance(type, str) and isinstance(thing, dict) and id and len(id) <= 255):
        raise BadRequest("This is no event.")
    return id, type, thing
