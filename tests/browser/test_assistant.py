"""The assistant of the staff in the console: by keys alone, in four looks; what it found leads to its place, and nothing is done by it."""

from datetime import timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.agents.staff_world import PROFILE, World, at_venue
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Admin
from tests.browser.place import Place

pytestmark = pytest.mark.browser
STARTS = cycle(PROFILE.slots.times)
NAMES = iter(f"Ana {letter}" for letter in ("Prieto", "Quint", "Rojas", "Silva", "Torres", "Urban", "Vega", "Wong"))


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
    await dialog.get_by_role("button", name="Who has not paid?").click()
    await expect(dialog.get_by_role("status")).to_contain_text("without a deposit")
    await look.at(admin.page, "assistant-answer")
    await dialog.get_by_label("Your question").fill(f"Cancel {name}'s booking")
    await dialog.get_by_role("button", name="Ask", exact=True).click()
    await expect(dialog.get_by_role("button", name=f"Open {name} in the calendar", exact=True)).to_be_visible()
    await look.at(admin.page, "assistant-proposal")
    assert look.found == []


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
