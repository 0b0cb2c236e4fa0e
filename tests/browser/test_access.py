"""For everybody: every page in four looks (axe finds nothing, nothing sticks out, a picture is kept), and by keyboard alone."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.people import Customer, grows, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
LONG = "words-400+pace-40"
LOOKS: list[tuple[Scheme, bool]] = [("light", False), ("dark", False), ("light", True), ("dark", True)]


@pytest.mark.parametrize(("scheme", "phone"), LOOKS, ids=lambda value: {True: "phone", False: "wide"}.get(value, value))
async def test_every_page_in_every_look(place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    place.plan(LONG)
    look = Look(scheme, phone, tmp_path)
    page, _ = await (await place.window(scheme=scheme, phone=phone)).tab()
    await page.goto(f"{place.base}/console")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await look.at(page, "console-sign-in")

    customer = await place.customer(scheme=scheme, phone=phone)
    await look.at(customer.page, "widget-empty")
    admin = await place.admin(scheme=scheme, phone=phone)
    words = f"How does it look, {scheme} and {phone}?"
    await customer.say(words)
    await expect(admin.row(words)).to_be_visible()
    await look.at(admin.page, "console-inbox")
    await admin.choose(customer)
    await grows(admin.ai.last, admin.page)
    await look.at(admin.page, "console-streaming")
    await look.at(customer.page, "widget-streaming")
    await admin.thread.get_by_role("button", name="Take over").first.click()
    await expect(admin.owner).to_contain_text("You are answering")
    await admin.reply("A person is here.")
    await expect(customer.human.last).to_contain_text("A person is here.")
    await look.at(admin.page, "console-taken-over")
    await look.at(customer.page, "widget-person")
    assert look.found == []


@pytest.mark.parametrize(("scheme", "phone"), LOOKS[1:3], ids=["dark-wide", "light-phone"])
async def test_a_quote_of_the_house(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    """Without any model the house answers, with the figures of the business's own rules."""
    look = Look(scheme, phone, tmp_path)
    customer = await house.customer(scheme=scheme, phone=phone)
    await customer.panel.get_by_role("button", name="Get a price").click()
    await customer.answered(1)
    await customer.say("10 adults and 5 children, 35 miles away")
    answer = await customer.answered(2)
    # 10 x 55 + 5 x 30, and 2 for each mile beyond the 30 that are free.
    assert "Total: $710" in answer, answer
    await look.at(customer.page, "widget-quote")
    assert look.found == []


async def _tab_to(page: Page, name: str, presses: int = 40) -> None:
    """Press Tab until what has the focus is called so, also inside the shadow root."""
    for _ in range(presses):
        await page.keyboard.press("Tab")
        here = await page.evaluate(
            "() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
            " if (!e || e === document.body) return '';"
            " return e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.innerText }"
        )
        if name.lower() in " ".join(here.split()).lower():
            return
    raise AssertionError(f"Tab never reached {name!r}")


async def test_a_customer_needs_no_mouse(place: Place) -> None:
    place.plan(LONG)
    customer = await Customer.arrive(await place.window(), f"{place.base}/demo")
    page = customer.page
    await expect(page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()
    await _tab_to(page, "Open chat")
    await page.keyboard.press("Enter")
    await expect(customer.ai.first).to_be_visible()
    await expect(customer.box).to_be_focused()
    await page.keyboard.type("Only keys here")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("and a second line")
    await page.keyboard.press("Enter")
    await expect(customer.own.last).to_contain_text("Only keys here\nand a second line", use_inner_text=True)
    await grows(customer.reply, page)
    await _tab_to(page, "Stop the reply")
    await page.keyboard.press("Enter")
    await expect(customer.reply).to_contain_text("interrupted")
    # Where the stop button was, the focus is not lost to the page behind.
    await until(lambda: page.evaluate("document.activeElement?.shadowRoot !== null"), page, "the focus inside the chat")
    await page.keyboard.press("Escape")
    await expect(customer.panel).to_be_hidden()
    await expect(page.get_by_role("button", name="Open chat", exact=True)).to_be_focused()


async def test_an_admin_needs_no_mouse(place: Place) -> None:
    place.plan(LONG)
    customer, admin = await place.customer(), await place.admin()
    await customer.say("Is somebody there, without a mouse?")
    await expect(admin.row("without a mouse?")).to_be_visible()
    page = admin.page
    await _tab_to(page, "without a mouse?")
    await page.keyboard.press("Enter")
    await expect(admin.log).to_be_visible()
    await grows(admin.ai.last, page)
    await page.keyboard.press("t")
    await expect(admin.owner).to_contain_text("You are answering")
    await expect(admin.box).to_be_focused()
    await page.keyboard.type("Typed, not clicked: t is only a letter here.")
    await page.keyboard.press("Enter")
    await expect(customer.human.last).to_contain_text("Typed, not clicked: t is only a letter here.")
    await page.keyboard.press("Escape")
    await _tab_to(page, "Hand back")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Hand back")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()  # else the button behind it, of the same name, is found again
    await _tab_to(page, "Hand back")
    await page.keyboard.press("Enter")
    await expect(admin.owner).to_contain_text("AI is answering")
