"""The customer's page of a booking: who gets in, what it says in both languages, terms, paying on a loopback Stripe, moving, cancelling,
and the iCalendar files behind signed links."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from icalendar import Calendar
from starlette.applications import Starlette

from business.bookings import life
from business.bookings.requests import BookingView, By
from business.conversations.log import Announcement
from business.links.signing import Links
from business.payments import ledger
from business.payments.provider import Provider
from business.payments.stripe import Stripe
from business.payments.ways import ways
from business.pricing.rules import Party
from business.profile.figures import money
from business.sites.service import ensure_demo
from gateway.http.booking_page import BookingPages
from gateway.http.booking_page_words import words_for
from gateway.http.calendar_feed import CalendarFeed
from gateway.http.quota import PageQuota
from gateway.socket.guard import Addresses, ConnectionGuard
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings.schema import PaymentSettings
from kernel.tables.ops import Booking, Checkout, Chef
from tests.bookings.conftest import PROFILE, Customers, far, near, request
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.rig.stripe import KEY, StripeServer

OWN = "https://chat.my-hibachi.test"
LINKS = Links(lambda: OWN, "secret")
OTHERS = Links(lambda: OWN, "another secret")
STAFF = By("human", "Dana", uuid4())
HERE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
FEE, DEPOSIT = money(PROFILE.booking.reschedule_fee_cents), money(PROFILE.prices.deposit_cents)


@dataclass
class Page:
    """A customer's browser, without script, at 192.0.2.1."""

    browser: httpx.AsyncClient
    customers: Customers
    told: list[Announcement]
    clock: list[datetime]

    async def held(self, locale: str = "en", day: date | None = None, **more: Any) -> BookingView:
        conversation = await self.customers.one(locale)
        more = {"name": "Ana Perez", "phone": "+1 510 555 0199", "party": Party(10), **more}
        return (await self.customers.held(request(conversation, day or far(), **more))).booking

    async def booked(self, locale: str = "en", day: date | None = None, **more: Any) -> BookingView:
        booking = await self.held(locale, day, **more)
        await self.customers.database.unit(lambda c: life.confirm(c, PROFILE, booking.id, STAFF, utc_now()))
        return booking

    def at(self, booking: BookingView, path: str = "") -> str:
        return LINKS.booking(booking.id) + path

    async def get(self, booking: BookingView, path: str = "") -> httpx.Response:
        return await self.browser.get(self.at(booking, path))

    async def read(self, booking: BookingView, path: str = "") -> str:
        """What stands there."""
        response = await self.get(booking, path)
        assert response.status_code == 200, response.text
        return words(response)

    async def send(self, booking: BookingView, path: str, headers: dict[str, str] = HERE, **fields: Any) -> httpx.Response:
        return await self.browser.post(self.at(booking, path), data=fields, headers=headers)

    async def row(self, booking: BookingView) -> Any:
        async with self.customers.database.transaction() as connection:
            return (await connection.execute(sa.select(Booking).where(Booking.id == booking.id))).one()


def words(response: httpx.Response) -> str:
    """The text of a page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def event_of(body: bytes) -> Any:
    """The one event of a calendar."""
    (found,) = Calendar.from_ical(body).walk("VEVENT")
    return found


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    """One database for the module's tests: each begins without the bookings of the others."""
    yield from made_database(postgres, template)


@pytest.fixture
async def stripe() -> AsyncIterator[StripeServer]:
    async with StripeServer() as server:
        yield server


NewPage = Callable[..., Page]


@pytest.fixture
async def new_page(database: Database, redis_url: str) -> AsyncIterator[NewPage]:
    bus, opened = Bus(connect(redis_url)), []
    async with database.transaction() as connection:
        await ensure_demo(connection)
        await connection.execute(sa.text("TRUNCATE ops.booking, ops.chef CASCADE"))

    def make(cards: Provider | None = None, origin: str | None = None, burst: int = 1000, address: str = "192.0.2.1", **paid: Any) -> Page:
        told: list[Announcement] = []
        clock = [utc_now()]

        async def announce(one: Announcement) -> None:
            told.append(one)

        settings = PaymentSettings(**paid, stripe_key_env="STRIPE_SECRET_KEY")
        environment = {"STRIPE_SECRET_KEY": KEY} if cards else {}
        quota = PageQuota(bus, f"secret {uuid4()}", Addresses(()), burst, 0.01)
        pages = BookingPages(
            database,
            LINKS,
            lambda: PROFILE,
            lambda: ways(PROFILE, settings, environment),
            cards,
            origin,
            lambda: frozenset({OWN}),
            quota.take,
            announce,
            lambda: clock[0],
        )
        feeds = CalendarFeed(database, LINKS, lambda: PROFILE, quota.take, lambda: clock[0])
        app = ConnectionGuard(Starlette(routes=[*pages.routes(), *feeds.routes()]), Addresses(()), 100)
        transport = httpx.ASGITransport(app, client=(address, 4711))
        browser = httpx.AsyncClient(transport=transport, base_url=OWN)
        opened.append(browser)
        return Page(browser, Customers(database), told, clock)

    yield make
    for browser in opened:
        await browser.aclose()
    await bus.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page(venmo="@my-hibachi", zelle="pay@my-hibachi.test")


@pytest.fixture
async def card_page(new_page: NewPage, stripe: StripeServer) -> AsyncIterator[Page]:
    provider = Stripe(KEY, address=stripe.base, timeout=5)
    yield new_page(provider, stripe.base)
    await provider.close()


class TestDiscounts:
    @pytest.mark.parametrize(("locale", "label"), [("en", "Discount"), ("es", "Descuento")])
    async def test_what_a_coupon_takes_off_stands_in_the_sum(self, page: Page, locale: str, label: str) -> None:
        booking = await page.booked(locale)
        assert label not in await page.read(booking)
        async with page.customers.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == booking.id).values(total_cents=70_000))
            await ledger.post_discount(connection, booking.id, 7_000, "coupon:test")
        shown = await page.read(booking)
        assert f"{label} −{money(7_000)}" in shown and money(63_000) in shown


class TestWhoGetsIn:
    async def test_a_token_of_something_else_is_a_kind_page_that_tells_nothing(self, page: Page) -> None:
        booking = await page.held()
        wrong = [
            OTHERS.booking(booking.id),
            LINKS.booking(uuid4()),
            LINKS.booking(booking.id)[:-1],
            LINKS.feed(booking.id).removesuffix(".ics").replace("/calendar/", "/b/"),
            f"{OWN}/b/%00",
            f"{OWN}/b/nothing",
        ]
        for address in wrong:
            for path in ("", "/party.ics", "/move", "/cancel", "/paid"):
                response = await page.browser.get(address + path, headers={"Accept-Language": "es-MX,es"})
                assert response.status_code == 404 and "Este enlace no lleva a ninguna parte" in words(response), address + path
                assert "Ana" not in response.text and 'lang="es"' in response.text

    async def test_no_other_site_s_page_sends_its_forms(self, page: Page) -> None:
        booking = await page.held()
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
            {"Origin": OWN, "Sec-Fetch-Site": "same-site"},
        ):
            for path in ("/terms", "/cancel", "/move", "/pay"):
                assert (await page.send(booking, path, headers)).status_code == 403
        assert (await page.row(booking)).status == "held" and page.told == []

    async def test_it_is_kept_nowhere_and_runs_nothing(self, page: Page) -> None:
        response = await page.get(await page.held())
        headers = response.headers
        assert (headers["cache-control"], headers["referrer-policy"], headers["x-robots-tag"]) == ("no-store", "no-referrer", "noindex")
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'none'" in policy
        assert not re.search(r"<script|style=| on\w+=", response.text)

    async def test_who_asks_too_often_waits(self, new_page: NewPage) -> None:
        page = new_page(burst=2)
        booking = await page.held()
        answers = [await page.get(booking) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 0 and "One moment" in words(answers[-1])

    async def test_what_a_customer_wrote_is_text(self, page: Page) -> None:
        booking = await page.booked(address='<img src=x onerror="alert(1)">12 Oak Street', name="<b>Ana</b>")
        response = await page.get(booking)
        assert "<img" not in response.text and "&lt;img" in response.text

    async def test_a_form_that_is_none(self, page: Page) -> None:
        booking = await page.booked()
        assert (await page.send(booking, "/cancel", reason="x" * 1001)).status_code == 400
        assert (await page.send(booking, "/cancel", other="x")).status_code == 400
        assert (await page.send(booking, "/cancel", reason="x" * 9000)).status_code == 413
        assert (await page.send(booking, "/terms", sudo="1")).status_code == 400
        assert (await page.row(booking)).status == "confirmed"


class TestReading:
    async def test_a_hold_in_english(self, page: Page) -> None:
        booking = await page.held(party=Party(8, 4, 1))
        text = await page.read(booking)
        for said in ("Your slot is held", "6:00 PM", "12 Oak Street", "8 adults, 4 children, 1 little one", f"Booking #{booking.number}"):
            assert said in text
        assert f"A deposit of {DEPOSIT} keeps your date" in text and f"costs {FEE}" in text and "I accept the terms" in text

    async def test_the_same_in_spanish(self, page: Page) -> None:
        text = await page.read(await page.held("es-MX"))
        for said in ("Tu horario está apartado", f"Un depósito de {DEPOSIT} asegura tu fecha", "Acepto las condiciones", "Invitados"):
            assert said in text
        assert "Your" not in text

    async def test_what_each_state_says(self, page: Page) -> None:
        booking = await page.booked()
        assert "You're booked" in await page.read(booking)
        database = page.customers.database
        await database.unit(lambda c: life.ask_cancel(c, PROFILE, booking.id, STAFF, utc_now(), ""))
        text = await page.read(booking)
        assert "You asked us to cancel" in text and "Choose another date" not in text
        await database.unit(lambda c: life.decide_cancel(c, PROFILE, booking.id, True, STAFF, utc_now()))
        text = await page.read(booking)
        assert "This booking is cancelled" in text and "Change something" not in text and "Pay" not in text.split("Price")[0]

    async def test_a_hold_that_is_over_offers_nothing(self, page: Page) -> None:
        booking = await page.held()
        await page.customers.let_lapse(booking.id)
        page.clock[0] = utc_now() + timedelta(seconds=1)
        text = await page.read(booking)
        assert "This hold is over" in text and "I accept" not in text and "Choose another date" not in text
        refused = await page.send(booking, "/terms")
        assert refused.status_code == 303 and refused.headers["location"].endswith("?fault=closed")
        assert "That is not possible any more" in await page.read(booking, "?fault=closed")

    async def test_a_party_that_was_offers_no_change(self, page: Page) -> None:
        booking = await page.booked()
        page.clock[0] = booking.ends_at + timedelta(hours=1)
        assert "Change something" not in await page.read(booking)
        for path in ("/move", "/cancel"):
            assert (await page.get(booking, path)).headers["location"].endswith("?fault=closed")
        late = await page.send(booking, "/cancel")
        assert late.headers["location"].endswith("?fault=closed") and (await page.row(booking)).status == "confirmed"

    async def test_nothing_in_the_address_is_said_but_known_words(self, page: Page) -> None:
        text = await page.read(await page.booked(), "?done=<b>you+won</b>&fault=anything")
        assert "you won" not in text and "anything" not in text


class TestTerms:
    async def test_accepting_twice_is_accepting_once(self, page: Page) -> None:
        booking = await page.held()
        for _ in range(2):
            response = await page.send(booking, "/terms")
            assert response.headers["location"].endswith("?done=terms")
        row = await page.row(booking)
        assert (row.status, row.version) == ("deposit_pending", booking.version + 1)
        text = await page.read(booking, "?done=terms")
        assert "One step left: the deposit" in text and f"Please pay {DEPOSIT} soon" in text and "You accepted them on" in text
        assert page.told[0].conversation == booking.conversation


class TestPaying:
    async def test_the_ways_that_are_configured(self, page: Page) -> None:
        booking = await page.held()
        await page.send(booking, "/terms")
        text = await page.read(booking)
        assert f"Pay the deposit of {DEPOSIT}" in text and "Send it to @my-hibachi" in text and "pay@my-hibachi.test" in text
        assert "Phone for the note: +15105550199" in text and "by card" not in text
        # Cash comes with the party: it pays no deposit.
        assert "cash" not in text
        assert (await page.send(booking, "/pay", purpose="deposit")).headers["location"].endswith("?fault=pay")

    async def test_by_card_there_is_one_page_however_often_it_is_pressed(self, card_page: Page, stripe: StripeServer) -> None:
        booking = await card_page.held()
        await card_page.send(booking, "/terms")
        shown = await card_page.get(booking)
        assert f"Pay {DEPOSIT} by card" in words(shown)
        assert f"form-action 'self' https://checkout.stripe.com {stripe.base};" in shown.headers["content-security-policy"]
        answers = [await card_page.send(booking, "/pay", purpose="deposit") for _ in range(3)]
        places = {one.headers["location"] for one in answers}
        assert [one.status_code for one in answers] == [303] * 3 and len(places) == 1 and places.pop().startswith(stripe.base)
        (session,) = stripe.sessions.values()
        assert session["success_url"] == card_page.at(booking, "/paid") and session["cancel_url"] == card_page.at(booking)
        waits = await card_page.get(booking, "/paid")
        assert waits.headers["refresh"].startswith("3; url=") and "look=2" in waits.headers["refresh"]
        long = await card_page.get(booking, "/paid?look=20")
        assert "refresh" not in long.headers and "longer than usual" in words(long)
        await card_page.customers.database.unit(lambda c: life.confirm(c, PROFILE, booking.id, STAFF, utc_now()))
        assert (await card_page.get(booking, "/paid")).headers["location"].endswith("?done=paid")

    async def test_a_provider_that_is_away_is_said_and_nothing_charged(self, card_page: Page, stripe: StripeServer) -> None:
        booking = await card_page.held()
        await card_page.send(booking, "/terms")
        stripe.behave(*["cut"] * 8)
        away = await card_page.send(booking, "/pay", purpose="deposit")
        assert away.headers["location"].endswith("?fault=away")
        assert "Nothing was charged" in await card_page.read(booking, "?fault=away")
        assert not [one for one in stripe.sessions.values() if one["payment_status"] == "paid"]

    async def test_what_is_paid_or_unknown_opens_no_page(self, card_page: Page, stripe: StripeServer) -> None:
        booking = await card_page.booked()
        assert (await card_page.send(booking, "/pay", purpose="deposit")).headers["location"].endswith("?fault=pay")
        assert (await card_page.send(booking, "/pay", purpose="everything")).status_code == 400
        assert stripe.sessions == {}
        async with card_page.customers.database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(Checkout)) == 0
        balance = await card_page.send(booking, "/pay", purpose="balance")
        assert balance.headers["location"].startswith(stripe.base)


class TestMoving:
    async def test_free_times_without_ones_own(self, page: Page) -> None:
        booking = await page.booked()
        other = await page.booked(day=far(61))
        response = await page.get(booking, f"/move?day={far()}")
        offered = re.findall(r'name="to" value="([^"]+)"', response.text)
        assert f"{far()}T18:00" not in offered and f"{far(61)}T18:00" not in offered and f"{far()}T15:00" in offered
        assert "This move is free" in words(response) and other.number != booking.number

    @pytest.mark.parametrize("day", ["1999-01-01", "9999-12-31", "2026-02-30", "soon", ""])
    async def test_days_that_are_none_are_the_first_or_last(self, page: Page, day: str) -> None:
        assert "Choose another date" in await page.read(await page.booked(), f"/move?day={day}")

    async def test_the_same_row_at_another_start(self, page: Page) -> None:
        booking = await page.booked()
        for _ in range(2):  # pressed twice
            moved = await page.send(booking, "/move", to=f"{far(62)}T15:00")
            assert moved.headers["location"].endswith("?done=moved")
        row = await page.row(booking)
        assert (row.day, row.slot, row.number, row.reschedules) == (far(62), time(15), booking.number, 1)
        assert "Your party is moved" in await page.read(booking, "?done=moved")

    async def test_a_second_move_is_told_its_price_first(self, page: Page) -> None:
        booking = await page.booked()
        await page.send(booking, "/move", to=f"{far(62)}T15:00")
        text = await page.read(booking, "/move")
        assert f"Moving the party now costs {FEE}" in text and f"I agree to pay {FEE}" in text
        fee = str(PROFILE.booking.reschedule_fee_cents)
        wrong: tuple[dict[str, Any], ...] = ({}, {"fee": fee}, {"fee": "0", "agreed": "yes"})
        for fields in wrong:
            refused = await page.send(booking, "/move", to=f"{far(63)}T15:00", **fields)
            assert refused.status_code == 409 and f"costs {FEE} now" in words(refused)
        assert (await page.row(booking)).day == far(62)
        await page.send(booking, "/move", to=f"{far(63)}T15:00", fee=fee, agreed="yes")
        assert (await page.row(booking)).day == far(63)
        assert f"Fees {FEE}" in await page.read(booking)

    async def test_a_slot_that_somebody_took_meanwhile(self, page: Page) -> None:
        booking = await page.booked()
        await page.booked(day=far(62))
        refused = await page.send(booking, "/move", to=f"{far(62)}T18:00")
        assert refused.status_code == 409 and "Somebody was faster" in words(refused)
        assert f'value="{far(62)}T15:00"' in refused.text and (await page.row(booking)).day == far()

    @pytest.mark.parametrize("to", ["", "tomorrow", "2026-13-01T18:00", "2026-12-01T25:00", "2026-12-01T18:00<"])
    async def test_no_time_at_all(self, page: Page, to: str) -> None:
        refused = await page.send(await page.booked(), "/move", to=to)
        assert refused.status_code == 400 and "Choose one of the times first" in words(refused)

    async def test_times_that_the_rules_forbid(self, page: Page) -> None:
        booking = await page.booked()
        for day, said in ((far(1), "too soon"), (far(-2), "over already"), (far(500), "farther ahead")):
            assert said in words(await page.send(booking, "/move", to=f"{day}T18:00"))
        assert "No party can start" in words(await page.send(booking, "/move", to=f"{far(62)}T03:00"))

    async def test_a_day_on_which_the_clocks_change(self, page: Page) -> None:
        # In 2027 the clocks go forward on the 14th of March; 18:00 is an hour nearer to UTC from then on.
        booking = await page.booked()
        await page.send(booking, "/move", to="2027-03-14T18:00")
        row = await page.row(booking)
        assert row.starts_at.astimezone(UTC) == datetime(2027, 3, 15, 1, tzinfo=UTC)
        assert "Sunday, March 14 at 6:00 PM" in await page.read(booking)
        event = event_of((await page.get(booking, "/party.ics")).content)
        assert event["DTSTART"].to_ical() == b"20270315T010000Z"


class TestCancelling:
    async def test_two_steps_are_told_and_the_slot_stays(self, page: Page) -> None:
        booking = await page.booked()
        text = await page.read(booking, "/cancel")
        assert "Your slot stays yours for now" in text and "Somebody of our team decides" in text
        for _ in range(2):
            sent = await page.send(booking, "/cancel", reason="We moved")
            assert sent.headers["location"].endswith("?done=cancel")
        row = await page.row(booking)
        assert (row.status, row.before_cancel, row.version) == ("cancellation_requested", "confirmed", booking.version + 2)

    async def test_a_hold_is_given_back_at_once(self, page: Page) -> None:
        booking = await page.held()
        assert "Your slot is given back at once" in await page.read(booking, "/cancel")
        assert (await page.send(booking, "/cancel")).headers["location"].endswith("?done=released")
        assert (await page.row(booking)).status == "cancelled"


class TestCalendars:
    async def test_the_customer_s_file_grows_with_the_booking(self, page: Page) -> None:
        booking = await page.booked()
        first = await page.get(booking, "/party.ics")
        assert first.headers["content-type"] == "text/calendar; charset=utf-8" and "attachment" in first.headers["content-disposition"]
        event = event_of(first.content)
        await page.send(booking, "/move", to=f"{far(62)}T15:00")
        moved = event_of((await page.get(booking, "/party.ics")).content)
        assert moved["UID"] == event["UID"] and moved["SEQUENCE"] > event["SEQUENCE"] and moved["STATUS"] == "CONFIRMED"
        assert "+1510" not in first.text

    async def test_a_chef_s_feed(self, page: Page) -> None:
        number = await page.customers.chef("Kenji")
        booking = await page.booked(day=near())
        chef = await chef_id(page)
        at = LINKS.feed(chef)
        response = await page.browser.get(at)
        event = event_of(response.content)
        row = await page.row(booking)
        assert row.chef_number == number and event["DTSTART"].dt == row.busy.lower and "Ana" in str(event["SUMMARY"])
        assert "0199" not in response.text and "Perez" not in response.text
        etag = response.headers["etag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}'):
            same = await page.browser.get(at, headers={"If-None-Match": known})
            assert (same.status_code, same.content) == (304, b"")
        await page.customers.database.unit(lambda c: life.ask_cancel(c, PROFILE, booking.id, STAFF, utc_now(), ""))
        await page.customers.database.unit(lambda c: life.decide_cancel(c, PROFILE, booking.id, True, STAFF, utc_now()))
        changed = await page.browser.get(at, headers={"If-None-Match": etag})
        gone = event_of(changed.content)
        assert gone["STATUS"] == "CANCELLED" and gone["UID"] == event["UID"]

    async def test_a_feed_of_nobody(self, page: Page) -> None:
        await page.customers.chef("Kenji", active=False)
        for at in (LINKS.feed(await chef_id(page)), LINKS.feed(uuid4()), OTHERS.feed(uuid4()), f"{OWN}/calendar/x.ics"):
            assert (await page.browser.get(at)).status_code == 404


async def chef_id(page: Page) -> UUID:
    async with page.customers.database.transaction() as connection:
        found = await connection.scalar(sa.select(Chef.id))
    assert isinstance(found, UUID)
    return found


async def test_the_style_has_the_colours_of_the_business(page: Page) -> None:
    response = await page.browser.get("/b/page.css")
    assert response.headers["content-type"].startswith("text/css") and PROFILE.widget.theme["ember"] in response.text


def test_both_languages_say_the_same_things() -> None:
    def names(locale: str) -> set[tuple[str, str, frozenset[str]]]:
        sections = words_for(PROFILE, locale, utc_now()).sections
        return {
            (section, name, frozenset(re.findall(r"\{\{(\w+)\}\}", str(text))))
            for section, lines in sections.items()
            for name, text in lines.items()
        }

    assert names("en") == names("es")
