"""The owner edits the business: a bad value is refused with words, a good one counts in the chat at once, an old version comes back."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from business.profile.loader import load_profile
from business.profile.versions import ProfileWriter, current
from tests.browser.look import Look
from tests.browser.people import until
from tests.browser.place import Place
from tests.rig.fleet import COLLEAGUE

pytestmark = pytest.mark.browser


async def business(place: Place, **options: object) -> Page:
    """The owner's page on the business."""
    admin = await place.admin(**options)
    await admin.page.evaluate("() => { location.hash = '#/settings/business' }")
    await expect(admin.page.get_by_role("heading", name="Business", level=1)).to_be_visible()
    return admin.page


def saved(page: Page, number: int) -> Locator:
    return page.get_by_text(f"Version {number} is saved and counts now.")


async def somebody_else_saves(place: Place, **prices: int) -> None:
    """Another colleague is faster."""
    async with place.database() as database:
        async with database.transaction() as connection:
            staff = await connection.scalar(text("SELECT id FROM core.staff WHERE email = :email"), {"email": COLLEAGUE})
            now = await current(connection)
        assert now is not None
        profile = now.profile.model_copy(update={"prices": now.profile.prices.model_copy(update=prices)})
        await ProfileWriter(database).save(profile, now.number, None, staff)


async def test_an_owner_edits_prices_and_hours(house: Place, tmp_path: Path) -> None:
    look = Look("light", False, tmp_path)
    customer = await house.customer()
    page = await business(house)
    adult, save = page.get_by_label("Per adult"), page.get_by_role("button", name="Save", exact=True)
    await expect(adult).to_have_value("55")
    await expect(save).to_be_disabled()
    await look.at(page, "business-form")

    await adult.fill("a lot")
    await expect(page.get_by_text("Write an amount like 55 or 55.50.").first).to_be_visible()
    await save.press("Enter")
    told = page.get_by_role("alert").filter(has_text="One thing keeps this from being saved")
    await expect(told).to_be_focused()
    await look.at(page, "business-refused")
    await told.get_by_role("button", name="Prices and minimums: Per adult").press("Enter")
    await expect(adult).to_be_focused()
    await adult.fill("61")
    await page.get_by_label("ZIP code").fill("9453")
    monday = page.get_by_label("Monday, to")
    await monday.fill("11:00")
    await expect(page.get_by_text("This ends before it begins.").first).to_be_visible()
    await save.click()
    told = page.get_by_role("alert").filter(has_text="2 things keep this from being saved")
    await expect(told).to_contain_text("a ZIP code has five digits")
    await expect(told).to_contain_text("The hours end before they begin")
    await page.get_by_label("ZIP code").fill("94538")
    await monday.fill("23:00")

    # Looked up elsewhere, nothing is lost.
    await page.evaluate("() => { location.hash = '#/' }")
    await expect(page.get_by_role("heading", name="Business", level=1)).to_have_count(0)
    await page.go_back()
    await expect(adult).to_have_value("61")
    await page.get_by_label("Note for the history").fill("Summer prices")
    await save.click()
    await expect(saved(page, 2)).to_be_visible()
    await customer.say("How much is it per adult?")
    assert "$61 per adult" in await customer.answered(1)

    await page.get_by_role("tab", name="Everything as text").click()
    box = page.get_by_label("The profile as text")
    written = await box.input_value()
    assert "adult_cents = 6100" in written and 'zip = "94538"' in written
    await box.fill(written.replace("adult_cents = 6100", "adult_cents = 61.5"))
    await save.click()
    line = 1 + written[: written.index("adult_cents = 6100")].count("\n")
    await page.get_by_role("button", name=f"Line {line}", exact=True).click()
    assert await box.evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)") == "adult_cents = 61.5"
    await look.at(page, "business-text")
    await box.fill(written.replace("deposit_cents = 10000", "deposit_cents = 15000"))
    await page.get_by_role("tab", name="Form").click()
    await expect(page.get_by_role("textbox", name="Deposit", exact=True)).to_have_value("150")
    await save.click()
    await expect(saved(page, 3)).to_be_visible()

    # Closed today and tomorrow, whatever the hour is now: the page that is open says when people are back.
    today = datetime.now(load_profile().business.zone).date()
    for number, day in enumerate((today, today + timedelta(days=1)), start=1):
        await page.get_by_role("button", name="Add a special day").click()
        await page.get_by_label(f"Special day {number}: date").fill(day.isoformat())
    await somebody_else_saves(house, child_cents=3300)
    await save.click()
    both = page.get_by_role("alert").filter(has_text="saved version 4 while you were editing")
    await expect(both).to_contain_text(re.compile(r"Per child\s*\$30\s*→\s*\$33"))
    await expect(both).to_contain_text(f"{today} closed")
    await until(lambda: house.watched.faults, page, "the refusal in the console's log")
    assert house.watched.faults == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]
    house.watched.faults.clear()
    await look.at(page, "business-both")
    await both.get_by_role("button", name="Put mine on top of theirs").click()
    await expect(page.get_by_role("textbox", name="Per child", exact=True)).to_have_value("33")
    await save.click()
    await expect(saved(page, 5)).to_be_visible()
    away = re.compile(r"Assistant now · people back at 12:00 PM on \w+day")
    await expect(customer.panel.get_by_text(away)).to_be_visible()
    await look.at(customer.page, "widget-away")

    await page.get_by_role("tab", name="History").click()
    second = page.get_by_role("listitem").filter(has=page.get_by_text("Version 2", exact=True))
    await expect(second).to_contain_text("Summer prices")
    await second.get_by_text("What changed").click()
    await expect(second).to_contain_text(re.compile(r"Per adult\s*\$55\s*→\s*\$61"))
    await expect(second).to_contain_text("Mon 12 PM to 11 PM")
    await look.at(page, "business-history")
    await page.get_by_role("button", name="Restore version 1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Restore", exact=True).click()
    await expect(page.get_by_text("Version 1 is restored, as version 6.")).to_be_visible()
    await customer.say("And now, per adult?")
    assert "$55 per adult" in await customer.answered(2)
    assert look.found == []


async def test_on_a_phone_in_the_dark(house: Place, tmp_path: Path) -> None:
    look = Look("dark", True, tmp_path)
    page = await business(house, scheme="dark", phone=True)
    await look.at(page, "business-form")
    await page.get_by_text("lobster tail", exact=True).click()
    await page.get_by_role("button", name="Add a special day").click()
    await page.locator("[data-path='menu.upgrades.3.price_cents']").fill("x")
    await page.get_by_text("lobster tail", exact=True).scroll_into_view_if_needed()
    await look.at(page, "business-menu")
    await page.get_by_role("tab", name="History").click()
    await look.at(page, "business-history")
    assert look.found == []
