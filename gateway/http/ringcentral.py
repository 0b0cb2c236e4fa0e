"""`POST /webhooks/ringcentral/{secret}`: what RingCentral tells of texts. It signs nothing, so what it says is a hint: that there is a text
of this id is stored with the effect that fetches it, then answered; the text itself is asked of RingCentral with our own token.

A subscription is made by a request with `Validation-Token`, which is sent back. Later requests bear the token that we gave: their guide
shows it as `Validation-Token`, others as `Verification-Token`; either will do.
"""

import asyncio
import hmac
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from business.channels import consent, inbox, subscriptions
from business.channels.ringcentral import hints
from business.channels.ringcentral.hints import Hint
from business.customers.contacts import E164
from gateway.http.edge import NO_STORE, read_raw, refusal
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, GatewayError, NotFound, Unauthorized, Unavailable

log = structlog.get_logger(__name__)

PROVIDER = "ringcentral"
PATH = "/webhooks/ringcentral/{secret}"
BODY_LIMIT = 64 * 1024
BODY_SECONDS = 2.5  # they wait three seconds for the whole answer
READ_EVERY = 1.0
"""Seconds between two looks for a secret that is not the known one: whoever guesses makes nobody work."""
ECHO, VERIFICATION = "validation-token", "verification-token"
# The answer, headers and all, may have 1,024 bytes.
ECHOED = re.compile(r"[\x21-\x7e]{1,500}")
_STATUS = re.compile(r"[A-Za-z]{1,40}")
_JSON = {**NO_STORE, "Content-Type": "application/json"}


class RingCentralHooks:
    """Has a route where RingCentral carries texts (`on`). `patience`: seconds for a request to arrive."""

    def __init__(
        self, database: Database, on: bool, clock: Clock, patience: float = BODY_SECONDS, *, read_every: float = READ_EVERY
    ) -> None:
        self._database = database
        self._on = on
        self._clock = clock
        self._patience = patience
        self._known: Any = None  # the row as it was last read; secret and token never change
        self._read_every = read_every
        self._looked_at = -read_every  # monotonic
        self._looking = asyncio.Lock()
        self._told_at: datetime | None = None

    def routes(self) -> list[Route]:
        return [Route(PATH, self._answer, methods=["POST"], name="ringcentral")] if self._on else []

    async def _answer(self, request: Request) -> Response:
        """At the edge, where the path holds a secret: what is logged does not name it."""
        try:
            return await self._take(request)
        except GatewayError as error:
            return refusal(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            log.exception("ringcentral.failed")
            return refusal(Unavailable("Something went wrong on our side. Please try again."), status=500)

    async def _take(self, request: Request) -> Response:
        door = await self._door(request.path_params["secret"])
        echo = request.headers.get(ECHO)
        raw = await read_raw(request, BODY_LIMIT, self._patience)
        verified = any(_same(given, door.token) for given in (echo, request.headers.get(VERIFICATION)) if given)
        if not verified and echo is not None and not raw.strip():
            return _echoed(echo)
        if not verified:
            log.warning("ringcentral.not_verified")
            raise Unauthorized("The token is not the one that this webhook was made with.")
        event = _event(raw)
        await self._check_subscription(hints.subscription_of(event))
        await self._database.unit(lambda c: self._store(c, event))
        return Response(status_code=200, headers=_JSON)

    async def _door(self, secret: str) -> Any:
        """Raises NotFound where the path's secret is not ours."""
        if not self._is_ours(secret):
            async with self._looking:  # who comes at the same moment waits for the one look
                if not self._is_ours(secret) and time.monotonic() - self._looked_at >= self._read_every:
                    self._looked_at = time.monotonic()
                    await self._read()
        if not self._is_ours(secret):
            raise NotFound("There is nothing here.")
        return self._known

    def _is_ours(self, secret: str) -> bool:
        return self._known is not None and _same(secret, self._known.secret)

    async def _check_subscription(self, id: str | None) -> None:
        """Raises Unauthorized. While a subscription is made its id is not known here yet; what is told meanwhile counts."""
        if id is None or id != self._known.subscription_id:
            await self._read()
        if self._known.subscription_id not in (None, id):
            log.warning("ringcentral.other_subscription")
            raise Unauthorized("This is not the subscription that this webhook was made for.")

    async def _read(self) -> None:
        async with self._database.statement() as connection:
            self._known = await subscriptions.read(connection, PROVIDER)

    async def _store(self, connection: AsyncConnection, event: Mapping[str, Any]) -> None:
        now, new = self._clock(), False
        match hints.hint(event):
            case Hint("text", str(id)):
                new = await inbox.announce(connection, PROVIDER, id)
            case Hint("sent", str(id)):
                new = await inbox.delivery_told(connection, PROVIDER, id, _status(event["body"]))
            case Hint("opt_out"):
                new = await self._opted_out(connection, event, now)
        if self._told_at is None or abs((now - self._told_at).total_seconds()) > subscriptions.TOLD_EVERY:
            self._told_at = now  # before it is written: of many at once one writes it
            await subscriptions.change(connection, PROVIDER, told_at=now)
        log.info("ringcentral.told", new=new)

    async def _opted_out(self, connection: AsyncConnection, event: Mapping[str, Any], now: datetime) -> bool:
        """They keep a list of their own of who refused. That somebody is on it is believed, for that harms nobody; that somebody is on it
        no more is not: START comes in as a text. What is told late, or again, takes back no START that came since."""
        number, active = event["body"].get("to"), event["body"].get("active")
        if active is not True or not isinstance(number, str) or not E164.fullmatch(number):
            return False
        at = hints.told_at(event)
        await consent.hold(connection, number)
        if at is not None and await inbox.started_since(connection, number, at):
            return False
        stopped = await consent.stop(connection, number=number, text="RingCentral: opted out", source="provider", now=now)
        return stopped.entry is not None


def _same(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode(), ours.encode())


def _echoed(token: str) -> Response:
    """Raises BadRequest where it is nothing that can be sent back."""
    if not ECHOED.fullmatch(token):
        raise BadRequest("The validation token is too long, or holds what a header cannot.")
    return Response(status_code=200, headers={**_JSON, "Validation-Token": token})


def _event(raw: bytes) -> dict[str, Any]:
    """Raises BadRequest."""
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadRequest("This is no event.") from None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        raise BadRequest("This is no event.")
    return event


def _status(body: Mapping[str, Any]) -> str:
    """What is said to have become of it, in their word."""
    status = body.get("messageStatus")
    return status if isinstance(status, str) and _STATUS.fullmatch(status) else "changed"
