"""`/b/{token}`: a customer's page of their booking. Whoever holds the link may use it, so nothing else is asked; pages need no script, are
kept nowhere, and tell nobody where they were.

A form is taken from the page itself alone. Browsers send `Origin: null` from a page without referrers, and then say in `Sec-Fetch-Site`
whose page it was; one too old to say is let in by the token, which no other page knows.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlsplit

import structlog
from pydantic import Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from business.bookings import calendar, ical, life
from business.bookings.requests import By, FeeNeeded, NotFree
from business.conversations.log import Announcement
from business.links.signing import Links
from business.payments.checkouts import Purpose, open_checkout
from business.payments.provider import Provider
from business.payments.ways import Way
from business.profile.figures import money
from business.profile.schemas import Profile
from gateway.http import booking_page_shown as shown
from gateway.http.booking_page_shown import Customers
from gateway.http.booking_page_words import drawn, style, words_for
from gateway.http.conversations import Announce
from gateway.http.edge import read_raw
from gateway.http.operations import Edge
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, GatewayError, NotAllowed, NotFound, RateLimited, Unavailable

log = structlog.get_logger(__name__)

FORM_LIMIT = 8 * 1024
LOOKS_AT_MOST = 20
AROUND = timedelta(days=2)
"""Free times are shown from so long before the party on."""
CHECKOUT = "https://checkout.stripe.com"
DONE = ("terms", "moved", "cancel", "released", "paid")
SECURITY = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Page = Callable[[Request, Customers, str], Awaitable[Response]]
F = TypeVar("F", bound=Edge)


class _Move(Edge):
    """The form of a move: a start at the venue, and the fee that was agreed to."""

    to: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")]
    fee: int | None = None
    agreed: Literal["yes"] | None = None


class _Cancel(Edge):
    reason: Annotated[str, Field(max_length=1000)] = ""


class _Pay(Edge):
    purpose: Literal["deposit", "balance"]


class _Nothing(Edge):
    pass


@dataclass(frozen=True, slots=True)
class BookingPages:
    """What the pages need. `take` counts a request of an address: 0, or the milliseconds to wait; `cards` is None where none are taken;
    `checkout` the origin of the card provider's pages where it is not the usual one."""

    database: Database
    links: Links
    profile: Callable[[], Profile]
    ways: Callable[[], tuple[Way, ...]]
    cards: Provider | None
    checkout: str | None
    own_origins: Callable[[], frozenset[str]]
    take: Callable[[Request], Awaitable[int]]
    announce: Announce
    clock: Clock

    def routes(self) -> list[Route]:
        pages: tuple[tuple[str, str, Page], ...] = (
            ("GET", "", self._page),
            ("GET", "/party.ics", self._party),
            ("GET", "/move", self._choose),
            ("GET", "/cancel", self._ask),
            ("GET", "/paid", self._paid),
            ("POST", "/terms", self._accept),
            ("POST", "/pay", self._pay),
            ("POST", "/move", self._move),
            ("POST", "/cancel", self._cancel),
        )
        return [
            Route("/b/page.css", self._style, methods=["GET"]),
            *(Route(f"/b/{{token}}{path}", self._guarded(page), methods=[method]) for method, path, page in pages),
        ]

    def _guarded(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """`page` with its booking; whatever goes wrong is a page too."""

        async def answer(request: Request) -> Response:
            at = f"/b/{request.path_params['token']}"
            try:
                await self._count(request)
                if request.method == "POST":
                    from_here(request, self.own_origins())
                booking = self.links.booking_of(request.path_params["token"])
                async with self.database.transaction() as connection:
                    one = await shown.read(connection, self.profile(), booking, self.clock())
                return await page(request, one, at)
            except Conflict:
                return self._to(at, fault="closed")
            except GatewayError as error:
                return self._refused(request, error, at)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception:
                log.exception("page.failed", method=request.method)
                return self._refused(request, Unavailable(""), at, status=500)

        return answer

    async def _count(self, request: Request) -> None:
        wait = await self.take(request)
        if wait:
            raise RateLimited("Too many requests.", retry_after_ms=wait)

    # -- reading

    async def _page(self, request: Request, one: Customers, at: str) -> Response:
        asked = request.query_params
        done = one.words.say("done", asked["done"]) if asked.get("done") in DONE else None
        fault = one.words.say("fault", asked["fault"]) if asked.get("fault") in ("closed", "pay", "away") else None
        return self._html(drawn("booking.html", one.words, shown.page(one, at, self.ways(), done, fault)))

    async def _party(self, request: Request, one: Customers, at: str) -> Response:
        """The party for the customer's calendar."""
        body = ical.party(self.profile(), one.booking, self.links, one.words.language)
        name = f'attachment; filename="party-{one.booking.number}.ics"'
        return Response(body, media_type=ical.MEDIA_TYPE, headers={**SECURITY, "Content-Disposition": name})

    async def _choose(self, request: Request, one: Customers, at: str) -> Response:
        if not one.may_change:
            return self._to(at, fault="closed")
        day = _day(request.query_params.get("day")) or one.booking.day - AROUND
        return await self._moving(one, at, day, None, None)

    async def _moving(
        self, one: Customers, at: str, asked: date | None, chosen: str | None, fault: str | None, status: int = 200
    ) -> Response:
        profile = self.profile()
        first, last = calendar.first_day(profile, one.now), calendar.last_day(profile, one.now)
        start = min(max(asked or first, first), last)
        async with self.database.transaction() as connection:
            days = await calendar.free_days(connection, profile, one.booking, start, one.now, shown.DAYS)
        return self._html(drawn("move.html", one.words, shown.moving(one, at, start, days, chosen, fault)), status)

    async def _ask(self, request: Request, one: Customers, at: str) -> Response:
        if not one.may_change:
            return self._to(at, fault="closed")
        return self._html(drawn("cancel.html", one.words, shown.cancelling(one, at)))

    async def _paid(self, request: Request, one: Customers, at: str) -> Response:
        """Back from the card's page: its event may still be on its way, so this page looks again by itself, for a minute."""
        if one.due is None or one.due[0] == "balance":
            return self._to(at, done="paid")
        look = request.query_params.get("look", "1")
        looked = int(look) if look.isdecimal() and len(look) < 4 else LOOKS_AT_MOST
        waits = looked < LOOKS_AT_MOST
        values = {
            "title": one.words.say("pay", "waits"),
            "text": one.words.say("pay", "waits_says" if waits else "waits_long"),
            "at": f"{at}/paid" if waits else at,
            "label": one.words.say("pay", "look_again") if waits else one.words.say("page", "open_again"),
        }
        again = {"Refresh": f"3; url={at}/paid?look={looked + 1}"} if waits else {}
        return self._html(drawn("notice.html", one.words, values), headers=again)

    # -- changing

    async def _accept(self, request: Request, one: Customers, at: str) -> Response:
        await _form(request, _Nothing)
        changed = await self.database.unit(lambda c: life.accept_terms(c, self.profile(), one.booking.id, _by(one), self.clock()))
        return await self._done(at, changed.announcement, "terms")

    async def _pay(self, request: Request, one: Customers, at: str) -> Response:
        purpose: Purpose = (await _form(request, _Pay)).purpose
        if self.cards is None:
            return self._to(at, fault="pay")
        page = self.links.booking(one.booking.id)
        try:
            url = await open_checkout(
                self.database, self.cards, one.booking.id, purpose, success_url=f"{page}/paid", cancel_url=page, now=self.clock()
            )
        except Conflict:
            return self._to(at, fault="pay")
        except Unavailable:
            return self._to(at, fault="away")
        return RedirectResponse(url, status_code=303, headers=SECURITY)

    async def _move(self, request: Request, one: Customers, at: str) -> Response:
        try:
            form = await _form(request, _Move)
            to = datetime.fromisoformat(form.to)
        except (BadRequest, ValueError):
            return await self._moving(one, at, None, None, one.words.say("fault", "choose"), 400)
        agreed = form.fee if form.agreed else None
        moved = await self.database.unit(
            lambda c: life.reschedule(c, self.profile(), one.booking.id, to.date(), to.time(), _by(one), self.clock(), fee_agreed=agreed)
        )
        match moved:
            case NotFree(why=why):
                return await self._moving(one, at, to.date(), None, one.words.say("fault", why if why != "free" else "taken"), 409)
            case FeeNeeded(cents=cents):
                fault = one.words.say("fault", "agree", fee=money(cents))
                return await self._moving(one, at, to.date(), form.to, fault, 409)
            case _:
                return await self._done(at, moved.announcement, "moved")

    async def _cancel(self, request: Request, one: Customers, at: str) -> Response:
        reason = (await _form(request, _Cancel)).reason.strip()
        changed = await self.database.unit(lambda c: life.ask_cancel(c, self.profile(), one.booking.id, _by(one), self.clock(), reason))
        done = "cancel" if changed.booking.status == "cancellation_requested" else "released"
        return await self._done(at, changed.announcement, done)

    async def _done(self, at: str, announcement: Announcement, done: str) -> Response:
        await self.announce(announcement)
        return self._to(at, done=done)

    async def _style(self, request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(style(self.profile()), media_type="text/css; charset=utf-8", headers=headers)

    # -- answers

    def _html(self, body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        forms = " ".join(["'self'", CHECKOUT, *([self.checkout] if self.checkout else [])])
        policy = f"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
        return HTMLResponse(body, status, {**SECURITY, "Content-Security-Policy": policy, **(headers or {})})

    def _to(self, at: str, *, done: str | None = None, fault: str | None = None) -> Response:
        what = f"?done={done}" if done else f"?fault={fault}" if fault else ""
        return RedirectResponse(at + what, status_code=303, headers=SECURITY)

    def _refused(self, request: Request, error: GatewayError, at: str | None, status: int | None = None) -> Response:
        """A kind page instead of an error, in the browser's language."""
        names = {NotFound: "gone", RateLimited: "busy", NotAllowed: "refused", BadRequest: "refused"}
        name = names.get(type(error), "sorry")
        words = words_for(self.profile(), request.headers.get("accept-language", "").partition(",")[0], self.clock())
        values: dict[str, Any] = {"title": words.say("page", f"{name}_title"), "text": words.say("page", name), "at": None, "label": ""}
        if at is not None and name != "gone":
            values |= {"at": at, "label": words.say("page", "open_again")}
        wait = {"Retry-After": str(max(1, -(-error.retry_after_ms // 1000)))} if error.retry_after_ms is not None else {}
        return self._html(drawn("notice.html", words, values), status or error.status, wait)


def checkout_origin(address: str | None) -> str | None:
    """Where the card provider's pages are, of the configured address of its API; None for the usual one."""
    if address is None:
        return None
    found = urlsplit(address)
    return f"{found.scheme}://{found.netloc}"


def from_here(request: Request, own_origins: frozenset[str]) -> None:
    """Raises NotAllowed where a browser says that another site's page sent the form."""
    origin, site = request.headers.get("origin", "null"), request.headers.get("sec-fetch-site", "none")
    if (origin != "null" and origin not in own_origins) or site not in ("same-origin", "none"):
        raise NotAllowed("This form was sent from another site's page.")


async def _form(request: Request, model: type[F]) -> F:
    """A form as a browser sends it; a field that is empty counts as not given. Raises BadRequest, TooLarge."""
    raw = await read_raw(request, FORM_LIMIT)
    try:
        fields = dict(parse_qsl(raw.decode("utf-8"), max_num_fields=10))
        return model.model_validate_strings(fields)
    except (UnicodeDecodeError, ValueError, ValidationError):
        raise BadRequest("This form cannot be read.") from None


def _by(one: Customers) -> By:
    return By("customer", one.booking.name or "", None)


def _day(text: str | None) -> date | None:
    if not text or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
