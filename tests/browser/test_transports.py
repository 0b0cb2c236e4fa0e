"""Where a network lets no WebSocket through, the chat goes over plain requests, and nobody notices."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Customer, grows, shown, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
# A proxy that knows nothing of upgrades answers them with an error; here it is an address that takes none.
NO_UPGRADES = """window.WebSocket = class extends WebSocket {
  constructor(address) { super(address.replace('/socket.io/', '/no/such/')) }
}"""


async def test_words_stream_over_plain_requests(place: Place) -> None:
    place.watched.lossy = True
    place.plan("words-60+pace-20", "words-8")
    window = await place.window()
    await window.context.add_init_script(NO_UPGRADES)
    customer = await (await Customer.arrive(window, f"{place.base}/demo")).open()
    await customer.say("Is there another way?")
    before = await grows(customer.reply, customer.page)
    assert len(await grows(customer.reply, customer.page, beyond=len(before))) < len(place.calls[-1].plan)
    await expect(customer.reply).to_have_text(shown(place.calls[-1]))
    await customer.say("And back?")
    await expect(customer.ai).to_have_count(3)
    await until(lambda: place.calls[-1].end == "complete", customer.page, "the second reply")
    await expect(customer.reply).to_have_text(shown(place.calls[-1]))
    assert await customer.own.all_inner_texts() == ["Is there another way?", "And back?"]
    # A cut is healed here as well, and what was said meanwhile is there once.
    place.plan("words-8")
    await window.context.set_offline(True)
    await customer.say("Written without a network")
    await window.context.set_offline(False)
    await expect(customer.ai).to_have_count(4)
    assert await customer.own.all_inner_texts() == ["Is there another way?", "And back?", "Written without a network"]
