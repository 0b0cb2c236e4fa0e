"""For everybody: every page in four looks (axe finds nothing, nothing sticks out, a picture is kept), and by keyboard alone."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import writing
from kernel.wire.cards import Card, CardAction, CardLine
from kernel.wire.server import CardEvent
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.people import Admin, Customer, grows, until
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
    """From the sign-in form to a resolved conversation."""
    place.plan(LONG)
    customer = await place.customer()
    await customer.say("Is somebody there, without a mouse?")
    window = await place.window()
    page, wire = await window.tab()
    await page.goto(f"{place.base}/console")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    email, password = place.owner
    await _tab_to(page, "E-mail")
    await page.keyboard.type(email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")
    admin = Admin(window, page, wire)
    await expect(admin.row("without a mouse?")).to_be_visible()
    await _tab_to(page, "without a mouse?")
    await page.keyboard.press("Enter")
    await expect(admin.log).to_be_visible()
    await expect(admin.ai.last).to_be_visible()
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
    await page.keyboard.press("e")
    await expect(admin.owner).to_contain_text("Resolved")
    await expect(customer.log).to_contain_text("This chat was closed")


async def test_every_corner_of_the_console(place: Place, tmp_path: Path) -> None:
    """Dialogs, bar, menus, wall, lists with nothing in them, no network; in the dark, and nothing moves for whoever wants it so."""
    place.watched.lossy = True
    place.plan(LONG)
    look = Look("dark", False, tmp_path)
    customer = await place.customer()
    admin = await place.admin(scheme="dark", reduced_motion="reduce")
    page = admin.page
    await customer.say("What is in the corners?")
    await expect(admin.row("in the corners?")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await look.at(page, "console-keys")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("nothing is called like this")
    await look.at(page, "console-palette")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_have_count(0)
    await page.keyboard.press("/")
    await page.keyboard.type("xyzzy plugh")
    await expect(admin.inbox).to_contain_text("Nothing found for")
    await look.at(page, "console-found-nothing")
    await page.keyboard.press("Escape")
    for place_of in ("live", "handoffs"):
        await page.evaluate("where => { location.hash = `#/${where}` }", place_of)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await look.at(page, f"console-{place_of}")
    await admin.open(customer.wire.conversation)
    await admin.take()
    await page.get_by_role("button", name="Note").first.click()
    await look.at(page, "console-note")
    await page.get_by_role("button", name="Reply").first.click()
    await admin.box.fill("/")
    await look.at(page, "console-saved-replies")
    await admin.box.fill("")
    await page.get_by_role("button", name="Hand back").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await look.at(page, "console-hand-back")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0
    await admin.window.context.set_offline(True)
    await expect(page.get_by_text("No connection.")).to_be_visible()
    await look.at(page, "console-offline")
    await admin.window.context.set_offline(False)
    await expect(page.get_by_text("No connection.")).to_have_count(0)
    await page.get_by_role("button", name="Resolve", exact=True).click()
    await expect(admin.owner).to_contain_text("Resolved")
    await look.at(page, "console-resolved")
    assert look.found == []


# The page is in Spanish before any script of it runs: the chat opens by itself where it was open before.
SPANISH_PAGE = """new MutationObserver((_, observer) => {
  if (document.documentElement) {
    document.documentElement.lang = 'es'
    observer.disconnect()
  }
}).observe(document, { childList: true })"""


async def test_every_corner_of_the_chat_in_spanish(place: Place, tmp_path: Path) -> None:
    """Closed, without a network, with a card, and to be rated."""
    place.watched.lossy = True
    place.plan("words-8")
    look = Look("light", True, tmp_path)
    window = await place.window(phone=True, locale="es-MX", reduced_motion="reduce")
    await window.context.add_init_script(SPANISH_PAGE)
    customer = await Customer.arrive(window, f"{place.base}/demo?lang=es")
    page = customer.page
    await look.at(page, "spanish-launcher")
    await page.get_by_role("button", name=re.compile("^(Open chat|Abrir el chat)$")).click()
    log = page.get_by_role("log")
    await expect(log).to_be_visible()
    await look.at(page, "spanish-empty")
    box = page.get_by_role("textbox")
    await box.fill("¿Hay alguien?")
    await box.press("Enter")
    await until(lambda: customer.wire.events("reply_finished"), page, "the answer")
    conversation = UUID(customer.wire.conversation)
    async with place.database() as database:
        await database.unit(lambda c: _card(c, conversation))
    await page.reload()
    await expect(log.locator(".card")).to_contain_text("Presupuesto")
    await expect(page.get_by_role("button", name="Hablar con una persona")).to_be_visible()
    await look.at(page, "spanish-card")
    await window.context.set_offline(True)
    await expect(page.get_by_text("Sin conexión")).to_be_visible()
    await look.at(page, "spanish-offline")
    await window.context.set_offline(False)
    await expect(page.get_by_text("Sin conexión")).to_have_count(0)
    admin = await place.admin()
    await admin.open(str(conversation))
    await expect(admin.log.locator(".offer")).to_contain_text("$690")
    await admin.page.get_by_role("button", name="Resolve", exact=True).click()
    await expect(log).to_contain_text("Este chat se cerró")
    await look.at(page, "spanish-closed")
    assert look.found == []


async def _card(connection: AsyncConnection, conversation: UUID) -> None:
    async with writing(connection, conversation) as log:
        lines = [CardLine(label="Comida", value="$660"), CardLine(label="Viaje", value="$30")]
        action = CardAction(label="Apartar el sábado a las 6", say="Apártalo, por favor")
        log.add(
            CardEvent(
                card=Card(id="1", type="quote", state="open", version=1, title="Presupuesto", lines=lines, total="$690", action=action)
            )
        )
