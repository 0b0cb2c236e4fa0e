"""A page that a browser freezes, or keeps aside while somebody is elsewhere: nothing is lost, nothing comes twice, no banner lies."""

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser.chromium import ARGUMENTS, Window, executable, frozen
from tests.browser.people import Customer, grows, shown, text_of, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
# Every banner that was ever there.
WATCHED = """(() => {
  window.__banners = []
  const attach = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options)
    const look = () => root.querySelectorAll('.banner').forEach(b => window.__banners.push(b.textContent))
    new MutationObserver(look).observe(root, { subtree: true, childList: true })
    return root
  }
  addEventListener('pageshow', e => { window.__kept = e.persisted })
})()"""

# Whatever was to be drawn, and the timers that were due, have had their turn.
DRAWN = "new Promise(done => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(done)))))"


async def _watched(place: Place) -> Customer:
    window = await place.window()
    await window.context.add_init_script(WATCHED)
    return await (await Customer.arrive(window, f"{place.base}/demo")).open()


async def _banners(customer: Customer) -> list[str]:
    return list(await customer.page.evaluate("window.__banners"))


async def test_a_reply_that_ends_while_the_tab_isfrozen(place: Place) -> None:
    """The tab sleeps longer than anybody waits for a banner, and is awake before the gateway answers it."""
    place.plan("words-350+pace-20", "words-8")
    customer = await _watched(place)
    await customer.say("Tell me about the evening")
    before = await grows(customer.reply, customer.page)
    async with frozen(customer.page):
        await until(lambda: place.calls[-1].end == "complete", customer.page, "the end of the reply")
        place.gateway.freeze()
    try:
        await until(lambda: customer.wire.opened == 2, customer.page, "another attempt")
        await customer.page.evaluate(DRAWN)
        # It was a long time without a connection, but nobody has waited for one.
        assert await _banners(customer) == []
        assert (await text_of(customer.reply)).startswith(before)
    finally:
        place.gateway.thaw()
    await expect(customer.reply).to_have_text(shown(place.calls[-1]))
    await customer.say("Good morning")
    await expect(customer.ai).to_have_count(3)
    await expect(customer.reply).to_have_text(shown(place.calls[-1]))
    assert await customer.own.all_inner_texts() == ["Tell me about the evening", "Good morning"]
    assert len({body["id"] for body in customer.wire.sent("message")}) == 2
    assert await _banners(customer) == []


async def test_a_message_that_was_on_its_way_into_the_frost(place: Place) -> None:
    """The gateway hangs, the customer writes, the tab freezes, the gateway is back, and then so is the customer."""
    place.plan("words-8")
    customer = await _watched(place)
    place.gateway.freeze()
    try:
        await customer.say("Sent into the frost")
        async with frozen(customer.page):
            place.gateway.thaw()
    finally:
        place.gateway.thaw()
    await expect(customer.ai).to_have_count(2)
    await expect(customer.reply).to_have_text(shown(place.calls[-1]))
    assert await customer.own.all_inner_texts() == ["Sent into the frost"]
    assert await _banners(customer) == []


async def test_a_frozen_tab_with_no_network_says_so_once_it_is_awake(place: Place) -> None:
    place.watched.lossy = True
    place.plan("words-8")
    customer = await _watched(place)
    async with frozen(customer.page):
        await customer.window.context.set_offline(True)
    await expect(customer.panel).to_contain_text("No connection. You can keep writing")
    await customer.box.fill("Written without a network")
    await customer.box.press("Enter")
    await customer.window.context.set_offline(False)
    await expect(customer.ai).to_have_count(2)
    assert await customer.own.all_inner_texts() == ["Written without a network"]
    await expect(customer.panel.get_by_text("No connection")).to_have_count(0)


async def test_the_other_tab_carries_on(place: Place) -> None:
    """The tab that has the connection for both is frozen in mid-reply."""
    place.plan("words-120+pace-20", "words-8")
    first = await _watched(place)
    await first.say("Two of us look at this")
    await grows(first.reply, first.page)
    page, wire = await first.window.tab()
    await page.goto(f"{place.base}/demo")
    second = await Customer(first.window, page, wire).open()
    before = await grows(second.reply, second.page)
    async with frozen(first.page):
        await grows(second.reply, second.page, beyond=len(before))
        await second.say("Said in the other one")
        await expect(second.ai).to_have_count(3)
        await until(lambda: place.calls[-1].end == "complete", second.page, "the second reply")
    long, short = place.answers("Two of us look at this", "Said in the other one")
    for customer in (first, second):
        await expect(customer.ai.last).to_have_text(short)
        assert [await text_of(bubble) for bubble in (await customer.ai.all())[1:]] == [long, short]
        assert await customer.own.all_inner_texts() == ["Two of us look at this", "Said in the other one"]
        assert await _banners(customer) == []


async def test_away_and_back_to_a_page_that_the_browser_kept(place: Place) -> None:
    """Back and forward bring the very page that was left, with everything in it as it was."""
    place.plan("words-60+pace-20", "words-8")
    async with async_playwright() as playwright:
        keeping = await playwright.chromium.launch(
            executable_path=executable(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        window = await Window.open(keeping, place.watched)
        await window.context.add_init_script(WATCHED)
        customer = await (await Customer.arrive(window, f"{place.base}/demo")).open()
        await customer.say("Tell me about the evening")
        await grows(customer.reply, customer.page)
        await customer.box.fill("And while I am away")
        await customer.page.goto(f"{place.base}/console")
        await until(lambda: place.calls[-1].end == "complete", customer.page, "the end of the reply")
        await customer.page.go_back(wait_until="commit")
        assert await customer.page.evaluate("window.__kept"), "the browser did not keep the page"
        await expect(customer.reply).to_have_text(shown(place.calls[-1]))
        await expect(customer.box).to_have_value("And while I am away")
        await customer.box.press("Enter")
        await expect(customer.ai).to_have_count(3)
        assert await customer.own.all_inner_texts() == ["Tell me about the evening", "And while I am away"]
        assert await _banners(customer) == []
        await keeping.close()
