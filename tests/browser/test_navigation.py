"""From page to page of a site: the chat stands as it stood, and what was being written is there for its writer and for nobody else."""

import time

import jwt
import pytest
from playwright.async_api import expect

from business.sites.service import SiteService
from tests.browser.people import Customer
from tests.browser.place import Place

pytestmark = pytest.mark.browser
BEGUN = "We are twelve, on Saturday, and"
# Browsers that keep nothing throw as soon as a page asks for the storage.
FORBIDDEN = """for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })"""


async def _next_page(customer: Customer, place: Place, page: str = "menu") -> None:
    await customer.page.goto(f"{place.base}/demo?{page}")


async def _another_tab(customer: Customer, place: Place) -> Customer:
    page, wire = await customer.window.tab()
    await page.goto(f"{place.base}/demo")
    return Customer(customer.window, page, wire)


async def _identity(place: Place, name: str) -> str:
    async with place.database() as database:
        (secret,) = [site.identity_secret for site in await SiteService(database).list() if site.key == "demo"]
    return jwt.encode({"sub": f"{name}-navigates", "name": name, "exp": int(time.time()) + 3600}, secret, algorithm="HS256")


async def _known(customer: Customer) -> None:
    """Wait until the page knows whose conversation it is, which is when it greets, and when what was kept may be shown."""
    await expect(customer.ai.first).to_be_visible()


async def test_an_open_chat_and_a_draft_go_along(place: Place) -> None:
    customer = await place.customer()
    await customer.box.fill(BEGUN)
    await _next_page(customer, place)
    await expect(customer.panel).to_be_visible()
    await expect(customer.box).to_have_value(BEGUN)
    # It opened by itself: whoever reads the page keeps the place where they are.
    assert await customer.page.evaluate("document.activeElement === document.body")
    await customer.box.press("End")
    await customer.page.keyboard.type(" bring two kids")
    await customer.page.reload()
    await expect(customer.box).to_have_value(f"{BEGUN} bring two kids")
    await customer.page.keyboard.press("Tab")
    # Closed, it stays closed on the next page, and what was begun waits inside.
    await customer.panel.get_by_role("button", name="Close chat").click()
    await _next_page(customer, place, "dates")
    await expect(customer.page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()
    await expect(customer.panel).to_have_count(0)
    await customer.open()
    await expect(customer.box).to_have_value(f"{BEGUN} bring two kids")
    place.plan("words-8")
    await customer.box.press("Enter")
    await expect(customer.own.last).to_have_text(f"{BEGUN} bring two kids")
    await customer.answered(1)
    await _next_page(customer, place)
    await _known(customer)
    await expect(customer.own.last).to_have_text(f"{BEGUN} bring two kids")
    await expect(customer.box).to_have_value("")


async def test_each_tab_has_a_draft_of_its_own(place: Place) -> None:
    first = await place.customer()
    await first.box.fill(BEGUN)
    second = await _another_tab(first, place)
    await expect(second.page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()
    await second.open()
    await expect(second.box).to_have_value("")
    await second.box.fill("Do you cook outside?")
    for customer, words in ((first, BEGUN), (second, "Do you cook outside?")):
        await customer.page.reload()
        await expect(customer.box).to_have_value(words)


async def test_nobody_reads_what_another_began(place: Place) -> None:
    anna, ben = [await _identity(place, name) for name in ("Anna", "Ben")]
    customer = await Customer.arrive(await place.window(), f"{place.base}/demo")
    await customer.page.evaluate("who => Hibachi.identify(who)", anna)
    await customer.open()
    await customer.box.fill("Anna's card is")
    asleep = await _another_tab(customer, place)
    await asleep.page.evaluate("who => Hibachi.identify(who)", anna)
    await asleep.open()
    await asleep.box.fill("Anna lives in")
    await asleep.panel.get_by_role("button", name="Close chat").click()
    await asleep.page.goto("about:blank")
    # On the next page it is Ben; the page tells before the chat is there, as a page does.
    await customer.page.add_init_script(
        f"document.addEventListener('load', e => e.target.dataset?.site && Hibachi.identify('{ben}'), true)"
    )
    await _next_page(customer, place)
    await _known(customer)
    await expect(customer.box).to_have_value("")
    assert "Anna" not in await customer.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    await customer.box.fill("Ben's words")
    await customer.page.evaluate("Hibachi.identify(null)")
    await expect(customer.box).to_have_value("")
    # A tab of Anna's that slept through all that: whoever opens the chat there now does not read hers.
    await asleep.page.goto(f"{place.base}/demo")
    await asleep.open()
    await _known(asleep)
    await expect(asleep.box).to_have_value("")
    assert "Anna" not in await asleep.page.evaluate("JSON.stringify({ ...sessionStorage })")


async def test_a_page_that_signs_out_before_the_chat_is_opened_forgets_the_draft(place: Place) -> None:
    anna = await _identity(place, "Anna")
    customer = await Customer.arrive(await place.window(), f"{place.base}/demo")
    await customer.page.evaluate("who => Hibachi.identify(who)", anna)
    await customer.open()
    await customer.box.fill("Anna's card is")
    await customer.panel.get_by_role("button", name="Close chat").click()
    await _next_page(customer, place)
    await customer.page.wait_for_function("window.Hibachi")
    await customer.page.evaluate("Hibachi.identify(null)")
    assert await customer.page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)].flat()") == []


async def test_a_browser_that_keeps_nothing_chats_all_the_same(place: Place) -> None:
    place.plan("words-8")
    window = await place.window()
    await window.context.add_init_script(FORBIDDEN)
    customer = await (await Customer.arrive(window, f"{place.base}/demo")).open()
    await customer.page.evaluate("Hibachi.identify(null)")
    await customer.say("Is anything kept here?")
    await customer.answered(1)
    await customer.box.fill(BEGUN)
    await _next_page(customer, place)
    await expect(customer.page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()
    await customer.open()
    await expect(customer.own).to_have_count(0)
    await expect(customer.box).to_have_value("")
