"""A party from "hi" to paid, moved and complained about, on an install with a mail server and a card provider: nothing is stood in for but
the two servers of other people, which speak their own protocols on loopback."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import icalendar
import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from business.profile.hours import next_open
from business.profile.loader import load_profile
from business.profile.schemas import SpecialDay
from business.profile.spoken import at_time, on_day
from business.profile.versions import ProfileWriter, current
from business.push import rules, subscriptions
from business.staff import owner
from business.staff.passwords import Passwords
from kernel.clock import utc_now
from kernel.tables.core import Staff
from kernel.tables.ops import Complaint
from tests.browser.conftest import BRISK
from tests.browser.people import Admin, Customer, until
from tests.browser.place import Place
from tests.browser.test_booking import ENGLISH, says
from tests.conftest import made_database
from tests.rig.fleet import Fleet
from tests.rig.postgres import PostgresServer
from tests.rig.pushes import Device, PushService
from tests.rig.redis import RedisServer
from tests.rig.smtp import SmtpServer, Taken
from tests.rig.stripe import KEY, PAYS, StripeServer

pytestmark = pytest.mark.browser
SHIPPED = Path(__file__).parents[2] / "business" / "profile" / "my-hibachi.toml"
SECRET = "whsec_loopback"
OWNER = "owner@hibachi.test"
GUEST = "ana@guests.test"
AHEAD = 60
PARTY = replace(ENGLISH, lines=tuple((line.replace("ana@example.org", GUEST), expected) for line, expected in ENGLISH.lines))


@dataclass
class Town:
    """The install and the servers of other people around it."""

    place: Place
    post: SmtpServer
    stripe: StripeServer
    pushes: PushService

    def mails(self, address: str, words: str = "") -> list[Taken]:
        """What arrived there, its subject with these words."""
        return [one for one in self.post.taken if one.recipient == address and words in str(one.message["Subject"])]


@pytest.fixture(scope="module")
def town_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
def town_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="module")
def real_business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile that ships, whose addresses are somebody's: to a placeholder no mail goes."""
    shipped = load_profile().business
    text = SHIPPED.read_text(encoding="utf-8")
    for placeholder, real in ((shipped.email, "hello@hibachi.test"), (shipped.phone, "+1 510 555 2742")):
        assert placeholder in text
        text = text.replace(placeholder, real)
    path = tmp_path_factory.mktemp("business") / "profile.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
async def town(town_database: str, town_redis: RedisServer, browser: Browser, real_business: Path) -> AsyncIterator[Town]:
    async with StripeServer() as stripe, PushService() as pushes:
        post = await SmtpServer().start()
        settings = {
            **BRISK,
            "HIBACHI_BUSINESS__PROFILE": str(real_business),
            "HIBACHI_EMAIL__HOST": "127.0.0.1",
            "HIBACHI_EMAIL__PORT": str(post.port),
            "HIBACHI_EMAIL__TLS": "none",
            "HIBACHI_PAYMENTS__STRIPE_KEY_ENV": "STRIPE_KEY",
            "HIBACHI_PAYMENTS__STRIPE_WEBHOOK_SECRET_ENVS": '["STRIPE_SECRET"]',
            "HIBACHI_PAYMENTS__STRIPE_ADDRESS": stripe.base,
            "HIBACHI_PUSH__SERVICES": '["127.0.0.1"]',
            "STRIPE_KEY": KEY,
            "STRIPE_SECRET": SECRET,
        }
        async with Fleet(town_database, town_redis.url, settings=settings) as fleet:
            (gateway,) = await fleet.gateways(1)
            await fleet.worker(HIBACHI_PUBLIC_URL=gateway.base)
            yield Town(Place(browser, fleet, gateway, None, ""), post, stripe, pushes)
        await post.stop()


@pytest.fixture
async def visited(town: Town) -> AsyncIterator[Town]:
    async with town.place.visited():
        town.place.watched.hosts.add(town.stripe.base.partition("//")[2])
        yield town


async def test_from_hi_to_a_paid_party_that_is_moved(visited: Town) -> None:
    place = visited.place
    customer, admin = await place.customer(), await place.admin()
    await says(customer, PARTY, PARTY.lines, AHEAD)
    await admin.open(customer.wire.conversation)
    page = await pays_on_the_page_of_the_card(visited, customer)
    await told_at_once(customer, admin, "confirmed")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You're booked")
    _, booked = days()
    await confirmed_by_mail(visited, customer, booked, time(15))
    await moves_by_keys(admin, customer, booked)
    await until(lambda: visited.mails(GUEST, "A change to your party"), customer.page, "the mail about the move")


def days() -> tuple[date, date]:
    """Those that the customer names."""
    today = datetime.now(load_profile().business.zone).date()
    return today + timedelta(days=AHEAD), today + timedelta(days=AHEAD + 1)


async def pays_on_the_page_of_the_card(town: Town, customer: Customer) -> Page:
    """By the card's button, whose link an install on plain HTTP tells in words; the provider tells of it twice."""
    await customer.log.get_by_role("button", name="Pay the deposit").last.click()
    said = await customer.answered(len(PARTY.lines) + 1)
    link = re.search(rf"{re.escape(town.place.base)}/b/[\w-]+", said)
    assert link is not None, said
    page, _ = await customer.window.tab()
    await page.goto(link[0])
    await page.get_by_role("button", name=re.compile("accept", re.I)).click()
    await expect(page.get_by_role("status")).to_be_visible()
    await page.get_by_role("button", name=re.compile("card", re.I)).click()
    await expect(page.locator("#amount")).to_have_text("$100.00")
    await page.get_by_label("Card number").fill(PAYS)
    await page.get_by_role("button", name="Pay").click()
    await page.wait_for_url(re.compile(r"/b/[^/]+/paid"))
    event, url = town.stripe.events[-1], f"{town.place.base}/webhooks/stripe"
    told = await asyncio.gather(*(town.stripe.tell(event, url, SECRET) for _ in range(2)))
    assert told == [200, 200]
    return page


async def told_at_once(customer: Customer, admin: Admin, state: str) -> None:
    """The booking's card is in the chat; staff who look on have it within a second of that."""

    def cards(events: list[dict[str, object]]) -> list[object]:
        return [body for body in events if body["card"]["state"] == state]  # type: ignore[index]

    await until(lambda: cards(customer.wire.events("card")), customer.page, f"the card that says {state}")
    await until(lambda: cards(admin.wire.events("card")), admin.page, f"the card that says {state}, in the console", 1000)
    await expect(customer.log.get_by_text("confirmed", exact=False).last).to_be_visible()


async def confirmed_by_mail(town: Town, customer: Customer, day: date, at: time) -> None:
    """With the party for the customer's calendar."""
    (mail,) = await until(lambda: town.mails(GUEST, "onfirm"), customer.page, "the confirmation")
    (entry,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    (event,) = icalendar.Calendar.from_ical(entry.get_content()).walk("VEVENT")
    starts = event["DTSTART"].dt.astimezone(load_profile().business.zone)
    assert (starts.date(), starts.time()) == (day, at)
    assert "/b/" in mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def moves_by_keys(admin: Admin, customer: Customer, day: date) -> None:
    """The admin moves it in the calendar, without a mouse; the customer is told in the chat."""
    page = admin.page
    await page.evaluate("hash => { location.hash = hash }", f"#/calendar/day/{day}")
    await page.get_by_role("button", name="Ana Perez").press("Enter")
    panel = page.get_by_role("complementary", name="Booking")
    await panel.get_by_role("button", name="Move…").press("Enter")
    dialog = page.get_by_role("dialog", name="Move Ana Perez")
    await dialog.get_by_label("Start").fill("12:00")
    await expect(dialog).to_contain_text("That works")
    await dialog.get_by_role("button", name="Move to").press("Enter")
    await expect(panel).to_contain_text("12 PM to")
    await expect(customer.log).to_contain_text(re.compile(r"We moved your party\. It is now on [^.]*, 12 PM"))


async def used(place: Place, customer: Page, number: int) -> None:
    """Wait until the gateway speaks by this version of the profile."""
    told = f"hibachi_profile_version {float(number)}"

    async def so() -> bool:
        return told in await (await customer.request.get(f"{place.base}/metrics")).text()

    await until(so, customer, "the new profile")


async def test_what_is_severe_at_night_gets_a_true_promise_and_wakes_the_owner(visited: Town) -> None:
    place = visited.place
    phone = Device(visited.pushes)
    async with place.database() as database:
        await owner.ensure(database, Passwords(), OWNER, "charcoal and garlic")
        async with database.transaction() as connection:
            staff = await connection.scalar(sa.select(Staff.id).where(Staff.email == OWNER))
            now = await current(connection)
        assert now is not None and staff is not None
        keys = rules.keys(**phone.subscription, services=("127.0.0.1",))
        await database.unit(lambda c: subscriptions.save(c, staff, "a session", keys))
        # Nobody answers today any more.
        zone = now.profile.business.zone
        today = utc_now().astimezone(zone).date()
        people = now.profile.people.model_copy(
            update={"special_days": (SpecialDay(date=today), SpecialDay(date=today - timedelta(days=1)))}
        )
        closed = now.profile.model_copy(update={"people": people})
        saved = await ProfileWriter(database).save(closed, now.number, "closed today", staff)
    opens = next_open(closed, utc_now())
    assert opens is not None and opens.date() > today
    customer = await place.customer()
    await used(place, customer.page, saved.number)
    await customer.say("Two of my guests got food poisoning at our party and one is in hospital")
    await customer.answered(1)
    promise = f"{on_day(opens.date(), today, 'en')} {at_time(opens.time(), 'en')}"
    await expect(customer.log).to_contain_text(promise)
    await visited.pushes.got(lambda received: any(one.path == f"/{phone.name}" for one in received))
    assert customer.wire.conversation in phone.shown[0]["path"]
    (mail,) = await until(lambda: visited.mails(OWNER), customer.page, "the mail to the owner")
    assert f"{place.base}/console#/complaints/" in mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    async with place.database() as database, database.transaction() as connection:
        record = await connection.scalar(sa.select(Complaint.incident).where(Complaint.conversation_id == UUID(customer.wire.conversation)))
    assert record is not None and "poisoning" in record["said"][-1]["text"]
