"""How smooth the chat is for a visitor whose talk never ended: opened, read back to its beginning, scrolled, and answered."""

import time

from playwright.async_api import Browser, Page

from tests.bench.clients import Customer, order
from tests.bench.figures import Figure
from tests.bench.frames import Frames, Wheel, recorded
from tests.bench.plan import Plan, say
from tests.bench.stamps import Tally
from tests.browser.chromium import Window
from tests.browser.people import watched_for

FLICK = 4_000  # pixels of one gesture
REPLY = 400  # tokens, at 50 a second
GIVE_UP = 10.0  # seconds without a message more
_LOG = "const log = document.documentElement.lastElementChild.shadowRoot.querySelector('.log')"
_JUMP = f"""async share => {{
  {_LOG}
  log.scrollTop = share * log.scrollHeight
  await new Promise(requestAnimationFrame)
}}"""
_BACK = f"""() => {{
  {_LOG}
  log.scrollTop = 0
  log.querySelector('.earlier')?.click()
}}"""
# The number that the topmost message bears: as far back as the thread is held.
_FIRST = f"""() => {{
  {_LOG}
  for (const bubble of log.querySelectorAll('.bubble')) {{
    const found = /No\\. (\\d+)/.exec(bubble.textContent)
    if (found) return Number(found[1])
  }}
  return 0
}}"""
_SIZE = f"""() => {{
  {_LOG}
  return {{ nodes: log.querySelectorAll('*').length, heap: performance.memory.usedJSHeapSize }}
}}"""


async def measure_chat(browser: Browser, port: int, token: str, plan: Plan) -> list[Figure]:
    """`token`: a visitor's, whose thread has `plan.thread` messages."""
    base, name = f"http://127.0.0.1:{port}", f"chat of {plan.thread:,}"
    window = await Window.open(browser, watched_for(base))
    page, _ = await window.tab()
    await page.goto(f"{base}/demo")
    await page.evaluate("token => localStorage.setItem('hibachi:demo:token', token)", token)
    began = time.monotonic()
    async with recorded(page) as opening:
        await page.locator(".launcher").click()
        await page.locator(".log .bubble.own").first.wait_for()
        took = time.monotonic() - began
    figures = [_told(opening, f"{name}: opens", f"first message after {1000 * took:.0f} ms")]
    async with recorded(page) as reading:
        first, seconds = await _read_back(page, plan.read_back)
    size = await page.evaluate(_SIZE)
    held = f"{plan.thread - first + 1:,} messages"
    note = f"{held} in {seconds:.1f} s, {size['nodes']:,} elements, heap {size['heap'] / 2**20:.0f} MB"
    figures.append(_told(reading, f"{name}: read back", note))
    figures.append(_told(await _scrolled(page, plan), f"{name}: scrolled", f"{held} held"))
    await page.evaluate(_JUMP, 1)
    customer = await Customer(Tally()).open(port, token=token)
    async with recorded(page) as streaming:
        await customer.ask(order(REPLY))
    customer.socket.close()
    figures.append(_told(streaming, f"{name}: a reply of {REPLY} tokens streams", f"{held} held, at its end"))
    await window.close()
    return figures


def _told(frames: Frames, name: str, note: str) -> Figure:
    figure = frames.figure(name, note)
    say(f"  {name}: p99 {figure.shown} ms ({figure.note})")
    return figure


async def _read_back(page: Page, within: float) -> tuple[int, float]:
    """To the beginning, or as far as the time allows: (number of the first message held, seconds)."""
    began = changed = time.monotonic()
    first = await page.evaluate(_FIRST)
    while time.monotonic() - began < within and time.monotonic() - changed < GIVE_UP and first != 1:
        await page.evaluate(_BACK)
        await page.wait_for_timeout(20)
        if (now := await page.evaluate(_FIRST)) != first:
            first, changed = now, time.monotonic()
    return first, time.monotonic() - began


async def _scrolled(page: Page, plan: Plan) -> Frames:
    """Flicks down and up as a hand makes them, from the beginning; then the scrollbar is dragged to and fro."""
    await page.evaluate(_JUMP, 0)
    wheel = await Wheel.over(page, ".log")
    async with recorded(page) as frames:
        for direction in (1, -1):
            for _ in range(plan.flicks):
                await wheel.turn(direction * FLICK)
        for place in range(plan.flicks):
            await page.evaluate(_JUMP, place * 0.37 % 1)
            await page.wait_for_timeout(60)
    return frames
