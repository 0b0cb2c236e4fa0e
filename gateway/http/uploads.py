"""Files over HTTP: sent and read by a visitor with their token, or by staff with their session; shown so that nothing in them runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from business.customers.holders import holder
from business.uploads import kinds, records
from business.uploads.folder import UploadFolder
from business.uploads.records import Sender
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, check_origin, guarded, refusal
from gateway.http.quota import AddressQuota
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, GatewayError, NotAllowed, TooLarge, Unauthorized

CHUNK_SECONDS = 10.0
WHOLE_SECONDS = 120.0
AT_ONCE = 16  # files that come in at the same time, of everyone
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=600",
    "Vary": "Authorization, Cookie, Origin",
}


class UploadsHttp:
    """`POST /api/uploads?name=` with the file as the body, and `GET /api/uploads/{id}`."""

    def __init__(
        self,
        door: Door,
        database: Database,
        folder: UploadFolder,
        secret: str,
        origin_known: Callable[[str | None], bool],
        clock: Clock,
        quota: AddressQuota,
        per_visitor: int,
    ) -> None:
        self._door = door
        self._database = database
        self._folder = folder
        self._secret = secret
        self._origin_known = origin_known
        self._clock = clock
        self._quota = quota
        self._per_visitor = per_visitor
        self._places = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route("/api/uploads", self._open(self._send), methods=["POST"], name="upload"),
            Route("/api/uploads/{id}", self._open(self._read), methods=["GET"], name="upload_read"),
            Route("/api/uploads", self._preflight, methods=["OPTIONS"]),
            Route("/api/uploads/{id}", self._preflight, methods=["OPTIONS"]),
        ]

    def _open(self, handler: Handler) -> Handler:
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

    async def _preflight(self, request: Request) -> Response:
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

    async def _sender(self, request: Request) -> Sender:
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
        if not site.admits(request.headers.get("origin"), self._door.own_origins()) and request.method != "GET":
            raise NotAllowed("This page may not use this chat: its address is not on the site's list of origins.")
        return Sender(conversation=visitor.conversation)

    async def _send(self, request: Request) -> Response:
        sender = await self._sender(request)
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > kinds.LARGEST:
            raise TooLarge(f"A file has at most {kinds.LARGEST // (1024 * 1024)} MB.")
        async with self._database.transaction() as connection:
            await records.refuse_if_spent(connection, sender, self._per_visitor)
        if sender.staff is None:
            await self._quota.take(request)
        try:
            async with self._places, asyncio.timeout(WHOLE_SECONDS):
                stored = await self._folder.store(_body(request))
        except TimeoutError as error:
            raise BadRequest("The file took too long to arrive.") from error
        name = kinds.file_name(request.query_params.get("name", "")[:1000], stored.kind)
        return answer(await self._database.unit(lambda c: records.record(c, sender, name, stored, self._folder, self._per_visitor)))

    async def _read(self, request: Request) -> Response:
        sender = await self._sender(request)
        upload: UUID = path_id(request, "file")
        async with self._database.transaction() as connection:
            row = await records.readable(connection, upload, sender.conversation)
        shown = "inline" if kinds.KINDS[row.type].inline else "attachment"
        disposition = f"{shown}; filename*=UTF-8''{quote(row.name, safe='')}"
        return FileResponse(self._folder.path(row.sha256), media_type=row.type, headers={**_HEADERS, "Content-Disposition": disposition})


async def _body(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        async with asyncio.timeout(CHUNK_SECONDS):
            try:
                chunk = await anext(stream)
            except StopAsyncIteration:
                return
        yield chunk
