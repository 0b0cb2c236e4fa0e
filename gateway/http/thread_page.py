"""`/t/{token}`: from a text message to its conversation on the web. What programs open by themselves, to show what a link leads to, changes
nothing: a person presses the button, and this browser is let into that conversation, as one that began there is."""

import secrets
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from business.customers.visitors import TOKEN_LIFE, token_hash
from business.links.signing import Links
from business.profile.schemas import Profile
from business.profile.spoken import language_of
from business.sites.queries import site_by_id
from gateway.http.booking_page import from_here
from gateway.http.booking_page_words import drawn, words_for
from gateway.http.edge import guarded
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound, RateLimited
from kernel.tables.ai import ChatSession
from kernel.tables.core import VisitorToken

FOLDER = Path(__file__).with_name("booking_pages")
SCRIPT = (FOLDER / "thread.js").read_text(encoding="utf-8")
# The chat that the page shows is a script of ours, with a socket of ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class _Let:
    """What lets a browser in."""

    site: str
    token: str


class ThreadPages:
    """The page. `take` counts requests of an address: 0, or the milliseconds to wait."""

    def __init__(
        self,
        database: Database,
        links: Links,
        profile: Callable[[], Profile],
        own_origins: Callable[[], frozenset[str]],
        take: Callable[[Request], Awaitable[int]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._links = links
        self._profile = profile
        self._own_origins = own_origins
        self._take = take
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/t/page.js", self._script, methods=["GET"]),
            Route("/t/{token}", guarded(self._page), methods=["GET"], name="thread_GET"),
            Route("/t/{token}", guarded(self._open), methods=["POST"], name="thread_POST"),
        ]

    async def _page(self, request: Request) -> Response:
        await self._count(request)
        async with self._database.transaction() as connection:
            found = await self._conversation(connection, request)
        return self._shown(request, "unknown" if found is None else "ask")

    async def _open(self, request: Request) -> Response:
        await self._count(request)
        from_here(request, self._own_origins())
        key = secrets.token_urlsafe(32)
        let = await self._database.unit(lambda c: self._let_in(c, request, key))
        return self._shown(request, "unknown" if let is None else "open", let)

    async def _script(self, _: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        return PlainTextResponse(SCRIPT, media_type="text/javascript", headers=headers)

    async def _count(self, request: Request) -> None:
        wait = await self._take(request)
        if wait:
            raise RateLimited("Too many requests. Please wait a moment.", retry_after_ms=wait)

    async def _conversation(self, connection: AsyncConnection, request: Request) -> Any | None:
        """The conversation's row, where the link leads to it and it still has the number that the link went to."""
        try:
            thread = self._links.thread_of(request.path_params["token"], self._clock())
        except NotFound:
            return None
        row = (await connection.execute(select(ChatSession).where(ChatSession.id == thread.conversation))).one_or_none()
        there = row is not None and row.phone is not None and self._links.leads_to(thread, row.phone)
        return row if there else None

    async def _let_in(self, connection: AsyncConnection, request: Request, key: str) -> _Let | None:
        row = await self._conversation(connection, request)
        site = None if row is None else await site_by_id(connection, row.site_id)
        if row is None or site is None:
            return None
        await _keep(connection, row, site.id, key, self._clock())
        return _Let(site.key, key)

    def _shown(self, request: Request, what: str, let: _Let | None = None) -> Response:
        profile = self._profile()
        language = language_of(request.headers.get("accept-language", profile.business.locale))
        said = _words()[language][what]
        values = {
            "title": said["title"],
            "text": said["text"],
            "button": said.get("button"),
            "at": request.url.path,
            "site": None if let is None else let.site,
            "token": None if let is None else let.token,
        }
        page = drawn("thread.html", words_for(profile, language, self._clock()), values)
        return HTMLResponse(page, status_code=404 if what == "unknown" else 200, headers=SECURITY)


async def _keep(connection: AsyncConnection, row: Any, site: UUID, key: str, now: datetime) -> None:
    token = {
        "hash": token_hash(key),
        "customer_id": row.customer_id,
        "conversation_id": row.id,
        "site_id": site,
        "expires_at": now + TOKEN_LIFE,
    }
    await connection.execute(insert(VisitorToken).values(token).on_conflict_do_nothing())


@lru_cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "thread.toml").read_text(encoding="utf-8"))
