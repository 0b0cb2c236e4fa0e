"""Consent: the boxes in the chat and what is kept of them; in the console a number's ledger, a refusal that is settled, what a colleague
was told, the proof as a file."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from business.channels import consent
from business.profile.loader import load_profile
from business.sites.service import SiteService, embed_snippet
from kernel.clock import utc_now
from kernel.database import Database
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Customer, until
from tests.browser.place import Place
from tests.browser.strangers import stranger
from tests.browser.test_embedding import let_in, watched_of

pytestmark = pytest.mark.browser
PROFILE = load_profile()


async def go(page: Page, path: str) -> Locator:
    await page.evaluate("path => { location.hash = path }", path)
    place = page.get_by_role("main")
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return place


async def spoken(database: Database, refuser: str, stopper: str) -> None:
    """One number whose owner refused in free words, one that has stopped."""
    for number in (refuser, stopper):
        for purpose in ("transactional", "marketing"):
            words = consent.words(PROFILE, "en", purpose)
            given = {"number": number, "granted": True, "text": words, "source": "widget", "ip": "203.0.113.9"}
            await database.unit(lambda c, p=purpose, g=given: consent.record(c, purpose=p, **g))  # type: ignore[misc]
    await database.unit(lambda c: consent.refuse(c, number=refuser, text="please stop texting me, we meant the music"))
    await database.unit(lambda c: consent.stop(c, number=stopper, text="Stop.", now=utc_now()))


# Nothing of it is cut, and it is no small print.
READABLE = "e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth && parseFloat(getComputedStyle(e).fontSize) >= 14"


class TestBoxes:
    """In the chat of a site that asks for them."""

    async def test_what_was_ticked_stands_with_its_words_and_what_was_not_stands_nowhere(self, place: Place) -> None:
        number, begun = "+14155557191", utc_now()
        words = [consent.words(PROFILE, "en", purpose) for purpose in ("transactional", "marketing")]
        place.plan("words-8+pace-5")
        async with stranger(place.base) as site, place.database() as database:
            added = await SiteService(database).add("asks", "Asks", [site.origin], ask=("phone", "sms_consent", "sms_marketing"))
            site.snippet = embed_snippet(added, place.base)
            watched = watched_of(place, site)
            customer = await Customer.arrive(await place.window(watched, phone=True), site.origin)
            page, panel = customer.page, customer.panel
            await until(lambda: let_in(place, site.origin), page, "the new site, known to the gateway")
            await customer.open()
            await customer.say("Could you text me?")
            await customer.answered(1)
            await panel.get_by_text("How can we reach you").click()
            for one in words:
                await expect(panel.get_by_label(one, exact=True)).not_to_be_checked()
                label = panel.locator("label", has_text=one)
                await label.scroll_into_view_if_needed()
                await expect(label).to_be_in_viewport(ratio=1)
                assert await label.evaluate(READABLE)
            await panel.get_by_label(words[0], exact=True).check()
            await panel.get_by_role("button", name="Keep it").click()
            await expect(panel.get_by_text("Give the phone number")).to_be_visible()
            await panel.get_by_label("Phone").fill(number)
            await panel.get_by_role("button", name="Keep it").click()
            await expect(panel.get_by_text("We know how to reach you")).to_be_visible()
            async with database.transaction() as connection:
                (entry,) = await consent.ledger(connection, number)
            assert (entry.purpose, entry.granted, entry.source, entry.ip) == ("transactional", True, "widget", "127.0.0.1")
            assert entry.text == words[0]
            assert begun <= entry.at <= utc_now()
            assert watched.faults == []


class TestConsent:
    @in_every_look("light", phone=False)
    async def test_from_a_refusal_to_the_proof(self, place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        last = f"{scheme == 'dark':d}{phone:d}"
        refuser, stopper = f"+141555570{last}", f"+141555571{last}"
        async with place.database() as database:
            await spoken(database, refuser, stopper)
        admin = await place.admin(scheme=scheme, phone=phone)
        page, look = admin.page, Look(scheme, phone, tmp_path)
        main = await go(page, "#/settings/consent")
        waiting = main.get_by_role("region", name="Refusals to look at")
        await expect(waiting).to_contain_text("we meant the music")
        await look.at(page, "consent")

        await main.get_by_label("Phone number").fill(stopper.removeprefix("+1"))
        await page.keyboard.press("Enter")
        await expect(main.get_by_role("region", name="What counts now")).to_contain_text("only START")
        await look.at(page, "consent-stopped")

        await go(page, f"#/settings/consent/{refuser.removeprefix('+')}")
        counts = main.get_by_role("region", name="What counts now")
        await expect(counts).to_contain_text("ended")
        await main.get_by_role("button", name="Not meant so").click()
        await page.get_by_label("Why").fill("They meant the music")
        await look.at(page, "consent-reversed")
        await page.get_by_role("button", name="Take it back").click()
        await expect(main.get_by_role("button", name="Not meant so")).to_have_count(0)
        await expect(counts).not_to_contain_text("ended")

        await main.get_by_role("button", name="Keep what you were told").click()
        await page.get_by_role("combobox").select_option("They want no marketing any more")
        await page.get_by_label("Their words").fill("No more offers please")
        await page.get_by_label("How you know").fill("She called on Friday")
        await page.get_by_role("button", name="Keep it").click()
        await expect(main.get_by_role("region", name="Ledger")).to_contain_text("She called on Friday")
        await look.at(page, "consent-number")

        async with page.expect_download() as begun:
            await main.get_by_role("button", name="Signed document").click()
        kept = tmp_path / "consent.json"
        await (await begun.value).save_as(kept)
        document = json.loads(kept.read_text())
        assert document["number"] == refuser and len(document["entries"]) == 5
        assert look.found == []
