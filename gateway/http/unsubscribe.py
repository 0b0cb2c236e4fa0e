"""`/u/{token}`: the way out of marketing mail. A page with one button, and the one click of mail programs (RFC 8058): both end it at once,
and neither asks who it is. Mails about a booking go on."""

import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from business.emails import sending
from business.links.signing import Links
from business.profile.schemas import Profile
from business.profile.spoken import language_of
from gateway.http.booking_page_words import drawn, words_for
from gateway.http.edge import Handler, guarded
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound

WORDS = Path(__file__).with_name("booking_pages") / "unsubscribe.toml"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


class Unsubscribe:
    """The page."""

    def __init__(self, database: Database, links: Links, profile: Callable[[], Profile], clock: Clock) -> None:
        self._database = database
        self._links = links
        self._profile = profile
        self._clock = clock

    def routes(self) -> list[Route]:
        handlers: tuple[tuple[str, Handler], ...] = (("GET", self._page), ("POST", self._end))
        return [Route("/u/{token}", guarded(handler), methods=[method], name=f"unsubscribe_{method}") for method, handler in handlers]

    async def _page(self, request: Request) -> Response:
        return self._shown(request, "ask", self._address(request))

    async def _end(self, request: Request) -> Response:
        address = self._address(request)
        if address is not None:
            await self._database.unit(lambda c: sending.unsubscribe(c, address))
        return self._shown(request, "done", address)

    def _address(self, request: Request) -> str | None:
        try:
            return self._links.address_of(request.path_params["token"])
        except NotFound:
            return None

    def _shown(self, request: Request, what: str, address: str | None) -> Response:
        profile, language = self._profile(), language_of(request.headers.get("accept-language", self._profile().business.locale))
        said = _words()[language]["unknown" if address is None else what]
        values = {
            "title": said["title"],
            "text": said["text"].replace("{{address}}", address or "").replace("{{business}}", profile.business.name),
            "button": said.get("button") if address is not None else None,
            "at": request.url.path,
        }
        page = drawn("unsubscribe.html", words_for(profile, language, self._clock()), values)
        return HTMLResponse(page, status_code=404 if address is None else 200, headers=SECURITY)


@lru_cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))
