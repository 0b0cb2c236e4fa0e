"""The live wall is looked into: by pointer, by keyboard, by finger, without leaving it; one key takes."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.look import Look
from tests.browser.people import Admin, Customer, grows
from tests.browser.place import Place

pytestmark = pytest.mark.browser
LONG = "words-400+pace-40"


async def _wall(place: Place, words: str, **options: bool) -> tuple[Customer, Admin, Locator]:
    """Somebody who is being answered, and the card of it."""
    customer, admin = await place.customer(), await place.admin(**options)
    await customer.say(words)
    await grows(customer.reply, customer.page)
    await admin.page.evaluate("() => { location.hash = '#/live' }")
    card = admin.page.locator(".live-card").filter(has_text=words)
    await expect(card).to_have_count(1)
    return customer, admin, card


def _lines(page: Page) -> Locator:
    return page.get_by_role("list", name="Last lines")


async def test_a_pointer_rests_and_t_takes_what_it_rests_on(place: Place, tmp_path: Path) -> None:
    place.plan(LONG)
    customer, admin, card = await _wall(place, "Is the wall to be looked into?")
    page = admin.page
    await expect(_lines(page)).to_have_count(0)
    await card.hover()
    peek = card.get_by_role("list", name="Last lines")
    await expect(peek).to_contain_text("Is the wall to be looked into?")
    # It goes on growing there.
    await grows(peek.locator(".peek-text.live"), page)
    await expect(admin.page).to_have_url(re.compile("#/live$"))
    look = Look("light", False, tmp_path)
    await look.at(page, "console-peek")
    assert look.found == []
    await page.keyboard.press("Escape")
    await expect(_lines(page)).to_have_count(0)
    await page.mouse.move(2, 2)
    await card.hover()
    await expect(peek).to_be_visible()
    await page.keyboard.press("t")
    await expect(admin.owner).to_contain_text("You are answering")
    await expect(customer.log).to_contain_text("Dana joined")
    await admin.hand_back()


async def test_the_focus_looks_and_leaves(place: Place) -> None:
    place.plan(LONG)
    _, admin, card = await _wall(place, "Without a mouse, on the wall?")
    page = admin.page
    await card.get_by_role("button").first.focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    await expect(card.get_by_role("list", name="Last lines")).to_contain_text("Without a mouse")
    await page.keyboard.press("Tab")
    await expect(card.get_by_role("button", name=re.compile("Take over"))).to_be_focused()
    await expect(card.get_by_role("list", name="Last lines")).to_be_visible()
    await page.keyboard.press("t")
    await expect(admin.owner).to_contain_text("You are answering")
    await admin.hand_back()


async def test_a_finger_looks_first_and_takes_with_a_button(place: Place, tmp_path: Path) -> None:
    place.plan(LONG)
    customer, admin, card = await _wall(place, "Under a finger, on the wall?", phone=True)
    page = admin.page
    await card.get_by_role("button").first.tap()
    sheet = page.get_by_role("dialog")
    await expect(sheet).to_contain_text("Under a finger")
    await expect(page).to_have_url(re.compile("#/live$"))
    look = Look("light", True, tmp_path)
    await look.at(page, "console-peek-phone")
    assert look.found == []
    await sheet.get_by_role("button", name="Take over").tap()
    await expect(admin.owner).to_contain_text("You are answering")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(customer.log).to_contain_text("Dana joined")
    await admin.hand_back()
