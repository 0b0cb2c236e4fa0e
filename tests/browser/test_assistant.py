"""The assistant of the staff in the console: by keys alone, in four looks; what it found leads to its place, and nothing is done before a
yes."""

import asyncio
import csv
import io
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from business.reports.report import days_words
from tests.agents.staff_world import PROFILE, World, at_venue
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Admin
from tests.browser.place import Place

pytestmark = pytest.mark.browser
STARTS = cycle(PROFILE.slots.times)
NAMES = iter(f"Ana {letter}" for letter in ("Prieto", "Quint", "Rojas", "Silva", "Torres", "Urban", "Vega", "Wong", "Xu", "Yang", "Zapata"))


async def somebody(house: Place) -> tuple[str, UUID]:
    """A customer with an unpaid party tomorrow, an old lead and an overdue handoff; their name and conversation."""
    name = next(NAMES)
    async with house.database() as database:
        world = await World(database).begin()
        ana = await world.customer(name, text="Is my date held?")
        await world.party(ana, at_venue(1), at=next(STARTS))
        await world.lead(await world.customer(f"{name}'s friend"), 30, adults=14, date=at_venue(21).isoformat())
        await world.handoff(ana, overdue=timedelta(hours=2), summary="Wants to talk about the bill")
    return name, ana


def this_weekend() -> tuple[date, date]:
    """Friday and Sunday."""
    today = at_venue()
    friday = today + timedelta(days=4 - today.weekday())
    return friday, friday + timedelta(days=2)


async def press_open(page: Page) -> None:
    """By the command bar."""
    await page.keyboard.press("Control+k")
    await page.keyboard.type("ask the")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Ask the assistant")).to_be_visible()


@in_every_look("light", phone=True)
async def test_in_every_look(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    name, _ = await somebody(house)
    look = Look(scheme, phone, tmp_path)
    admin = await house.admin(scheme=scheme, phone=phone)
    await admin.page.get_by_role("button", name="Ask").click()
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    await expect(dialog.get_by_role("region", name="Soon, without a deposit")).to_contain_text(name)
    await expect(dialog.get_by_role("region", name="Overdue handoffs")).to_contain_text("overdue by 2 hours")
    await look.at(admin.page, "assistant-waits")
    async with house.database() as database:
        await World(database).party(await World(database).customer(f"{name}'s cousin"), this_weekend()[1], at=next(STARTS))
    await dialog.get_by_role("button", name="Who has a party this weekend without deposit?").click()
    await expect(dialog.get_by_role("region", name="Deposits that are missing").first).to_contain_text(f"{name}'s cousin")
    await dialog.get_by_text("How this was counted").click()
    await look.at(admin.page, "assistant-report")
    await dialog.get_by_label("Your question").fill(f"Reply to {name}: We are on it, and come at six.\nSee you soon!")
    await admin.page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name="Yes, do it")).to_be_focused()
    await look.at(admin.page, "assistant-deed")
    await dialog.get_by_role("button", name="Show what waits").click()
    await dialog.get_by_role("button", name="Refund a deposit").click()
    await expect(dialog.get_by_role("listitem").first).to_contain_text("The wish to cancel")
    await dialog.get_by_label("Your question").fill(f"How do I handle a complaint of {name}?")
    await admin.page.keyboard.press("Enter")
    await expect(dialog.get_by_role("region", name="Handle a severe complaint")).to_contain_text("Claim its handoff")
    await look.at(admin.page, "assistant-guide")
    await dialog.get_by_label("Your question").fill(f"Cancel {name}'s booking")
    await dialog.get_by_role("button", name="Ask", exact=True).click()
    await expect(dialog.get_by_role("button", name=f"Open {name} in the calendar", exact=True)).to_be_visible()
    await look.at(admin.page, "assistant-proposal")
    assert look.found == [], look.found


async def test_who_has_a_party_this_weekend_without_deposit(house: Place) -> None:
    """The true list, as the database holds it; how it was counted; and the same as a file."""
    friday, sunday = this_weekend()
    async with house.database() as database:
        world = await World(database).begin()
        for name, day in (("Held Hal", friday), ("Last Lou", sunday), ("Paid Pam", sunday), ("Late Lea", sunday + timedelta(days=1))):
            booking = await world.party(await world.customer(name), day, at=next(STARTS))
            if name == "Paid Pam":
                await world.confirmed(booking)
        async with database.transaction() as connection:
            missing = await connection.execute(
                sa.text(
                    "SELECT b.number, coalesce(b.contact_name, c.name) FROM ops.booking b JOIN core.customer c ON c.id = b.customer_id "
                    "WHERE b.day BETWEEN :friday AND :sunday "
                    "AND (b.status = 'deposit_pending' OR (b.status = 'held' AND b.hold_until > now())) "
                    "ORDER BY b.starts_at, b.number"
                ),
                {"friday": friday, "sunday": sunday},
            )
            truth = [(str(number), name) for number, name in missing]
    assert {"Held Hal", "Last Lou"} <= {name for _, name in truth} and not {"Paid Pam", "Late Lea"} & {name for _, name in truth}
    admin = await house.admin()
    await admin.page.keyboard.press("q")
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    await dialog.get_by_label("Your question").fill("who has a party this weekend without deposit?")
    await admin.page.keyboard.press("Enter")
    report = dialog.locator(".report")
    await expect(report.get_by_role("heading")).to_contain_text(f"Deposits that are missing {len(truth)}")
    cells = await report.locator("tbody tr").evaluate_all("rows => rows.map(row => [row.cells[5].innerText, row.cells[1].innerText])")
    assert [(number.replace(",", ""), name) for number, name in cells] == truth
    await report.get_by_text("How this was counted").click()
    await expect(report).to_contain_text(f"Parties {days_words(friday, sunday, at_venue())} whose deposit has not come, in order of start.")
    async with admin.page.expect_download() as saved:
        await report.get_by_role("button", name="Export CSV").click()
    file = await asyncio.to_thread(Path(await (await saved.value).path()).read_bytes)
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert [(row[5], row[1]) for row in rows[1:]] == truth


async def test_a_yes_by_keys_does_it_once_and_a_no_does_nothing(house: Place) -> None:
    name, ana = await somebody(house)
    admin = await house.admin()
    page = admin.page
    await page.keyboard.press("q")
    dialog = page.get_by_role("dialog", name="Ask the assistant")
    field, yes = dialog.get_by_label("Your question"), dialog.get_by_role("button", name="Yes, do it")
    await field.fill(f"Confirm {name}'s booking")
    await page.keyboard.press("Enter")
    await expect(yes).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".deed")).to_contain_text("Nothing was done")
    await expect(yes).to_have_count(0)
    async with house.database() as database:
        async with database.transaction() as connection:
            assert await connection.scalar(sa.text("SELECT status FROM ops.booking WHERE conversation_id = :id"), {"id": ana}) == "held"
    await field.fill(f"Confirm {name}'s booking")
    await field.press("Enter")
    await expect(yes).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".deed.done")).to_contain_text("is confirmed")
    async with house.database() as database:
        async with database.transaction() as connection:
            assert (
                await connection.scalar(sa.text("SELECT status FROM ops.booking WHERE conversation_id = :id"), {"id": ana}) == "confirmed"
            )


async def test_dismissed_it_waits_no_more(house: Place) -> None:
    name, _ = await somebody(house)
    admin = await house.admin()
    await admin.page.keyboard.press("q")
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    gone = dialog.get_by_role("button", name=f"Dismiss: Complaint · {name}")
    await gone.click()
    await expect(gone).to_have_count(0)
    await admin.page.reload()
    await admin.page.get_by_role("button", name="Ask").click()
    await expect(dialog.get_by_role("region", name="Soon, without a deposit")).to_contain_text(name)
    await expect(gone).to_have_count(0)


async def test_by_keys_alone(house: Place) -> None:
    name, ana = await somebody(house)
    admin: Admin = await house.admin()
    page = admin.page
    await expect(page.get_by_role("button", name="Ask").locator(".count")).to_be_visible()
    await press_open(page)
    dialog = page.get_by_role("dialog", name="Ask the assistant")
    await expect(dialog.get_by_label("Your question")).to_be_focused()
    await page.keyboard.type(f"find {name}")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("status")).to_contain_text("found")
    # What was found is a list of links, and the focus is back in the field.
    await expect(dialog.get_by_label("Your question")).to_be_focused()
    found = dialog.locator(f'a[href="#/c/{ana}"]').first
    await found.focus()
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("region", name=f"Conversation with {name}")).to_be_visible()
    # The answer stands while one looks at what was found; a letter opens the panel, and types nothing while somebody writes.
    await page.keyboard.press("q")
    await expect(dialog.get_by_role("status")).to_contain_text("found")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_of_the_open_conversation_nothing_is_done(house: Place) -> None:
    name, ana = await somebody(house)
    admin = await house.admin()
    await admin.open(str(ana))
    async with house.database() as database:
        before = (await World(database).state())["ops.booking"]
    await admin.page.keyboard.press("q")
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    await dialog.get_by_label("Your question").fill("Cancel the booking")
    await admin.page.keyboard.press("Enter")
    await expect(dialog.get_by_role("status")).to_contain_text("nothing was done")
    await dialog.get_by_role("button", name=f"Open {name} in the calendar").click()
    await expect(admin.page.get_by_role("complementary", name="Booking").get_by_role("heading", name=name)).to_be_visible()
    async with house.database() as database:
        assert (await World(database).state())["ops.booking"] == before


async def test_a_draft_is_begun_where_a_person_sends_it(house: Place) -> None:
    name, ana = await somebody(house)
    admin = await house.admin()
    await admin.open(str(ana))
    await admin.take()
    await admin.page.evaluate("location.hash = '#/handoffs'")
    await expect(admin.thread).to_have_count(0)
    await press_open(admin.page)
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    await dialog.get_by_label("Your question").fill(f"Reply to {name} that we are on it")
    await admin.page.keyboard.press("Enter")
    await dialog.get_by_role("button", name=f"Draft a reply to {name}", exact=True).click()
    await expect(admin.box).not_to_have_value("")
    await expect(admin.human).to_have_count(0)


async def test_the_gateway_does_not_answer(house: Place) -> None:
    admin = await house.admin()
    await admin.page.route("**/api/admin/assistant", lambda route: route.abort())
    await admin.page.keyboard.press("q")
    dialog = admin.page.get_by_role("dialog", name="Ask the assistant")
    await dialog.get_by_label("Your question").fill("What is on today?")
    await admin.page.keyboard.press("Enter")
    await expect(dialog.get_by_role("status")).to_contain_text("does not answer")
    await expect(dialog.get_by_label("Your question")).to_have_value("What is on today?")
    house.watched.faults.clear()  # the request that was lost
