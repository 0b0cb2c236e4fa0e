"""What the widget costs the page that embeds it: LCP, CLS and TBT of the demo page with and without it, on a slow phone."""

import re
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page, Route

from tests.bench.figures import Figure, Goal
from tests.bench.plan import Plan, say
from tests.bench.stand import Stand
from tests.browser.chromium import Window, chromium
from tests.browser.people import watched_for

CPU_SLOWER = 4
# Lighthouse's "slow 4G": 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
VIEWPORT = {"width": 412, "height": 823}
WATCHED_MS = 11_000  # beyond the greeting, which comes after eight seconds
SHIFT_GOAL, BLOCKED_GOAL_MS = 0.0, 50.0
_SCRIPT = re.compile(r"\s*<script[^>]*data-site[^>]*></script>")
_OBSERVE = """() => {
  const seen = window.__page = { lcp: 0, fcp: 0, shifts: [], tasks: [] }
  const observe = (type, take) => new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ type, buffered: true })
  observe('largest-contentful-paint', e => { seen.lcp = e.startTime })
  observe('paint', e => { if (e.name === 'first-contentful-paint') seen.fcp = e.startTime })
  observe('layout-shift', e => { if (!e.hadRecentInput) seen.shifts.push(e.value) })
  observe('longtask', e => seen.tasks.push([e.startTime, e.duration]))
}"""
# What came over the wire for the widget: all but the page's own files.
_SIZES = """since => performance.getEntriesByType('resource')
  .filter(e => e.startTime >= since && !e.name.includes('/demo/') && !e.name.startsWith('data:'))
  .map(e => e.transferSize)"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One load of the page: milliseconds, but for the layout shift; what was fetched for the widget."""

    lcp: float
    cls: float
    tbt: float
    kilobytes: float
    requests: int


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    with stand.gateway(model=False) as (_, port), stand.all_cores():
        async with chromium() as browser:
            base = f"http://127.0.0.1:{port}"
            loads: dict[bool, list[Visit]] = {False: [], True: []}
            for number in range(2 * plan.loads):  # in turn: the machine is never quite the same
                loads[number % 2 == 1].append(await _visit(browser, base, number % 2 == 1))
            opening = [await _opened(browser, base) for _ in range(plan.loads)]
    return _figures(loads[False], loads[True], opening)


async def _page(browser: Browser, base: str, *, with_widget: bool) -> tuple[Window, Page]:
    """A slow phone in front of nothing yet."""
    window = await Window.open(browser, watched_for(base), phone=True, viewport=VIEWPORT, device_scale_factor=1.75)
    page, _ = await window.tab()
    session = await window.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", NETWORK)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    await page.add_init_script(f"({_OBSERVE})()")

    async def given(route: Route) -> None:
        response = await route.fetch()
        body = await response.text()
        await route.fulfill(response=response, body=body if with_widget else _SCRIPT.sub("", body))

    await page.route(f"{base}/demo", given)  # both, so that both pay for it
    return window, page


async def _visit(browser: Browser, base: str, with_widget: bool) -> Visit:
    window, page = await _page(browser, base, with_widget=with_widget)
    await page.goto(f"{base}/demo", wait_until="load")
    await page.wait_for_timeout(WATCHED_MS)
    assert (await page.evaluate("() => 'Hibachi' in window")) == with_widget
    seen, sizes = await page.evaluate("() => window.__page"), await page.evaluate(_SIZES, 0)
    await window.close()
    return Visit(seen["lcp"], sum(seen["shifts"]), _blocked(seen, seen["fcp"]), sum(sizes) / 1024, len(sizes))


async def _opened(browser: Browser, base: str) -> Visit:
    """The same, from the tap on the launcher until the chat greets."""
    window, page = await _page(browser, base, with_widget=True)
    await page.goto(f"{base}/demo", wait_until="load")
    launcher = page.get_by_role("button", name="Open chat", exact=True)
    await launcher.wait_for()
    await page.wait_for_timeout(1000)
    began = await page.evaluate("() => performance.now()")
    await launcher.tap()
    await page.locator(".bubble.ai").first.wait_for()
    ended = await page.evaluate("() => performance.now()")
    await page.wait_for_timeout(1500)
    seen, sizes = await page.evaluate("() => window.__page"), await page.evaluate(_SIZES, began)
    await window.close()
    return Visit(ended - began, sum(seen["shifts"]), _blocked(seen, began), sum(sizes) / 1024, len(sizes))


def _blocked(seen: dict[str, Any], since: float) -> float:
    """What of the long tasks is beyond 50 ms."""
    return float(sum(max(0, duration - 50) for start, duration in seen["tasks"] if start >= since))


def _figures(without: list[Visit], with_it: list[Visit], opening: list[Visit]) -> list[Figure]:
    def middle(visits: list[Visit], name: str) -> float:
        return float(median(getattr(visit, name) for visit in visits))

    def both(name: str, unit: str, digits: int) -> str:
        return f"with {middle(with_it, name):.{digits}f}{unit}, without {middle(without, name):.{digits}f}{unit}"

    def added(name: str) -> float:
        return max(0.0, middle(with_it, name) - middle(without, name))

    detail = {
        name: [{key: round(getattr(visit, key), 4) for key in Visit.__slots__} for visit in visits]
        for name, visits in (("without", without), ("with", with_it), ("opening", opening))
    }
    fetched = f"{middle(opening, 'kilobytes'):.1f} KB in {middle(opening, 'requests'):.0f} requests"
    slow = f"median of {len(with_it)} loads, processor {CPU_SLOWER}x slower, slow 4G"
    figures = [
        Figure("widget on a page: largest paint later by", added("lcp"), "ms", None, f"{both('lcp', ' ms', 0)}; {slow}", detail),
        Figure("widget on a page: layout shift added", added("cls"), "", Goal(SHIFT_GOAL), f"{both('cls', '', 4)}; the greeting too"),
        Figure("widget on a page: blocking time added", added("tbt"), "ms", Goal(BLOCKED_GOAL_MS), both("tbt", " ms", 0)),
        Figure("widget on a page: loaded for it", middle(with_it, "kilobytes"), "KB", None,
               f"gzip and headers; {middle(with_it, 'requests'):.0f} request"),
        Figure("widget opened: greets after", middle(opening, "lcp"), "ms", None,
               f"{fetched}, blocking {middle(opening, 'tbt'):.0f} ms"),
        Figure("widget opened: layout shift of the page", middle(opening, "cls"), "", Goal(SHIFT_GOAL)),
    ]  # fmt: skip
    for figure in figures:
        say(f"  {figure.name}: {figure.shown} {figure.unit} ({figure.note})")
    return figures
