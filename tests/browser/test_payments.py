"""Payments in the console: a notice is pasted and matched, cash is written down, money goes back; in every look."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from business.bookings import holds, life
from business.bookings.requests import CLOCK, Held, HoldRequest
from business.payments import notices, receiving, refunds
from business.payments.receiving import Incoming
from business.pricing.rules import Party
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ops import Booking, Payment
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser
PROFILE = load_profile()
DEPOSIT = PROFILE.prices.deposit_cents
SHORT = "words-8+pace-5"


async def booked(place: Place, name: str) -> int:
    """A customer's booking that waits for its deposit; its number."""
    place.plan(SHORT)
    customer = await place.customer()
    await customer.say("A party, please")
    await customer.answered(1)
    conversation = UUID(customer.wire.conversation)
    zone = PROFILE.business.zone
    async with place.database() as database:
        for days in range(40, 200):
            day = (utc_now() + timedelta(days=days)).astimezone(zone).date()
            wanted = HoldRequest(conversation, day, PROFILE.slots.times[0], Party(10), "12 Oak Street, San Jose, CA 95112", name=name)
            held = await database.unit(lambda c, w=wanted: holds.hold(c, PROFILE, w, utc_now()))  # type: ignore[misc]
            if isinstance(held, Held):
                break
        assert isinstance(held, Held)
        booking = held.booking
        async with database.transaction() as connection:
            values = {"total_cents": 70_000, "deposit_cents": DEPOSIT}
            await connection.execute(sa.update(Booking).where(Booking.id == booking.id).values(values))
        await database.unit(lambda c: life.accept_terms(c, PROFILE, booking.id, CLOCK, utc_now()))
    return booking.number


async def go(page: Page, path: str) -> Locator:
    await page.evaluate("path => { location.hash = path }", path)
    place = page.get_by_role("region", name="Payments")
    await expect(place).to_be_visible()
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return place


class TestByHand:
    async def test_a_notice_a_match_cash_and_a_way_back(self, place: Place) -> None:
        number = await booked(place, "Ana Perez")
        admin = await place.admin()
        page = admin.page
        await page.get_by_role("navigation", name="Console").get_by_role("button", name="Payments").click()
        payments = page.get_by_role("region", name="Payments")
        await self._paste(page, payments, number)
        await self._cash(page, payments, number)
        await self._back(page, payments)
        async with place.database() as database, database.transaction() as connection:
            status = await connection.scalar(sa.select(Booking.status).where(Booking.number == number))
        assert status == "confirmed"

    @staticmethod
    async def _paste(page: Page, payments: Locator, number: int) -> None:
        await page.get_by_role("button", name="Paste a notice").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Notice").fill(f"Somebody paid you $100.00\nVenmo\nTransaction ID: {uuid4().int}")
        await page.keyboard.press("Tab")
        await dialog.get_by_role("button", name="Hand it in").press("Enter")
        await expect(dialog).to_contain_text("$100 by Venmo")
        await dialog.get_by_role("button", name="Done").click()
        await payments.get_by_role("link", name="Notices").click()
        waiting = payments.get_by_role("list", name="Waiting").get_by_role("listitem").filter(has_text="Somebody").first
        await waiting.get_by_role("button", name=re.compile(r"^(Another booking|Match)\b(?! with)")).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Booking number").fill(str(number))
        await dialog.get_by_role("button", name="Match").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(payments.get_by_role("region", name="Decided")).to_contain_text(f"Booking {number}, Ana Perez")

    @staticmethod
    async def _cash(page: Page, payments: Locator, number: int) -> None:
        await page.get_by_role("button", name="Write down cash").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Booking number").fill(str(number))
        await dialog.get_by_label("Amount in dollars").fill("much")
        await dialog.get_by_role("button", name="Write it down").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("Write the amount in dollars")
        await dialog.get_by_label("Amount in dollars").fill("250.50")
        await dialog.get_by_role("button", name="Write it down").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await payments.get_by_role("link", name="Came in").click()
        line = payments.get_by_role("list", name="What came in").get_by_role("listitem").first
        for words in ("Cash", f"Booking {number}, Ana Perez", "$250.50"):
            await expect(line).to_contain_text(words)

    @staticmethod
    async def _back(page: Page, payments: Locator) -> None:
        line = payments.get_by_role("list", name="What came in").get_by_role("listitem").first
        await line.get_by_role("button", name="Give back").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Amount in dollars").fill("300")
        await dialog.get_by_label("Why").fill("fewer guests came")
        await dialog.get_by_role("button", name="Give it back").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("At most $250.50")
        await dialog.get_by_label("Amount in dollars").fill("50.50")
        await dialog.get_by_role("button", name="Give it back").click()
        await expect(line).to_contain_text("$50.50 going back")
        await payments.get_by_role("link", name="Going back").click()
        refund = payments.get_by_role("list", name="Going back").get_by_role("listitem").filter(has_text="fewer guests came")
        await refund.get_by_role("button", name="I have paid it back").click()
        await expect(refund).to_contain_text("given back")
        await payments.get_by_role("link", name="Accounts").click()
        await expect(payments).to_contain_text("The books balance")


async def came(place: Place, number: int) -> None:
    """Some of everything, over some weeks."""
    async with place.database() as database:
        booking = await _id(database, number)
        for weeks, (method, cents) in enumerate((("card", DEPOSIT), ("venmo", 25_000), ("zelle", 12_550), ("cash", 9_000))):
            at = utc_now() - timedelta(weeks=weeks)
            incoming = Incoming(method, f"{number}-{weeks}", cents, at, booking, payer="Ana Perez", note="for the party")  # type: ignore[arg-type]
            await database.unit(lambda c, i=incoming: receiving.receive(c, PROFILE, i, utc_now()))  # type: ignore[misc]
        text = f"Zelle: Ben Lee sent you $490.00\nMemo: balance\nConfirmation number: {number}A1B2C3"
        await database.unit(lambda c: notices.take(c, PROFILE, text=text, source="mail", received_at=utc_now()))
        stranger = Incoming("card", f"pi_{number}", 5_000, utc_now())
        await database.unit(lambda c: receiving.receive(c, PROFILE, stranger, utc_now()))
        async with database.transaction() as connection:
            payment = await connection.scalar(sa.select(Payment.id).where(Payment.booking_id == booking, Payment.method == "zelle"))
            assert payment is not None
            await refunds.ask(connection, payment, 2_550, "fewer guests came", key=f"{number}")


async def _id(database: Database, number: int) -> UUID:
    async with database.transaction() as connection:
        found = await connection.scalar(sa.select(Booking.id).where(Booking.number == number))
    assert found is not None
    return found


@in_every_look("light", phone=True)
async def test_every_look(place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    await came(place, await booked(place, "Ana Perez"))
    admin = await place.admin(scheme=scheme, phone=phone)
    page, look = admin.page, Look(scheme, phone, tmp_path)
    if phone:
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("link", name="Payments").click()
    payments = await go(page, "#/payments")
    await expect(payments.get_by_role("list", name="What came in")).to_be_visible()
    await look.at(page, "console-payments")
    await payments.get_by_role("button", name="Give back").first.click()
    await look.at(page, "console-payments-back")
    await page.keyboard.press("Escape")
    await payments.get_by_role("link", name="Notices").click()
    await expect(payments.get_by_role("list", name="Waiting")).to_be_visible()
    await look.at(page, "console-payment-notices")
    await payments.get_by_role("link", name="Going back").click()
    await expect(payments.get_by_role("list", name="Going back")).to_be_visible()
    await look.at(page, "console-refunds")
    await payments.get_by_role("link", name="Accounts").click()
    await payments.get_by_text("As a table").click()
    await expect(payments.get_by_role("table")).to_be_visible()
    await look.at(page, "console-accounts")
    assert look.found == []
