"""The console as an installed app: what Chromium thinks of it, the page without a connection, a newer build, and signing out."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
# The browsers of the tests are private windows, from which nothing is installed.
PRIVATE = {"in-incognito"}
KEPT = """async () => {
  const names = await caches.keys()
  const requests = await Promise.all(names.map(async name => (await caches.open(name)).keys()))
  return { names, paths: requests.flat().map(request => new URL(request.url).pathname) }
}"""

SETTLED = "navigator.serviceWorker.getRegistration('/console').then(found => !found.installing && !found.waiting)"


async def _worker(page: Page) -> None:
    """Wait until the service worker answers for the page."""
    await until(lambda: page.evaluate("navigator.serviceWorker.controller?.state === 'activated'"), page, "the service worker")


async def test_can_be_installed_and_keeps_the_page_alone(place: Place) -> None:
    customer = await place.customer()
    await customer.say("Is the garden free on Friday?")
    await customer.answered(1)
    admin = await place.admin(leaves=True, phone=True)
    page = admin.page
    await _worker(page)
    await admin.choose(customer)
    devtools = await admin.window.context.new_cdp_session(page)
    manifest = await devtools.send("Page.getAppManifest")
    assert manifest["url"].endswith("/console/manifest.webmanifest") and manifest["errors"] == []
    found = await devtools.send("Page.getInstallabilityErrors")
    assert {error["errorId"] for error in found["installabilityErrors"]} <= PRIVATE
    kept = await page.evaluate(KEPT)
    assert len(kept["names"]) == 1 and "/console" in kept["paths"]
    assert all(path.startswith("/console") for path in kept["paths"]), kept["paths"]

    # Without a connection the page is there and says so; nothing of a customer is. It comes back by itself.
    place.watched.lossy = True
    await admin.window.context.set_offline(True)
    await page.reload()
    await expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    await expect(page.get_by_text("garden")).to_have_count(0)
    await admin.window.context.set_offline(False)
    await expect(admin.customer_said.first).to_contain_text("garden")

    # A newer build takes over at once and offers itself; what older ones kept goes.
    await page.evaluate("caches.open('hibachi-console-of-an-older-build')")
    await page.evaluate("navigator.serviceWorker.register('/console/sw.js?newer', { scope: '/console' })")
    await expect(page.get_by_role("button", name="Load it now")).to_be_visible()
    await until(lambda: page.evaluate("caches.keys().then(names => names.length === 1)"), page, "the end of the older build")
    await page.get_by_role("button", name="Load it now").click()
    await expect(admin.customer_said.first).to_contain_text("garden")

    # Whoever signs out leaves nothing.
    await until(lambda: page.evaluate(SETTLED), page, "one service worker and no other")
    await page.goto(f"{place.base}/console#/settings")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await until(lambda: page.evaluate("caches.keys().then(names => names.length === 0)"), page, "an empty cache")
