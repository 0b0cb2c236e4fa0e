"""Files over HTTP: sent and read by a visitor with their token, or by staff with their session; shown so that nothing in them runs."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from business.uploads import kinds, records
from business.uploads.folder import UploadFolder
from gateway.http.door import path_id
from gateway.http.edge import answer
from gateway.http.quota import AddressQuota
from gateway.http.visitors import Visitors
from kernel.database import Database
from kernel.errors import BadRequest, TooLarge

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

    def __init__(self, visitors: Visitors, database: Database, folder: UploadFolder, quota: AddressQuota, per_visitor: int) -> None:
        self._visitors = visitors
        self._database = database
        self._folder = folder
        self._quota = quota
        self._per_visitor = per_visitor
        self._places = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route("/api/uploads", self._visitors.open(self._send), methods=["POST"], name="upload"),
            Route("/api/uploads/{id}", self._visitors.open(self._read), methods=["GET"], name="upload_read"),
            Route("/api/uploads", self._visitors.preflight, methods=["OPTIONS"]),
            Route("/api/uploads/{id}", self._visitors.preflight, methods=["OPTIONS"]),
        ]

    async def _send(self, request: Request) -> Response:
        sender = await self._visitors.sender(request)
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
        sender = await self._visitors.sender(request)
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
