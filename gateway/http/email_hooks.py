"""`POST /webhooks/email`: a mail that came in, handed on by whoever receives mail for us. With the key, or refused.

The body is the mail as it came (RFC 5322), or JSON: `{"raw": "..."}`, with `"encoding": "base64"` where it is so. It is stored before it is
answered; 2xx means that it need not come again, 4xx that it never will be taken, 429 and 5xx that it shall be sent later.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from business.emails import inbound, incoming
from business.emails.incoming import Incoming
from business.links.signing import Links
from business.profile.schemas import Profile
from business.uploads import kinds, records
from business.uploads.folder import Stored, UploadFolder
from business.uploads.records import Sender
from gateway.http.conversations import Announce
from gateway.http.edge import answer, guarded, read_raw
from gateway.http.operations import Edge
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, GatewayError, Unauthorized
from kernel.wire.server import Attachment

log = structlog.get_logger(__name__)

PATH = "/webhooks/email"
AT_ONCE = 8  # mails that are read at the same time
BODY_LIMIT = incoming.LARGEST * 4 // 3 + 64 * 1024  # as base64 in JSON


class RawBody(Edge):
    """A mail in JSON."""

    raw: str
    encoding: Literal["text", "base64"] = "text"


class TakenAnswer(Edge):
    """What became of it; `repeated`: it was known before."""

    outcome: inbound.Outcome
    repeated: bool


class EmailHooks:
    """`key`: what the header Authorization must bear; without one nothing is taken. `own`: addresses that we write from."""

    def __init__(
        self,
        database: Database,
        profile: Callable[[], Profile],
        links: Links,
        folder: UploadFolder,
        key: str | None,
        own: tuple[str, ...],
        files_per_day: int,
        announce: Announce,
        clock: Clock,
    ) -> None:
        self._database = database
        self._profile = profile
        self._links = links
        self._folder = folder
        self._key = key
        self._own = own
        self._files_per_day = files_per_day
        self._announce = announce
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        return [Route(PATH, guarded(self._take), methods=["POST"], name="email_inbound")] if self._key else []

    async def _take(self, request: Request) -> Response:
        self._let_in(request.headers.get("authorization", ""))
        async with self._places:
            mail = await asyncio.to_thread(incoming.read, _raw(request, await read_raw(request, BODY_LIMIT)))
            stored = await self._stored(mail)
            own = frozenset({*self._own, self._profile().business.email})

            async def keep(connection: AsyncConnection, conversation: UUID) -> Sequence[Attachment]:
                return [
                    await records.record(connection, Sender(conversation=conversation), name, one, self._folder, self._files_per_day)
                    for name, one in stored
                ]

            took = await self._database.unit(lambda c: inbound.take(c, self._profile(), self._links, mail, own, keep, self._clock()))
        if took.announcement is not None:
            await self._announce(took.announcement)
        return answer(TakenAnswer(outcome=took.outcome, repeated=not took.new))

    def _let_in(self, given: str) -> None:
        assert self._key is not None
        scheme, _, key = given.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), self._key.encode()):
            raise Unauthorized("The key of this webhook goes into the header Authorization: Bearer ...")

    async def _stored(self, mail: Incoming) -> list[tuple[str, Stored]]:
        """Files that may be part of a message, in their place: pictures and PDF. Others are left out, and so is what is no answer."""
        if not any("+" in address for address in mail.recipients):
            return []
        found = []
        for file in mail.files:
            try:
                kind = kinds.kind_of(file.content[: kinds.SNIFFED])
                found.append((kinds.file_name(file.name, kind), await self._folder.store(_once(file.content))))
            except GatewayError:
                log.info("email.file_left_out")
        return found


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _raw(request: Request, body: bytes) -> bytes:
    """The mail itself. Raises BadRequest."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return body
    try:
        given = RawBody.model_validate_json(body)
        return base64.b64decode(given.raw, validate=True) if given.encoding == "base64" else given.raw.encode()
    except (ValidationError, binascii.Error, UnicodeEncodeError):
        raise BadRequest('Send the mail as it came, or JSON like {"raw": "..."}.') from None
