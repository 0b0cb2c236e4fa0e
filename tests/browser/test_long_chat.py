"""A talk that never ended: reading back keeps the reader's place, and what is out of sight costs nothing."""

import pytest
from playwright.async_api import expect

from tests.bench.crowd import Crowd
from tests.browser.people import Customer, grows, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
# Half a pixel of a line that is drawn anew.
STILL = 2
_LOG = "const log = document.documentElement.lastElementChild.shadowRoot.querySelector('.log')"
# The first message that is wholly to be seen: its words, and how far from the log's top it stands.
_FIRST = f"""() => {{
  {_LOG}
  const top = log.getBoundingClientRect().top
  const bubble = [...log.querySelectorAll('.bubble')].find(b => b.textContent.includes('No. ') && b.getBoundingClientRect().top >= top)
  return [bubble.textContent.slice(0, 12), bubble.getBoundingClientRect().top - top]
}}"""
_HELD = f"""() => {{
  {_LOG}
  return [...log.querySelectorAll('.bubble')].filter(b => b.textContent.includes('No. ')).length
}}"""

# A frame, and the next: what came into sight is measured then, where its height was a guess before.
_DRAWN_ANEW = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Which stretches of the log the browser draws.
_DRAWN = f"""() => {{
  {_LOG}
  const drawn = stretch => stretch.firstElementChild.checkVisibility({{ contentVisibilityAuto: true }})
  return [...log.querySelectorAll('.stretch')].map(drawn)
}}"""


async def test_read_back_and_answered(place: Place) -> None:
    crowd = await Crowd.of(place.fleet.database_url)
    conversation, token = await crowd.thread(404)
    await crowd.close()
    customer = await Customer.arrive(await place.window(), f"{place.base}/demo")
    page = customer.page
    await page.evaluate("token => localStorage.setItem('hibachi:demo:token', token)", token)
    await customer.open()
    await expect(customer.ai.last).to_contain_text("No. 404")
    await expect(customer.ai.last).to_be_in_viewport()
    earlier = customer.panel.get_by_role("button", name="Earlier messages")
    for from_top in (0, 40, 0):
        held = await page.evaluate(_HELD)
        await page.evaluate(f"top => {{ {_LOG}; log.scrollTop = top }}", from_top)
        await page.evaluate(_DRAWN_ANEW)
        before = await page.evaluate(_FIRST)
        await earlier.click()
        await until(lambda held=held: _more(customer, held), page, "older messages")
        await page.evaluate(_DRAWN_ANEW)
        words, where = await page.evaluate(_FIRST)
        assert words == before[0] and abs(where - before[1]) <= STILL, (before, words, where)
    assert False in await page.evaluate(_DRAWN)

    # A reply that grows at the end touches nothing of what is settled.
    await customer.panel.get_by_role("button", name="Latest").click()
    await expect(customer.ai.last).to_be_in_viewport()
    await page.evaluate(
        f"""() => {{
          {_LOG}
          window.__touched = 0
          const settled = [...log.querySelectorAll('.stretch')].slice(0, -1)
          const watch = new MutationObserver(list => {{ window.__touched += list.length }})
          for (const s of settled) watch.observe(s, {{ subtree: true, childList: true, attributes: true, characterData: true }})
        }}"""
    )
    place.plan("words-60+pace-20")
    await customer.say("And how do we pay?")
    await grows(customer.reply, page)
    await customer.answered(1)
    await expect(customer.reply).to_be_in_viewport()
    assert await page.evaluate("window.__touched") == 0
    assert str(conversation) == customer.wire.conversation


async def _more(customer: Customer, held: int) -> bool:
    return bool(await customer.page.evaluate(_HELD) > held)
