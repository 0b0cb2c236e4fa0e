"""Complaints in the console: from what a customer wrote to what was done; and a handoff that nobody claims."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from business.bookings import holds
from business.bookings.requests import Held, HoldRequest
from business.complaints import service
from business.customers.details import Details, tell
from business.pricing.rules import Party
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.tables.ops import Booking, Complaint, Handoff
from tests.bookings.conftest import ADDRESS, SIX, far
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.people import Customer
from tests.browser.place import Place

pytestmark = pytest.mark.browser
PROFILE = load_profile()
LIMITS = PROFILE.reviews.coupon
SHORT = "words-8+pace-5"


async def complained(place: Place, name: str, severity: Any, said: str, days_ago: float = 0) -> tuple[UUID, Customer]:
    """A customer with an address wrote something, and it was kept as a complaint."""
    place.plan(SHORT)
    customer = await place.customer()
    await customer.say(said)
    await customer.answered(1)
    conversation, at = UUID(customer.wire.conversation), utc_now() - timedelta(days=days_ago)
    async with place.database() as database:
        await database.unit(lambda c: tell(c, conversation, Details(name=name, email="ana@hibachi.fun", phone="+15105550188"), ""))
        kept = await database.unit(lambda c: service.record(c, PROFILE, conversation, severity=severity, summary=said, now=utc_now()))
        async with database.transaction() as connection:
            await connection.execute(sa.update(Complaint).where(Complaint.id == kept.id).values(created_at=at))
    return kept.id, customer


async def booked(place: Place, conversation: UUID) -> int:
    """A party of theirs with a price, on the first day that is free; its number."""
    async with place.database() as database:
        for days in range(60, 200):
            wanted = HoldRequest(conversation, far(days), SIX, Party(10), ADDRESS, name="Ana Perez")
            held = await database.unit(lambda c, w=wanted: holds.hold(c, PROFILE, w, utc_now()))  # type: ignore[misc]
            if isinstance(held, Held):
                break
        assert isinstance(held, Held), held
        async with database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == held.booking.id).values(total_cents=70_000))
    return held.booking.number


async def go(page: Page, path: str) -> Locator:
    await page.evaluate("path => { location.hash = path }", path)
    place = page.get_by_role("region", name="Complaints")
    await expect(place).to_be_visible()
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return place


def block(place: Locator, name: str) -> Locator:
    return place.get_by_role("region", name=name, exact=True)


class TestRecord:
    async def test_from_the_list_to_settled_by_keys_and_by_hand(self, place: Place, tmp_path: Path) -> None:
        complaint, customer = await complained(place, "Ana Perez", "severe", "Two of us got sick after the party")
        party = await booked(place, UUID(customer.wire.conversation))
        admin = await place.admin()
        page, look = admin.page, Look("light", False, tmp_path)
        await page.get_by_role("navigation", name="Console").get_by_role("button", name="Complaints").click()
        complaints = page.get_by_role("region", name="Complaints")
        row = complaints.get_by_role("listitem").filter(has_text="Two of us got sick")
        for words in ("Severe", "Ana Perez", "sickness", "Follow-up due"):
            await expect(row).to_contain_text(words)
        await row.get_by_role("link").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Complaint of Ana Perez")).to_be_visible()
        assert page.url.endswith(f"#/complaints/{complaint}")
        await expect(block(complaints, "What was said")).to_contain_text("Two of us got sick after the party")
        await expect(block(complaints, "Incident record")).to_contain_text("got sick")
        await self._note_and_plan(complaints)
        await self._coupon(complaints)
        await look.at(page, "console-complaint-full")
        await self._use(page, complaints, party, look)
        await look.at(page, "console-complaint-coupon-used")
        await self._settle(complaints)
        await page.get_by_role("link", name="Complaints").click()
        await page.get_by_role("button", name="Settled").click()
        await expect(row).to_contain_text("Coupon: used")
        await row.get_by_role("link").click()
        await page.get_by_role("link", name="Open conversation").click()
        await expect(admin.thread).to_contain_text("Complaint settled: We called, and everybody is well.")
        assert look.found == []

    @staticmethod
    async def _note_and_plan(complaints: Locator) -> None:
        notes, plans = block(complaints, "Notes"), block(complaints, "Follow-ups")
        await notes.get_by_label("Add a note").fill("They kept the left-overs.")
        await notes.get_by_role("button", name="Add note").click()
        await expect(notes.get_by_role("listitem")).to_contain_text(["They kept the left-overs."])
        first = PROFILE.complaints.severities[2].follow_ups[0].what
        await plans.get_by_role("button", name=re.compile(re.escape(first))).click()
        await expect(plans).to_contain_text("Done by")
        await plans.get_by_text("Plan another").click()
        await plans.get_by_label("What is to be done").fill("Send flowers")
        await plans.get_by_label("When").fill("2031-05-05T10:00")
        await plans.get_by_role("button", name="Plan follow-up").click()
        await expect(plans).to_contain_text("Send flowers")

    @staticmethod
    async def _coupon(complaints: Locator) -> None:
        coupon = block(complaints, "Coupon")
        await coupon.get_by_text("Propose a coupon").click()
        await coupon.get_by_label("Why").fill("Two guests were ill")
        await coupon.get_by_role("button", name="Propose coupon").click()
        await expect(coupon).to_contain_text("To decide")
        await expect(coupon.locator(".coupon-code")).to_have_count(0)
        await coupon.get_by_role("button", name="Approve").click()
        await expect(coupon.locator(".coupon-code")).to_have_text(re.compile(r"^\w{4}-\w{4}-\w{4}$"))

    @staticmethod
    async def _use(page: Page, complaints: Locator, party: int, look: Look) -> None:
        coupon, dialog = block(complaints, "Coupon"), page.get_by_role("dialog")
        await expect(coupon.get_by_label("Use it on")).to_contain_text(f"#{party}")
        await coupon.get_by_role("button", name="Use coupon").press("Enter")
        await expect(dialog).to_contain_text("can be used once")
        await look.at(page, "console-complaint-coupon-ask")
        await dialog.get_by_role("button", name="Leave it").click()
        await expect(coupon).to_contain_text("Approved")
        await coupon.get_by_role("button", name="Use coupon").click()
        await dialog.get_by_role("button", name="Use coupon").click()
        await expect(coupon).to_contain_text(f"used on booking #{party}")
        await expect(dialog).to_have_count(0)

    @staticmethod
    async def _settle(complaints: Locator) -> None:
        settle = block(complaints, "Settle")
        await settle.get_by_label("What was done").fill("We called, and everybody is well.")
        await expect(settle.get_by_label("Send it to ana@hibachi.fun")).to_be_checked()
        await settle.get_by_role("button", name="Settle complaint").click()
        await expect(block(complaints, "Settled")).to_contain_text("We called, and everybody is well.")
        await expect(block(complaints, "Settled").get_by_role("button", name="Open again")).to_be_visible()


@pytest.mark.parametrize(("scheme", "phone"), [("dark", False), ("light", True)], ids=["dark-wide", "light-phone"])
async def test_on_a_desk_at_night_and_on_a_phone_by_day(place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    complaint, _ = await complained(place, "Ben Ode", "severe", "My curtain caught fire")
    await complained(place, "Cara Lin", "minor", "A sauce was missing", days_ago=20)
    admin = await place.admin(scheme=scheme, phone=phone)
    page, look = admin.page, Look(scheme, phone, tmp_path)
    if phone:
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("link", name="Complaints").click()
    place_of = await go(page, "#/complaints")
    await expect(place_of.get_by_role("listitem").first).to_be_visible()
    await look.at(page, "console-complaints")
    await go(page, f"#/complaints/{complaint}")
    await expect(place_of).to_contain_text("My curtain caught fire")
    await look.at(page, "console-complaint")
    await go(page, "#/complaints/patterns")
    await expect(place_of.get_by_role("img", name=re.compile("by week and severity"))).to_be_visible()
    await place_of.get_by_text("As a table").first.click()
    await expect(place_of.get_by_role("table").first).to_contain_text("Severe")
    await look.at(page, "console-complaint-patterns")
    assert look.found == []


class TestNobodyComes:
    async def test_the_console_says_so_over_everything_and_graver_with_each_step(self, place: Place, tmp_path: Path) -> None:
        place.plan(SHORT)
        customer = await place.customer()
        await customer.say("Is somebody there?")
        await customer.answered(1)
        await customer.page.get_by_role("button", name="Talk to a person").click()
        admin = await place.admin()
        look = Look("light", False, tmp_path)
        line = admin.page.locator(".overdue-line")
        for step, words in ((0, "nobody has claimed it"), (1, "more people were called"), (2, "gone higher again")):
            await self._late(place, customer, step)
            await expect(line).to_contain_text(words, timeout=20_000)
            await expect(line).to_have_class(re.compile(f"loud-{step + 1}"))
            await look.at(admin.page, f"console-overdue-{step}")
        await expect(admin.page).to_have_title(re.compile(r"^\(\d+\) Overdue"))
        await line.get_by_role("button", name="Open handoffs").click()
        card = admin.page.get_by_role("region", name="Handoffs").get_by_role("article").filter(has_text="Called again 2 times").first
        await expect(card).to_be_visible()
        await look.at(admin.page, "console-handoff-called-again")
        await card.get_by_role("button", name="Claim").click()
        await expect(admin.owner).to_contain_text("You are answering")
        assert look.found == []

    @staticmethod
    async def _late(place: Place, customer: Customer, step: int) -> None:
        """It is ten minutes past its time; the gateways hear of it as of any change."""
        changed = {"rev": Handoff.rev + 1, "changed_at": sa.func.clock_timestamp()}
        mine = Handoff.conversation_id == UUID(customer.wire.conversation)
        async with place.database() as database, database.transaction() as connection:
            others = sa.update(Handoff).where(~mine, Handoff.state == "open")
            await connection.execute(others.values(state="resolved", **changed))
            late = {"due_at": utc_now() - timedelta(minutes=10), "step": step, **changed}
            await connection.execute(sa.update(Handoff).where(mine).values(late))
