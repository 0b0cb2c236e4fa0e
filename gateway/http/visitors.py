"""Routes that visitors ask from a site's page with their token, and staff from the console with their session."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from business.customers.holders import holder
from business.uploads.records import Sender
from gateway.http.door import Door
from gateway.http.edge import Handler, check_origin, guarded, refusal
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import GatewayError, NotAllowed, Unauthorized


class Visitors:
    """Tells who asks, and lets pages of known sites read what is answered."""

    def __init__(self, door: Door, database: Database, secret: str, origin_known: Callable[[str | None], bool], clock: Clock) -> None:
        self._door = door
        self._database = database
        self._secret = secret
        self._origin_known = origin_known
        self._clock = clock

    def open(self, handler: Handler) -> Handler:
        """Answers, refusals too, that a page of a site may read. Only a token makes that safe: no cookie ever comes from there."""

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except GatewayError as error:
                response = refusal(error)
            origin = request.headers.get("origin")
            if origin is not None and self._origin_known(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response

        return guarded(handle)

    async def preflight(self, request: Request) -> Response:
        """What a browser asks before it asks with a token."""
        origin = request.headers.get("origin")
        if origin is None or not self._origin_known(origin):
            return Response(status_code=403)
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "authorization, content-type",
                "Access-Control-Max-Age": "600",
                "Vary": "Origin",
            },
        )

    async def sender(self, request: Request) -> Sender:
        """A visitor where there is a token, else a member of staff. Raises Unauthorized, NotAllowed."""
        given = request.headers.get("authorization")
        if given is None:
            if request.method != "GET":
                check_origin(request, self._door.own_origins())
            return Sender(staff=(await self._door.enter(request)).staff_id)
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= 1024 or not token.isascii():
            raise Unauthorized("Send the visitor's token as Authorization: Bearer.")
        async with self._database.transaction() as connection:
            found = await holder(connection, self._secret, token.strip(), self._clock())
        if found is None:
            raise Unauthorized("This chat's token is no longer good. Connect again.")
        visitor, site = found
        if not site.admits(request.headers.get("origin"), self._door.own_origins(), known=True) and request.method != "GET":
            raise NotAllowed("This page may not use this chat: its address is not on the site's list of origins.")
        return Sender(conversation=visitor.conversation)
