"""How smooth console and chat are where there is much: 5,000 conversations, a thread of 10,000 messages. Reported, not judged."""

import asyncio
import time
from uuid import UUID

from playwright.async_api import Page, expect

from tests.bench.clients import EMAIL, PASSWORD, Customer, order
from tests.bench.crowd import Crowd
from tests.bench.figures import Figure
from tests.bench.frames import Frames, Wheel, recorded
from tests.bench.plan import Plan, say
from tests.bench.scroll_chat import measure_chat
from tests.bench.stamps import Tally
from tests.bench.stand import Stand
from tests.browser.chromium import Window, chromium
from tests.browser.people import Admin, sign_in, watched_for

LIST, LOG = ".list-scroll", ".log"
FLICK = 4_000  # pixels of one gesture
REPLY = 400  # tokens, at 50 a second
STILL = 1.5  # seconds without a change: a list that grows has ended
GIVE_UP = 10.0  # seconds without a message more
_HEIGHT = "selector => document.querySelector(selector).scrollHeight"
_JUMP = """async ([selector, share]) => {
  const box = document.querySelector(selector)
  box.scrollTop = share * box.scrollHeight
  await new Promise(requestAnimationFrame)
}"""
_BACK = """() => {
  document.querySelector('.log').scrollTop = 0
  const button = [...document.querySelectorAll('.log button')].find(b => b.textContent === 'Earlier messages')
  button?.click()
  return button !== undefined
}"""
# The number that the topmost message bears: as far back as the thread is held.
_FIRST = "() => Number(/No\\. (\\d+)/.exec(document.querySelector('.log .bubble')?.textContent)?.[1] ?? 0)"
_TOLD = "() => [...document.querySelectorAll('.tally')].reduce((sum, e) => sum + Number(e.textContent), 0)"
_SIZE = "() => ({ nodes: document.querySelectorAll('*').length, heap: performance.memory.usedJSHeapSize })"


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    with stand.gateway(model=True) as (_, port):
        crowd = await Crowd.of(stand.database_url)
        try:
            await crowd.inbox(plan.inbox)
            conversation, token = await crowd.thread(plan.thread)
        finally:
            await crowd.close()
        with stand.all_cores():
            async with chromium() as browser:
                base = f"http://127.0.0.1:{port}"
                window = await Window.open(browser, watched_for(base))
                page, wire = await window.tab()
                await sign_in(page, base, EMAIL, PASSWORD)
                admin = Admin(window, page, wire)
                await expect(admin.inbox).to_be_visible()
                figures = await _inbox(admin, port, plan)
                figures += await _thread(admin, port, conversation, token, plan)
                await window.close()
                return figures + await measure_chat(browser, port, token, plan)


def _told(frames: Frames, name: str, note: str = "") -> Figure:
    figure = frames.figure(name, note)
    say(f"  {name}: p99 {figure.shown} ms ({figure.note})")
    return figure


async def _size(page: Page) -> str:
    seen = await page.evaluate(_SIZE)
    return f"{seen['nodes']:,} elements, heap {seen['heap'] / 2**20:.0f} MB"


async def _settled(page: Page, selector: str) -> float:
    """Wait until what scrolls grows no more; seconds from now to its last growth."""
    began = grown = time.monotonic()
    height = -1
    while time.monotonic() - grown < STILL:
        now = await page.evaluate(_HEIGHT, selector)
        if now != height:
            height, grown = now, time.monotonic()
        await page.wait_for_timeout(50)
    return grown - began


async def _scrolled(page: Page, selector: str, plan: Plan) -> Frames:
    """Flicks down and up as a hand makes them, from the beginning; then the scrollbar is dragged to and fro."""
    await page.evaluate(_JUMP, [selector, 0])
    wheel = await Wheel.over(page, selector)
    async with recorded(page) as frames:
        for direction in (1, -1):
            for _ in range(plan.flicks):
                await wheel.turn(direction * FLICK)
        for place in range(plan.flicks):
            await page.evaluate(_JUMP, [selector, place * 0.37 % 1])
            await page.wait_for_timeout(60)
    return frames


async def _inbox(admin: Admin, port: int, plan: Plan) -> list[Figure]:
    """Opened, scrolled, and while new conversations come: at rest, and under the hand."""
    page, name = admin.page, f"inbox of {plan.inbox:,}"
    await page.reload(wait_until="commit")
    began = time.monotonic()
    async with recorded(page) as opening:
        await page.locator("[data-conversation]").first.wait_for()
        first = time.monotonic() - began
        whole = first + await _settled(page, LIST)
    note = f"first row after {first:.2f} s, grew until {whole:.1f} s, {await page.evaluate(_TOLD):,} rows, {await _size(page)}"
    figures = [_told(opening, f"{name}: opens", note)]
    scrolled = await _scrolled(page, LIST, plan)
    figures.append(_told(scrolled, f"{name}: scrolled", f"{await page.evaluate(_TOLD):,} rows, {await _size(page)}"))
    for moving in (False, True):
        await page.evaluate(_JUMP, [LIST, 0])
        wheel = await Wheel.over(page, LIST)
        async with recorded(page) as frames:
            come = asyncio.create_task(_newcomers(port, plan.newcomers))
            turn = 1
            while not come.done():
                if moving:
                    await wheel.turn(turn * FLICK / 4, 2000)
                    turn = -turn
                await page.wait_for_timeout(50)
            await come
        figures.append(_told(frames, f"{name}: {plan.newcomers} newcomers are answered, list {'scrolled' if moving else 'at rest'}"))
    return figures


async def _newcomers(port: int, count: int) -> None:
    """So many customers, five a second, who are answered for two seconds each."""

    async def one(number: int) -> None:
        await asyncio.sleep(number / 5)
        customer = await Customer(Tally()).open(port)
        await customer.ask(order(100))
        customer.socket.close()

    await asyncio.gather(*(one(number) for number in range(count)))


async def _thread(admin: Admin, port: int, conversation: UUID, token: str, plan: Plan) -> list[Figure]:
    """Opened, read back to its beginning, scrolled, and while a reply is written at its end."""
    page, name = admin.page, f"thread of {plan.thread:,}"
    began = time.monotonic()
    async with recorded(page) as opening:
        await page.evaluate("id => { location.hash = `#/c/${id}` }", str(conversation))
        await page.locator(".log .bubble").first.wait_for()
        took = time.monotonic() - began
        await _settled(page, LOG)
    figures = [_told(opening, f"{name}: opens", f"first message after {1000 * took:.0f} ms")]
    async with recorded(page) as reading:
        first, seconds = await _read_back(page, plan.read_back)
    held = plan.thread - first + 1
    note = f"{held:,} messages in {seconds:.1f} s, {await _size(page)}"
    figures.append(_told(reading, f"{name}: read back", note))
    figures.append(_told(await _scrolled(page, LOG, plan), f"{name}: scrolled", f"{held:,} messages held"))
    await page.evaluate(_JUMP, [LOG, 1])
    customer = await Customer(Tally()).open(port, token=token)
    async with recorded(page) as streaming:
        await customer.ask(order(REPLY))
    customer.socket.close()
    figures.append(_told(streaming, f"{name}: a reply of {REPLY} tokens streams", f"{held:,} messages held, at its end"))
    return figures


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
