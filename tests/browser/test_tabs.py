"""A browser's tabs: one socket for all of them, whose end nobody notices."""

import time

import jwt
import pytest
from playwright.async_api import expect

from business.sites.service import SiteService
from tests.browser.people import Customer, grows, text_of, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser


async def _next_tab(customer: Customer, address: str) -> Customer:
    page, wire = await customer.window.tab()
    await page.goto(address)
    return await Customer(customer.window, page, wire).open()


async def test_tabs_share_a_socket_and_outlive_each_other(place: Place) -> None:
    place.plan("words-160+pace-40", "words-8")
    first = await place.customer()
    await first.say("Two of us look at this")
    await grows(first.reply, first.page)
    second = await _next_tab(first, f"{place.base}/demo")
    for customer in (first, second):
        await grows(customer.reply, customer.page)
    assert (first.wire.opened, second.wire.opened) == (1, 0)
    before = await text_of(second.reply)
    # The one with the socket goes in mid-reply, and the other writes before it can know.
    await first.page.close()
    await second.say("Sent into the gap")
    assert len(await grows(second.reply, second.page, beyond=len(before))) > len(before)
    await until(lambda: len(second.wire.events("reply_finished")) == 2, second.page, "the end of both replies")
    long, short = place.answers("Two of us look at this", "Sent into the gap")
    await expect(second.reply).to_have_text(short)
    assert await second.own.all_inner_texts() == ["Two of us look at this", "Sent into the gap"]
    assert [await text_of(bubble) for bubble in (await second.ai.all())[1:]] == [long, short]
    assert second.wire.opened == 1
    # A third one joins it, and what either writes is heard by both, over that socket alone.
    place.plan("words-8")
    third = await _next_tab(second, f"{place.base}/demo")
    await third.say("And one from the third")
    for customer in (second, third):
        await expect(customer.own.last).to_have_text("And one from the third")
        await expect(customer.ai).to_have_count(4)
    assert (second.wire.opened, third.wire.opened) == (1, 0)
    assert len({body["id"] for body in second.wire.sent("message")}) == 2


async def test_signing_out_reaches_every_tab(place: Place) -> None:
    place.plan("words-8", "words-8")
    async with place.database() as database:
        (secret,) = [site.identity_secret for site in await SiteService(database).list() if site.key == "demo"]
    who = jwt.encode({"sub": "anna", "name": "Anna", "exp": int(time.time()) + 3600}, secret, algorithm="HS256")
    first = await Customer.arrive(await place.window(), f"{place.base}/demo")
    await first.page.evaluate("who => Hibachi.identify(who)", who)
    await first.open()
    await first.say("Anna asks for her order")
    await first.answered(1)
    second = await _next_tab(first, f"{place.base}/demo")
    await expect(second.own).to_have_text("Anna asks for her order")
    # A page on which nobody opened the chat says that she is gone.
    away, _ = await first.window.tab()
    await away.goto(f"{place.base}/demo")
    await away.evaluate("Hibachi.identify(null)")
    for customer in (first, second):
        await expect(customer.own).to_have_count(0)
        await expect(customer.ai).to_have_count(1)
    await second.say("Somebody else is here")
    await expect(first.own).to_have_text("Somebody else is here")
    await expect(first.ai).to_have_count(2)
    conversations = [ready["conversation"]["id"] for side in (first, second) for ready in side.wire.received("ready")]
    assert len(set(conversations)) >= 2
    assert "Anna" not in str(await second.page.evaluate("Object.entries(localStorage)"))
