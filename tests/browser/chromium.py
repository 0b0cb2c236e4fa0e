"""The browser of the tests: the system's Chromium, found or loudly missed, and pages whose every fault is kept."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from tests.browser.wire import Wire

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Two pages that newer ones keep ready in every window, for a list below an address bar that nobody sees: most of what a window costs.
UNSEEN = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
# Of two such lists the last one counts, and Playwright gives one too: these are of it.
WITHOUT = (
    *UNSEEN,
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses its sandbox to root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A page in the background draws as one in front: the two sides are looked at in turn.
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    f"--disable-features={','.join(WITHOUT)}",
]
LOST = ("Failed to load resource", "WebSocket connection to", "Access to XMLHttpRequest at", "Access to fetch at")
# Chromium calls it an error when nobody is signed in yet.
USUAL = "Failed to load resource: the server responded with a status of 401"
# What a page's own content security policy forbids is an error in the page, wherever it stands.
_TELL = "document.addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`))"
# As a browser freezes a tab that is out of sight. One without windows has none that it would freeze; held by its debugger, a page
# stands as still: no timer, no frame, no message. Whatever was due meanwhile comes after `resume`.
_STANDS_STILL = """(async () => {
  document.dispatchEvent(new Event('freeze'))
  await new Promise(done => setTimeout(done))
  debugger
  document.dispatchEvent(new Event('resume'))
})()"""
Scheme = Literal["light", "dark"]


def executable() -> str:
    """Where Chromium is. RuntimeError names the package where it is nowhere: a skipped proof would look like a passed one."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError(f"no Chromium: none of {', '.join(NAMES)} is on the PATH; install the package chromium (`make test` does)")
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser, headless."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True)
class Watched:
    """Everything that went wrong on the pages of one test. `hosts`: where requests may go; `lossy`: failed ones are part of the test."""

    hosts: set[str]
    lossy: bool = False
    faults: list[str] = field(default_factory=list)

    def page(self, page: Page) -> None:
        """Listen to a page from its first moment."""
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: self._asked(request))

    def _said(self, kind: str, text: str) -> None:
        usual = text.startswith(USUAL) or (self.lossy and text.startswith(LOST))
        if kind == "error" and not usual:
            self.faults.append(text)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc not in self.hosts:
            self.faults.append(f"a request to {request.url}")


class Window:
    """A person's browser: a context of their own, with one or more tabs, and what went over their sockets."""

    def __init__(self, context: BrowserContext, watched: Watched) -> None:
        self.context = context
        self.watched = watched

    @classmethod
    async def open(cls, browser: Browser, watched: Watched, *, scheme: Scheme = "light", phone: bool = False, **more: Any) -> "Window":
        """As a laptop or as a phone of 390 px; English, in the business's time zone."""
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        options: dict[str, Any] = {
            "viewport": size,
            "has_touch": phone,
            "is_mobile": phone,
            "color_scheme": scheme,
            "locale": "en-US",
            "timezone_id": "America/Los_Angeles",
            **more,
        }
        context = await browser.new_context(**options)
        context.set_default_timeout(20_000)
        await context.add_init_script(_TELL)
        return cls(context, watched)

    async def tab(self) -> tuple[Page, Wire]:
        """A new tab, and the record of its sockets."""
        page = await self.context.new_page()
        self.watched.page(page)
        return page, Wire(page)

    async def close(self) -> None:
        await self.context.close()


@asynccontextmanager
async def frozen(page: Page) -> AsyncIterator[None]:
    """The tab stands still for the block, as one that a browser froze."""
    line = await page.context.new_cdp_session(page)
    still = asyncio.Event()
    line.on("Debugger.paused", lambda _: still.set())
    await line.send("Debugger.enable")
    standing = asyncio.create_task(line.send("Runtime.evaluate", {"expression": _STANDS_STILL, "awaitPromise": True}))
    await still.wait()
    try:
        yield
    finally:
        await line.send("Debugger.resume")
        await standing
        await line.detach()


def axe_source() -> str:
    """axe-core, from the front end's development packages."""
    path = Path(__file__).parents[2] / "web-widget" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        raise RuntimeError("axe-core is not installed: run `npm ci` in web-widget (`make test` does)")
    return path.read_text(encoding="utf-8")
