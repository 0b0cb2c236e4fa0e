"""The snippet on somebody else's page: under the strictest policy it works and asks nobody else; where it may not run, it says so."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import expect

from business.sites.service import SiteService, embed_snippet
from tests.browser.chromium import Watched
from tests.browser.people import Customer, shown, until, watched_for
from tests.browser.place import Place
from tests.browser.strangers import Stranger, stranger
from tests.browser.test_files import drawn, pick, png

pytestmark = pytest.mark.browser


def watched_of(place: Place, site: Stranger) -> Watched:
    watched = watched_for(place.base)
    watched.hosts.add(site.origin.partition("//")[2])
    return watched


async def let_in(place: Place, origin: str) -> bool:
    async with httpx.AsyncClient(trust_env=False, headers={"Origin": origin}) as client:
        return (await client.get(f"{place.base}/socket.io/?EIO=4&transport=polling")).status_code == 200


async def test_a_page_with_a_strict_policy_embeds_the_chat(place: Place) -> None:
    async with stranger(place.base) as site, place.database() as database:
        added = await SiteService(database).add("somebody", "Somebody", [site.origin], {"--ember": "#0055aa"})
        site.snippet = embed_snippet(added, place.base)
        watched = watched_of(place, site)
        customer = await Customer.arrive(await place.window(watched), site.origin)
        await until(lambda: let_in(place, site.origin), customer.page, "the new site, known to the gateway")
        place.plan("words-20+pace-20")
        await customer.open()
        await customer.say("Hello from somebody's page")
        assert await customer.answered(1) == shown(place.calls[-1])
        # The look came along, though the page allows no style: bubble and launcher are drawn in the site's own colour.
        await expect(customer.own.last).to_have_css("background-color", "rgb(0, 85, 170)")
        assert await customer.panel.evaluate("e => getComputedStyle(e).position") == "fixed"
        # A picture needs no leave of the page: it is drawn, and opens in a tab that has nothing to do with it.
        await pick(customer.page, customer.panel.get_by_role("button", name="Add photos or PDF"), png("yard.png", side=300))
        await expect(customer.panel.get_by_role("list", name="Files to send")).to_contain_text("1 KB")
        await customer.panel.get_by_role("button", name="Send").click()
        await drawn(customer.log.locator("canvas"), 1)
        async with customer.page.context.expect_page() as opened:
            await customer.log.get_by_role("link", name="Open yard.png").click()
        tab = await opened.value
        await until(lambda: tab.evaluate("document.images[0]?.naturalWidth === 300 && opener === null"), tab, "the picture")
        # Nothing was left on the page but one element and the documented object.
        assert await customer.page.evaluate("document.documentElement.lastElementChild.shadowRoot !== null")
        assert await customer.page.evaluate("document.cookie") == ""
        assert watched.faults == []


async def test_an_origin_that_is_not_listed_is_told_so(place: Place) -> None:
    async with stranger(place.base) as site:
        site.snippet = f'<script async src="{place.base}/widget.js" data-site="demo"></script>'
        watched = watched_of(place, site)
        watched.lossy = True  # the refused handshake
        customer = await Customer.arrive(await place.window(watched), site.origin)
        await customer.page.get_by_role("button", name="Open chat", exact=True).click()
        await expect(customer.panel).to_be_visible()
        await expect(customer.panel).to_contain_text("not available on this page")
        await expect(customer.box).to_be_disabled()
        await customer.page.get_by_role("button", name="Close chat").first.click()
        await expect(customer.panel).to_be_hidden()
        assert watched.faults == []


GREETS_AFTER_MS = 8000
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def test_a_newcomer_is_greeted_in_the_site_s_own_words(place: Place) -> None:
    async with stranger(place.base) as site, place.database() as database:
        words = {"en": "Hungry? Ask us", "es": "¿Hay hambre?"}
        added = await SiteService(database).add("greets", "Greets", [site.origin], greeting=words)
        site.snippet = embed_snippet(added, place.base)
        watched = watched_of(place, site)
        for locale, root in (("en", 'lang="en"'), ("es", 'lang="es-MX"')):
            site.root = root
            window = await place.window(watched)
            page, _ = await window.tab()
            await page.clock.install(time=NOON)
            await page.goto(site.origin)
            await page.wait_for_function("window.Hibachi")
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            await page.clock.pause_at(NOON + timedelta(milliseconds=GREETS_AFTER_MS - 1))
            assert asked == []
            await page.clock.run_for(GREETS_AFTER_MS)
            await expect(page.get_by_role("button", name=words[locale])).to_be_visible()
            assert asked == [f"{place.base}/api/sites/greets/greeting?locale={locale}"]
            # It opens the chat, which begins with the same words; and greets once in a browser.
            await until(lambda: let_in(place, site.origin), page, "the new site, known to the gateway")
            await page.clock.resume()
            await page.get_by_role("button", name=words[locale]).click()
            await expect(page.get_by_role("log").locator(".bubble.ai")).to_have_text(words[locale])
        assert watched.faults == []


async def test_a_site_without_words_of_its_own_and_a_gateway_that_is_away(place: Place) -> None:
    for there in (True, False):
        place.watched.lossy = not there
        page, _ = await (await place.window()).tab()
        await page.clock.install()
        await page.goto(f"{place.base}/demo")
        await page.wait_for_function("window.Hibachi")
        if not there:
            await page.context.set_offline(True)
        await page.clock.run_for(GREETS_AFTER_MS)
        await expect(page.get_by_role("button", name="Hi! How can we help?")).to_be_visible()
        await page.get_by_role("button", name="Dismiss").click()
        await expect(page.get_by_role("button", name="Hi! How can we help?")).to_have_count(0)
