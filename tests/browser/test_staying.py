"""Nothing lost, nothing doubled, as the customer sees it: reload, a dead gateway, no network, in mid-answer and while writing."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.chromium import frozen
from tests.browser.people import Customer, grows, shown, text_of, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser


async def _texts(customer: Customer) -> tuple[list[str], list[str]]:
    """What the customer said and what the assistant answered, as it stands there; the greeting is no answer."""
    said = await customer.own.all_inner_texts()
    answers = [await text_of(bubble) for bubble in (await customer.ai.all())[1:]]
    return said, answers


async def _written(customer: Customer, text: str) -> None:
    """Wait until the whole answer stands there."""

    async def whole() -> bool:
        return await text_of(customer.reply) == text

    await until(whole, customer.page, f"the whole answer {text!r}")


async def test_a_reload_in_mid_answer(place: Place) -> None:
    place.plan("words-100+pace-40")
    customer = await place.customer()
    await customer.say("Tell me about the evening")
    before = await grows(customer.reply, customer.page)
    await customer.page.reload()
    await customer.open()
    assert await grows(customer.reply, customer.page, beyond=len(before))
    (call,) = place.calls[-1:]
    await _written(customer, shown(call))
    assert await _texts(customer) == (["Tell me about the evening"], [shown(call)])
    # The same words again from the log alone, and nothing was asked of the model twice.
    await customer.page.reload()
    await customer.open()
    await _written(customer, shown(call))
    assert await _texts(customer) == (["Tell me about the evening"], [shown(call)])
    assert place.calls[-1] is call


async def test_a_gateway_killed_in_mid_answer(place: Place) -> None:
    place.watched.lossy = True
    place.plan("words-200+pace-40", "words-30+pace-10")
    customer, admin = await place.customer(), await place.admin()
    await customer.say("Does this survive?")
    await admin.choose(customer)
    await grows(customer.reply, customer.page)
    first = place.calls[-1]
    await place.restart()
    # Whose gateway died is answered anew, once its lease is over.
    await until(lambda: place.calls[-1] is not first, customer.page, "the second attempt", within_ms=40_000)
    await until(lambda: place.calls[-1].end == "complete", customer.page, "its end")
    for side in (customer, admin):
        await expect(side.ai.last).to_contain_text(shown(place.calls[-1]), timeout=40_000)
    assert await _texts(customer) == (["Does this survive?"], [shown(place.calls[-1])])
    assert await admin.ai.count() == 1


async def test_no_network_in_mid_answer_and_while_writing(place: Place) -> None:
    place.watched.lossy = True
    place.plan("words-100+pace-40", "words-8")
    customer = await place.customer()
    await customer.say("Tell me about the evening")
    before = await grows(customer.reply, customer.page)
    await customer.window.context.set_offline(True)
    await customer.say("Written while nobody was there")
    await expect(customer.log).to_contain_text("We’ll send this when you’re back")
    await expect(customer.panel).to_contain_text("No connection. You can keep writing")
    await expect(customer.log.get_by_text("We’ll send this when you’re back")).to_be_in_viewport(ratio=1)
    assert (await text_of(customer.reply)).startswith(before)
    await customer.window.context.set_offline(False)
    await customer.answered(2)
    said, answers = await _texts(customer)
    assert said == ["Tell me about the evening", "Written while nobody was there"]
    assert answers == place.answers(*said)
    assert len({body["id"] for body in customer.wire.sent("message")}) == 2


async def test_a_message_kept_through_a_reload(place: Place) -> None:
    """The gateway hangs, the customer writes, the tab is closed before it answers."""
    place.watched.lossy = True
    place.plan("words-8", "words-8")
    customer = await place.customer()
    await customer.say("Hello there")
    await customer.answered(1)
    place.gateway.freeze()
    try:
        await customer.say("Do you come to Oakland?")
        await customer.page.close()
    finally:
        place.gateway.thaw()
    page, wire = await customer.window.tab()
    await page.goto(f"{place.base}/demo")
    again = await Customer(customer.window, page, wire).open()
    await expect(again.own.last).to_have_text("Do you come to Oakland?")
    await again.answered(2)
    said, answers = await _texts(again)
    assert said == ["Hello there", "Do you come to Oakland?"]
    assert answers == place.answers(*said)


BANNER = "No connection"
# The machine's clock as a page reads it, an hour off; timers go on as they do.
WRONG_CLOCK = """(() => {
  const off = HOURS * 3600e3, Real = Date
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + off) }
    static now() { return Real.now() + off }
  }
  Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + off })
})()"""


async def test_a_slow_line_a_nap_and_a_wrong_clock(place: Place) -> None:
    """No banner that lies, nothing lost, nothing twice; and whoever waits a moment has not waited for an hour."""
    place.watched.lossy = True
    place.plan("words-60+pace-20")
    customer, admin = await place.customer(), await place.admin()
    line = await customer.page.context.new_cdp_session(customer.page)
    await line.send("Network.enable")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    await line.send("Network.emulateNetworkConditions", slow)
    await customer.page.reload()
    await customer.open()
    await customer.say("Is the line good enough?")
    await customer.answered(1)
    await _written(customer, shown(place.calls[-1]))
    assert await _texts(customer) == (["Is the line good enough?"], [shown(place.calls[-1])])
    await expect(customer.panel.get_by_text(BANNER)).to_have_count(0)

    await admin.choose(customer)
    await admin.take()
    async with frozen(customer.page):
        await admin.reply("Said while you slept")
        await until(lambda: [e for e in admin.wire.events("message") if e["message"]["text"] == "Said while you slept"], admin.page, "it")
    await expect(customer.human).to_have_text(["Said while you slept"])
    await customer.say("Good morning")
    await expect(admin.customer_said.last).to_have_text("Good morning")
    await expect(customer.panel.get_by_text(BANNER)).to_have_count(0)
    assert len({body["id"] for body in customer.wire.sent("message")}) == 2

    for hours in (1, -1):
        other = await place.admin()
        await other.window.context.add_init_script(WRONG_CLOCK.replace("HOURS", str(hours)))
        await other.page.reload()
        await expect(other.row_of(customer).locator("time")).to_have_text(re.compile("^(now|1m)$"))
        await other.open(customer.wire.conversation)
        await other.reply(f"The clock is {hours} off")
        await expect(customer.human.last).to_have_text(f"The clock is {hours} off")
        await expect(other.page.get_by_text(BANNER)).to_have_count(0)
        await customer.say(f"And mine is right, {hours}")
        await expect(other.customer_said.last).to_have_text(f"And mine is right, {hours}")
    assert await customer.human.all_inner_texts() == ["Said while you slept", "The clock is 1 off", "The clock is -1 off"]
    await admin.hand_back()
