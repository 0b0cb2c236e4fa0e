"""The snippet on somebody else's page: under the strictest policy it works and asks nobody else; where it may not run, it says so."""

import httpx
import pytest
from playwright.async_api import expect

from business.sites.service import SiteService, embed_snippet
from tests.browser.chromium import Watched
from tests.browser.people import Customer, until, watched_for
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
        assert await customer.answered(1) == place.calls[-1].plan.strip()
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
