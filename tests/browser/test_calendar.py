"""The calendar: an admin drags a party, another console and the customer see it; a drag that the rules refuse goes back with its reason;
the same by keys alone; and how it looks, with the customer's own page of the booking."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from business.bookings import holds, life, roster
from business.bookings.requests import BookingView, By, Held, HoldRequest
from business.links.signing import Links
from business.pricing.rules import Party
from business.sites.service import install_secret
from kernel.clock import utc_now
from tests.bookings.conftest import ADDRESS, PROFILE, SIX, STATION
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Admin, Customer, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
"""The other two have the same colours and the same widths."""
TEST = By("system", "test")
KENJI = UUID(int=7)
WEEKS = iter(range(10, 40))
"""Each test has a week of its own, far enough that the station's capacity decides."""


def monday(weeks: int) -> date:
    today = utc_now().astimezone(PROFILE.business.zone).date()
    return today + timedelta(days=7 * weeks - today.weekday())


async def books(place: Place, customer: Customer, day: date, name: str = "Ana Perez", *, confirm: bool = True) -> BookingView:
    """The customer's party on that day at six."""
    wanted = HoldRequest(UUID(customer.wire.conversation), day, SIX, Party(10, 2), ADDRESS, name=name, phone="+1 510 555 0199")
    async with place.database() as database:
        held = await database.unit(lambda c: holds.hold(c, PROFILE, wanted, utc_now()))
        assert isinstance(held, Held), held
        if confirm:
            await database.unit(lambda c: life.confirm(c, PROFILE, held.booking.id, TEST, utc_now()))
    return held.booking


async def arrives(place: Place) -> Customer:
    customer = await place.customer()
    await customer.say("hi")
    await customer.answered(1)
    return customer


async def shows(page: Page, span: str, day: date, booking: UUID | None = None) -> None:
    """Open the calendar by its address."""
    behind = f"/{booking}" if booking else ""
    await page.evaluate("hash => { location.hash = hash }", f"#/calendar/{span}/{day}{behind}")
    await expect(page.get_by_role("region", name="Calendar")).to_be_visible()


def cell(page: Page, day: date, slot: str) -> Locator:
    return page.locator(f'[data-cell^="{day} {slot}"]')


async def test_a_drag_is_told_to_everybody_and_a_refused_one_says_why(house: Place) -> None:
    week = monday(next(WEEKS))
    saturday, sunday = week + timedelta(days=5), week + timedelta(days=6)
    ana = await arrives(house)
    await books(house, ana, sunday, "Ben Kim")
    await books(house, ana, saturday)
    mover, other = await house.admin(), await house.admin()
    for admin in (mover, other):
        await shows(admin.page, "week", week)
        await expect(cell(admin.page, saturday, "18:00").get_by_role("button", name="Ana Perez")).to_be_visible()
    page = mover.page

    # Refused: the slot is Ben's.
    party = page.get_by_role("button", name="Ana Perez")
    await party.drag_to(cell(page, sunday, "18:00"))
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Ana Perez cannot be moved there. That slot is taken.")
    await expect(alert).to_contain_text("It stays where it was")
    await expect(cell(page, saturday, "18:00").get_by_role("button", name="Ana Perez")).to_be_visible()

    # One of the other starts that it offers, asked first.
    cards = len(ana.wire.events("card"))
    await alert.get_by_role("button", name="3 PM").first.click()
    dialog = page.get_by_role("dialog", name="Move Ana Perez")
    await expect(dialog).to_contain_text("The customer is told at once")
    await expect(cell(page, sunday, "15:00").get_by_role("button", name="Ana Perez")).to_be_visible()
    await dialog.get_by_role("button", name="Leave it").click()
    await expect(cell(page, saturday, "18:00").get_by_role("button", name="Ana Perez")).to_be_visible()
    await party.drag_to(cell(page, sunday, "15:00"))
    await dialog.get_by_role("button", name="Move to").click()
    await expect(dialog).to_have_count(0)
    await expect(cell(page, sunday, "15:00").get_by_role("button", name="Ana Perez")).to_be_visible()

    await expect(cell(other.page, sunday, "15:00").get_by_role("button", name="Ana Perez")).to_be_visible(timeout=5000)
    await until(lambda: len(ana.wire.events("card")) > cards, ana.page, "the booking's card")
    await expect(ana.log.get_by_text(f"{sunday:%A, %B} {sunday.day}, 3 PM").last).to_be_visible()


async def test_by_keys_alone(house: Place) -> None:
    week = monday(next(WEEKS))
    saturday = week + timedelta(days=5)
    customer = await arrives(house)
    booking = await books(house, customer, saturday, "Cleo Roy")
    admin = await house.admin()
    page = admin.page
    await shows(page, "week", week - timedelta(days=7))
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("button", name="Cleo Roy").focus()
    await page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Booking")
    await expect(panel.get_by_role("heading", name="Cleo Roy")).to_be_focused()
    await panel.get_by_role("button", name="Move…").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Move Cleo Roy")
    await dialog.get_by_label("Start").fill("12:00")
    await expect(dialog).to_contain_text("That works")
    await dialog.get_by_role("button", name="Move to").press("Enter")
    await expect(panel).to_contain_text("12 PM to")
    await expect(panel.get_by_role("list").last).to_contain_text("Moved to another start by")
    # What cannot be undone is asked about, and Escape leaves it.
    await panel.get_by_role("button", name="Cancel…").press("Enter")
    await expect(page.get_by_role("dialog", name="Ask to cancel")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    for key, heading in (("d", f"{saturday:%B}"), ("m", f"{saturday:%B %Y}"), ("w", "–")):
        await page.keyboard.press(key)
        await expect(page.get_by_role("region", name="Calendar").get_by_role("heading", level=1)).to_contain_text(heading)
    await page.keyboard.press("t")
    await expect(page.get_by_text("today", exact=True)).to_be_visible()
    async with house.database() as database:
        moved = await database.unit(lambda c: holds.of_conversation(c, booking.conversation))
    assert moved is not None and moved.slot.hour == 12


async def _chef(place: Place) -> None:
    """Somebody who cooks, once."""
    values = {"name": "Kenji Sato", "station": STATION.key, "largest": "large", "rating": None}
    async with place.database() as database:
        await database.unit(lambda c: roster.add(c, PROFILE, KENJI, values, KENJI))


async def _customer_s_page(place: Place, booking: BookingView) -> str:
    async with place.database() as database:
        return Links(lambda: place.base, await database.unit(install_secret)).booking(booking.id)


@in_every_look("dark", phone=False)
async def test_how_it_looks(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    week = monday(next(WEEKS))
    look = Look(scheme, phone, tmp_path)
    ana = await arrives(house)
    booking = await books(house, ana, week + timedelta(days=5))
    held = await books(house, ana, week + timedelta(days=2), "Ben Kim", confirm=False)
    await _chef(house)
    admin: Admin = await house.admin(scheme=scheme, phone=phone)
    page = admin.page
    for span in ("week", "day", "month"):
        await shows(page, span, week + timedelta(days=5))
        there = (
            page.get_by_role("button", name="Ana Perez")
            if span != "month"
            else page.get_by_role("button", name="2 parties").or_(page.get_by_role("button", name="1 party"))
        )
        await expect(there.first).to_be_visible()
        await look.at(page, f"calendar-{span}")
    await shows(page, "week", week, booking.id)
    panel = page.get_by_role("complementary", name="Booking")
    await expect(panel.get_by_role("heading", name="Ana Perez")).to_be_visible()
    await look.at(page, "calendar-panel")
    await panel.get_by_role("button", name="Move…").click()
    await look.at(page, "calendar-moving")
    await page.keyboard.press("Escape")
    await page.evaluate("location.hash = '#/settings/chefs'")
    await page.get_by_role("button", name="Hours").first.click()
    await look.at(page, "chefs-hours")

    own, _ = await (await house.window(scheme=scheme, phone=phone)).tab()
    for name, one, path in (
        ("booking-held", held, ""),
        ("booking-move", booking, "/move"),
        ("booking-cancel", booking, "/cancel"),
    ):
        await own.goto(await _customer_s_page(house, one) + path)
        await expect(own.get_by_role("heading", level=1)).to_be_visible()
        await look.at(own, name)
    assert not look.found, "\n".join(look.found)


async def test_the_customer_s_page_works_without_script(house: Place) -> None:
    week = monday(next(WEEKS))
    customer = await arrives(house)
    booking = await books(house, customer, week + timedelta(days=4), "Dina Wu", confirm=False)
    page, _ = await (await house.window(java_script_enabled=False, phone=True)).tab()
    await page.goto(await _customer_s_page(house, booking))
    await page.get_by_role("button", name="I accept the terms").click()
    await expect(page.get_by_role("status")).to_contain_text("Thank you")
    await page.get_by_role("link", name="Choose another date").click()
    await page.get_by_label("Look from this day on").fill((week + timedelta(days=8)).isoformat())
    await page.get_by_role("button", name="Show free times").click()
    await page.get_by_role("radio", name="3 PM").first.check()
    await page.get_by_role("button", name="Move my party").click()
    await expect(page.get_by_role("status")).to_contain_text("Your party is moved")
    await page.get_by_role("link", name="Cancel").click()
    await page.get_by_role("button", name="Ask to cancel").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("You asked us to cancel")
    await expect(
        customer.log.get_by_text(f"Booking #{booking.number}").or_(customer.log.get_by_text(f"#{booking.number}")).last
    ).to_be_visible()
