"""`POST /webhooks/ringcentral/{secret}`: what RingCentral tells of texts. It signs nothing, so what it says is a hint: that there is a text
of this id is stored with the effect that fetches it, then answered; the text itself is asked of RingCentral with our own token.

A subscription is made by a request with `Validation-Token`, which is sent back. Later requests bear the token that we gave: their guide
shows it as `Validation-Token`, others as `Verification-Token`; either will do.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from business.channels import inbox, subscriptions
from gateway.http.edge import NO_STORE, read_raw, refusal
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, GatewayError, NotFound, Unauthorized, Unavailable

log = structlog.get_logger(__name__)

PROVIDER = "ringcentral"
PATH = "/webhooks/ringcentral/{secret}"
BODY_LIMIT = 64 * 1024
BODY_SECONDS = 2.5  # they wait three seconds for the whole answer
ECHO, VERIFICATION = "validation-token", "verification-token"
# The answer, headers and all, may have 1,024 bytes.
ECHOED = re.compile(r"[\x21-\x7e]{1,500}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STATUS = re.compile(r"[A-Za-z]{1,40}")
_JSON = {**NO_STORE, "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What they tell: of which event filter, by which subscription, and the event's own body."""

    event: str
    subscription: str
    body: Mapping[str, Any]

    @property
    def text(self) -> str | None:
        """The id of the text that it is about."""
        id = self.body.get("id")
        return id if isinstance(id, str) and _ID.fullmatch(id) else None

    @property
    def status(self) -> str:
        """What is said to have become of it, in their word."""
        status = self.body.get("messageStatus")
        return status if isinstance(status, str) and _STATUS.fullmatch(status) else "changed"

    @property
    def came_in(self) -> bool:
        """A text has arrived, by either of their two stores."""
        store, _, _ = self.event.partition("?")
        if store.endswith("/message-store/instant"):
            return self.body.get("direction", "Inbound") == "Inbound"
        return store.endswith("/a2p-sms/messages") and self.body.get("direction") == "Inbound"

    @property
    def went_out(self) -> bool:
        """Something became of a text of ours."""
        return self.event.partition("?")[0].endswith("/a2p-sms/messages") and self.body.get("direction") == "Outbound"


class RingCentralHooks:
    """Has a route where RingCentral carries texts (`on`). `patience`: seconds for a request to arrive."""

    def __init__(self, database: Database, on: bool, clock: Clock, patience: float = BODY_SECONDS) -> None:
        self._database = database
        self._on = on
        self._clock = clock
        self._patience = patience

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
        async with self._database.transaction() as connection:
            door = await subscriptions.read(connection, PROVIDER)
        if door is None or not _same(request.path_params["secret"], door.secret):
            raise NotFound("There is nothing here.")
        echo = request.headers.get(ECHO)
        raw = await read_raw(request, BODY_LIMIT, self._patience)
        verified = any(_same(given, door.token) for given in (echo, request.headers.get(VERIFICATION)) if given)
        if not verified and echo is not None and not raw.strip():
            return _echoed(echo)
        if not verified:
            log.warning("ringcentral.not_verified")
            raise Unauthorized("The token is not the one that this webhook was made with.")
        notice = _notice(raw)
        if door.subscription_id not in (None, notice.subscription):
            # While a subscription is made its id is not known here yet; what is told meanwhile counts.
            log.warning("ringcentral.other_subscription")
            raise Unauthorized("This is not the subscription that this webhook was made for.")
        await self._database.unit(lambda c: self._store(c, notice, door.told_at))
        return Response(status_code=200, headers=_JSON)

    async def _store(self, connection: AsyncConnection, notice: Notice, told_at: Any) -> None:
        now = self._clock()
        new = False
        if notice.text is not None and notice.came_in:
            new = await inbox.announce(connection, PROVIDER, notice.text)
        elif notice.text is not None and notice.went_out:
            new = await inbox.delivery_told(connection, PROVIDER, notice.text, notice.status)
        if told_at is None or (now - told_at).total_seconds() > subscriptions.TOLD_EVERY:
            await subscriptions.told(connection, PROVIDER, now)
        log.info("ringcentral.told", came_in=notice.came_in, went_out=notice.went_out, new=new)


def _same(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode(), ours.encode())


def _echoed(token: str) -> Response:
    """Raises BadRequest where it is nothing that can be sent back."""
    if not ECHOED.fullmatch(token):
        raise BadRequest("The validation token is too long, or holds what a header cannot.")
    return Response(status_code=200, headers={**_JSON, "Validation-Token": token})


def _notice(raw: bytes) -> Notice:
    """Raises BadRequest."""
    try:
        told = orjson.loads(raw)
        event, subscription, body = told["event"], told["subscriptionId"], told.get("body")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise BadRequest("This is no event.") from None
    if not (isinstance(event, str) and isinstance(subscription, str)) or not isinstance(body, dict | None):
        raise BadRequest("This is no event.")
    return Notice(event, subscription, body or {})
