"""Reading back in a long thread: what is read stays where it is, little of it is in the page, and the end is found again."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.bench.crowd import Crowd
from tests.browser.people import Admin, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
MESSAGES = 400
# A scroll event comes with the next frame, before its callbacks.
_SCROLL = """async ([unit, to]) => {
  const log = document.querySelector('.log')
  log.scrollTop = unit === 'share' ? to * log.scrollHeight : to
  await new Promise(requestAnimationFrame)
}"""
# The numbers of the messages in the page, from top to bottom.
_NUMBERS = "() => [...document.querySelectorAll('.log .bubble')].map(b => Number(/No\\. (\\d+):/.exec(b.textContent)?.[1] ?? 0))"
# The first message in sight: its number, and where its top is.
_READ = """() => {
  const edge = document.querySelector('.log').getBoundingClientRect().top
  const bubble = [...document.querySelectorAll('.log .bubble')].find(b => b.getBoundingClientRect().top >= edge)
  return [Number(/No\\. (\\d+):/.exec(bubble.textContent)[1]), Math.round(bubble.getBoundingClientRect().top)]
}"""
_TOP_OF = """number => {
  const bubble = [...document.querySelectorAll('.log .bubble')].find(b => b.textContent.includes(`No. ${number}:`))
  return bubble ? Math.round(bubble.getBoundingClientRect().top) : null
}"""


@pytest.fixture
async def reader(place: Place) -> AsyncIterator[Admin]:
    crowd = await Crowd.of(place.fleet.database_url.replace("+asyncpg", ""))
    try:
        conversation, _ = await crowd.thread(MESSAGES)
    finally:
        await crowd.close()
    admin = await place.admin()
    await admin.open(str(conversation))
    await expect(admin.log).to_contain_text(f"No. {MESSAGES}:")
    yield admin


async def _to(page: Page, share: float) -> None:
    """To a share of the whole height; drawn when this returns."""
    await page.evaluate(_SCROLL, ["share", share])


async def _down_to(page: Page, pixels: int) -> None:
    await page.evaluate(_SCROLL, ["pixels", pixels])


async def test_what_is_read_stays_in_place_while_earlier_messages_come(reader: Admin) -> None:
    page = reader.page
    # Far enough from the beginning that nothing is asked for yet; then the button asks, and the eye rests on one message.
    await _down_to(page, 900)
    number, top = await page.evaluate(_READ)
    await page.evaluate("() => document.querySelector('.log .earlier').click()")
    await until(lambda: page.evaluate("() => document.querySelector('.log').scrollTop > 1800"), page, "the room of earlier messages above")
    assert await page.evaluate(_TOP_OF, number) == pytest.approx(top, abs=1)


async def test_to_the_beginning_and_back_with_a_page_full_of_it(reader: Admin) -> None:
    page = reader.page

    async def at_the_beginning() -> bool:
        await _to(page, 0)
        return 1 in await page.evaluate(_NUMBERS)

    await until(at_the_beginning, page, "the first message")
    await expect(page.get_by_role("button", name="Earlier messages")).to_have_count(0)
    for share in (0.0, 0.3, 0.7, 0.1, 1.0):
        await _to(page, share)
        numbers = await page.evaluate(_NUMBERS)
        # Whatever is in the page stands in order, without a hole, and is a part of the whole.
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert 5 < len(numbers) < 200
    await _to(page, 0)
    await page.get_by_role("button", name=re.compile("Latest")).click()
    await expect(reader.log.locator(".bubble").last).to_contain_text(f"No. {MESSAGES}:")
    await expect(reader.log.locator(".bubble").last).to_be_in_viewport()
    await expect(page.get_by_role("button", name=re.compile("Latest"))).to_have_count(0)


async def test_what_is_selected_is_not_taken_away(reader: Admin) -> None:
    page = reader.page
    await reader.log.locator(".bubble").last.select_text()
    for share in (0.6, 0.3, 0.0):
        await _to(page, share)
    assert f"No. {MESSAGES}:" in str(await page.evaluate("() => document.getSelection().toString()"))
    assert MESSAGES in await page.evaluate(_NUMBERS)


async def test_another_width_keeps_the_message_that_is_read(reader: Admin) -> None:
    page = reader.page
    await _down_to(page, 1200)
    number, top = await page.evaluate(_READ)
    await page.set_viewport_size({"width": 1000, "height": 900})

    async def near() -> bool:
        now = await page.evaluate(_TOP_OF, number)
        return now is not None and abs(now - top) < 40

    await until(near, page, "the same message at the same place")
